"""Numbers that are not finite: the operation they come from, and its line."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from catenary.core.network_errors import NotFinite
from catenary.function.branches import cond
from catenary.function.jit import jit
from catenary.function.loops import scan
from catenary.function.modes import grad
from catenary.function.nan_check import Origin, origin
from catenary.function.while_loops import while_loop

X = np.array([1.0, 2.0, 3.0])


def line_of(function: Any, text: str) -> int:
    """The number of the line of a function's source that holds a text."""
    lines, first = inspect.getsourcelines(function)
    return first + next(i for i, line in enumerate(lines) if text in line)


def bad(x: Any) -> Any:
    shifted = x - 2
    root = np.sqrt(shifted)  # the fault
    return np.sum(root * x) + 1


def test_the_operation_and_its_line() -> None:
    found = origin(bad, X)
    assert found is not None
    assert found.operation == "sqrt gives nan"
    assert found.where == (__file__, line_of(bad, "the fault"))
    assert str(found).endswith(f"at {__file__}:{line_of(bad, 'the fault')}")


def test_finite_results_have_no_origin() -> None:
    assert origin(bad, X + 5) is None
    # What is not finite and not used is no fault.
    assert origin(lambda x: np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0), X - 2) is None


def test_overflow_is_told_from_invalid() -> None:
    found = origin(lambda x: np.exp(x) * 0, 1000 * X)
    assert found is not None
    assert found.operation == "exp gives inf"


def test_arguments_that_are_not_finite() -> None:
    assert origin(lambda x, y: x + y, X, X * np.nan) == Origin("argument 1 holds nan")


@pytest.mark.parametrize(
    "loop",
    [
        lambda x: scan(lambda c, row: (c + np.log(row - 2.5), c), 0.0, x),
        lambda x: while_loop(lambda c: c[0] < 5, lambda c: (c[0] + 1, np.log(c[1])), (0.0, x)),
        lambda x: cond(x[0] > 0, lambda x: np.log(x - 2), np.exp, x),
    ],
)
def test_inside_loops_and_branches(loop: Any) -> None:
    found = origin(loop, X)
    assert found is not None
    assert found.operation.startswith("log gives")
    assert found.where is not None
    assert found.where[0] == __file__


def test_a_derivative_is_to_blame() -> None:
    found = origin(grad(lambda x: np.sum(np.sqrt(x))), X - 1)
    assert found is not None
    assert found.where is not None
    assert found.where[0] == __file__


def test_jit_refuses_what_is_not_finite() -> None:
    checked = jit(bad, nan_check=True)
    assert checked(X + 5) == pytest.approx(bad(X + 5))
    for _ in range(2):
        with pytest.raises(NotFinite, match=r"result of bad is not finite.*\n.*sqrt gives nan"):
            checked(X)
    assert checked(X + 5) == pytest.approx(bad(X + 5))
    with np.errstate(invalid="ignore"):
        assert np.isnan(jit(bad)(X))


def test_jit_checks_what_a_decorator_makes_and_static_arguments() -> None:
    @jit(static="n", nan_check=True)
    def root(x: Any, n: int) -> Any:
        return np.sqrt(x - n)

    np.testing.assert_array_equal(root(X, n=1), np.sqrt(X - 1))
    with pytest.raises(NotFinite, match="sqrt gives nan"):
        root(X, n=2)


def test_inside_another_jit_nothing_is_checked() -> None:
    inner = jit(np.sqrt, nan_check=True)
    assert np.isnan(jit(lambda x: inner(x))(np.float64(-1)))
