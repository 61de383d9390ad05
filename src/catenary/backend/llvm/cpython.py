"""What native code must know of CPython and NumPy: where fields lie, where functions stand.

The layouts are those of the published headers. They are believed only after real objects have
been looked at through them; otherwise programs are called the slow way.
"""

from __future__ import annotations

import ctypes
import sys
import sysconfig
from ctypes import c_char, c_char_p, c_int, c_int32, c_int64, c_void_p
from functools import cache
from typing import Any

import numpy as np

C_CONTIGUOUS, ALIGNED = 0x0001, 0x0100  # flags of an array, from NumPy's header
METH_FASTCALL = 0x0080

# Places in NumPy's table of functions, fixed for all versions with the same major one.
_VERSION, _ARRAY_TYPE, _SCALAR, _NEW, _SET_HANDLER = 0, 2, 60, 93, 304

SCALARS = ("?", "b", "h", "i", "l", "q", "B", "H", "I", "L", "Q", "f", "d")


class Object(ctypes.Structure):
    """How every object begins."""

    _fields_ = [("references", ctypes.c_ssize_t), ("type", c_void_p)]


class Array(ctypes.Structure):
    """The head of an array."""

    _fields_ = [
        ("object", Object),
        ("data", c_void_p),
        ("rank", c_int),
        ("shape", c_void_p),
        ("strides", c_void_p),
        ("base", c_void_p),
        ("dtype", c_void_p),
        ("flags", c_int),
    ]


class DType(ctypes.Structure):
    """The head of a dtype; ``number`` tells the kind of element."""

    _fields_ = [
        ("object", Object),
        ("scalar", c_void_p),
        ("kind", c_char),
        ("letter", c_char),
        ("byteorder", c_char),
        ("former_flags", c_char),
        ("number", c_int),
    ]


class Scalar(ctypes.Structure):
    """A number as an object: Python's float, NumPy's scalars of at most eight bytes."""

    _fields_ = [("object", Object), ("number", c_int64)]


class View(ctypes.Structure):
    """The head of a ``ctypes`` structure: where its fields are."""

    _fields_ = [("object", Object), ("start", c_void_p)]


class Method(ctypes.Structure):
    """What a builtin function is made of."""

    _fields_ = [
        ("name", c_char_p),
        ("address", c_void_p),
        ("flags", c_int32),
        ("documentation", c_char_p),
    ]


class Handler(ctypes.Structure):
    """Where NumPy's arrays get their memory: PyDataMem_Handler of NEP 49, version 1."""

    _fields_ = [
        ("name", c_char * 127),
        ("version", ctypes.c_uint8),
        ("store", c_void_p),  # what each of the functions is given first
        ("malloc", c_void_p),
        ("calloc", c_void_p),
        ("realloc", c_void_p),
        ("free", c_void_p),
    ]


@cache
def known() -> bool:
    """Whether this interpreter and this NumPy are laid out as is written here."""
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return False
    if object.__basicsize__ != ctypes.sizeof(Object) or ctypes.sizeof(c_void_p) != 8:
        return False
    if np.ndarray.__basicsize__ < ctypes.sizeof(Array):
        return False
    return _arrays_fit() and _scalars_fit() and _views_fit() and _table_fits()


def _arrays_fit() -> bool:
    samples = [
        np.zeros((2, 3, 5)),
        np.zeros((3, 4), np.float32, order="F"),
        np.zeros(7, ">i4")[::2],
        np.zeros((), bool),
    ]
    return all(_array_fits(sample) for sample in samples)


def _array_fits(a: Any) -> bool:
    head = Array.from_address(id(a))
    if (head.object.type, head.data, head.rank) != (id(np.ndarray), a.ctypes.data, a.ndim):
        return False
    if (head.dtype, head.flags) != (id(a.dtype), a.flags.num):
        return False
    if a.ndim and tuple((c_int64 * a.ndim).from_address(head.shape)) != a.shape:
        return False
    dtype = DType.from_address(id(a.dtype))
    return (dtype.number, dtype.byteorder.decode(), dtype.scalar) == (
        a.dtype.num,
        a.dtype.byteorder,
        id(a.dtype.type),
    )


def _scalars_fit() -> bool:
    samples = [1.2345, np.float64(-6.5), *(np.dtype(letter).type(1) for letter in SCALARS)]
    for sample in samples:
        head = Scalar.from_address(id(sample))
        want = np.asarray(sample).tobytes()
        found = ctypes.string_at(ctypes.addressof(head) + Scalar.number.offset, len(want))
        if head.object.type != id(type(sample)) or found != want:
            return False
    return True


def _views_fit() -> bool:
    sample = Method()
    return bool(View.from_address(id(sample)).start == ctypes.addressof(sample))


def _table_fits() -> bool:
    if not hasattr(sys.modules.get("numpy._core._multiarray_umath"), "_ARRAY_API"):
        return False
    table = _table()
    version = ctypes.CFUNCTYPE(ctypes.c_uint)(table[_VERSION])()
    return bool(version >> 24 == 2 and table[_ARRAY_TYPE] == id(np.ndarray))


@cache
def _table() -> Any:
    """NumPy's functions for C."""
    capsule = sys.modules["numpy._core._multiarray_umath"]._ARRAY_API
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = c_void_p, [ctypes.py_object, c_char_p]
    start = pointer(capsule, None)
    return (c_void_p * (_SET_HANDLER + 1)).from_address(int(start or 0))


def new_array() -> int:
    """``PyArray_New``."""
    return int(_table()[_NEW])


def new_scalar() -> int:
    """``PyArray_Scalar``."""
    return int(_table()[_SCALAR])


def set_handler() -> int:
    """``PyDataMem_SetHandler``."""
    return int(_table()[_SET_HANDLER])


def capsule(address: int, name: bytes) -> int:
    """An address as an object that lives for ever; the object's own address."""
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = c_void_p, [c_void_p, c_char_p, c_void_p]
    kept = ctypes.create_string_buffer(name)  # the capsule holds no copy of its name
    _FOR_EVER.append(kept)
    return int(make(address, kept, None))


_FOR_EVER: list[Any] = []


def builtin(method: Method, owner: Any) -> Any:
    """A builtin function whose first argument is always ``owner``, which holds the method."""
    make = ctypes.pythonapi.PyCMethod_New
    make.restype = ctypes.py_object
    make.argtypes = [c_void_p, ctypes.py_object, c_void_p, c_void_p]
    return make(ctypes.addressof(method), owner, None, None)
