"""The operators and methods of traced arrays: NumPy's functions under other names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.trace import indexing
from catenary.trace.array import TracedArray, wrap
from catenary.trace.elementwise import to_dtype
from catenary.trace.protocol import array_function, array_ufunc
from catenary.trace.recorder import user_line

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
        return array_ufunc(self, ufunc, "__call__", self, other) if _takes(other) else NotImplemented

    def backward(self: TracedArray, other: Any) -> Any:
        return array_ufunc(self, ufunc, "__call__", other, self) if _takes(other) else NotImplemented

    def in_place(self: TracedArray, other: Any) -> Any:
        if not _takes(other):
            return NotImplemented
        result = array_ufunc(self, ufunc, "__call__", self, other)
        if self.ndim == 0:
            return result  # a number: the name is bound anew, as with NumPy's scalars
        if not np.can_cast(result.dtype, self.dtype, "same_kind"):
            raise errors.located(
                errors.operand_dtype(f"np.{ufunc.__name__} in place", f"a result that casts to {self.dtype}", str(result.dtype)),
                user_line(),
            )  # fmt: skip
        self[...] = result
        return self

    return forward, backward, in_place


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
TracedArray.__divmod__ = _divmod  # type: ignore[attr-defined]
TracedArray.__rdivmod__ = _rdivmod  # type: ignore[attr-defined]

_METHODS = (
    "all any argmax argmin argsort clip cumprod cumsum diagonal dot max mean min nonzero prod "
    "ravel repeat searchsorted squeeze std sum swapaxes take trace var compress choose"
).split()


def _method(function: Any) -> Callable[..., Any]:
    def method(self: TracedArray, *args: Any, **options: Any) -> Any:
        return array_function(self, function, (TracedArray,), (self, *args), options)

    method.__name__ = function.__name__
    return method


for _name in _METHODS:
    setattr(TracedArray, _name, _method(getattr(np, _name)))


def _tuple_or_many(arguments: tuple[Any, ...]) -> Any:
    return arguments[0] if len(arguments) == 1 else arguments


def _reshape(self: TracedArray, *shape: Any, order: str = "C") -> Any:
    return np.reshape(self, _tuple_or_many(shape), order=order)  # type: ignore[call-overload]


def _transpose(self: TracedArray, *axes: Any) -> Any:
    return np.transpose(self, _tuple_or_many(axes) if axes else None)  # type: ignore[call-overload]


def _copy(self: TracedArray, order: str = "C") -> TracedArray:
    return wrap(self.value(), self.recorder)


def _astype(self: TracedArray, dtype: Any, *_: Any, copy: bool = True, **__: Any) -> TracedArray:
    if not copy and np.dtype(dtype) == self.dtype and not self.weak:
        return self
    return wrap(to_dtype(self, dtype), self.recorder)


def _sort(self: TracedArray, axis: int = -1, **options: Any) -> None:
    self[...] = np.sort(self, axis, **options)  # type: ignore[call-overload]


def _fill(self: TracedArray, value: Any) -> None:
    self[...] = value


def _round(self: TracedArray, decimals: int = 0) -> Any:
    return np.round(self, decimals)  # type: ignore[call-overload]


TracedArray.reshape = _reshape  # type: ignore[attr-defined]
TracedArray.transpose = _transpose  # type: ignore[attr-defined]
TracedArray.T = property(lambda self: np.transpose(self))  # type: ignore[attr-defined]
TracedArray.mT = property(lambda self: np.swapaxes(self, -1, -2))  # type: ignore[attr-defined]
TracedArray.real = property(lambda self: self)  # type: ignore[attr-defined]
TracedArray.flat = property(lambda self: iter(np.ravel(self)))  # type: ignore[attr-defined]
TracedArray.copy = _copy  # type: ignore[attr-defined]
TracedArray.__copy__ = _copy  # type: ignore[attr-defined]
TracedArray.__deepcopy__ = lambda self, memo: _copy(self)  # type: ignore[attr-defined]
TracedArray.astype = _astype  # type: ignore[attr-defined]
TracedArray.flatten = lambda self, order="C": wrap(np.ravel(self, order).value(), self.recorder)  # type: ignore[attr-defined]
TracedArray.sort = _sort  # type: ignore[attr-defined]
TracedArray.fill = _fill  # type: ignore[attr-defined]
TracedArray.round = _round  # type: ignore[attr-defined]
TracedArray.conj = TracedArray.conjugate = lambda self: self  # type: ignore[attr-defined]
TracedArray.__getitem__ = indexing.get  # type: ignore[attr-defined]
TracedArray.__setitem__ = indexing.put  # type: ignore[attr-defined]
