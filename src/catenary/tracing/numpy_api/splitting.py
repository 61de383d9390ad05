"""Arrays taken apart into views: split and its family."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, operand_shapes
from catenary.tracing.numpy_api.arguments import Array, axis_in
from catenary.tracing.table import implements


def _slices(ary: Array, bounds: list[int], axis: int) -> list[Any]:
    lead = (slice(None),) * axis
    return [ary[(*lead, slice(a, b))] for a, b in pairwise(bounds)]


@implements(np.array_split)
def array_split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Sections that differ by one element at most, or the parts between the given indices."""
    axis = axis_in(axis, ary.ndim)
    n = ary.shape[axis]
    if np.ndim(indices_or_sections):
        inner = [int(i) for i in indices_or_sections]
        # each part is its own slice, so that indices past the end or backwards mean what NumPy's do
        return [
            _slices(ary, [a, b], axis)[0] for a, b in zip([0, *inner], [*inner, n], strict=True)
        ]
    sections = int(indices_or_sections)
    if sections <= 0:
        raise bad_argument("split", "a number of sections above 0", sections)
    each, extra = divmod(n, sections)
    sizes = [each + 1] * extra + [each] * (sections - extra)
    return _slices(ary, [0, *np.cumsum(sizes).tolist()], axis)


@implements(np.split)
def split(ary: Array, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    if np.ndim(indices_or_sections) == 0 and ary.shape[axis] % indices_or_sections:
        raise operand_shapes(
            "split", "a length that the number of sections divides", ary.shape[axis]
        )
    return array_split(ary, indices_or_sections, axis)


def _split_along(name: str, least: int, axis_of: Any) -> Any:
    def split_along(ary: Array, indices_or_sections: Any) -> list[Any]:
        if ary.ndim < least:
            raise operand_shapes(name, f"an array of at least {least} axes", ary.shape)
        return split(ary, indices_or_sections, axis_of(ary.ndim))

    return split_along


hsplit = implements(np.hsplit)(_split_along("hsplit", 1, lambda ndim: min(ndim - 1, 1)))
vsplit = implements(np.vsplit)(_split_along("vsplit", 2, lambda ndim: 0))
dsplit = implements(np.dsplit)(_split_along("dsplit", 3, lambda ndim: 2))


@implements(np.unstack)
def unstack(x: Array, /, *, axis: int = 0) -> tuple[Any, ...]:
    if x.ndim == 0:
        raise operand_shapes("unstack", "an array of at least one axis", x.shape)
    return tuple(np.moveaxis(x, axis, 0))
