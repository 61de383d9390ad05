"""What is no function is refused by everything that takes one, with the call that was meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import DerivativeError

X: Any = np.ones(2)
CALLS: dict[str, Callable[[Any], Any]] = {
    "cat.jvp(f, (x,), (v,))": lambda f: cat.jvp(f, (X,), (X,)),
    "cat.vjp(f, x)": lambda f: cat.vjp(f, X),
    "cat.linearize(f, x)": lambda f: cat.linearize(f, X),
    "cat.sparsity(f, x)": lambda f: cat.sparsity(f, X),
    "cat.subdifferential(f, x)": lambda f: cat.subdifferential(f, X),
    "cat.taylor(f, x, order)": lambda f: cat.taylor(f, 0.0, 3),
    "cat.minimize(f, x0)": lambda f: cat.minimize(f, X),
    "cat.maximize(f, x0)": lambda f: cat.maximize(f, X),
    "cat.optim.least_squares(residuals, x0)": lambda f: cat.optim.least_squares(f, X),
    "cat.classify(f, x)": lambda f: cat.classify(f, X),
    "cat.find_critical_points(f, box)": lambda f: cat.find_critical_points(f, [(-1, 1)]),
    "cat.explain(f, x)": lambda f: cat.explain(f, X),
    "cat.jacobian(f)(x)": cat.jacobian,
    "cat.linear.jacobian_plan(f)(x)": cat.linear.jacobian_plan,
}


@pytest.mark.parametrize("call", CALLS)
def test_what_is_no_function_is_refused(call: str) -> None:
    with pytest.raises(DerivativeError) as caught:
        CALLS[call](X.sum())
    assert f"takes a function, got float64.\n  Write {call}:" in str(caught.value)
    assert "test_not_functions.py" in str(caught.value)
