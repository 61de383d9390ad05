"""Autograd: plain derivatives of NumPy functions, traced at each call."""

from __future__ import annotations

from importlib.metadata import version as version_of
from typing import Any

import autograd
import autograd.numpy as anp

from benchmarks.case import Run
from benchmarks.formulas import digest, point, rosenbrock, wave
from benchmarks.peers.epochs import function


def version() -> str:
    return f"Autograd {version_of('autograd')}"


def build(kind: str, mode: str, *, name: str, n: int) -> Run:
    """A derivative."""
    del kind, mode
    if name == "wave":
        slope: Any = autograd.grad(lambda x: wave(x, anp))
        return function(lambda: slope(0.3), digest)
    x = point(n)
    if name == "hessian":
        hessian = autograd.hessian(rosenbrock)
        return function(lambda: hessian(x), digest)
    both = autograd.value_and_grad(rosenbrock)
    return function(lambda: both(x), lambda pair: [float(pair[0]), *digest(pair[1])])
