"""Catenary: deep learning in plain NumPy, with derivatives you can look at."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catenary import data, nn, plot, train
    from catenary import descent as optim
    from catenary.core import errors
    from catenary.descent.minimize import maximize, minimize
    from catenary.function.custom import checkpoint, custom_jvp, custom_vjp, stop_gradient
    from catenary.function.jit import jit
    from catenary.function.modes import grad, jvp, value_and_grad, vjp
    from catenary.function.vmap import vmap
    from catenary.linear.check import check_grads
    from catenary.linear.jacobian import hessian, hvp, jacobian
    from catenary.linear.linearize import linearize
    from catenary.linear.map import LinearMap
    from catenary.trace import random, tree
    from catenary.trace.trace import trace
    from catenary.train.fit import fit

__version__ = "0.1.0"

# Where each public name lives. Names are loaded when they are first used, so that the command
# line answers before any array library is loaded.
_MODULES = {
    "data": "catenary.data",
    "errors": "catenary.core.errors",
    "nn": "catenary.nn",
    "optim": "catenary.descent",
    "plot": "catenary.plot",
    "random": "catenary.trace.random",
    "train": "catenary.train",
    "tree": "catenary.trace.tree",
}
_NAMES = {
    "catenary.descent.minimize": ("maximize", "minimize"),
    "catenary.function.custom": ("checkpoint", "custom_jvp", "custom_vjp", "stop_gradient"),
    "catenary.function.jit": ("jit",),
    "catenary.function.modes": ("grad", "jvp", "value_and_grad", "vjp"),
    "catenary.function.vmap": ("vmap",),
    "catenary.linear.check": ("check_grads",),
    "catenary.linear.jacobian": ("hessian", "hvp", "jacobian"),
    "catenary.linear.linearize": ("linearize",),
    "catenary.linear.map": ("LinearMap",),
    "catenary.trace.trace": ("trace",),
    "catenary.train.fit": ("fit",),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [*sorted(_MODULES), *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value: Any = importlib.import_module(_MODULES[name])
    elif name in _HOME:
        value = getattr(importlib.import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'catenary' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
