"""Weights in files: everything comes back, a file is always whole, strangers are refused."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenary import nn
from catenary.core.errors import InputError
from catenary.nn import weights
from catenary.tracing import tree


def net(seed: int) -> nn.Chain:
    return nn.Chain([*nn.mlp([3, 4], seed=seed), nn.batch_norm(4), nn.Dropout(0.25), "tanh"])


@dataclass(frozen=True)
class Everything:
    """Every kind of array that a tree may hold."""

    number: float
    scalar: Any
    integers: Any
    flags: Any
    content: Any = tree.field(passive=True)
    name: str = "stays"


def everything(value: float) -> Everything:
    return Everything(
        value,
        np.full((), value, np.float32),
        np.arange(3, dtype=np.uint32) + int(value),
        np.array([value > 1, True]),
        {
            "big": np.asfortranarray(np.full((2, 3), value) + np.arange(3)),
            "empty": np.zeros((0, 2)),
        },
    )


def test_everything_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    nn.save(everything(1 / 3), tmp_path / "a")
    found = nn.load(tmp_path / "a", everything(7.0))
    assert found.number == 1 / 3
    assert type(found.number) is float
    expected = everything(1 / 3)
    for a, b in zip(tree.flatten(found)[0], tree.flatten(expected)[0]):
        assert type(a) is type(b)
        if hasattr(a, "dtype"):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_array_equal(a, b)


def test_a_net_with_running_statistics(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    _, trained = net(0)[:2].forward(x, train=True)
    trained = net(0)[2:] @ trained
    nn.save(trained, tmp_path / "net.safetensors")
    found = nn.load(tmp_path / "net.safetensors", like=net(1))
    np.testing.assert_array_equal(found(x), trained(x))
    assert [path.name for path in tmp_path.iterdir()] == ["net.safetensors"]


def test_names_are_those_of_the_net(tmp_path: Path) -> None:
    import safetensors.numpy

    nn.save(net(0), tmp_path / "a")
    assert set(safetensors.numpy.load_file(tmp_path / "a")) == {
        "links[0].weight",
        "links[0].bias",
        *(f"links[1].{name}" for name in ("scale", "shift", "mean", "variance")),
        "links[1].momentum",
        "links[1].epsilon",
        "links[2].rate",
    }


def test_a_note_is_kept(tmp_path: Path) -> None:
    nn.save(net(0), tmp_path / "a", {"epoch": "7"})
    assert weights.read(tmp_path / "a", net(1))[1] == {"epoch": "7"}
    nn.save(net(0), tmp_path / "a")
    assert weights.read(tmp_path / "a", net(1))[1] == {}


def test_a_crash_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nn.save(net(0), tmp_path / "a")

    def crash(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        nn.save(net(1), tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    found = nn.load(tmp_path / "a", net(1))
    np.testing.assert_array_equal(found[0].weight, net(0)[0].weight)


@pytest.mark.parametrize(
    ("like", "message"),
    [
        (nn.mlp([3, 5]), r"expected: float32\[3, 5\] as 'links\[0\].weight'"),
        (nn.mlp([3, 4], dtype=np.float64), r"got:      float32\[3, 4\]"),
        (nn.mlp([3, 4, 2]), r"got:      nothing"),
        (nn.mlp([3, 4])[:0], r"expected: nothing as 'links\[0\].bias'"),
    ],
)
def test_other_weights_are_refused(tmp_path: Path, like: nn.Chain, message: str) -> None:
    nn.save(nn.mlp([3, 4]), tmp_path / "a")
    with pytest.raises(InputError, match=message):
        nn.load(tmp_path / "a", like)


def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello, this is no safetensors file")
    with pytest.raises(InputError, match="that Catenary wrote"):
        nn.load(tmp_path / "a", net(0))
    with pytest.raises(InputError, match="cannot be read"):
        nn.load(tmp_path / "b", net(0))


def test_endings_of_other_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"n\.npz ends in \.npz\.\n  Write n\.safetensors\."):
        nn.save(nn.mlp([3, 4]), tmp_path / "n.npz")
    assert not list(tmp_path.iterdir())
