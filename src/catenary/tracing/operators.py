"""The operators of traced arrays: NumPy's ufuncs, and reading and writing by index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.tracing import assignment, indexing
from catenary.tracing.array import TracedArray
from catenary.tracing.protocol import array_ufunc
from catenary.tracing.recorder import user_line

_BINARY = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.true_divide,
    "floordiv": np.floor_divide, "mod": np.remainder, "pow": np.power, "matmul": np.matmul,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
    "lshift": np.left_shift, "rshift": np.right_shift,
}  # fmt: skip
_COMPARE = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal,
    "gt": np.greater, "ge": np.greater_equal,
}  # fmt: skip
_UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}


def _takes(other: Any) -> bool:
    """Whether an operator leaves this operand to NumPy's rules."""
    return getattr(type(other), "__array_ufunc__", True) is not None


def _binary(ufunc: Any) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    def forward(self: TracedArray, other: Any) -> Any:
        return (
            array_ufunc(self, ufunc, "__call__", self, other) if _takes(other) else NotImplemented
        )

    def backward(self: TracedArray, other: Any) -> Any:
        return (
            array_ufunc(self, ufunc, "__call__", other, self) if _takes(other) else NotImplemented
        )

    def in_place(self: TracedArray, other: Any) -> Any:
        if not _takes(other):
            return NotImplemented
        result = array_ufunc(self, ufunc, "__call__", self, other)
        if self.ndim == 0:
            return result  # a number: the name is bound anew, as with NumPy's scalars
        _require_fit(self, ufunc, result)
        self[...] = result
        return self

    return forward, backward, in_place


def _require_fit(target: TracedArray, ufunc: Any, result: Any) -> None:
    """In place a result may neither outgrow its target nor be of a wider kind."""
    name = f"np.{ufunc.__name__} in place"
    if not np.can_cast(result.dtype, target.dtype, "same_kind"):
        expected = f"a result that casts to {target.dtype}"
        raise errors.located(errors.operand_dtype(name, expected, result.dtype), user_line())
    if result.shape != target.shape:
        expected = f"a result of shape {target.shape}"
        raise errors.located(errors.operand_shapes(name, expected, result.shape), user_line())


def _unary(ufunc: Any) -> Callable[..., Any]:
    return lambda self: array_ufunc(self, ufunc, "__call__", self)


def _divmod(self: TracedArray, other: Any) -> Any:
    return np.floor_divide(self, other), np.remainder(self, other)


def _rdivmod(self: TracedArray, other: Any) -> Any:
    return np.floor_divide(other, self), np.remainder(other, self)


for _name, _ufunc in _BINARY.items():
    _forward, _backward, _in_place = _binary(_ufunc)
    setattr(TracedArray, f"__{_name}__", _forward)
    setattr(TracedArray, f"__r{_name}__", _backward)
    setattr(TracedArray, f"__i{_name}__", _in_place)
for _name, _ufunc in _COMPARE.items():
    setattr(TracedArray, f"__{_name}__", _binary(_ufunc)[0])
for _name, _ufunc in _UNARY.items():
    setattr(TracedArray, f"__{_name}__", _unary(_ufunc))
setattr(TracedArray, "__divmod__", _divmod)  # noqa: B010 - mypy knows no such method
setattr(TracedArray, "__rdivmod__", _rdivmod)  # noqa: B010
setattr(TracedArray, "__getitem__", indexing.get)  # noqa: B010
setattr(TracedArray, "__setitem__", assignment.put)  # noqa: B010
