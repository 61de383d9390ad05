"""Which of NumPy's callables are covered, and by what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from catenary.core.primitive import REGISTRY, Primitive

F = TypeVar("F", bound=Callable[..., Any])

UFUNCS: dict[Any, Primitive | Callable[..., Any]] = {}  # ufunc → its primitive, or a composition
SPECIAL: dict[str, Primitive | Callable[..., Any]] = {}  # ufuncs of scipy.special, by name
FUNCTIONS: dict[Any, Callable[..., Any]] = {}  # the other callables of NumPy
VIEWS: set[Any] = set()  # those whose results are views of their first argument
NOT_YET: dict[str, str] = {}  # names that are not covered → why

for _primitive in REGISTRY.values():
    for _callable in _primitive.numpy:
        if isinstance(_callable, str):
            SPECIAL[_callable] = _primitive
        elif isinstance(_callable, np.ufunc):
            UFUNCS[_callable] = _primitive


def implements(*callables: Any, view: bool = False) -> Callable[[F], F]:
    """Say a NumPy callable (or a ufunc of SciPy, by name) with this function.

    It is called with the user's own arguments, traced arrays among them; ``view`` marks that
    NumPy gives a view of the first argument.
    """

    def enter(function: F) -> F:
        for callable in callables:
            if isinstance(callable, str):
                SPECIAL[callable] = function
            elif isinstance(callable, np.ufunc):
                UFUNCS[callable] = function
            else:
                FUNCTIONS[callable] = function
                if view:
                    VIEWS.add(callable)
        return function

    return enter
