"""Slopes at kinks: intervals that are exact, boxes that enclose, policies, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import DerivativeError, InputError
from catenary.core.graph import Builder
from catenary.core.kink import Kink
from catenary.core.types import ArrayType
from tests import registry
from tests.laws.graphs import run

BENDING = {n: p for n, p in registry.primitives().items() if p.kink is not None}

RELUS: dict[str, Callable[[Any], Any]] = {
    "maximum(x, 0)": lambda x: np.maximum(x, 0),
    "maximum(0, x)": lambda x: np.maximum(0, x),
    "fmax(x, 0)": lambda x: np.fmax(x, 0),
    "where(x > 0, x, 0)": lambda x: np.where(x > 0, x, 0),
    "where(x >= 0, x, 0)": lambda x: np.where(x >= 0, x, 0),
    "where(x < 0, 0, x)": lambda x: np.where(x < 0, 0, x),
    "(x + |x|) / 2": lambda x: (x + np.abs(x)) / 2,
    "x - minimum(x, 0)": lambda x: x - np.minimum(x, 0),
    "clip(x, 0, 6)": lambda x: np.clip(x, 0, 6),
    "max([x, 0])": lambda x: np.max(np.stack([x, 0 * x])),
    "sort([x, 0])[1]": lambda x: np.sort(np.stack([x, np.zeros(())]))[1],
    "(x + hypot(x, 0)) / 2": lambda x: (x + np.hypot(x, 0)) / 2,
    "the same three times": lambda x: 2 * np.maximum(x, 0) + -1 * np.maximum(x, 0),
}


@pytest.mark.parametrize("name", RELUS)
def test_every_way_of_writing_relu_has_one_interval(name: str) -> None:
    found = cat.subdifferential(RELUS[name], 0.0)
    assert (found.lower, found.upper, found.exact) == (0.0, 1.0, True)
    assert cat.subdifferential(RELUS[name], 0.5).lower == 1.0
    assert cat.subdifferential(RELUS[name], -0.5).upper == 0.0


Row = tuple[str, Callable[[Any], Any], Any, Any, Any]
TABLE: list[Row] = [
    ("abs", np.abs, 0.0, -1, 1),
    ("clip above", lambda x: np.clip(x, 0, 6), 6.0, 0, 1),
    ("two kinks", lambda x: np.abs(np.maximum(x, 0) - 2 * x), 0.0, -2, 1),
    ("still", lambda x: np.abs(x * x), 0.0, 0, 0),
    ("cancelled", lambda x: np.maximum(x, 0) + np.minimum(x, 0), 0.0, 1, 1),
    ("steeper by a factor", lambda x: np.exp(3 * np.abs(x - 1)), 1.0, -3, 3),
    ("median", lambda x: np.median(np.stack([x, -x, 2 * x])), 0.0, 1, 1),
    ("largest", np.max, np.array([2.0, 2.0, 1.0]), [0, 0, 0], [1, 1, 0]),
    ("range", np.ptp, np.ones(2), [-1, -1], [1, 1]),
    ("length", lambda x: np.hypot(x[0], x[1]), np.zeros(2), [-1, -1], [1, 1]),
    ("sum of sizes", lambda x: np.sum(np.abs(x)), np.array([0, 1.0]), [-1, 1], [1, 1]),
    (
        "not along the axes",
        lambda x: np.abs(x[0] - x[1]) - np.abs(x[0] + x[1]),
        np.zeros(2),
        [-2, -2],
        [2, 2],
    ),
]


@pytest.mark.parametrize(("name", "f", "x", "lower", "upper"), TABLE, ids=[r[0] for r in TABLE])
def test_exact_boxes(name: str, f: Any, x: Any, lower: Any, upper: Any) -> None:
    found = cat.subdifferential(f, x)
    assert found.exact
    np.testing.assert_allclose(found.lower, lower, atol=1e-15)
    np.testing.assert_allclose(found.upper, upper, atol=1e-15)


def test_a_box_encloses_where_it_is_not_exact() -> None:
    found = cat.subdifferential(lambda x: np.maximum(x[0], 0) - np.maximum(x[0], 0), np.zeros(2))
    assert not found.exact
    np.testing.assert_array_equal([found.lower, found.upper], [[-1, 0], [1, 0]])


@pytest.mark.parametrize("seed", range(5))
def test_gradients_nearby_lie_in_the_box(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second, third = rng.standard_normal((3, 4, 4))

    def net(x: Any) -> Any:
        inner = np.maximum(first @ x, 0)
        return np.sum(np.abs(second @ inner)) + np.max(third @ x) - np.min(inner)

    found = cat.subdifferential(net, np.zeros(4))
    slope = cat.grad(net)
    for _ in range(200):
        near = slope(1e-3 * rng.standard_normal(4))
        assert np.all(near >= found.lower - 1e-12)
        assert np.all(near <= found.upper + 1e-12)
    assert np.all(found.lower < found.upper)


def test_policies_choose_from_the_interval() -> None:
    bent = cat.subdifferential(lambda x: 2 * x[0] + np.abs(x[0]) + np.abs(x[1]), np.zeros(2))
    chosen = {p: bent.gradient(p).tolist() for p in ("lower", "upper", "mean", "min-norm")}
    assert chosen == {
        "lower": [1, -1], "upper": [3, 1], "mean": [2, 0], "min-norm": [1, 0],
    }  # fmt: skip
    with pytest.raises(InputError, match=r"'middle'[\s\S]*min-norm"):
        bent.gradient("middle")  # type: ignore[arg-type]


def test_where_it_is_smooth_the_box_is_the_gradient() -> None:
    point = {"a": np.array([0.3, -1.2]), "b": 2.0}

    def f(p: Any) -> Any:
        return np.sum(np.abs(p["a"]) ** 3) * np.sin(p["b"])

    found, slope = cat.subdifferential(f, point), cat.grad(f)(point)
    assert (found.exact, found.kinks) == (True, 0)
    np.testing.assert_allclose(found.lower["a"], slope["a"])
    np.testing.assert_allclose(found.upper["b"], slope["b"])


def test_float32_stays() -> None:
    assert cat.subdifferential(np.abs, np.float32(0)).lower.dtype == np.float32


# ---- the declarations ---------------------------------------------------------------------------

AT = {
    "abs": [(np.array([0.0, 1.0, -2.0]),)],
    "maximum": [(np.array([1.0, 1.0, 0.0]), np.array([1.0, 2.0, -1.0]))],
    "minimum": [(np.array([1.0, 1.0, 0.0]), np.array([1.0, 2.0, -1.0]))],
    "hypot": [(np.array([0.0, 3.0]), np.array([0.0, 4.0]))],
    "reduce_max": [(np.array([[2.0, 2.0, 1.0], [0.0, 1.0, 2.0]]),)],
    "reduce_min": [(np.array([[2.0, 1.0, 1.0], [0.0, 1.0, 2.0]]),)],
    "sort": [(np.array([2.0, 1.0, 2.0, 2.0]),)],
}
PARAMS: dict[str, dict[str, Any]] = {
    "reduce_max": {"axes": (1,)}, "reduce_min": {"axes": (1,)}, "sort": {"axis": 0},
}  # fmt: skip
CASES = [(name, operands) for name in AT for operands in AT[name]]


def test_every_operation_that_bends_is_tried() -> None:
    assert set(AT) == set(BENDING)


def recorded(call: Any, slopes: Any, tangents: Any) -> Any:
    """A rule made of operations, run on arrays."""
    builder = Builder()
    groups = [[np.asarray(a) for a in group] for group in (slopes, tangents)]
    inputs = [[builder.input(ArrayType(a.shape, a.dtype)) for a in g] for g in groups]
    return run(builder.close([call(*inputs)]), [a for g in groups for a in g])[0]


@pytest.mark.parametrize(("name", "operands"), CASES, ids=[name for name, _ in CASES])
def test_slopes_are_those_of_one_side(name: str, operands: tuple[Any, ...]) -> None:
    primitive, params = BENDING[name], PARAMS.get(name, {})
    kink = primitive.kink
    assert isinstance(kink, Kink)
    output = primitive.evaluate(*operands, **params)
    rng = np.random.default_rng(0)
    for _ in range(20):
        v = [rng.standard_normal(x.shape) for x in operands]
        slopes = kink.toward(operands, v, output, **params)
        found = recorded(lambda s, t, kink=kink: kink.tangent(s, t, **params), slopes, v)
        h = 1e-6
        ahead = primitive.evaluate(*[x + h * d for x, d in zip(operands, v, strict=True)], **params)
        np.testing.assert_allclose(found, (ahead - output) / h, atol=1e-5)
        bounds = kink.bounds(operands, output, **params)
        if bounds is not None:
            for low, slope, high in zip(bounds[0], slopes, bounds[1], strict=True):
                assert np.all(low <= slope)
                assert np.all(slope <= high)


@pytest.mark.parametrize("name", ["abs", "maximum", "minimum", "hypot"])
def test_the_declared_slope_is_the_middle(name: str) -> None:
    primitive, operands = BENDING[name], AT[name][0]
    assert primitive.kink is not None
    output = primitive.evaluate(*operands)
    low, high = primitive.kink.bounds(operands, output)  # type: ignore[misc]
    for i in range(len(operands)):
        with np.errstate(invalid="ignore"):
            partial = primitive.derivative.partials[i](*operands, output)  # type: ignore[union-attr]
        np.testing.assert_allclose((low[i] + high[i]) / 2, partial)


def test_nothing_moves_toward_nowhere() -> None:
    still = [np.zeros(3), np.zeros(3)]
    for name in ("maximum", "minimum"):
        kink = BENDING[name].kink
        assert kink is not None
        x = np.array([1.0, 1.0, 0.0])
        slopes = kink.toward((x, x), still, x)
        np.testing.assert_array_equal(slopes, np.full((2, 3), 0.5))


# ---- what is refused ----------------------------------------------------------------------------


def test_what_is_refused() -> None:
    with pytest.raises(DerivativeError, match="one real number"):
        cat.subdifferential(np.abs, np.zeros(2))
    with pytest.raises(DerivativeError, match=r"infinitely steep[\s\S]*np\.abs"):
        cat.subdifferential(lambda x: np.sqrt(x * x), 0.0)
    with pytest.raises(DerivativeError, match="kinks inside a scan"):
        cat.subdifferential(
            lambda x: cat.scan(lambda c, a: (np.abs(c) * a, c), x, np.ones(2))[0], 0.0
        )
    with pytest.raises(DerivativeError, match="equal numbers are sorted"):
        cat.subdifferential(lambda x: np.sort(x)[0], np.ones(2))
    with pytest.raises(DerivativeError, match="Call it outside"):
        cat.jit(lambda x: cat.subdifferential(np.abs, x).lower)(0.0)


def test_a_branch_that_is_not_taken_may_be_steep() -> None:
    with np.errstate(all="ignore"):
        found = cat.subdifferential(lambda x: np.where(x == 0, 1, np.sin(x) / x) + np.abs(x), 0.0)
    assert (found.lower, found.upper) == (-1, 1)


def test_it_can_be_read() -> None:
    text = repr(cat.subdifferential(np.abs, 0.0))
    assert text == "Subdifferential at 0.0: 1 kink, exact\n  lower  -1.0\n  upper  1.0"
