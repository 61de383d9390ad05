"""Chains: the value, every value on the way, slices, composition, print-outs, user's links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from catenary.core.errors import InputError, ShapeError
from catenary.nn import Chain, Dense, Dropout, Function, Link, batch_norm, mlp, sigmoid
from catenary.tracing import random, tree

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))
NET = mlp([3, 4, 4, 2], activation="sigmoid", seed=0, dtype=np.float64)


def test_a_two_link_network_is_the_formula_to_the_last_bit() -> None:
    W1, b1, W2, b2 = RNG.normal(size=(3, 4)), RNG.normal(size=4), np.ones((4, 2)), np.ones(2)
    net = Chain([Dense(W1, b1, "sigmoid"), Dense(W2, b2, "sigmoid")])
    by_hand = sigmoid(sigmoid(X @ W1 + b1) @ W2 + b2)
    np.testing.assert_array_equal(net(X), by_hand)


def test_every_value_has_a_name() -> None:
    values = Chain([*NET, np.tanh]).activations(X)
    assert list(values) == ["a0", "z1", "a1", "z2", "a2", "z3", "a3", "a4"]
    np.testing.assert_array_equal(values["a0"], X)
    np.testing.assert_array_equal(values["z2"], values["a1"] @ NET[1].weight + NET[1].bias)
    np.testing.assert_array_equal(values["a2"], sigmoid(values["z2"]))
    np.testing.assert_array_equal(values["a3"], NET(X))
    np.testing.assert_array_equal(values["a4"], np.tanh(NET(X)))


@pytest.mark.parametrize("cut", [0, 1, 2, 3])
def test_slices_compose_to_the_chain(cut: int) -> None:
    front, back = NET[:cut], NET[cut:]
    assert isinstance(front, Chain)
    whole = back @ front
    assert [id(link) for link in whole] == [id(link) for link in NET]
    np.testing.assert_array_equal(back(front(X)), NET(X))


def test_indexing() -> None:
    assert len(NET) == 3
    assert NET[0] is NET.links[0]
    assert NET[-1] is NET.links[2]
    square = Chain([NET[1], np.sin, NET[1]])
    assert list(square[::-1]) == list(reversed(list(square)))


def test_the_empty_chain_is_the_identity() -> None:
    assert Chain([])(X) is X
    assert len(Chain([]) @ NET) == 3


def test_composition_takes_links_chains_and_functions_on_both_sides() -> None:
    link = NET[0]
    expected = np.cos(link(np.sin(X)))
    for composed in (np.cos @ (link @ np.sin), (np.cos @ link) @ np.sin):
        assert [repr(part) for part in composed] == [
            "Function(sin)",
            "Dense(3 -> 4, sigmoid, float64)",
            "Function(cos)",
        ]
        np.testing.assert_array_equal(composed(X), expected)


def test_chains_are_spliced_into_chains() -> None:
    nested = Chain([Chain([np.sin, NET[:1]]), "tanh"])
    assert len(nested) == 3
    assert isinstance(nested[2], Function)


def test_a_net_is_a_vector() -> None:
    stepped = NET - 0.1 * NET
    np.testing.assert_allclose(stepped[1].weight, 0.9 * NET[1].weight)
    assert tree.paths(NET)[:3] == ["links[0].weight", "links[0].bias", "links[1].weight"]
    np.testing.assert_array_equal((np.float64(2) * NET)[0].bias, 2 * NET[0].bias)
    assert tree.dot(NET, NET) == pytest.approx(tree.norm(NET) ** 2)


@dataclass(frozen=True, eq=False)
class Scale(Link):
    by: np.ndarray

    def __call__(self, x: Any, *, key: Any = None, train: bool = False) -> Any:
        return self.by * x


@dataclass(frozen=True, eq=False)
class Ruled:
    """Callable, with arrays, but no link."""

    slope: np.ndarray

    def __call__(self, x: Any) -> Any:
        return self.slope * x


def test_users_links_and_callables_with_parameters() -> None:
    net = Chain([Scale(np.array([1.0, 2.0, 3.0])), Ruled(np.array(0.5))])
    np.testing.assert_array_equal(net(X), X * [0.5, 1, 1.5])
    assert tree.paths(net) == ["links[0].by", "links[1].function.slope"]
    assert net.parameter_count == 4


def test_each_link_has_its_own_randomness() -> None:
    net = Chain([Dropout(0.5), Dropout(0.5)])
    ones = np.ones(1000)
    once = net[:1](ones, key=random.key(0), train=True)
    twice = net(ones, key=random.key(0), train=True)
    assert 0.4 < (once > 0).mean() < 0.6
    # Equal masks would leave a half, independent ones leave a quarter.
    assert 0.2 < (twice > 0).mean() < 0.3


def test_state_comes_back_in_a_new_chain() -> None:
    net = Chain([NET[0], batch_norm(4, dtype=np.float64), NET[1]])
    value, after = net.forward(X, train=True)
    assert type(after) is Chain
    np.testing.assert_array_equal(value, net(X, train=True))
    assert not np.array_equal(after[1].mean, net[1].mean)
    assert not net[1].mean.any()
    assert after[0] is net[0]
    assert net.forward(X)[1] is net


def test_an_error_names_the_link() -> None:
    with pytest.raises(ShapeError, match="does not fit") as caught:
        Chain([np.sin, NET[1]])(X)
    assert caught.value.__notes__ == ["  in link 1 of the chain: Dense(4 -> 4, sigmoid, float64)"]
    with pytest.raises(ZeroDivisionError) as other:
        Chain([lambda x: 1 / 0])(X)
    assert "in link 0" in other.value.__notes__[0]


def test_what_is_no_link_is_refused() -> None:
    with pytest.raises(InputError, match="a chain cannot hold 3 of type int"):
        Chain([3])
    with pytest.raises(InputError, match=r"Did you mean 'tanh'\?"):
        Chain(["tahn"])


def test_print_outs() -> None:
    assert repr(mlp([3, 4, 2])) == "Chain(Dense(3 -> 4, relu), Dense(4 -> 2))"
    assert repr(NET).splitlines()[1] == "  Dense(3 -> 4, sigmoid, float64),"
    assert max(map(len, repr(mlp([100] * 9)).splitlines())) < 88


def test_summary() -> None:
    net = Chain([*mlp([3, 1000, 2]), np.tanh, batch_norm(2)])
    assert net.summary().splitlines() == [
        "   link                       output  parameters    dtype",
        "-  ----------------------  ---------  ----------  -------",
        "0  Dense(3 -> 1000, relu)  (n, 1000)       4,000  float32",
        "1  Dense(1000 -> 2)           (n, 2)       2,002  float32",
        "2  Function(tanh)             (n, 2)           0  float32",
        "3  BatchNorm(2)               (n, 2)           4  float32",
        "   total                                   6,006",
    ]


def test_a_summary_needs_to_know_the_inputs() -> None:
    with pytest.raises(InputError, match="summary\\(example\\)"):
        Chain([np.sin]).summary()
    assert "(n, 7)" in Chain([np.sin]).summary(np.zeros((1, 7)))


def test_widths_that_do_not_meet_are_refused_at_once() -> None:
    first, last = mlp([5, 4])[0], mlp([3, 1])[0]
    for between in ([], ["relu"], [Dropout(0.5)], [batch_norm(4), "relu"]):
        with pytest.raises(ShapeError, match=r"takes 4 features\n  got:      one that takes 3"):
            Chain([first, *between, last])
    assert len(Chain([first, lambda x: x[..., :3], last])) == 3


def test_links_and_widths_are_one_list() -> None:
    first, last = mlp([5, 4, 1])
    for arguments in ((first, last), (first,), ("relu",)):
        with pytest.raises(InputError, match=r"write Chain\(\[first, second\]\)"):
            Chain(*arguments)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"write mlp\(\[5, 16, 1\]\)"):
        mlp(5, 16, 1)  # type: ignore[arg-type]


def test_a_link_may_leave_out_key_and_train() -> None:
    @dataclass(frozen=True, eq=False)
    class Plain(Link):
        by: np.ndarray

        def __call__(self, x: Any) -> Any:  # type: ignore[override]
            return self.by * x

    net = Chain([Plain(np.array([2.0])), np.sin])
    assert net(np.zeros(1), key=random.key(0), train=True) == 0.0
