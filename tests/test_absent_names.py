"""Names that other libraries have lead to those of this one."""

from __future__ import annotations

from typing import Any

import pytest

from catenary import descent, nn


@pytest.mark.parametrize(
    ("module", "name", "here"),
    [
        (nn, "Linear", r"dense\(inputs, outputs, key="),
        (nn, "Sequential", r"Chain\(\[first, second\]\)"),
        (nn, "ReLU", "relu"),
        (nn, "LeakyReLU", "leaky_relu"),
        (nn, "MSELoss", "mse"),
        (nn, "CrossEntropyLoss", "cross_entropy"),
        (nn, "MLP", "mlp"),
        (descent, "adam", "Adam"),
        (descent, "momentum", "Momentum"),
        (descent, "rmsprop", "RMSprop"),
    ],
)
def test_the_equivalent_is_named(module: Any, name: str, here: str) -> None:
    with pytest.raises(AttributeError, match=rf"has no '{name}'; write {here}"):
        getattr(module, name)


def test_other_names_are_just_absent() -> None:
    with pytest.raises(AttributeError, match=r"^cat\.nn has no 'quux'\.$"):
        getattr(nn, "quux")  # noqa: B009 - type checkers know that it is absent


def test_dropout_is_made_as_other_links_are() -> None:
    assert nn.dropout(0.25).rate == 0.25
