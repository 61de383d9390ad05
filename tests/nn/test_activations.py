"""Activations: the values of PyTorch, edge points, and dtypes that stay."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from catenary.core.errors import InputError
from catenary.nn.activations import ACTIVATIONS, activation, log_softmax, softmax
from tests.nn import from_torch

TORCH = from_torch.load()
ON_EACH_NUMBER = sorted(set(ACTIVATIONS) - {"softmax", "log_softmax"})
FINITE_EDGES = [-1e12, -1e4, -30.0, -1e-30, -0.0, 0.0, 1e-30, 30.0, 1e4, 1e12]


def test_every_activation_has_reference_values() -> None:
    assert set(TORCH["activations"]) | set(TORCH["along_axis"]) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", ON_EACH_NUMBER)
def test_values_of_torch(name: str) -> None:
    found = ACTIVATIONS[name](np.array(from_torch.POINTS, np.float64))
    # The tails of PyTorch's gelu cancel (1 + erf), ours (erfc) do not: absolute tolerance there.
    np.testing.assert_allclose(found, TORCH["activations"][name]["value"], rtol=2e-15, atol=1e-15)


@pytest.mark.parametrize("f", [softmax, log_softmax])
def test_values_of_torch_along_an_axis(f: Any) -> None:
    logits = np.array(from_torch.LOGITS)
    expected = np.array(TORCH["along_axis"][f.__name__]["value"])
    np.testing.assert_allclose(f(logits), expected, rtol=1e-15)
    np.testing.assert_allclose(f(logits.T, axis=0), expected.T, rtol=1e-15)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_stay(name: str, dtype: Any) -> None:
    for shape in [(1,), (3,), (2, 3), (0, 3), (2, 1, 3)]:
        found = ACTIVATIONS[name](np.ones(shape, dtype))
        assert (found.dtype, found.shape) == (dtype, shape)


@pytest.mark.parametrize("name", ON_EACH_NUMBER)
def test_scalars_are_welcome(name: str) -> None:
    found = ACTIVATIONS[name](np.float32(0.5))
    assert (found.dtype, found.shape) == (np.float32, ())


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finite_stays_finite_without_a_warning(name: str, dtype: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(ACTIVATIONS[name](np.array(FINITE_EDGES, dtype))).all()


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_nan_is_not_hidden(name: str) -> None:
    with np.errstate(invalid="ignore"):  # NumPy's own logaddexp warns
        found = ACTIVATIONS[name](np.array([[1.0, np.nan], [1.0, 2.0]]))
    assert np.isnan(found[0, 1])
    assert np.isfinite(found[1]).all()


LIMITS = {
    "relu": (0, np.inf),
    "leaky_relu": (-np.inf, np.inf),
    "relu6": (0, 6),
    "hard_tanh": (-1, 1),
    "hard_sigmoid": (0, 1),
    "sigmoid": (0, 1),
    "tanh": (-1, 1),
    "softplus": (0, np.inf),
    "elu": (-1, np.inf),
    "selu": (-1.0507009873554805 * 1.6732632423543772, np.inf),
}


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_limits_are_reached_at_infinity(name: str) -> None:
    found = ACTIVATIONS[name](np.array([-np.inf, np.inf]))
    np.testing.assert_allclose(found, LIMITS[name], rtol=1e-15)


def test_tails_keep_their_precision() -> None:
    # References computed with mpmath to 30 digits: x·Φ(x) and x·σ(x).
    assert ACTIVATIONS["gelu"](np.float64(-10)) == pytest.approx(-7.61985302416052e-23, rel=1e-13)
    assert ACTIVATIONS["silu"](np.float64(-40)) == pytest.approx(-1.69934170211664e-16, rel=1e-13)
    assert ACTIVATIONS["softplus"](np.float64(-40)) == pytest.approx(
        4.24835425529159e-18, rel=1e-13
    )


def test_softmax_of_huge_and_of_masked_logits() -> None:
    logits = np.array([[1e4, -1e4, 1e4], [0.0, -np.inf, 0.0]])
    np.testing.assert_array_equal(softmax(logits), [[0.5, 0, 0.5], [0.5, 0, 0.5]])
    np.testing.assert_allclose(log_softmax(logits)[:, 0], -np.log(2))
    assert log_softmax(logits)[0, 1] == pytest.approx(-2e4 - np.log(2))


def test_an_activation_by_name_or_as_it_is() -> None:
    assert activation("relu") is ACTIVATIONS["relu"]
    assert activation(np.sin) is np.sin
    with pytest.raises(InputError, match=r"no activation called 'rely'. Did you mean 'relu'\?"):
        activation("rely")
