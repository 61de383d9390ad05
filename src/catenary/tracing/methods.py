"""The methods and attributes of traced arrays: NumPy's functions under other names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.tracing.array import TracedArray, wrap
from catenary.tracing.elementwise import to_dtype
from catenary.tracing.protocol import array_function
from catenary.tracing.recorder import user_line

# Methods that take what the function of the same name takes behind the array.
_SAME = (
    "all any argmax argmin argpartition argsort choose clip cumprod cumsum diagonal dot max mean "
    "min nonzero prod put ravel repeat round searchsorted squeeze std sum swapaxes take trace var"
)


def _same(function: Any) -> Callable[..., Any]:
    def method(self: TracedArray, *args: Any, **options: Any) -> Any:
        return array_function(self, function, (TracedArray,), (self, *args), options)

    method.__name__ = function.__name__
    return method


for _name in _SAME.split():
    setattr(TracedArray, _name, _same(getattr(np, _name)))


def entered(
    name: str, property_: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function a method, or a read-only attribute, of traced arrays."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(TracedArray, name, property(function) if property_ else function)
        return function

    return enter


# ---- shape ---------------------------------------------------------------------------------------


def _one_or_many(arguments: tuple[Any, ...]) -> Any:
    return arguments[0] if len(arguments) == 1 else arguments


@entered("reshape")
def _reshape(self: Any, *shape: Any, order: Any = "C", copy: Any = None) -> Any:
    return np.reshape(self, _one_or_many(shape), order=order)


@entered("transpose")
def _transpose(self: Any, *axes: Any) -> Any:
    return np.transpose(self, _one_or_many(axes) if axes else None)


@entered("T", property_=True)
def _turned(self: Any) -> Any:
    return np.transpose(self)


@entered("mT", property_=True)
def _matrices_turned(self: Any) -> Any:
    return np.matrix_transpose(self)


@entered("flatten")
def _flatten(self: Any, order: Any = "C") -> Any:
    return np.ravel(self, order).copy()


# ---- copies --------------------------------------------------------------------------------------


@entered("copy")
@entered("__copy__")
def _copy(self: TracedArray, order: str = "C") -> TracedArray:
    return wrap(self.value(), self.recorder)


@entered("__deepcopy__")
def _deepcopy(self: TracedArray, memo: Any) -> TracedArray:
    return _copy(self)  # type: ignore[no-any-return]


@entered("astype")
def _astype(
    self: TracedArray, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True,
    copy: bool = True,
) -> TracedArray:  # fmt: skip
    dtype = np.dtype(dtype)
    if not np.can_cast(self.dtype, dtype, casting):
        error = errors.operand_dtype("astype", f"a dtype that {self.dtype} casts to", dtype)
        raise errors.located(error, user_line())
    if not copy and dtype == self.dtype and not self.weak:
        return self
    return wrap(to_dtype(self, dtype), self.recorder)


@entered("view")
def _view(self: TracedArray, dtype: Any = None, type: Any = None) -> Any:
    if type is not None or (dtype is not None and np.dtype(dtype) != self.dtype):
        raise errors.not_covered("x.view of another type", ": convert with x.astype", user_line())
    return self[...]


# ---- in place ------------------------------------------------------------------------------------


@entered("sort")
def _sort(
    self: Any, axis: int = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> None:
    self[...] = np.sort(self, axis, kind)


@entered("partition")
def _partition(self: Any, kth: Any, axis: int = -1, kind: Any = None, order: Any = None) -> None:
    self[...] = np.partition(self, kth, axis)


@entered("fill")
def _fill(self: Any, value: Any) -> None:
    self[...] = value


@entered("compress")
def _compress(self: Any, condition: Any, axis: Any = None, out: Any = None) -> Any:
    return np.compress(condition, self, axis, out)


# ---- real numbers --------------------------------------------------------------------------------


@entered("conj")
@entered("conjugate")
def _conjugate(self: Any) -> Any:
    return self


@entered("real", property_=True)
def _real(self: Any) -> Any:
    return self[...]


@entered("imag", property_=True)
def _imag(self: Any) -> Any:
    return np.zeros_like(self)


@entered("__contains__")
def _contains(self: Any, value: Any) -> bool:
    return bool(np.any(self == value))


# ---- as one row ----------------------------------------------------------------------------------


class Flat:
    """x.flat: the elements of an array in row order, to read and to write."""

    def __init__(self, array: TracedArray) -> None:
        self._array: Any = array

    def __len__(self) -> int:
        return self._array.size  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[Any]:
        return iter(np.ravel(self._array))

    def __getitem__(self, index: Any) -> Any:
        return np.ravel(self._array).copy()[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        array = self._array
        array[np.unravel_index(np.arange(array.size)[index], array.shape)] = value


def _set_flat(self: Any, value: Any) -> None:
    self[...] = np.resize(value, self.shape)


setattr(TracedArray, "flat", property(Flat, _set_flat))  # noqa: B010 - mypy knows no such attribute
