"""Calls of reductions, statistics and running sums."""

from __future__ import annotations

import numpy as np

from tests.tracing.rows.row import (
    A0,
    A3,
    A4,
    A23,
    A33,
    A34,
    A234,
    EMPTY,
    EMPTY03,
    EMPTY30,
    FLOATS,
    KINDS,
    MASK23,
    Array,
    Given,
    Real,
    Table,
)

NAN = Given([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan], [2.0, 5.0, -1.0]])
TABLE = Table()
add = TABLE.add

AXES = [(A23,), (A23, 0), (A23, -1), (A234, (0, 2)), (A234, (-1, 0)), (A23, {"axis": None}),
        (A23, ()), (A23, {"axis": 1, "keepdims": True}), (A234, {"keepdims": True}), (A0,),
        (A0, 0), (A3, {"axis": 0}), (EMPTY30, 0)]  # fmt: skip
OUTSIDE = [(A23, 2), (A23, -3), (A23, (0, 0))]


def with_out(function):
    def call(x, *args, **options):
        out = np.zeros_like(x, shape=np.shape(function(x, *args, **options)))
        result = function(x, *args, out=out, **options)
        return out, result

    return call


def with_out_in_place(position):
    def of(function):
        def call(x, axis):
            out = np.zeros_like(x, shape=x.shape[1:])
            function(x, axis, *([None] * (position - 2)), out)
            return out

        return call

    return of


for function in (np.sum, np.prod):
    add(function, *AXES, *OUTSIDE, (EMPTY,), (EMPTY03, 0), (EMPTY03, 1))
    add(function, (A23, {"dtype": np.float32}), (A23, {"dtype": np.int64, "axis": 0}),
        (A23, 1, np.float64), (A23, {"initial": 2}), (A23, {"initial": 2, "axis": 1}),
        (A23, {"where": MASK23}), (A23, {"where": MASK23, "axis": 0, "initial": 3}),
        (A23, {"where": Real(np.array([True, False, True])), "axis": 1}))  # fmt: skip
    add(function, (A23, {"dtype": bool}), smooth=False)
    add(function, (A23,), (A23, {"axis": 1}), by=with_out(function))
    add(function, (A23, 0), by=with_out_in_place(3)(function))

for function in (np.max, np.amax, np.min, np.amin):
    add(function, *AXES, *OUTSIDE, (EMPTY,), (EMPTY03, 1), (EMPTY03, 0))
    add(function, (A23, {"initial": 0}), (A23, {"where": MASK23}),
        (A23, {"where": MASK23, "initial": -1, "axis": 0}), (EMPTY, {"initial": 1}),
        (EMPTY03, {"initial": 1, "axis": 1}), (EMPTY03, {"initial": 1, "axis": 0}))  # fmt: skip
    add(function, NAN, (NAN, 1), kinds=FLOATS, smooth=False)
    add(function, (A23,), (A23, {"axis": 1}), by=with_out(function))
    add(function, (A23, 0), by=with_out_in_place(2)(function))

add(np.ptp, *AXES, (A23,))
add(np.ptp, (A23, {"axis": 1}), by=with_out(np.ptp))

for function in (np.argmax, np.argmin):
    add(function, A23, (A23, 0), (A23, -1), (A23, {"axis": 1, "keepdims": True}), (A0,), (EMPTY,),
        (A23, {"keepdims": True}), (A0, 0), (A23, 2), (EMPTY30, 0), (EMPTY03, 0))  # fmt: skip
    add(function, NAN, (NAN, 1), kinds=FLOATS)

for function in (np.all, np.any):
    add(function, *AXES, *OUTSIDE, (EMPTY,), (EMPTY03, 1), (EMPTY03, 0), (A23, {"where": MASK23}),
        (A23, {"where": MASK23, "axis": 1, "keepdims": True}))  # fmt: skip
    add(function, NAN, kinds=FLOATS)

add(
    np.count_nonzero, A23, (A23, 0), (A23, -1), (A234, (0, 2)), (A23, {"axis": 1, "keepdims": True})
)

# ---- statistics ----------------------------------------------------------------------------------

for function in (np.mean, np.var, np.std):
    add(function, *AXES, *OUTSIDE, (A23, {"dtype": np.float64}),
        (A23, {"dtype": np.float32, "axis": 0}),
        (A23, {"where": Real([[True, True, False], [False, True, True]]), "axis": 1}),
        (A23, {"where": Real([True, False, True])}), (EMPTY,), ulp=32)  # fmt: skip
add(np.mean, (A23, {"axis": 1}), by=with_out(np.mean), kinds=FLOATS)
for function in (np.var, np.std):
    add(function, (A34, {"ddof": 1}), (A34, {"ddof": 1, "axis": 0}),
        (A34, {"correction": 1, "axis": 1}), (A3, {"ddof": 3}),
        (A34, {"axis": 1, "mean": Array((3, 1), dtype="float64")}), ulp=32)  # fmt: skip

POSITIVE = Array((2, 3), 0.5, 2, "float64")
add(np.average, A23, (A23, 1), (A23, {"weights": POSITIVE}),
    (A23, {"axis": 0, "weights": POSITIVE}),
    (A23, {"axis": 1, "weights": Array((3,), 0.5, 2, "float64")}),
    (A23, {"axis": 0, "weights": POSITIVE, "returned": True}), (A23, {"returned": True}),
    (A23, {"axis": -1, "weights": POSITIVE, "keepdims": True}),
    (A234, {"axis": (2, 0), "weights": Array((4, 2), 0.5, 2, "float64")}),
    (A23, {"weights": Array((3,), 0.5, 2, "float64")}))  # fmt: skip

