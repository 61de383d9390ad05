"""The array API namespace of traced arrays: the standard's names, and what SciPy makes of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core import errors
from catenary.tracing.namespace import NAMESPACE


def inside(function: Callable[[Any], Any]) -> Any:
    """What a function of a traced array says, with values at hand."""
    said: list[Any] = []

    def call(x: Any) -> Any:
        said.append(function(x))
        return x

    cat.trace(call, np.arange(3.0))
    return said[0]


def test_an_array_knows_its_namespace() -> None:
    assert inside(lambda x: x.__array_namespace__() is NAMESPACE)
    assert inside(lambda x: x.__array_namespace__(api_version="2024.12") is NAMESPACE)
    assert inside(lambda x: x.device) == "cpu"
    assert inside(lambda x: x.to_device("cpu") is x)
    assert inside(lambda x: x.__dlpack_device__()) == (1, 0)
    assert isinstance(hash(NAMESPACE), int)


def test_the_names_are_numpys() -> None:
    for name in dir(NAMESPACE):
        assert getattr(NAMESPACE, name) is getattr(np, name)
    with pytest.raises(AttributeError, match="standard knows no 'hstack'"):
        _ = NAMESPACE.hstack
    assert not hasattr(NAMESPACE.special, "erfinv")


def test_asarray_hands_traced_arrays_through() -> None:
    xp = NAMESPACE
    assert inside(lambda x: xp.asarray(x) is x)
    assert inside(lambda x: xp.asarray(x, copy=True) is not x)
    assert inside(lambda x: xp.asarray(x, dtype=np.float32).dtype) == np.float32
    assert xp.asarray([1, 2]).tolist() == [1, 2]


@pytest.mark.parametrize("call", [lambda x: x.to_device("gpu"), lambda x: x.__dlpack__()])
def test_leaving_is_refused(call: Callable[[Any], Any]) -> None:
    with pytest.raises(errors.CatenaryError, match=r"device 'cpu'|cannot become"):
        inside(call)


# SciPy reads the variable when it is imported, so this runs in a process of its own.
SCRIPT = """
import numpy as np
import catenary as cat
import scipy.special as sp
from scipy.optimize import rosen, rosen_der, rosen_hess

rng = np.random.default_rng(0)
A = rng.uniform(0.1, 0.9, (3, 4))

def check(name, found, expected, accuracy=1e-12):
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, name
    assert np.abs(found - expected).max() <= accuracy * (1 + np.abs(expected).max()), name

for options in ({}, {"axis": 1}, {"axis": 0}, {"axis": (0, 1)}):
    for f in (sp.logsumexp, sp.softmax, sp.log_softmax):
        check(f.__name__, cat.jit(lambda a: f(a, **options))(A), f(A, **options))
kept = {"axis": 1, "keepdims": True}
check("kept", cat.jit(lambda a: sp.logsumexp(a, **kept))(A), sp.logsumexp(A, **kept))
check("weights", cat.jit(lambda a, b: sp.logsumexp(a, b=b))(A, A + 1), sp.logsumexp(A, b=A + 1))
check("slope", cat.grad(lambda a: sp.logsumexp(a, axis=1).sum())(A), sp.softmax(A, axis=1))
for name in ("expit", "logit", "erf", "erfc", "gammaln", "ndtr", "log_ndtr", "entr", "psi", "sinc"):
    f = getattr(sp, name)
    check(name, cat.jit(f)(A), f(A))
    step = (f(A + 1e-6) - f(A - 1e-6)) / 2e-6
    check(name, cat.grad(lambda a: f(a).sum())(A), step, 1e-7)
check("xlogy", cat.jit(sp.xlogy)(A, A), sp.xlogy(A, A))
check("polygamma", cat.jit(lambda a: sp.polygamma(2, a))(A), sp.polygamma(2, A), 1e-11)
check("multigammaln", cat.jit(lambda a: sp.multigammaln(a, 2))(A + 3), sp.multigammaln(A + 3, 2))
x = rng.normal(size=5)
check("rosen_der", cat.jacobian(rosen_der)(x), rosen_hess(x))
print("all agree")
"""


def test_scipy_in_its_array_mode() -> None:
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "all agree\n", done.stderr
