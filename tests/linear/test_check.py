"""check_grads finds what is wrong and is content with what is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import DerivativeError, InputError

X = np.array([0.3, -1.2, 2.0])


def good(x: Any) -> Any:
    return np.stack([np.sum(np.sin(x)), np.prod(x)])


def test_right_derivatives_pass_in_both_modes_and_orders() -> None:
    for dtype in (np.float64, np.float32):
        found = cat.check_grads(good, X.astype(dtype))
        assert len(found.errors) == 6
        assert "forward" in repr(found)
    assert len(cat.check_grads(good, X, order=1, modes=("forward",)).errors) == 1


def test_a_wrong_rule_is_found() -> None:
    @cat.custom_jvp
    def wrong(x: Any) -> Any:
        return x**2

    wrong.defjvp(lambda p, t: (wrong(p[0]), 2.001 * p[0] * t[0]))
    with pytest.raises(DerivativeError, match="forward against differences"):
        cat.check_grads(wrong, X)


def test_a_rule_wrong_in_second_order_only_is_found() -> None:
    @cat.custom_jvp
    def wrong(x: Any) -> Any:
        return x**3

    wrong.defjvp(lambda p, t: (wrong(p[0]), 3 * cat.stop_gradient(p[0]) ** 2 * t[0]))
    cat.check_grads(wrong, X, order=1)
    with pytest.raises(DerivativeError, match="then forward against differences"):
        cat.check_grads(wrong, X)


def test_an_unknown_order() -> None:
    with pytest.raises(InputError, match="order"):
        cat.check_grads(good, X, order=3)
