"""The scalar verbs in plain NumPy: elementwise, on arrays of one type."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.special

from tests.laws.numpy_handle import Array, Handle, Pair, extreme, must_be, same, wide


def _plain(name: str) -> Callable[[Array], Array]:
    return getattr(np, name)  # type: ignore[no-any-return]


FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    name: _plain(name)
    for name in (
        "exp",
        "exp2",
        "expm1",
        "log",
        "log2",
        "log10",
        "log1p",
        "sqrt",
        "cbrt",
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "arcsinh",
        "arccosh",
        "arctanh",
        "floor",
        "ceil",
        "trunc",
        "rint",
    )
} | {
    "erf": scipy.special.erf,
    "erfc": scipy.special.erfc,
    "lgamma": scipy.special.gammaln,
    "digamma": scipy.special.digamma,
}

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


class ScalarVerbs:
    """The first half of the protocol ``Target``."""

    def constant(self, value: Any, shape: Sequence[int], dtype: Any) -> Handle:
        result = np.empty(tuple(shape), dtype)
        result[...] = value
        return Handle(result)

    def array(self, value: Any) -> Handle:
        return Handle(np.array(value))

    def dtype(self, x: Handle) -> Any:
        return x.array.dtype

    def shape(self, x: Handle) -> tuple[int, ...]:
        return tuple(x.array.shape)

    def _binary(self, verb: str, kinds: str, function: Pair, x: Handle, y: Handle) -> Handle:
        a, b = same(verb, x, y)
        must_be(verb, kinds, a, b)
        return Handle(function(*wide(a, b)).astype(a.dtype))

    def add(self, x: Handle, y: Handle) -> Handle:
        return self._binary("add", "fiu", operator.add, x, y)

    def sub(self, x: Handle, y: Handle) -> Handle:
        return self._binary("sub", "fiu", operator.sub, x, y)

    def mul(self, x: Handle, y: Handle) -> Handle:
        return self._binary("mul", "fiu", operator.mul, x, y)

    def div(self, x: Handle, y: Handle) -> Handle:
        return self._binary("div", "f", operator.truediv, x, y)

    def floordiv(self, x: Handle, y: Handle) -> Handle:
        return self._binary("floordiv", "fiu", lambda a, b: _divmod(a, b)[0], x, y)

    def remainder(self, x: Handle, y: Handle) -> Handle:
        return self._binary("remainder", "fiu", lambda a, b: _divmod(a, b)[1], x, y)

    def neg(self, x: Handle) -> Handle:
        must_be("neg", "fiu", x.array)
        return Handle(-x.array)

    def abs(self, x: Handle) -> Handle:
        must_be("abs", "fiu", x.array)
        if x.array.dtype.kind == "f":
            return Handle(np.copysign(x.array, x.array.dtype.type(1)))
        return Handle(np.where(x.array < 0, -x.array, x.array))

    def fma(self, x: Handle, y: Handle, z: Handle) -> Handle:
        a, b, c = same("fma", x, y, z)
        must_be("fma", "f", a)
        a, b, c = (v.astype(np.longdouble) for v in (a, b, c))
        return Handle((a * b + c).astype(z.array.dtype))

    def maximum(self, x: Handle, y: Handle) -> Handle:
        return self._binary("maximum", "fiu", lambda a, b: extreme(a > b, a, b), x, y)

    def minimum(self, x: Handle, y: Handle) -> Handle:
        return self._binary("minimum", "fiu", lambda a, b: extreme(a < b, a, b), x, y)

    def compare(self, relation: str, x: Handle, y: Handle) -> Handle:
        a, b = same(relation, x, y)
        return Handle(COMPARISONS[relation](a, b))

    def select(self, condition: Handle, x: Handle, y: Handle) -> Handle:
        a, b = same("select", x, y)
        must_be("the condition of select", "b", condition.array)
        assert condition.array.shape == a.shape, "select: the condition has another shape"
        result = b.copy()
        result[condition.array] = a[condition.array]
        return Handle(result)

    def convert(self, x: Handle, dtype: Any) -> Handle:
        return Handle(x.array.astype(dtype))

    def bitcast(self, x: Handle, dtype: Any) -> Handle:
        assert x.array.dtype.itemsize == np.dtype(dtype).itemsize, "bitcast to another width"
        return Handle(np.frombuffer(x.array.tobytes(), dtype).reshape(x.array.shape))

    def bit_and(self, x: Handle, y: Handle) -> Handle:
        return self._binary("bit_and", "iub", operator.and_, x, y)

    def bit_or(self, x: Handle, y: Handle) -> Handle:
        return self._binary("bit_or", "iub", operator.or_, x, y)

    def bit_xor(self, x: Handle, y: Handle) -> Handle:
        return self._binary("bit_xor", "iub", operator.xor, x, y)

    def bit_not(self, x: Handle) -> Handle:
        must_be("bit_not", "iub", x.array)
        return Handle(~x.array)

    def shift_left(self, x: Handle, y: Handle) -> Handle:
        return self._binary("shift_left", "iu", operator.lshift, x, y)

    def shift_right(self, x: Handle, y: Handle) -> Handle:
        return self._binary("shift_right", "iu", operator.rshift, x, y)

    def function(self, name: str, x: Handle) -> Handle:
        must_be(name, "f", x.array)
        (z,) = wide(x.array)
        return Handle(FUNCTIONS[name](z).astype(x.array.dtype))

    def arctan2(self, y: Handle, x: Handle) -> Handle:
        return self._binary("arctan2", "f", np.arctan2, y, x)

    def power(self, x: Handle, y: Handle) -> Handle:
        return self._binary("power", "f", np.power, x, y)

    def polygamma(self, n: int, x: Handle) -> Handle:
        must_be("polygamma", "f", x.array)
        sign = (-1) ** (n + 1) * math.factorial(n)
        (z,) = wide(x.array)
        return Handle((sign * scipy.special.zeta(n + 1, z)).astype(x.array.dtype))


def _divmod(a: Array, b: Array) -> tuple[Array, Array]:
    """Quotient rounded down and the rest; of an integer by zero, both are 0."""
    if a.dtype.kind != "f":
        safe = np.where(b == 0, 1, b)
        quotient = np.empty(a.shape, a.dtype)
        for at in np.ndindex(a.shape):
            quotient[at] = np.array(int(a[at]) // int(safe[at])).astype(a.dtype)
        return np.where(b == 0, 0, quotient), np.where(b == 0, 0, a - quotient * safe)
    # as Python and NumPy define it: the rest has the sign of the divisor, zeros too
    rest = np.fmod(a, b)
    quotient = (a - rest) / b
    other_side = (rest != 0) & ((b < 0) != (rest < 0))
    rest = np.where(other_side, rest + b, np.where(rest == 0, np.copysign(rest, b), rest))
    quotient = np.where(other_side, quotient - 1, quotient)
    below = np.floor(quotient)
    nearest = np.where(quotient - below > 0.5, below + 1, below)
    nearest = np.where(quotient == 0, np.copysign(quotient, a / b), nearest)
    return np.where(b == 0, a / b, nearest), rest
