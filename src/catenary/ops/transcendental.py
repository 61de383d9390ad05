"""Transcendental functions, each with its partial derivative."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.kink import Kink
from catenary.core.primitive import Algebra, Primitive
from catenary.ops.bends import elementwise_tangent
from catenary.ops.compare import eq, select
from catenary.ops.elementwise import elementwise, filled, partials
from catenary.ops.product import integer_power, scale

Interval = tuple[float, float]


def _function(
    name: str, numpy: Any, interval: Interval, partial: Callable[..., Any], **options: Any
) -> Primitive:
    """A function that every machine has under its own name."""
    return elementwise(
        name,
        numpy=numpy,
        derivative=partials(partial),
        lower=lambda t, x: t.function(name, x),
        interior=(interval,),
        **options,
    )


def square(x: Any) -> Any:
    return integer_power(x, exponent=2)


exp: Primitive = _function("exp", np.exp, (-2, 2), lambda x, y: y)
exp2: Primitive = _function("exp2", np.exp2, (-2, 2), lambda x, y: y * math.log(2))
expm1: Primitive = _function("expm1", np.expm1, (-2, 2), lambda x, y: exp(x))
log: Primitive = _function("log", np.log, (0.5, 4), lambda x, y: 1.0 / x)
log2: Primitive = _function("log2", np.log2, (0.5, 4), lambda x, y: (1 / math.log(2)) / x)
log10: Primitive = _function("log10", np.log10, (0.5, 4), lambda x, y: (1 / math.log(10)) / x)
log1p: Primitive = _function("log1p", np.log1p, (-0.5, 3), lambda x, y: 1.0 / (x + 1.0))
sqrt: Primitive = _function("sqrt", np.sqrt, (0.5, 4), lambda x, y: 0.5 / y)
cbrt: Primitive = _function(
    "cbrt", np.cbrt, (0.5, 4), lambda x, y: (1 / 3) / square(y), elsewhere=(((-4, -0.5),),)
)

sin: Primitive = _function(
    "sin", np.sin, (-2, 2), lambda x, y: cos(x), edge=lambda dtype: _angles(dtype)
)
cos: Primitive = _function(
    "cos", np.cos, (-2, 2), lambda x, y: -sin(x), edge=lambda dtype: _angles(dtype)
)
tan: Primitive = _function(
    "tan", np.tan, (-1, 1), lambda x, y: square(y) + 1.0, edge=lambda dtype: _angles(dtype)
)
arcsin: Primitive = _function(
    "arcsin", np.arcsin, (-0.8, 0.8), lambda x, y: 1.0 / sqrt((1.0 - x) * (x + 1.0))
)
arccos: Primitive = _function(
    "arccos", np.arccos, (-0.8, 0.8), lambda x, y: -1.0 / sqrt((1.0 - x) * (x + 1.0))
)
arctan: Primitive = _function("arctan", np.arctan, (-3, 3), lambda x, y: 1.0 / (square(x) + 1.0))
sinh: Primitive = _function("sinh", np.sinh, (-2, 2), lambda x, y: cosh(x))
cosh: Primitive = _function("cosh", np.cosh, (-2, 2), lambda x, y: sinh(x))
tanh: Primitive = _function("tanh", np.tanh, (-2, 2), lambda x, y: 1.0 - square(y))
arcsinh: Primitive = _function(
    "arcsinh", np.arcsinh, (-3, 3), lambda x, y: 1.0 / hypot(x, filled(1, x))
)
arccosh: Primitive = _function(
    "arccosh", np.arccosh, (1.5, 4), lambda x, y: 1.0 / sqrt((x - 1.0) * (x + 1.0))
)
arctanh: Primitive = _function(
    "arctanh", np.arctanh, (-0.8, 0.8), lambda x, y: 1.0 / ((1.0 - x) * (x + 1.0))
)


def _angles(dtype: Any) -> list[tuple[Any, ...]]:
    return [(v,) for v in (0.0, -0.0, 1.0, -1.0, 100.0, math.pi, np.inf, -np.inf, np.nan)]


# ---- of two arguments ---------------------------------------------------------------------------


def _root_of_squares_partial(a: Any, o: Any) -> Any:
    # at the origin of hypot the symmetric slope is 0
    zero = filled(0, o)
    return select(eq(o, zero), zero, a / o)


def _hypot_lower(t: Any, x: Any, y: Any) -> Any:
    """The larger times √(1 + ratio²), so that nothing overflows on the way."""
    x, y = t.abs(x), t.abs(y)
    shape, dtype = t.shape(x), t.dtype(x)
    zero, infinity = t.constant(0, shape, dtype), t.constant(np.inf, shape, dtype)
    large, small = t.maximum(x, y), t.minimum(x, y)
    ratio = t.select(t.compare("eq", large, zero), zero, t.div(small, large))
    root = t.function("sqrt", t.fma(ratio, ratio, t.constant(1, shape, dtype)))
    unbounded = t.bit_or(t.compare("eq", x, infinity), t.compare("eq", y, infinity))
    return t.select(unbounded, infinity, t.mul(large, root))


def _length_slopes(operands: Any, output: Any, at_origin: Any) -> Any:
    """The slopes of √(x² + y²), given at the origin by others."""
    divisor = np.where(output == 0, 1, output)
    return tuple(
        np.where(output == 0, there, x / divisor)
        for x, there in zip(operands, at_origin, strict=True)
    )


def _length_toward(operands: Any, directions: Any, output: Any) -> Any:
    length = np.hypot(*directions)
    units = [v / np.where(length == 0, 1, length) for v in directions]
    return _length_slopes(operands, output, units)


hypot: Primitive = elementwise(
    "hypot",
    numpy=np.hypot,
    derivative=partials(
        lambda x, y, o: _root_of_squares_partial(x, o),
        lambda x, y, o: _root_of_squares_partial(y, o),
    ),
    lower=_hypot_lower,
    interior=((0.5, 2), (-2, -0.5)),
    elsewhere=(((-2, -0.5), (0.5, 2)), ((50, 100), (1, 2))),
    algebra=Algebra(commutative=True),
    kink=Kink(
        _length_toward,
        lambda operands, output: (
            _length_slopes(operands, output, (-1, -1)),
            _length_slopes(operands, output, (1, 1)),
        ),
        elementwise_tangent,
    ),
)


def _over_square(a: Any, y: Any, x: Any) -> Any:
    """a / (x² + y²), where squares would overflow or vanish too."""
    radius = hypot(x, y)
    return a / radius / radius


arctan2: Primitive = elementwise(
    "arctan2",
    numpy=np.arctan2,
    derivative=partials(
        lambda y, x, o: _over_square(x, y, x), lambda y, x, o: -_over_square(y, y, x)
    ),
    lower=lambda t, y, x: t.arctan2(y, x),
    interior=((0.5, 2), (0.5, 2)),
    elsewhere=(((0.5, 2), (-2, -0.5)), ((-2, -0.5), (0.5, 2)), ((-2, -0.5), (-2, -0.5))),
)


def _power_by_exponent(x: Any, y: Any, o: Any) -> Any:
    return scale(o, log(x))  # 0 where the power is 0, as at x = 0 for y > 0


power: Primitive = elementwise(
    "power",
    numpy=(np.power, np.float_power),
    derivative=partials(lambda x, y, o: scale(y, power(x, y - 1.0)), _power_by_exponent),
    lower=lambda t, x, y: t.power(x, y),
    interior=((0.5, 2), (-2, 2)),
    ulp=16,
)
