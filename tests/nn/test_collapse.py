"""A chain without activations is one affine map."""

from __future__ import annotations

import numpy as np
import pytest

from catenary.core.errors import InputError
from catenary.nn import Chain, Dense, Dropout, batch_norm, collapse, identity, mlp

RNG = np.random.default_rng(1)
X = RNG.normal(size=(7, 4))


def test_five_links_collapse() -> None:
    net = mlp([4, 8, 3, 5, 6, 2], activation="identity", seed=1, dtype=np.float64)
    net = net + Chain([Dense(0 * link.weight, np.ones_like(link.bias)) for link in net])
    flat = collapse(net)
    assert flat.weight.shape == (4, 2)
    assert flat.activation is identity
    np.testing.assert_allclose(flat(X), net(X), rtol=1e-12)
    np.testing.assert_allclose(
        flat.weight, np.linalg.multi_dot([link.weight for link in net]), rtol=1e-12
    )


def test_normalisation_dropout_and_the_identity_are_affine_outside_training() -> None:
    norm = batch_norm(4, dtype=np.float64)
    _, norm = norm.forward(X, train=True)
    net = Chain(
        [norm, Dropout(0.5), *mlp([4, 3], dtype=np.float64), identity, Dense(np.ones((3, 2)))]
    )
    flat = collapse(net)
    np.testing.assert_allclose(flat(X), net(X), rtol=1e-12)


def test_float32_stays() -> None:
    flat = collapse(mlp([4, 3, 2], activation="identity"))
    assert {flat.weight.dtype, flat.bias.dtype} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("activation", "name"), [("relu", "relu"), (np.tanh, "tanh"), (lambda x: 2 * x, "<lambda>")]
)
def test_the_link_that_prevents_it_is_named(activation: object, name: str) -> None:
    net = mlp([4, 3], "identity", dtype=np.float64)
    for blocked in (Chain([*net, activation]), Chain([*net, Dense(np.eye(3), None, activation)])):
        with pytest.raises(InputError, match=rf"link 1, .*{name}.* is not known to be affine"):
            collapse(blocked)


def test_a_chain_that_knows_no_inputs_is_refused() -> None:
    with pytest.raises(InputError, match="how many inputs"):
        collapse(Chain([identity]))
