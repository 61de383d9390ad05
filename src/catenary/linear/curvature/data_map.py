"""Symmetric linear maps that are means over a data set, streamed batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from catenary.core import curvature_errors
from catenary.linear.map import LinearMap
from catenary.linear.space import space_of
from catenary.tracing import tree
from catenary.tracing.recorder import user_line

Batch = tuple[Any, ...]
Product = Callable[[Any, Any, Batch], Any]  # (point, vector, batch) → image


class DataMap(LinearMap):
    """v ↦ Σ_b (n_b/n) A_b v over the batches b of n examples; symmetric.

    Only one batch is in work at a time, so the memory is that of a batch, whatever n is.

    >>> from catenary.linear.curvature import hessian
    >>> data = np.arange(6.0), np.ones(6)
    >>> H = hessian(lambda w, x, y: np.mean((w * x - y) ** 2), 0.0, data, batch_size=4)
    >>> [round(share, 2) for share, _ in H.batches()]
    [0.67, 0.33]
    """

    def __init__(
        self,
        title: str,
        product: Product,
        point: Any,
        data: Sequence[Any] = (),
        batch_size: int | None = None,
        *,
        positive: bool = False,
    ) -> None:
        self.title = title
        self.point = point
        self.data = tuple(data)
        self.assumed: Any = frozenset(("symmetric",))
        if positive:
            self.assumed |= {"positive_semidefinite"}
        self.domain = self.codomain = space_of(point)
        self.examples = count_examples(self.data)
        self.batch_size = checked_size(batch_size, self.examples)
        self._product = product
        self._types = self.domain.types
        # Passive arrays of an image are those of the point, and take the longer way.
        arrays = sum(map(tree.is_array, self.domain.leaves))
        self._plain = arrays == len(self._types)

    def __call__(self, vector: Any) -> Any:
        """The image of a vector: a tree of the domain's structure."""
        if self.examples <= self.batch_size and self._is_ready(vector):
            return self._product(self.point, vector, self.data)
        return super().__call__(vector)

    def _is_ready(self, vector: Any) -> bool:
        """Whether a tree needs no conversion: its coordinates are arrays as they are expected."""
        leaves, structure = tree.flatten(vector)
        chosen = [leaves[i] for i in self.domain.positions] if self._plain else []
        return (
            self._plain
            and structure == self.domain.structure
            and all(type(leaf) is np.ndarray for leaf in chosen)
            and all(a.shape == t.shape and a.dtype == t.dtype for a, t in zip(chosen, self._types))
        )

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        vector = self.domain.vector(arrays)
        total: list[Any] | None = None
        for share, batch in self.batches():
            leaves, _ = tree.flatten(self._product(self.point, vector, batch))
            image = [leaves[i] for i in self.domain.positions]
            if share != 1:
                image = [
                    np.multiply(a, t.dtype.type(share)) for a, t in zip(image, self.domain.types)
                ]
            total = image if total is None else [a + b for a, b in zip(total, image)]
        assert total is not None
        return total

    def batches(self) -> Iterator[tuple[float, Batch]]:
        """Each batch, with its share of the examples."""
        return batches(self.data, self.examples, self.batch_size)

    def _transposed(self) -> LinearMap:
        return self

    def __repr__(self) -> str:
        rows, columns = self.shape
        source = ""
        if self.data:
            parts = -(-self.examples // self.batch_size)
            source = f" over {self.examples:,} examples"
            source += f" in {parts:,} batches" if parts > 1 else ""
        return f"<{self.title} {rows}×{columns}{source}>"


def batches(data: Batch, examples: int, size: int) -> Iterator[tuple[float, Batch]]:
    """The data cut into batches, each with its share of the examples."""
    if examples <= size:
        yield 1.0, data
        return
    for start in range(0, examples, size):
        part = slice(start, min(start + size, examples))
        batch = tuple(tree.map_arrays(lambda a, part=part: a[part], each) for each in data)
        yield (part.stop - part.start) / examples, batch


def count_examples(data: Sequence[Any]) -> int:
    """How many examples the arrays of a data set hold; 1 for no data at all."""
    if not data:
        return 1
    arrays = [leaf for leaf in tree.flatten(tuple(data))[0] if tree.is_array(leaf)]
    counts = [int(np.shape(a)[0]) if np.ndim(a) else 0 for a in arrays]
    if len(set(counts)) != 1 or counts[0] == 0:
        raise curvature_errors.data_rows(counts, user_line())
    return counts[0]


def checked_size(size: int | None, examples: int) -> int:
    """The number of examples in a batch."""
    if size is None:
        return examples
    if not is_count(size):
        expected = "an integer from 1, or None"
        raise curvature_errors.bad_number("batch_size", expected, size, user_line())
    return min(int(size), examples)


def is_count(value: Any) -> bool:
    """Whether a value is an integer from 1."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) > 0
