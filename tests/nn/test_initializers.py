"""Initializers: distributions, fans, repeatability, dtypes."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from catenary.core.errors import InputError, ShapeError
from catenary.nn import activations
from catenary.nn.initializers import (
    INITIALIZERS,
    constant,
    fans,
    initializer,
    initializer_for,
    normal,
    orthogonal,
    uniform,
    xavier_uniform,
)
from catenary.tracing import random

KEY = random.key(7)
SHAPE = (200, 300)
# Variance × fan, from the papers' formulas; the uniform ones end at √(3 variance).
VARIANCES = {
    "xavier_normal": 2 / 500,
    "xavier_uniform": 2 / 500,
    "he_normal": 2 / 200,
    "he_uniform": 2 / 200,
    "lecun_normal": 1 / 200,
    "lecun_uniform": 1 / 200,
    "normal": 1.0,
    "uniform": 1 / 3,
}


@pytest.mark.parametrize("name", sorted(VARIANCES))
def test_distribution(name: str) -> None:
    draws = INITIALIZERS[name](KEY, SHAPE, np.float64)
    deviation = np.sqrt(VARIANCES[name])
    # The standard errors of mean and variance of 60,000 draws are 0.4 % and below 0.6 %.
    assert abs(draws.mean()) < 0.02 * deviation
    assert draws.var() == pytest.approx(VARIANCES[name], rel=0.03)
    if name.endswith("uniform"):
        assert 0.999 < np.abs(draws).max() / (np.sqrt(3) * deviation) <= 1
    else:
        # A normal distribution has 31.7 % of its mass outside one standard deviation.
        assert (np.abs(draws) > deviation).mean() == pytest.approx(0.3173, abs=0.01)


@pytest.mark.parametrize("name", sorted(INITIALIZERS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_dtype_and_repeatability(name: str, dtype: Any) -> None:
    for shape in [(4, 3), (3, 4), (2, 5, 3)]:
        draws = INITIALIZERS[name](KEY, shape, dtype)
        assert (draws.shape, draws.dtype) == (shape, dtype)
        np.testing.assert_array_equal(draws, INITIALIZERS[name](KEY, shape, dtype))
    assert INITIALIZERS[name](KEY, (2, 2)).dtype == np.float32
    other = INITIALIZERS[name](random.key(8), (4, 3), dtype)
    if name not in {"zeros", "constant"}:
        assert not np.array_equal(other, INITIALIZERS[name](KEY, (4, 3), dtype))


def test_options() -> None:
    assert (constant(KEY, (3,), value=2.5) == 2.5).all()
    shifted = normal(KEY, SHAPE, mean=3.0, deviation=0.1)
    assert shifted.mean() == pytest.approx(3, abs=0.01)
    narrow = uniform(KEY, SHAPE, low=1.0, high=2.0)
    assert narrow.min() >= 1
    assert narrow.max() < 2
    assert partial(normal, deviation=0.1)(KEY, (2, 2)).dtype == np.float32


@pytest.mark.parametrize("shape", [(6, 6), (8, 3), (3, 8), (2, 3, 4)])
@pytest.mark.parametrize("gain", [1.0, 2.0])
def test_orthogonal(shape: tuple[int, ...], gain: float) -> None:
    weight = orthogonal(KEY, shape, np.float64, gain=gain).reshape(-1, shape[-1])
    inputs, outputs = weight.shape
    product = weight.T @ weight if inputs >= outputs else weight @ weight.T
    np.testing.assert_allclose(product, gain**2 * np.eye(min(weight.shape)), atol=1e-14)


def test_orthogonal_is_uniformly_distributed() -> None:
    # The first entry of a uniformly drawn orthogonal matrix is as often below 0 as above:
    # without the correction of signs, Householder's QR would make it negative always.
    firsts = [orthogonal(random.fold_in(KEY, i), (4, 4))[0, 0] for i in range(200)]
    assert 70 < sum(first > 0 for first in firsts) < 130


def test_fans() -> None:
    assert fans((5, 5, 8, 16)) == (200, 400)
    for shape in [(), (3,)]:
        with pytest.raises(ShapeError, match="at least two axes"):
            xavier_uniform(KEY, shape)


def test_the_initializer_that_suits_an_activation() -> None:
    names = {name: initializer_for(f).__name__ for name, f in activations.ACTIVATIONS.items()}
    assert names["relu"] == names["gelu"] == names["elu"] == "he_normal"
    assert names["selu"] == "lecun_normal"
    assert names["tanh"] == names["sigmoid"] == names["identity"] == "xavier_uniform"
    assert initializer_for(np.sin) is xavier_uniform


def test_an_initializer_by_name_or_as_it_is() -> None:
    assert initializer("orthogonal") is orthogonal
    assert initializer(normal) is normal
    with pytest.raises(InputError, match=r"Did you mean 'xavier_uniform'\?"):
        initializer("xavier-uniform")
