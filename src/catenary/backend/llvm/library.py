"""LAPACK and BLAS, by SciPy's pointers: names in objects, addresses when they are loaded."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from llvmlite import binding

from catenary.backend.llvm.library_threads import ENTER, LEAVE, addresses
from catenary.core import machine_errors

PREFIX = "catenary.lapack."
_BLAS = frozenset(("strsm", "dtrsm"))


def provide(names: Iterable[str]) -> None:
    """Let LLVM know the addresses of these routines; SciPy is loaded if there are any."""
    for name in names:
        binding.add_symbol(PREFIX + name, _address(name))


@cache
def _address(name: str) -> int:
    if name in {ENTER, LEAVE}:
        return addresses()[name]
    from scipy.linalg import cython_blas, cython_lapack

    capsules: dict[str, Any] = (cython_blas if name in _BLAS else cython_lapack).__pyx_capi__
    return _pointer(name, capsules[name])


def _pointer(routine: str, capsule: Any) -> int:
    """What a capsule holds, which is named by the signature of the function."""
    api = ctypes.pythonapi
    api.PyCapsule_GetName.restype = ctypes.c_char_p
    api.PyCapsule_GetName.argtypes = [ctypes.py_object]
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    signature = api.PyCapsule_GetName(capsule)
    check(routine, signature.decode())
    return int(api.PyCapsule_GetPointer(capsule, signature))


def check(routine: str, signature: str) -> None:
    """Refuse a library whose integers are wider than those that are passed."""
    if "int" not in [word.strip(" *()") for word in re.split(r"[,(]", signature)]:
        raise machine_errors.other_integers(routine, signature)
