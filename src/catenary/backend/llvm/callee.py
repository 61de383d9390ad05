"""What a program is to the routine that calls it: structures which that routine reads."""

from __future__ import annotations

import ctypes
from ctypes import c_int32, c_int64, c_void_p

from catenary.backend.llvm.cpython import Method

ARRAY, NUMBER, FLOAT64, FLOAT32 = range(4)  # kinds of results
STATUS = 8  # words at the beginning of an arena
SCRATCH = 16  # bytes for a number that becomes an object


class Parameter(ctypes.Structure):
    """What an argument must be. ``scalar``: the type of number that may stand for it, or 0."""

    _fields_ = [
        ("scalar", c_void_p),
        ("dtype", c_void_p),
        ("number", c_int32),
        ("rank", c_int32),  # −1 where no array will do
        ("shape", c_void_p),
    ]


class Result(ctypes.Structure):
    """What a result becomes."""

    _fields_ = [
        ("kind", c_int32),
        ("number", c_int32),
        ("rank", c_int32),
        ("shape", c_void_p),
        ("dtype", c_void_p),
        ("memory", c_void_p),  # who gives it, where that is not who usually does
    ]


class Callee(ctypes.Structure):
    """A program, as the routine reads it: the builtin's own object."""

    _fields_ = [
        ("method", Method),
        ("body", c_int64),
        ("arity", c_int64),
        ("outcome", c_int64),
        ("parameters", c_void_p),
        ("results", c_void_p),
        ("spare", c_void_p),  # a frame that no call uses, or 0
        ("size", c_int64),  # bytes of a frame
        ("objects", c_int64),  # where in a frame the parts begin
        ("scratch", c_int64),
        ("arena", c_int64),
        ("threads", c_int64),
        ("brief", c_int64),
        ("release", c_int64),
        ("single", c_int64),
        ("status", c_void_p),
    ]


class Frame(ctypes.Structure):
    """The memory of one call: pointers to arguments and results, new objects, the arena."""

    _fields_ = [("start", c_void_p), ("args", c_void_p)]
