"""Calls of ufuncs: operands of every kind, where, out, dtype; and their methods."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.tracing.rows.row import (
    A0,
    A3,
    A23,
    A34,
    A234,
    EMPTY,
    EMPTY03,
    EMPTY30,
    FLOATS,
    MASK23,
    SPECIAL_FLOATS,
    Array,
    Given,
    Real,
    Table,
)

INTEGERS = ("int64", "uint8", "int32")
TABLE = Table()
add = TABLE.add

# name → the interval of its argument, where it is not (−3, 3)
UNARY = {
    "absolute": None, "fabs": None, "negative": None, "positive": None, "sign": None,
    "square": None, "conjugate": None, "reciprocal": (1.0, 3), "exp": None, "exp2": None,
    "expm1": None,
    "log": (0.1, 3), "log2": (0.1, 3), "log10": (0.1, 3), "log1p": (-0.9, 3), "sqrt": (0.1, 3),
    "cbrt": None, "sin": None, "cos": None, "tan": None, "arcsin": (-0.9, 0.9),
    "arccos": (-0.9, 0.9), "arctan": None, "sinh": None, "cosh": None, "tanh": None,
    "arcsinh": None, "arccosh": (1.1, 3), "arctanh": (-0.9, 0.9), "deg2rad": None,
    "radians": None, "rad2deg": None, "degrees": None, "floor": None, "ceil": None, "trunc": None,
    "rint": None, "isnan": None, "isinf": None, "isfinite": None, "signbit": None,
    "logical_not": None, "modf": None, "frexp": None,
}  # fmt: skip
for name, bounds in UNARY.items():
    ufunc = getattr(np, name)
    low, high = bounds or (-3.0, 3.0)
    add(ufunc, Array((2, 3), low, high), Array((), low, high), EMPTY, ulp=16)
    add(ufunc, SPECIAL_FLOATS, kinds=FLOATS, smooth=False, ulp=16)
for name in ("invert", "bitwise_count"):
    add(getattr(np, name), Array((2, 3), -100, 100), A0, kinds=(*INTEGERS, "bool", "float64"))
add(np.bitwise_count, Given([2**62 + 5, -1, 0]), kinds=("int64",))

BINARY = {
    "add": None, "subtract": None, "multiply": None, "divide": (0.5, 3), "floor_divide": (0.5, 3),
    "remainder": (0.5, 3), "fmod": (0.5, 3), "divmod": (0.5, 3), "maximum": None, "minimum": None,
    "fmax": None, "fmin": None, "power": (0.5, 3), "float_power": (0.5, 3), "hypot": (0.5, 3),
    "arctan2": (0.5, 3), "logaddexp": None, "logaddexp2": None, "copysign": (0.5, 3),
    "heaviside": (0.5, 3), "equal": None, "not_equal": None, "less": None, "less_equal": None,
    "greater": None, "greater_equal": None, "logical_and": None, "logical_or": None,
    "logical_xor": None,
}  # fmt: skip
for name, bounds in BINARY.items():
    ufunc = getattr(np, name)
    low, high = bounds or (-3.0, 3.0)
    X, Y, V = Array((2, 3), low, high), Array((2, 3), low, high), Array((3,), low, high)
    add(ufunc, (X, Y), (X, V), (V, X), (X, Array((2, 1), low, high)), (X, 2), (2, X), (X, 2.5),
        (2.5, X), (X, np.float32(1.5)), (X, Array((2, 3), low, high, "float64")),
        (Array((), low, high), X), (X, Array((3,), low, high, "int32")), (X, True),
        (EMPTY, EMPTY), (EMPTY03, V), (X, Array((2, 2))), ulp=32)  # fmt: skip
    pairs = [(a, b) for a in SPECIAL_FLOATS.values for b in SPECIAL_FLOATS.values]
    add(ufunc, tuple(Given(list(side)) for side in zip(*pairs, strict=True)),
        kinds=FLOATS, smooth=False, ulp=64)  # fmt: skip
add(np.subtract, (A23, A23), kinds=("bool",))
for exponent in (-2, -1, 0, 1, 3):
    add(np.power, (Array((2, 3), 0.5, 3), exponent), (Array((2, 3), -2, -0.5), exponent), ulp=32)
add(np.ldexp, (A23, Array((2, 3), -5, 5, "int32")), (A23, 3), (Array((3,)), Real([-3, 0, 2])))
add(
    np.ldexp,
    (Given([1.0, 1e300, 1e-300, 5e-324]), Real([1020, 30, -1000, 1])),
    kinds=("float64",),
    smooth=False,
)
add(np.frexp, Given([5e-324, 1e-310, 1e308, 0.75, -8.0]), kinds=("float64",), smooth=False)
for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    add(getattr(np, name), (Array((2, 3), 0, 100), Array((3,), 0, 100)), (A23, 3),
        kinds=(*INTEGERS, "bool", "float64"))  # fmt: skip
for name in ("left_shift", "right_shift"):
    add(getattr(np, name), (Array((2, 3), -100, 100), Array((3,), 0, 5)), (A23, 3),
        (2, Array((3,), 0, 5)), kinds=(*INTEGERS, "float64"))  # fmt: skip


# ---- where=, out=, dtype= ------------------------------------------------------------------------


def into(x: Any, y: Any) -> Any:
    out = np.zeros_like(x)
    return np.add(x, y, out=out), out


def into_where(x: Any, y: Any, mask: Any) -> Any:
    out = np.ones_like(x)
    np.multiply(x, y, out=out, where=mask)
    return out


def into_larger(x: Any) -> Any:
    out = np.zeros_like(x, shape=(4, *x.shape))
    np.negative(x, out)
    return out


def into_two(x: Any) -> Any:
    whole, rest = np.zeros_like(x), np.zeros_like(x)
    np.modf(x, out=(rest, whole))
    return whole, rest


def into_one_of_two(x: Any) -> Any:
    whole = np.zeros_like(x)
    rest, same = np.modf(x, out=(None, whole))
    return rest, same, whole


def into_float32(x: Any) -> Any:
    return np.exp(x, out=np.zeros_like(x, dtype=np.float32))


def into_smaller(x: Any) -> Any:
    return np.add(x, x, out=np.zeros_like(x, shape=x.shape[1:]))


add(np.add, (A23, A23), (A23, A3), by=into, alone=False)
add(np.multiply, (A23, A23, MASK23), by=into_where, alone=False)
add(np.negative, A3, by=into_larger)
add(np.modf, A3, by=into_two)
add(np.modf, A3, by=into_one_of_two)
add(np.exp, A3, by=into_float32, kinds=("float64", "float32"))
add(np.add, A23, by=into_smaller)
add(np.add, (A23, A23, {"dtype": np.float64}), (A23, A23, {"dtype": np.float32}),
    (A23, 2, {"dtype": np.int64}), (A23, A23, {"order": "C"}),
    (A23, A23, {"casting": "unsafe"}))  # fmt: skip
add(np.sin, (A23, {"dtype": np.float32}), (A23, {"dtype": np.float64}))
add(np.power, (A23, 2, {"dtype": np.float64}))


# ---- methods -------------------------------------------------------------------------------------


def reduce(ufunc: Any, *args: Any, **options: Any) -> Any:
    return ufunc.reduce(*args, **options)


def of(ufunc: Any, method: str) -> Any:
    def call(*args: Any, **options: Any) -> Any:
        return getattr(ufunc, method)(*args, **options)

    call.__name__ = method
    return call


for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.logical_and, np.logical_or,
              np.subtract, np.hypot, np.logaddexp, np.fmax, np.logical_xor, np.divide):  # fmt: skip
    add(ufunc, A23, (A23, 1), (A234, (0, 2)), (A234, {"axis": None}),
        (A23, -1, {"keepdims": True}), A3, (EMPTY,), (A23, {"initial": 2.0}),
        (A23, {"initial": 1, "axis": 1}), (A0,), (EMPTY30, 0), (EMPTY30, 1), (EMPTY03, 0),
        by=of(ufunc, "reduce"), ulp=64)  # fmt: skip
    add(ufunc, Given(-2.0), Given([-2.0]), (Given([-np.inf, -np.inf]),), (Given([1e3, -1e3]),),
        by=of(ufunc, "reduce"), kinds=FLOATS, smooth=False, ulp=64)  # fmt: skip
for ufunc in (np.add, np.multiply, np.logical_and, np.logaddexp):
    add(
        ufunc,
        (A23, {"where": MASK23}),
        (A23, {"where": MASK23, "axis": 1}),
        by=of(ufunc, "reduce"),
        ulp=64,
    )
for ufunc in (np.subtract, np.hypot, np.maximum):
    add(ufunc, (A23, {"where": MASK23}), (A23, {"where": MASK23, "axis": 1, "initial": 1}),
        by=of(ufunc, "reduce"), ulp=64)  # fmt: skip
for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    ufunc = getattr(np, name)
    for method in ("reduce", "accumulate"):
        add(ufunc, A23, (A23, 1), by=of(ufunc, method), kinds=("int64", "bool"))
for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.logical_or,
              np.logical_xor, np.subtract, np.logaddexp, np.logical_and):  # fmt: skip
    add(ufunc, A34, (A34, 1), (A234, -1), A3, (EMPTY03, 0), EMPTY,
        by=of(ufunc, "accumulate"), ulp=64)  # fmt: skip
    add(ufunc, (Array((8,)), Real([0, 3, 5])), (Array((8, 2)), Real([0, 3, 2, 6])),
        (Array((2, 8)), Real([0, 3, 5]), 1), by=of(ufunc, "reduceat"), ulp=64)  # fmt: skip
for ufunc in (np.add, np.multiply, np.subtract):
    add(ufunc, (A3, {"dtype": np.float64}), (A3, {"dtype": np.float32}), by=of(ufunc, "accumulate"))
for ufunc in (np.add, np.multiply, np.subtract, np.maximum, np.greater):
    add(
        ufunc,
        (A3, A23),
        (A3, 2.5),
        (2, A3),
        (A23, A23, {"dtype": np.float64}),
        by=of(ufunc, "outer"),
    )


def at(ufunc: Any) -> Any:
    def call(x: Any, indices: Any, *values: Any) -> Any:
        x = x.copy()
        ufunc.at(x, indices, *values)
        return x

    call.__name__ = f"{ufunc.__name__}.at"
    return call


for ufunc in (np.add, np.subtract, np.multiply, np.maximum):
    add(ufunc, (Array((5,)), Real([0, 2, 2, 4]), Array((4,))), (Array((5,)), Real([0, 0, 1]), 2),
        (A34, Real([0, 2, 0]), A34), (A34, (Real([0, 1, 0]), Real([1, 1, 1])), A3),
        (A34, (slice(None), Real([1, 1])), 1), (Array((5,)), 1, 2.0), (Array((5,)), Real([7]), 1),
        by=at(ufunc), alone=False, ulp=32)  # fmt: skip
add(
    np.add,
    (Array((5,)), Array((4,), 0, 4, "int64"), Array((4,))),
    by=at(np.add),
    alone=False,
    kinds=("float64", "int64"),
)
add(np.negative, (Array((5,)), Real([0, 0, 1])), by=at(np.negative))
