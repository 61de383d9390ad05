"""A matrix by its columns: images of unit vectors, in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from catenary.linear.memory import check_fits
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


def sparse_by_columns(map: LinearMap) -> Any:
    """The matrix as a SciPy sparse array, of columns that are written out in batches."""
    from scipy.sparse import csr_array, vstack

    columns, needed = [], 0
    for _, block in map.column_blocks():
        columns.append(csr_array(np.asarray(block)))
        needed += columns[-1].data.nbytes + columns[-1].indices.nbytes
        check_fits(map.shape, needed)  # they are put together in arrays of their own
    return csr_array(vstack(columns).T) if columns else csr_array(map.shape, dtype=map.dtype)
