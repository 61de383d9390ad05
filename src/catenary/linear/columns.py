"""A matrix by its columns: images of unit vectors, in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from catenary.linear.space import Space

if TYPE_CHECKING:
    from catenary.linear.map import LinearMap

Array = np.ndarray[Any, Any]


def column_blocks(map: LinearMap, memory: int) -> Iterator[tuple[int, Any]]:
    """The columns of the matrix as rows of arrays, each with the number of its first one."""
    columns = map.shape[1]
    chunk = max(1, min(columns, memory // max(map.column_bytes, 1)))
    for start in range(0, columns, chunk):
        stop = min(columns, start + chunk)
        arrays = map.columns(units(map.domain, start, stop), stop - start)
        yield start, map.codomain.joined(arrays, stop - start).astype(map.dtype)


def by_columns(map: LinearMap, memory: int) -> Any:
    """The matrix; also of a map with traced numbers."""
    blocks = [block for _, block in column_blocks(map, memory)]
    rows, columns = map.shape
    return np.concatenate(blocks).T if columns else np.zeros((rows, 0), map.dtype)


def units(space: Space, start: int, stop: int) -> list[Array]:
    """The unit vectors number start, …, stop − 1 of a space, along a leading axis."""
    arrays, offset = [], 0
    for type in space.types:
        block = np.zeros((stop - start, type.size), type.dtype)
        first, last = max(start, offset), min(stop, offset + type.size)
        if first < last:
            block[np.arange(first, last) - start, np.arange(first, last) - offset] = 1
        arrays.append(block.reshape(stop - start, *type.shape))
        offset += type.size
    return arrays
