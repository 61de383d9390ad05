"""Along one axis: running sums and products, differences, slopes, integrals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument, not_covered, operand_dtype, operand_shapes
from catenary.core.types import BOOL
from catenary.ops.order import cumprod as cumprod_operation
from catenary.ops.order import cumsum as cumsum_operation
from catenary.tracing.array import wrap
from catenary.tracing.elementwise import to_dtype
from catenary.tracing.numpy_api.arguments import array, axes_in, axis_in, given
from catenary.tracing.numpy_api.reductions import reduced_axes, sum_dtype
from catenary.tracing.recorder import user_line
from catenary.tracing.table import implements


def _running(operation: Any) -> Callable[..., Any]:
    def accumulate(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        if not given(axis) or a.ndim == 0:
            reduced_axes(a.ndim, axis)
            a, axis = np.ravel(a), 0
        value = to_dtype(a, sum_dtype(a.dtype, dtype, out))
        return wrap(operation(value, axis=axis_in(axis, a.ndim), reverse=False), a.recorder)

    return accumulate


cumsum = implements(np.cumsum)(_running(cumsum_operation))
cumprod = implements(np.cumprod)(_running(cumprod_operation))


def _cumulative(running: Callable[..., Any], start: int) -> Callable[..., Any]:
    def cumulative(
        x: Any, /, *, axis: Any = None, dtype: Any = None, out: Any = None,
        include_initial: bool = False,
    ) -> Any:  # fmt: skip
        if axis is None:
            if x.ndim != 1:
                raise operand_shapes("cumulative_sum", "axis= for more axes than one", x.shape)
            axis = 0
        result = running(x, axis, dtype)
        if not include_initial:
            return result
        axis = axis_in(axis, x.ndim)
        shape = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
        return np.concatenate([np.full_like(result, start, shape=shape), result], axis)

    return cumulative


cumulative_sum = implements(np.cumulative_sum)(_cumulative(cumsum, 0))
cumulative_prod = implements(np.cumulative_prod)(_cumulative(cumprod, 1))


@implements(np.diff)
def diff(
    a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue
) -> Any:
    """The n-th difference a[i + 1] − a[i] along an axis."""
    a = array(a)
    if n < 0:
        raise bad_argument("diff", "an order that is not negative", n)
    axis = axis_in(axis, a.ndim)
    if n == 0:
        return a
    ends = [_end(x, a, axis) for x in (prepend, append)]
    parts = [x for x in (ends[0], a, ends[1]) if x is not None]
    a = np.concatenate(parts, axis) if len(parts) > 1 else a
    lead = (slice(None),) * axis
    minus = np.not_equal if a.dtype == BOOL else np.subtract
    for _ in range(n):
        a = minus(a[(*lead, slice(1, None))], a[(*lead, slice(None, -1))])
    return a


def _end(x: Any, a: Any, axis: int) -> Any:
    if not given(x):
        return None
    x = array(x)
    if x.ndim == 0:
        x = np.broadcast_to(x, (*a.shape[:axis], 1, *a.shape[axis + 1 :]))
    return x


@implements(np.ediff1d)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    row = np.ravel(array(ary))
    before, after = ([] if x is None else [_like_row(x, row)] for x in (to_begin, to_end))
    return np.concatenate([*before, np.subtract(row[1:], row[:-1]), *after])


def _like_row(x: Any, row: Any) -> Any:
    x = np.ravel(array(x))
    if not np.can_cast(x.dtype, row.dtype, "same_kind"):
        raise operand_dtype("ediff1d", f"ends that cast to {row.dtype}", x.dtype)
    return x.astype(row.dtype)


@implements(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Σ (xᵢ₊₁ − xᵢ)(yᵢ₊₁ + yᵢ)/2."""
    y = array(y)
    axis = axis_in(axis, y.ndim)
    gaps = dx if x is None else np.diff(array(x), axis=-1 if np.ndim(x) == 1 else axis)
    if x is not None and np.ndim(x) == 1:
        gaps = np.reshape(gaps, tuple(-1 if i == axis else 1 for i in range(y.ndim)))
    lead = (slice(None),) * axis
    pairs = y[(*lead, slice(1, None))] + y[(*lead, slice(None, -1))]
    return np.sum(gaps * pairs / 2.0, axis=axis)


@implements(np.unwrap)
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    """Jumps larger than half a period are taken back by whole periods."""
    p = array(p)
    axis = axis_in(axis, p.ndim)
    steps = np.diff(p, axis=axis)
    half = period / 2
    folded = np.remainder(steps + half, period) - half
    folded = np.where((folded == -half) & (steps > 0), half, folded)
    correction = np.where(np.abs(steps) < (half if discont is None else discont), 0, folded - steps)
    lead = (slice(None),) * axis
    first = p[(*lead, slice(None, 1))]
    rest = p[(*lead, slice(1, None))] + np.cumsum(correction, axis)
    return np.concatenate([first.astype(rest.dtype), rest], axis)


# ---- slopes of sampled functions -----------------------------------------------------------------


@implements(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Central differences inside, one-sided at the ends, along each axis."""
    f = array(f)
    axes = list(range(f.ndim)) if axis is None else axes_in(axis, f.ndim)
    if not 1 <= edge_order <= 2:
        raise bad_argument("gradient(edge_order=)", "1 or 2", edge_order)
    spacings = varargs or (1.0,)
    spacings = spacings * len(axes) if len(spacings) == 1 else spacings
    if len(spacings) != len(axes):
        raise bad_argument("gradient", f"1 or {len(axes)} spacings", len(spacings))
    f = f if f.dtype.kind == "f" else f.astype(np.float64)
    results = [_slope(f, i, h, edge_order) for i, h in zip(axes, spacings, strict=True)]
    return results[0] if len(results) == 1 else tuple(results)


def _slope(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    if f.shape[axis] < edge_order + 1:
        raise operand_shapes("gradient", f"at least {edge_order + 1} elements", f.shape[axis])
    if np.ndim(spacing) and edge_order == 2:
        raise not_covered("np.gradient with coordinates and edge_order=2", "", user_line())
    y = np.moveaxis(f, axis, 0)
    if np.ndim(spacing):
        h = np.diff(array(spacing)).reshape((-1,) + (1,) * (y.ndim - 1))
        before, after = h[:-1], h[1:]
        a = -after / (before * (before + after))
        b = (after - before) / (before * after)
        c = before / (after * (before + after))
        inner = a * y[:-2] + b * y[1:-1] + c * y[2:]
        ends = (y[1:2] - y[:1]) / h[:1], (y[-1:] - y[-2:-1]) / h[-1:]
    else:
        inner = (y[2:] - y[:-2]) / (2.0 * spacing)
        ends = _ends(y, spacing, edge_order)
    slopes = np.concatenate([ends[0], inner, ends[1]])
    return np.moveaxis(slopes, 0, axis).astype(f.dtype)


def _ends(y: Any, h: Any, edge_order: int) -> tuple[Any, Any]:
    if edge_order == 1:
        return (y[1:2] - y[:1]) / h, (y[-1:] - y[-2:-1]) / h
    first = -1.5 / h * y[:1] + 2.0 / h * y[1:2] - 0.5 / h * y[2:3]
    last = 0.5 / h * y[-3:-2] - 2.0 / h * y[-2:-1] + 1.5 / h * y[-1:]
    return first, last
