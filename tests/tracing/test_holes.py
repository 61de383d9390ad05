"""Every hole in NumPy's protocols ends in our own error: the user's line, and the rewrite."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import TraceError

X = np.array([0.5, 1.5, 2.5])


def _add_in_place_to_real(x: Any) -> Any:
    total = np.zeros(3)
    total += x
    return np.sum(total)


def _into_real(x: Any) -> Any:
    table = np.zeros(3)
    table[0] = x[0]
    return np.sum(table)


def _fill_real(x: Any) -> Any:
    table = np.zeros(3)
    table.fill(x[0])
    return np.sum(table)


# what the user writes, and a word of the rewrite that the message must offer
HOLES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "np.array of numbers": (lambda x: np.sum(np.array([x[0], x[1]])), "np.stack"),
    "a ufunc of a list": (lambda x: np.sum(np.exp([x[0], x[1]])), "np.stack"),
    "a reduction of a list": (lambda x: np.sum([x[0], x[1]]), "np.stack"),
    "np.asarray": (lambda x: np.sum(np.asarray(x)), "np.asarray(x)  →  x"),
    "np.full": (lambda x: np.sum(np.full(3, x[0])), "np.full_like"),
    "np.arange": (lambda x: np.sum(np.arange(x[0])), "stop_gradient"),
    "an entry of a real array": (_into_real, "np.zeros_like"),
    "fill of a real array": (_fill_real, "np.zeros_like"),
    "a real array indexed by a float": (lambda x: np.ones(3)[x], "stop_gradient"),
    "a real array indexed in a loop": (
        lambda x: cat.fori(0, 3, lambda i, c: c + X[i], x[0]),
        "xs or carry of a loop",
    ),
    "dot of a real array": (lambda x: np.ones(3).dot(x), "np.dot"),
    "math.sin": (lambda x: math.sin(x[0]), "np.sin"),
    "float": (lambda x: float(x[0]), "stop_gradient"),
    "int of a float": (lambda x: int(x[0]), "stop_gradient"),
    "item": (lambda x: x[0].item(), "stop_gradient"),
    "tolist": (lambda x: x.tolist()[0], "stop_gradient"),
    "complex": (lambda x: complex(x[0]), "stop_gradient"),
    "np.vectorize": (lambda x: np.sum(np.vectorize(math.sin)(x)), "cat.vmap"),
    "out= a real array": (lambda x: np.sum(np.add(x, 1.0, out=np.zeros(3))), "zeros_like"),
    "+= on a real array": (_add_in_place_to_real, "y = y + x"),
    "np.copyto a real array": (lambda x: np.copyto(np.zeros(3), x), "zeros_like"),
    "np.put into a real array": (lambda x: np.put(np.zeros(3), [0], x[0]), "zeros_like"),
    "np.add.at a real array": (lambda x: np.add.at(np.zeros(3), [0], x[0]), "zeros_like"),
    "a function not covered": (lambda x: np.sum(np.fft.fft(x)), "fft"),
}


@pytest.mark.parametrize("name", HOLES)
def test_a_hole_raises_our_error_with_the_line_and_the_rewrite(name: str) -> None:
    function, rewrite = HOLES[name]
    with pytest.raises(TraceError) as caught:
        cat.grad(function)(X)
    message = str(caught.value)
    assert rewrite in message
    line = function.__code__.co_firstlineno
    assert any(f"{__file__}:{line + k}" in message for k in range(4)), message


def test_the_error_is_not_wrapped_in_one_of_numpys() -> None:
    with pytest.raises(TraceError) as caught:
        cat.grad(HOLES["an entry of a real array"][0])(X)
    assert caught.value.__cause__ is None


def test_an_array_kept_from_a_finished_call_says_so() -> None:
    kept = []

    def leaking(x: Any) -> Any:
        kept.append(x * 2)
        return np.sum(x)

    cat.grad(leaking)(X)
    with pytest.raises(TraceError, match="had ended"):
        kept[0] + 1


@pytest.mark.parametrize("dtype", [np.complex128, np.float16, np.longdouble, object])
def test_dtypes_that_are_not_carried_are_refused(dtype: Any) -> None:
    with pytest.raises(cat.errors.DTypeError, match=r"cannot be traced|holds no floating"):
        cat.grad(lambda x: np.sum(x * np.ones(3, dtype)))(X)


def test_a_complex_argument_is_refused_by_name() -> None:
    with pytest.raises(cat.errors.CatenaryError, match="complex"):
        cat.jit(lambda x: x * 2)(np.ones(2, complex))


def test_this_file_is_named_and_not_a_wrapper_between() -> None:
    assert "functools" in sys.modules
    with pytest.raises(TraceError) as caught:
        cat.value_and_grad(lambda x: float(x))(1.0)
    assert __file__ in str(caught.value)


def test_what_is_not_known_is_blamed_on_the_transform_outside() -> None:
    def f(x: Any) -> Any:
        return x if x > 0 else -x

    with pytest.raises(TraceError, match=r"under jit only(.|\n)*without jit"):
        cat.jit(cat.grad(f))(1.0)
    with pytest.raises(TraceError, match="under vmap only"):
        cat.vmap(cat.grad(f))(X)
    with pytest.raises(TraceError, match="under jit only"):
        cat.jit(lambda c: cat.grad(lambda x: f(x * c))(1.0))(2.0)


def test_a_line_with_a_clue_gets_the_rewrite_that_fits_it() -> None:
    with pytest.raises(TraceError) as caught:
        cat.grad(lambda x: math.sin(x[0]))(X)
    assert "np.sin(x)" in str(caught.value)
    assert "np.stack" not in str(caught.value)


def test_inside_installed_packages_the_line_is_still_the_users() -> None:
    from scipy.linalg import norm

    with pytest.raises(TraceError) as caught:
        cat.grad(lambda x: norm(x))(X)
    assert f"{__file__}:" in str(caught.value)
