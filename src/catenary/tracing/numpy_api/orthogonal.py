"""Orthogonal polynomials of scipy.special at whole orders, by their three-term recurrences.

The order is a Python integer and so part of the graph; NIST Handbook of Mathematical Functions,
18.9 (recurrences) and 18.7 (their shifted relatives).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core.errors import not_covered
from catenary.tracing.numpy_api.arguments import array, float_type
from catenary.tracing.recorder import user_line
from catenary.tracing.table import implements

# (k, parameters, x, the k-th, the one before it) → the one after it
Step = Callable[..., Any]


def _order(name: str, n: Any) -> int:
    if not isinstance(n, (int, np.integer)) or n < 0:
        advice = ": its order must be a whole number of Python, not below 0"
        raise not_covered(f"scipy.special.{name} of order {n!r}", advice, user_line())
    return operator.index(n)


def _polynomial(name: str, first: Callable[..., Any], step: Step, zeroth: float = 1.0) -> Any:
    """Enter a family: its first member and the step from two neighbours to the next."""

    def evaluate(n: Any, *given: Any) -> Any:
        order = _order(name, n)
        dtype = float_type(*given)
        *parameters, x = (array(v).astype(dtype) for v in given)
        before: Any = np.full_like(sum(parameters, x), zeroth)
        if order == 0:
            return before
        current = first(*parameters, x) + 0 * before
        for k in range(1, order):
            before, current = current, step(k, *parameters, x, current, before)
        return current

    implements(name, raw=True)(evaluate)
    return evaluate


def _shifted(name: str, family: Callable[..., Any]) -> None:
    """A family on [0, 1] instead of [−1, 1]."""
    implements(name, raw=True)(lambda n, x: family(n, 2 * array(x) - 1))


legendre = _polynomial(
    "eval_legendre", lambda x: x, lambda k, x, p, q: ((2 * k + 1) * x * p - k * q) / (k + 1)
)
chebyt = _polynomial("eval_chebyt", lambda x: x, lambda k, x, p, q: 2 * x * p - q)
chebyu = _polynomial("eval_chebyu", lambda x: 2 * x, lambda k, x, p, q: 2 * x * p - q)
chebyc = _polynomial("eval_chebyc", lambda x: x, lambda k, x, p, q: x * p - q, zeroth=2.0)
chebys = _polynomial("eval_chebys", lambda x: x, lambda k, x, p, q: x * p - q)
hermite = _polynomial("eval_hermite", lambda x: 2 * x, lambda k, x, p, q: 2 * x * p - 2 * k * q)
hermitenorm = _polynomial("eval_hermitenorm", lambda x: x, lambda k, x, p, q: x * p - k * q)
laguerre = _polynomial(
    "eval_laguerre",
    lambda x: 1 - x,
    lambda k, x, p, q: ((2 * k + 1 - x) * p - k * q) / (k + 1),
)
genlaguerre = _polynomial(
    "eval_genlaguerre",
    lambda a, x: 1 + a - x,
    lambda k, a, x, p, q: ((2 * k + 1 + a - x) * p - (k + a) * q) / (k + 1),
)
gegenbauer = _polynomial(
    "eval_gegenbauer",
    lambda a, x: 2 * a * x,
    lambda k, a, x, p, q: (2 * x * (k + a) * p - (k + 2 * a - 1) * q) / (k + 1),
)


def _jacobi_step(k: int, a: Any, b: Any, x: Any, p: Any, q: Any) -> Any:
    c = 2 * k + a + b
    forward = (c + 1) * ((a * a - b * b) + c * (c + 2) * x) * p
    backward = 2 * (k + a) * (k + b) * (c + 2) * q
    return (forward - backward) / (2 * (k + 1) * (k + a + b + 1) * c)


jacobi = _polynomial(
    "eval_jacobi", lambda a, b, x: (a + 1) + (a + b + 2) * (x - 1) / 2, _jacobi_step
)

_shifted("eval_sh_legendre", legendre)
_shifted("eval_sh_chebyt", chebyt)
_shifted("eval_sh_chebyu", chebyu)


@implements("eval_sh_jacobi", raw=True)
def sh_jacobi(n: Any, p: Any, q: Any, x: Any) -> Any:
    """n! Γ(n + p)/Γ(2n + p) times the Jacobi polynomial of p − q and q − 1 at 2x − 1."""
    p, q, x = array(p), array(q), array(x)
    scale: Any = 1.0
    for k in range(_order("eval_sh_jacobi", n)):
        scale = scale * (k + 1) / (n + p + k)
    return scale * jacobi(n, p - q, q - 1, 2 * x - 1)
