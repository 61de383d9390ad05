"""Calls of choices, comparisons, rounding, and of what is known without computing."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.tracing.rows.row import (
    A0,
    A3,
    A4,
    A23,
    A34,
    A234,
    EXACT,
    FEW,
    FLOATS,
    KINDS,
    MASK3,
    MASK23,
    ROUGH,
    SPECIAL_FLOATS,
    Array,
    Given,
    Real,
    Table,
)

TABLE = Table(EXACT)
add = TABLE.add


# ---- choices -------------------------------------------------------------------------------------

add(np.where, (MASK23, A23, A23), (MASK23, A23, A3), (MASK23, A23, 2.5), (MASK23, 1, A23),
    (MASK3, A23, A0), (A23, A23, A23), (MASK23, A23, Array((2, 3), dtype="float32")),
    (MASK23, A23, np.nan), (MASK23, A34, A34), (MASK23, True, A23))  # fmt: skip
add(
    np.where,
    (lambda x: x > 0.1, A23),
    (lambda x: x < -0.1, A23),
    by=lambda test, x: np.where(test(x), x, 0.1),
)
add(np.select, ([MASK23, Array((2, 3), dtype="bool")], [A23, A23]),
    ([MASK23], [A23], {"default": 2.5}), ([MASK3, MASK23], [A3, 1]), ([MASK23], [A23, A23]),
    ([A23], [A23]), ([MASK23, MASK3], [A23, A3], A23), kinds=FEW, alone=False)  # fmt: skip


def branches(x: Any, *args: Any, **options: Any) -> Any:
    return np.piecewise(x, [x < -0.05, x > 0.05], *args, **options)


add(np.piecewise, (A34, [-1, 1]), (A34, [-1, 1, 0]), (A34, [lambda v: -v, lambda v: v * v]),
    (A34, [lambda v, k: -v * k, lambda v, k: v * k, 3], 2), (A34, [1, 2, 3, 4]), by=branches,
    kinds=FEW, **ROUGH)  # fmt: skip
add(np.piecewise, (A3, MASK3, [2, 1]), kinds=FEW)
add(np.clip, (A23, -1, 1), (A23, None, 0.5), (A23, 0, None), (A23, A3, 2),
    (A23, {"min": -1, "max": 1}), (A23, {"max": 0}), (A23, None, None), (A23, 2, 1),
    (A23, Array((2, 3), -1, 0), Array((2, 3), 0, 1)), kinds=FEW)  # fmt: skip
add(np.clip, (SPECIAL_FLOATS, -1.5, 1.5), (A3, np.nan, 1), kinds=FLOATS, **ROUGH)


def clip_into(x: Any) -> Any:
    return np.clip(x, -1, 1, x)


add(np.clip, A23, by=lambda x: clip_into(x.copy()), kinds=FEW)
add(
    np.nan_to_num,
    A23,
    SPECIAL_FLOATS,
    (SPECIAL_FLOATS, {"nan": 1.0, "posinf": 2.0, "neginf": -3.0}),
    **ROUGH,
)
add(np.nan_to_num, SPECIAL_FLOATS, by=lambda x: np.nan_to_num(x, copy=False), kinds=FLOATS, **ROUGH)
add(np.sinc, A23, A0, Given([0.0, 1.0, -2.0, 0.5, 1e-9, 30.25]), ulp=64)
for function in (np.round, np.around):
    add(function, A23, (A23, 1), (A23, {"decimals": 2}), kinds=FEW)
    add(function, Given([0.5, 1.5, -0.5, 2.5]), kinds=FEW, **ROUGH)
    add(function, (Array((4,), -300, 300), -2), kinds=FEW)
add(np.fix, A23, A0, kinds=KINDS[:3])
add(np.angle, A23, (A23, True), kinds=FEW, ulp=4)
add(np.imag, A23)
for function in (np.isposinf, np.isneginf):
    add(function, A23, SPECIAL_FLOATS, kinds=FEW)

# ---- comparisons ---------------------------------------------------------------------------------

NEAR = Given([1.0, 1.0 + 1e-9, 1.1, np.nan, np.inf])
ONES = Given([1.0, 1.0, 1.0, np.nan, np.inf])
for function in (np.isclose, np.allclose):
    add(
        function, (A23, A23), (A23, A3), (A23, 1.0), (A23, A23, {"atol": 3.0}), (A23, A23, 0.5, 0.5)
    )
    add(
        function,
        (NEAR, ONES),
        (NEAR, ONES, {"equal_nan": True}),
        (NEAR, NEAR, {"rtol": 0}),
        kinds=FLOATS,
    )
for function in (np.array_equal, np.array_equiv):
    add(function, (A23, A23), (A23, A3), (A3, A4), (A0, A0))
add(np.array_equal, (ONES, ONES, {"equal_nan": True}), (ONES, ONES), kinds=FLOATS)
add(np.array_equiv, (Given([1, 1]), Given([[1, 1], [1, 1]])))
for function in (np.isreal, np.iscomplex, np.isrealobj, np.iscomplexobj):
    add(function, A23)
add(np.isin, (A23, A3), (A23, Real([0, 1])), (A23, A3, {"invert": True}), (A0, A3), kinds=KINDS)

# ---- what is known without computing -------------------------------------------------------------

for function in (np.shape, np.ndim, np.size):
    add(function, A23, A0)
add(np.size, (A234, 1), (A234, (0, 2)), (A234, -1))
add(np.result_type, (A23, 1.0), (A23, np.float32), (A23, Array((3,), dtype="int8")))
add(np.can_cast, (Array((2,), dtype="float32"), np.float64), (A3, np.int8), alone=False)
add(np.common_type, A23, (A23, Array((2,), dtype="float32")), kinds=FEW)
add(np.min_scalar_type, Given(3), Given(-300), kinds=FEW)


def shared(function: Any) -> Any:
    def call(x: Any) -> Any:
        return function(x[1:], x[:2]), function(x[0], x[1]), function(x, x.copy())

    return call


add(np.may_share_memory, A34, by=shared(np.may_share_memory))
add(np.shares_memory, A34, by=shared(np.shares_memory))
for function in (np.array_repr, np.array_str, np.array2string):
    add(function, A3, by=lambda x, f=function: len(f(x)) > 3)
