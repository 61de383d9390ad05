"""Figures show the numbers of what they draw."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import catenary as cat


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    mpl.use("Agg")
    yield
    from matplotlib import pyplot as plt

    plt.close("all")


X = np.ones((4, 2))


def followed(activation: str) -> Any:
    net = cat.nn.mlp([2, *12 * [6], 1], activation=activation)
    return cat.analysis.flow(net, "mse", (X, X[:, :1]))


def test_a_flow_is_drawn_with_its_verdict() -> None:
    result = followed("sigmoid")
    axes = cat.plot.flow(result, label="deep")
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), result.largest)
    assert axes.get_yscale() == "log"
    assert axes.lines[1].get_xdata()[0] == result.start + 1
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["deep: vanishing"]


def test_several_flows_share_axes() -> None:
    axes = cat.plot.flow(followed("sigmoid"))
    assert cat.plot.flow(followed("tanh"), axes=axes) is axes


def test_a_curve_and_its_models() -> None:
    line = cat.plot.tangent(cat.tangent(np.sin, 0.5), reach=2.0).lines[1]
    x, y = line.get_data()
    np.testing.assert_allclose(y, np.sin(0.5) + np.cos(0.5) * (x - 0.5))
    bent = cat.plot.tangent(cat.quadratic(lambda x: np.sum(np.cos(x)), np.zeros(1))).lines[1]
    x, y = bent.get_data()
    np.testing.assert_allclose(y, 1 - x**2 / 2)


def test_a_surface_and_its_plane() -> None:
    axes = cat.plot.tangent(cat.tangent(lambda x: np.sum(x**2), np.array([1.0, -1.0])))
    assert axes.name == "3d"
    assert len(axes.collections) == 2
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["f", "tangent plane"]


def test_settings_stay() -> None:
    before = dict(mpl.rcParams)
    cat.plot.tangent(cat.tangent(np.sin, 0.5))
    assert dict(mpl.rcParams) == before


def test_what_cannot_be_drawn() -> None:
    with pytest.raises(cat.errors.InputError, match=r"\(3,\) to shape \(\)"):
        cat.plot.tangent(cat.tangent(np.sum, np.ones(3)))
    with pytest.raises(cat.errors.InputError, match=r"\(2,\) to shape \(2,\)"):
        cat.plot.tangent(cat.tangent(np.sin, np.ones(2)))


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)

    model = cat.tangent(np.sin, 0.5)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(cat.errors.MissingExtra, match=r"catenary\[plot\]"):
        cat.plot.tangent(model)
