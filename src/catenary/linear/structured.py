"""Maps given by arrays: what they do to flat vectors says all, whatever the spaces' trees."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core import linear_map_errors
from catenary.core.graph import Var
from catenary.core.types import FLOAT64
from catenary.linear.map import LinearMap
from catenary.linear.space import Space, flat_space, space_of
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line


class StructuredMap(LinearMap):
    """A linear map that acts on flat vectors, between spaces of the right dimensions.

    A class of this kind says ``images`` and ``_transposed``; everything else may be left to what
    holds for all maps, or be said better.
    """

    def __init__(
        self, shape: tuple[int, int], dtype: Any, domain: Space | None, codomain: Space | None
    ) -> None:
        super().__init__(
            flat_space(shape[1], dtype) if domain is None else domain,
            flat_space(shape[0], dtype) if codomain is None else codomain,
        )
        if self.shape != shape:
            expected = f"spaces of {shape[1]} and {shape[0]} dimensions"
            raise self._refused(expected, f"{self.domain} ⊸ {self.codomain}")

    @abstractmethod
    def images(self, vectors: Any) -> Any: ...

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        return self.codomain.parted(self.images(self.domain.joined(arrays)[None])[0])

    def columns(self, arrays: Sequence[Any], count: int) -> list[Any]:
        return self.codomain.parted(self.images(self.domain.joined(arrays, count)))

    def between(self, domain: Space, codomain: Space) -> LinearMap:
        """The same map of other spaces of the same dimensions."""
        if self.domain.same(domain) and self.codomain.same(codomain):
            return self
        return self._with(domain=domain, codomain=codomain)

    def times(self, number: Any) -> LinearMap | None:
        """The multiple of this map, where it has the same structure."""
        return None

    def _refused(self, expected: str, got: Any) -> Exception:
        return linear_map_errors.bad_map(type(self).__name__, expected, got, user_line())


def numbers(value: Any, name: str, ndim: int, like: Space | None = None) -> Any:
    """An array of real numbers with so many axes, traced ones as they are."""
    array = value if isinstance(value, TracedArray) else np.asarray(value)
    if array.dtype.kind != "f":
        array = array.astype(FLOAT64)
    if like is not None and array.dtype != like.dtype:
        array = array.astype(like.dtype)
    if array.ndim != ndim:
        expected = f"an array with {ndim} axes"
        raise linear_map_errors.bad_map(name, expected, f"shape {array.shape}", user_line())
    return array


def positions(value: Any, name: str, size: int) -> np.ndarray[Any, Any]:
    """A vector of positions below ``size``; −1 stands for none."""
    index = np.asarray(value)
    if index.size == 0:
        index = index.astype(np.int64)
    good = index.ndim == 1 and index.dtype.kind in "iu"
    if not good or (index.size and not (-1 <= index.min() and index.max() < size)):
        expected = f"a vector of whole numbers from -1 to {size - 1}"
        got = (
            f"{index.dtype} of shape {index.shape}"
            if not good
            else f"{index.min()} … {index.max()}"
        )
        raise linear_map_errors.bad_map(name, expected, got, user_line())
    return index.astype(np.int64, copy=False)


def as_space(given: Any, dtype: Any = FLOAT64) -> Space:
    """A space; the space of vectors of so many numbers; or that of an example."""
    if isinstance(given, Space):
        return given
    return (
        flat_space(int(given), dtype) if isinstance(given, (int, np.integer)) else space_of(given)
    )


def is_traced(*arrays: Any) -> bool:
    """Whether something of this is being recorded."""
    return any(isinstance(a, (TracedArray, Var)) for a in arrays)
