"""SciPy's own functions, imported and not rewritten, differentiate through the array API."""

from __future__ import annotations

import os
import subprocess
import sys

# SciPy reads the variable when it is imported, so this runs in a process of its own.
SCRIPT = """
import numpy as np
import catenary as cat
from scipy.optimize import rosen, rosen_der, rosen_hess
from scipy.special import logsumexp, softmax

rng = np.random.default_rng(0)
for _ in range(100):
    x = rng.normal(size=rng.integers(2, 9))
    p = np.exp(x) / np.exp(x).sum()
    pairs = {
        "gradient of rosen": (cat.grad(rosen)(x), rosen_der(x)),
        "Hessian of rosen": (cat.hessian(rosen)(x), rosen_hess(x)),
        "gradient of logsumexp": (cat.grad(logsumexp)(x), p),
        "Hessian of logsumexp": (cat.hessian(logsumexp)(x), np.diag(p) - np.outer(p, p)),
        "Jacobian of softmax": (cat.jacobian(softmax)(x), np.diag(p) - np.outer(p, p)),
        "jit of rosen": (cat.jit(rosen)(x), rosen(x)),
    }
    for name, (found, expected) in pairs.items():
        error = np.abs(found - expected).max() / max(1.0, np.abs(expected).max())
        assert error <= 1e-10, (name, x, error)
print("all agree")
"""


def test_rosenbrock_logsumexp_and_softmax() -> None:
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "all agree\n", done.stderr
