"""What is known of elementwise operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Node
from tests.fuzz.known import Array, Known, Unknown, evaluated, rule

# Rounded as IEEE 754 says, or not at all: the same on every machine.
ONLY_EXACT = (
    "sign", "floor", "ceil", "trunc", "rint", "sqrt", "div", "floor_divide", "remainder", "scale",
    "eq", "ne", "lt", "le", "gt", "ge", "bit_and", "bit_or", "bit_xor", "bit_not", "shift_left",
    "shift_right",
)  # fmt: skip
ARITHMETIC = ("add", "sub", "mul", "neg", "abs", "maximum", "minimum")
SMOOTH = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "cbrt", "sin", "cos", "tan", "arcsin",
    "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "hypot",
    "logistic", "erf", "erfc", "logaddexp", "integer_power", "power", "arctan2",
)  # fmt: skip
_KEEPS_SIGNS = frozenset(("add", "sub", "mul", "neg", "abs", "div", "sqrt"))
_SEES_SIGNS = frozenset(("div", "integer_power", "power", "arctan2", "bitcast"))
_SAFE = 1e30  # beyond, rounding may overflow


def _insist(holds: bool, why: str) -> None:
    if not holds:
        raise Unknown(why)


def _blind(node: Node, operands: Sequence[Known]) -> None:
    """Refuse where the sign of a zero decides but is not known."""
    if node.primitive.name in _SEES_SIGNS:
        for x in operands:
            _insist(x.signed or bool((x.value != 0).all()), "the sign of a zero")


def exact(node: Node, operands: Sequence[Known], why: str = "rounded operands") -> list[Array]:
    """The reference's results, for operands that are exact."""
    _insist(all(x.error is None for x in operands), why)
    _blind(node, operands)
    return evaluated(node, [x.value for x in operands])


@rule(*ONLY_EXACT)
def rounded_once(node: Node, operands: Sequence[Known]) -> list[Known]:
    (value,) = exact(node, operands)
    kept = node.primitive.name in _KEEPS_SIGNS and all(x.signed for x in operands)
    return [Known(value, signed=kept or value.dtype.kind != "f")]


@rule("select")
def select(node: Node, operands: Sequence[Known]) -> list[Known]:
    condition, x, y = operands
    (value,) = evaluated(node, [o.value for o in operands])
    error = None
    if x.error is not None or y.error is not None:
        error = np.where(condition.value, x.bound, y.bound)
    return [Known(value, error, x.signed and y.signed)]


@rule("convert")
def convert(node: Node, operands: Sequence[Known]) -> list[Known]:
    (x,), dtype = operands, np.dtype(node.params["dtype"])
    if x.value.dtype.kind == "f" and dtype.kind in "iu":
        info = np.iinfo(dtype)
        inside = x.finite and bool(((x.value > info.min) & (x.value < info.max)).all())
        _insist(x.error is None and inside, "numbers outside the range")
    if x.error is not None:
        _insist(dtype.kind == "f", "rounded operands")
        (value,) = evaluated(node, [x.value])
        _insist(bool((np.abs(x.value) < _SAFE).all()), "overflow")
        return [Known(value, x.error + _spacing(value), False)]
    return [Known(v, signed=x.signed) for v in exact(node, operands)]


@rule("bitcast")
def bitcast(node: Node, operands: Sequence[Known]) -> list[Known]:
    (x,) = operands
    if x.value.dtype.kind == "f":
        _insist(not np.isnan(x.value).any(), "the bits of NaN")
    return [Known(v) for v in exact(node, operands)]


def _spacing(value: Array) -> Array:
    """The distance of neighbouring numbers, as float64."""
    return np.spacing(np.abs(value)).astype(np.float64)


@rule(*SMOOTH)
def smooth(node: Node, operands: Sequence[Known]) -> list[Known]:
    (value,) = exact(node, operands)
    small = np.abs(value) < np.sqrt(np.finfo(value.dtype).tiny) * 4
    _insist(not (small & (value != 0)).any(), "underflow")
    finite = np.isfinite(value)
    _insist(not (np.abs(value[finite]) > 1e37).any(), "overflow")
    spacing = _spacing(np.where(finite, value, 0))
    if node.primitive.name == "logaddexp":
        # max + log1p(…): the terms may cancel, their rounding does not
        larger = np.maximum(*(x.value for x in operands))
        spacing = np.maximum(spacing, _spacing(np.where(np.isfinite(larger), larger, 0)))
    return [Known(value, np.where(finite, 2 * node.primitive.ulp * spacing, 0), False)]


def _moved(name: str, x: Sequence[Array], e: Sequence[Array]) -> Any:
    """How far errors of the operands can move the result."""
    if name == "mul":
        return np.abs(x[0]) * e[1] + np.abs(x[1]) * e[0] + e[0] * e[1]
    return sum(e) if name in ("add", "sub") else np.maximum.reduce(list(e))


@rule(*ARITHMETIC)
def arithmetic(node: Node, operands: Sequence[Known]) -> list[Known]:
    name = node.primitive.name
    if all(x.error is None for x in operands):
        (value,) = exact(node, operands)
        kept = name in _KEEPS_SIGNS and all(x.signed for x in operands)
        return [Known(value, signed=kept or value.dtype.kind != "f")]
    (value,) = evaluated(node, [x.value for x in operands])
    _insist(all(x.finite for x in operands), "rounded and not finite")
    _insist(bool((np.abs(value) < _SAFE).all()), "overflow")
    error = _moved(
        name, [x.value.astype(np.float64) for x in operands], [x.bound for x in operands]
    )
    return [Known(value, 1.001 * error + 2 * _spacing(value), False)]