for function in (np.median,):
    add(function, *AXES[:-1], (A34, 0), (A34, -1), (Array((5,)),), ulp=16)
    add(function, NAN, (NAN, 1), kinds=FLOATS, smooth=False)
for function, q in ((np.quantile, 0.3), (np.percentile, 30)):
    add(function, (A34, q), (A34, q, 0), (A34, q, -1), (A234, q, (0, 2)), (A34, [q, q / 2]),
        (A34, Real(np.array([q, q / 3])), 1), (A34, q, {"keepdims": True, "axis": 1}), (A3, 0.0),
        (A3, 1.0), (A34, [[q, 0], [q, 1]], 0), ulp=32)  # fmt: skip
    for method in ("linear", "lower", "higher", "nearest", "midpoint", "hazen", "weibull",
                   "interpolated_inverted_cdf", "median_unbiased", "normal_unbiased"):  # fmt: skip
        add(function, (A34, q, {"method": method, "axis": 0}),
            (Array((7,)), q * 2, {"method": method}), kinds=FLOATS, ulp=32)  # fmt: skip
    add(function, (NAN, q, 1), (A3, -q), (A3, 101.0), kinds=FLOATS, smooth=False)
add(np.nanmedian, NAN, (NAN, 1), (NAN, 0), kinds=FLOATS, smooth=False)
add(np.nanmedian, A34, (A34, 1), ulp=16)
add(np.nanquantile, (NAN, 0.3), (NAN, 0.3, 1), (NAN, 0.3, 0), kinds=FLOATS, smooth=False)
add(np.nanpercentile, (NAN, 30), (NAN, 30, 1), (NAN, [10, 60], 0), kinds=FLOATS, smooth=False)

add(np.cov, A34, (A34, {"rowvar": False}), (A34, A34), (A4,), (A34, {"ddof": 0}),
    (A34, {"bias": True}), (A34, {"fweights": Real([1, 2, 1, 3])}),
    (A34, {"aweights": Real([0.1, 0.2, 0.5, 0.3])}),
    (A34, {"fweights": Real([1, 2, 1, 3]), "aweights": Real([0.1, 0.2, 0.5, 0.3])}),
    (A4, A4, {"dtype": np.float32}), kinds=("float64", "float32", "int64"), ulp=64)  # fmt: skip
add(
    np.corrcoef,
    A34,
    (A34, {"rowvar": False}),
    (A4, A4),
    (A4,),
    kinds=("float64", "float32"),
    ulp=64,
)

# ---- passing over NaN ----------------------------------------------------------------------------

NAN_AWARE = (np.nansum, np.nanprod, np.nanmax, np.nanmin, np.nanmean, np.nanvar, np.nanstd)
for function in NAN_AWARE:
    add(function, A23, (A23, 1), (A23, {"axis": 0, "keepdims": True}), ulp=32)
    add(function, NAN, (NAN, 0), (NAN, 1), (NAN, {"axis": 1, "keepdims": True}),
        kinds=FLOATS, smooth=False, ulp=32)  # fmt: skip
add(np.nanvar, (NAN, {"axis": 1, "ddof": 1}), kinds=FLOATS, smooth=False, ulp=32)
add(np.nansum, (NAN, {"axis": 1, "initial": 2}), kinds=FLOATS, smooth=False)
for function in (np.nanargmax, np.nanargmin):
    add(function, A23, (A23, 1), (A23, {"axis": 0, "keepdims": True}))
    add(function, NAN, (NAN, 0), kinds=FLOATS)
for function in (np.nancumsum, np.nancumprod):
    add(function, A23, (A23, 1))
    add(function, NAN, (NAN, 0), kinds=FLOATS, smooth=False)

# ---- running -------------------------------------------------------------------------------------

for function in (np.cumsum, np.cumprod):
    add(
        function,
        A23,
        (A23, 0),
        (A23, -1),
        (A0,),
        (EMPTY,),
        (A23, {"dtype": np.float32}),
        (A23, 2),
        (A0, 0),
    )
    add(function, (A23, 1), by=with_out(function), kinds=FLOATS)
for function in (np.cumulative_sum, np.cumulative_prod):
    add(function, A3, (A23, {"axis": 1}), (A23, {"axis": 0, "include_initial": True}), (A23,),
        (A3, {"dtype": np.float32}))  # fmt: skip
add(np.diff, A3, A23, (A34, 2), (A23, {"axis": 0}), (A3, {"prepend": 0, "append": A3}), (A3, 5),
    (A3, -1), (A23, {"prepend": A23, "axis": 0}), (A3, 0), (EMPTY,), (A0,))  # fmt: skip
add(np.ediff1d, A3, A23, (A3, A3, A3), (A3, {"to_begin": 1}))
add(np.trapezoid, A4, (A34,), (A34, {"axis": 0}), (A4, Array((4,), 0, 3)), (A34, {"dx": 0.5}),
    (A34, Array((3,)), {"axis": 0}), (A34, A34), kinds=KINDS[:3])  # fmt: skip
add(np.unwrap, Array((6,), -8, 8), (Array((2, 6), -8, 8), {"axis": 1}),
    (Array((6,), 0, 9), {"period": 4}), (Array((6,), -8, 8), {"discont": 4.0}),
    kinds=FLOATS)  # fmt: skip
add(np.gradient, A4, A34, (A34, {"axis": 0}), (A34, 2.0), (A34, 2.0, 0.5),
    (A34, {"edge_order": 2, "axis": 1}), (A4, Real(np.array([0.0, 1.0, 1.5, 4.0]))),
    (A4, Array((4,), 0, 9)), (A34, {"axis": (1, 0)}), (A33, {"edge_order": 2}), kinds=KINDS[:2],
    ulp=32)  # fmt: skip
