"""The traced array: what a user's function sees in place of an ndarray.

It is a view of a storage cell, as an ndarray is a view of memory: writing to it changes what
every other view of the cell reads next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Literal, Var, next_level
from catenary.core.types import ArrayType, type_of
from catenary.tracing.recorder import Recorder, user_line

Value = Any  # an atom, or a constant ndarray


class Storage:
    """A cell that holds the current value of an array; each write makes a new version."""

    __slots__ = ("born", "recorder", "shadow", "value", "version")

    def __init__(self, value: Value, recorder: Recorder) -> None:
        self.born = next_level()
        self.value = value
        self.recorder = recorder
        self.version = 0
        self.shadow: Any = None


def value_type(value: Value) -> ArrayType:
    return value.type if isinstance(value, (Var, Literal)) else type_of(value)


class TracedArray:
    """Stands for an ndarray while a function is traced."""

    __slots__ = ("_derive", "_parent", "_shadow", "_storage", "_type", "_value", "_version", "weak")

    __array_priority__ = 100.0

    def __init__(self, value: Value, recorder: Recorder, *, weak: bool = False) -> None:
        self._storage = Storage(value, recorder)
        self._value = value
        self._version = 0
        self._type = value_type(value)
        self._parent: TracedArray | None = None
        self._derive: Callable[[Value], Value] | None = None
        self._shadow: Any = None
        self.weak = weak  # a Python number: gives way to the dtype of an array, as in NumPy 2

    if TYPE_CHECKING:  # NumPy's operators and methods are added in catenary.tracing.operators

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, index: Any) -> Any: ...
        def __setitem__(self, index: Any, value: Any) -> None: ...

    # ---- storage ----

    def value(self) -> Value:
        """The current value: an atom of a graph, or a constant."""
        storage = self._storage
        if self._version == storage.version:
            return self._value
        stale: list[TracedArray] = []  # this view and those it is a view of, not read since a write
        array: TracedArray | None = self
        while array is not None and array._version != storage.version:
            stale.append(array)
            array = array._parent
        for view in reversed(stale):
            if view._parent is None or view._derive is None:
                view._value = storage.value
            else:
                view._value = view._derive(view._parent._value)
            view._version = storage.version
        return self._value

    @property
    def recorder(self) -> Recorder:
        return self._storage.recorder

    def shadow(self) -> Any:
        """An ndarray of bytes laid out as this array would be in NumPy's memory."""
        if self._shadow is None:
            self._shadow = np.empty(self._type.shape, np.int8)
        return self._shadow

    @property
    def read_only(self) -> bool:
        """Whether NumPy's view in this array's place could not be written to."""
        return self._shadow is not None and not self._shadow.flags.writeable

    def derived(self, value: Value, shadow: Any, derive: Callable[[Value], Value]) -> TracedArray:
        """Another array on the same storage, as NumPy's views are."""
        result = TracedArray.__new__(TracedArray)
        result._storage = self._storage
        result._value = value
        result._version = self._storage.version
        result._type = value_type(value)
        result._parent = self
        result._derive = derive
        result._shadow = shadow
        result.weak = False
        return result

    def base(self) -> TracedArray:
        """The array whose storage this is a view of."""
        array = self
        while array._parent is not None:
            array = array._parent
        return array

    def write(self, value: Value) -> None:
        """Replace the whole content of the storage (of a base array)."""
        storage = self._storage
        writer: Any = value.builder if isinstance(value, Var) else storage.recorder
        if writer.level > storage.recorder.level:
            if storage.born < writer.level:
                raise errors.outer_write(user_line())
            storage.recorder = writer  # made inside the inner function, of outer values
        storage.value = value
        storage.version += 1

    # ---- what is known without computing ----

    @property
    def shape(self) -> tuple[int, ...]:
        return self._type.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._type.dtype

    @property
    def ndim(self) -> int:
        return len(self._type.shape)

    @property
    def size(self) -> int:
        return self._type.size

    @property
    def itemsize(self) -> int:
        return self._type.dtype.itemsize

    @property
    def nbytes(self) -> int:
        return self._type.size * self._type.dtype.itemsize

    def __len__(self) -> int:
        if not self._type.shape:
            raise TypeError("len() of unsized object")
        return self._type.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return iter([self[i] for i in range(len(self))])

    __hash__ = None  # type: ignore[assignment]

    # ---- what may be known of the value ----

    def concrete(self) -> Any:
        """The ndarray behind this array, when it is traced with its values at hand; else None."""
        value = self.value()
        if isinstance(value, Literal):
            return value.array
        return value.value if isinstance(value, Var) else value

    def _demand(self, what: str) -> Any:
        known = self.concrete()
        if known is None:
            raise errors.value_unknown(what, str(self._type), self.recorder.blame, user_line())
        return known

    def __bool__(self) -> bool:
        return bool(self._demand("bool()"))

    def __int__(self) -> int:
        if self._type.is_float:
            raise errors.derivative_dropped("int(x)", user_line())
        return int(self._demand("int()"))

    def __index__(self) -> int:
        if self._type.is_float:
            raise TypeError("a floating-point array is not an index")
        return int(self._demand("an index"))

    def __float__(self) -> float:
        if self._type.is_float:
            what = "a plain number (as float(x), math.f(x) or an entry of a plain array)"
            raise errors.derivative_dropped(what, user_line())
        return float(self._demand("float()"))

    def __complex__(self) -> complex:
        raise errors.derivative_dropped("complex(x)", user_line())

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if not self._type.is_float and self.concrete() is not None:
            return np.array(self.concrete(), dtype)  # a copy: the caller may write to it
        raise errors.not_an_ndarray(user_line())

    def item(self, *where: Any) -> Any:
        if self._type.is_float:
            raise errors.derivative_dropped("x.item()", user_line())
        return self._demand("item()").item(*where)

    def tolist(self) -> Any:
        if self._type.is_float:
            raise errors.derivative_dropped("x.tolist()", user_line())
        return self._demand("tolist()").tolist()

    def __repr__(self) -> str:
        known = self.concrete()
        shown = "" if known is None else f", {np.array2string(np.asarray(known), separator=', ')}"
        return f"Traced({self._type}{shown})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        known = self.concrete()
        if known is None:
            return repr(self)
        return format(known[()] if np.ndim(known) == 0 else known, spec) if spec else str(known)

    def __reduce__(self) -> Any:
        raise errors.pickled(user_line())


def innermost(arrays: Any) -> Recorder | None:
    """The recorder of the innermost traced array among some arguments."""
    found: Recorder | None = None
    for array in arrays:
        if isinstance(array, TracedArray):
            recorder = array._storage.recorder
            if found is None or recorder.level > found.level:
                found = recorder
    return found


def wrap(value: Value, recorder: Recorder) -> TracedArray:
    """A result as the user sees it."""
    owner: Any = value.builder if isinstance(value, Var) else recorder
    return TracedArray(value, owner)
