"""Catenary: deep learning in plain NumPy, with derivatives you can look at."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catenary import analysis as analysis
    from catenary import data as data
    from catenary import descent as optim  # noqa: F401 - re-exported under this name
    from catenary import geometry as geometry
    from catenary import linear as linear
    from catenary import nn as nn
    from catenary import plot as plot
    from catenary import train as train
    from catenary.core import errors as errors
    from catenary.descent.minimize import maximize as maximize
    from catenary.descent.minimize import minimize as minimize
    from catenary.function.branches import cond as cond
    from catenary.function.branches import switch as switch
    from catenary.function.custom import checkpoint as checkpoint
    from catenary.function.custom import custom_jvp as custom_jvp
    from catenary.function.custom import custom_vjp as custom_vjp
    from catenary.function.custom import stop_gradient as stop_gradient
    from catenary.function.explain import explain as explain
    from catenary.function.jit import jit as jit
    from catenary.function.loops import scan as scan
    from catenary.function.modes import grad as grad
    from catenary.function.modes import jvp as jvp
    from catenary.function.modes import value_and_grad as value_and_grad
    from catenary.function.modes import vjp as vjp
    from catenary.function.vmap import vmap as vmap
    from catenary.function.while_loops import fori as fori
    from catenary.function.while_loops import while_loop as while_loop
    from catenary.geometry.classify import classify as classify
    from catenary.geometry.critical_points import find_critical_points as find_critical_points
    from catenary.geometry.quadratic import quadratic as quadratic
    from catenary.geometry.subdifferential import subdifferential as subdifferential
    from catenary.geometry.tangent import directional as directional
    from catenary.geometry.tangent import tangent as tangent
    from catenary.geometry.taylor import taylor as taylor
    from catenary.linear import curvature as curvature
    from catenary.linear.check import check_grads as check_grads
    from catenary.linear.hessian import hessian as hessian
    from catenary.linear.hessian import hvp as hvp
    from catenary.linear.jacobian import jacobian as jacobian
    from catenary.linear.linearize import linearize as linearize
    from catenary.linear.map import LinearMap as LinearMap
    from catenary.linear.sparsity.sparse import sparse_hessian as sparse_hessian
    from catenary.linear.sparsity.sparse import sparse_jacobian as sparse_jacobian
    from catenary.linear.sparsity.sparse import sparsity as sparsity
    from catenary.tracing import linalg as linalg
    from catenary.tracing import random as random
    from catenary.tracing import tree as tree
    from catenary.tracing.trace import trace as trace
    from catenary.train.fit import fit as fit

__version__ = "0.1.0"

# Where each public name lives. Names are loaded when they are first used, so that the command
# line answers before any array library is loaded.
_MODULES = {
    "analysis": "catenary.analysis",
    "curvature": "catenary.linear.curvature",
    "data": "catenary.data",
    "errors": "catenary.core.errors",
    "geometry": "catenary.geometry",
    "linalg": "catenary.tracing.linalg",
    "linear": "catenary.linear",
    "nn": "catenary.nn",
    "optim": "catenary.descent",
    "plot": "catenary.plot",
    "random": "catenary.tracing.random",
    "train": "catenary.train",
    "tree": "catenary.tracing.tree",
}
_NAMES = {
    "catenary.descent.minimize": ("maximize", "minimize"),
    "catenary.function.branches": ("cond", "switch"),
    "catenary.function.custom": ("checkpoint", "custom_jvp", "custom_vjp", "stop_gradient"),
    "catenary.function.explain": ("explain",),
    "catenary.function.jit": ("jit",),
    "catenary.function.loops": ("scan",),
    "catenary.function.modes": ("grad", "jvp", "value_and_grad", "vjp"),
    "catenary.function.vmap": ("vmap",),
    "catenary.function.while_loops": ("fori", "while_loop"),
    "catenary.geometry.quadratic": ("quadratic",),
    "catenary.geometry.subdifferential": ("subdifferential",),
    "catenary.geometry.tangent": ("directional", "tangent"),
    "catenary.geometry.taylor": ("taylor",),
    "catenary.geometry.classify": ("classify",),
    "catenary.geometry.critical_points": ("find_critical_points",),
    "catenary.linear.check": ("check_grads",),
    "catenary.linear.hessian": ("hessian", "hvp"),
    "catenary.linear.jacobian": ("jacobian",),
    "catenary.linear.linearize": ("linearize",),
    "catenary.linear.map": ("LinearMap",),
    "catenary.linear.sparsity.sparse": ("sparse_hessian", "sparse_jacobian", "sparsity"),
    "catenary.tracing.trace": ("trace",),
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
