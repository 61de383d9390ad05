"""Methods of links that leave out what they do not need."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from types import FunctionType
from typing import Any

from catenary.nn.arrays import Array, Key


def tolerant(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method with the keywords ``key`` and ``train``, which it gets if it names them.

    >>> def call(self, x):
    ...     return 2 * x
    >>> tolerant(call)(None, 1.5, key=None, train=True)
    3.0
    """
    if not isinstance(method, FunctionType):
        return method
    parameters = inspect.signature(method).parameters
    open_ended = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    if open_ended or {"key", "train"} <= parameters.keys():
        return method

    @wraps(method)
    def called(self: Any, x: Array, *, key: Key = None, train: bool = False) -> Any:
        given = {"key": key, "train": train}
        return method(self, x, **{name: given[name] for name in given if name in parameters})

    return called
