"""Which of NumPy's callables are covered, and by what."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from catenary import ops
from catenary.core.primitive import REGISTRY, Primitive

F = TypeVar("F", bound=Callable[..., Any])

UFUNCS: dict[Any, Primitive | Callable[..., Any]] = {}  # ufunc → its primitive, or a composition
SPECIAL: dict[str, Primitive | Callable[..., Any]] = {}  # callables of scipy.special, by name
FUNCTIONS: dict[Any, Callable[..., Any]] = {}  # the other callables of NumPy
VIEWS: set[Any] = set()  # those whose results are views of their first argument
VALUES: set[Any] = set()  # those that need the values of their arguments, so not under jit
RAW: set[Any] = set()  # ufuncs (SciPy's by name) whose composition takes the user's operands
OUT: dict[Any, int | None] = {}  # where ``out`` stands; None: it is given by name only
NOT_YET: dict[str, str] = {}  # full names that are not covered → why
NOT_APPLICABLE: dict[str, str] = {}  # full names of what cannot meet a traced array → why

_DECLARED = ops  # imported so that the registry is full

for _primitive in REGISTRY.values():
    for _callable in _primitive.numpy:
        if isinstance(_callable, str):
            SPECIAL[_callable] = _primitive
        elif isinstance(_callable, np.ufunc):
            UFUNCS[_callable] = _primitive


def implements(
    *callables: Any, view: bool = False, values: bool = False, raw: bool = False
) -> Callable[[F], F]:
    """Say a NumPy callable (or one of scipy.special, by name) with this function.

    It is called with the user's own arguments, traced arrays among them. ``view`` marks that
    NumPy gives a view of the first argument and the function a value, not a view already;
    ``values`` that the result's shape or course depends on values, so that they must be at hand.
    A composition for a ufunc takes traced arrays of the dtypes of NumPy's loop; marked ``raw``,
    it takes the user's operands.
    """

    def enter(function: F) -> F:
        for callable in callables:
            if isinstance(callable, str):
                SPECIAL[callable] = function
            elif isinstance(callable, np.ufunc):
                UFUNCS[callable] = function
            else:
                FUNCTIONS[callable] = function
                _note_out(callable, function)
        for marked, marks in ((view, VIEWS), (values, VALUES), (raw, RAW)):
            if marked:
                marks.update(callables)
        return function

    return enter


def _note_out(callable: Any, function: Any) -> None:
    """Where an implementation has its argument ``out``, read off its code: there are hundreds."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if "out" in names:
        place = names.index("out")
        OUT[callable] = place if place < code.co_argcount else None


def not_yet(module: str, reason: str, names: str) -> None:
    """Say why callables of a module (names parted by spaces) are not covered."""
    NOT_YET.update({f"{module}.{name}": reason for name in names.split()})


def not_applicable(module: str, reason: str, names: str) -> None:
    """Say why callables of a module cannot meet a traced array."""
    NOT_APPLICABLE.update({f"{module}.{name}": reason for name in names.split()})


def is_scipys(ufunc: Any) -> bool:
    """Whether a ufunc is one of scipy.special's, and not another of that name."""
    loaded = sys.modules.get("scipy.special._ufuncs")
    return loaded is not None and getattr(loaded, ufunc.__name__, None) is ufunc


def full_name(callable: Any) -> str:
    """A callable as the user would write it: "numpy.linalg.svd", "scipy.special.erfinv"."""
    name = getattr(callable, "__name__", str(callable))
    if not isinstance(callable, np.ufunc):
        return f"{getattr(callable, '__module__', None) or 'numpy'}.{name}"
    if getattr(np, name, None) is callable:
        return f"numpy.{name}"
    return f"scipy.special.{name}" if is_scipys(callable) else f"the ufunc {name}"
