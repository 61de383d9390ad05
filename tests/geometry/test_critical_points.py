"""find_critical_points: all of them on textbook functions, with the theorem that counts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import InputError, ShapeError
from catenary.geometry.critical_points import find_critical_points


def himmelblau(x: Any) -> Any:
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def camel(x: Any) -> Any:
    a, b = x[0] ** 2, x[1] ** 2
    return (4 - 2.1 * a + a**2 / 3) * a + x[0] * x[1] + (4 * b - 4) * b


def rastrigin(x: Any) -> Any:
    return 20 + np.sum(x**2 - 10 * np.cos(2 * np.pi * x))


def monkey(x: Any) -> Any:
    return x[0] ** 3 - 3 * x[0] * x[1] ** 2


TABLE: dict[str, tuple[Any, Any, tuple[int, int, int, int]]] = {
    # function, box, numbers of minima, saddles, maxima, degenerate points
    "himmelblau": (himmelblau, [(-5, 5), (-5, 5)], (4, 4, 1, 0)),
    "six-hump camel": (camel, [(-3, 3), (-2, 2)], (6, 7, 2, 0)),
    # along each axis 5 minima and 4 maxima
    "rastrigin": (rastrigin, [(-2.2, 2.2)] * 2, (25, 40, 16, 0)),
    "rosenbrock": (
        lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2, [(-2, 2), (-1, 3)], (1, 0, 0, 0),
    ),
    "monkey saddle": (monkey, [(-1, 1), (-1, 1)], (0, 0, 0, 1)),
    "x⁴": (lambda x: x**4, (-1, 2), (0, 0, 0, 1)),
    "cubic": (lambda x: x**3 - 3 * x, (-2, 2), (1, 0, 1, 0)),
    "plane": (lambda x: x[0] + x[1], [(-1, 1), (-1, 1)], (0, 0, 0, 0)),
    "logarithm": (lambda x: np.log(x[0]) ** 2 + x[1] ** 2, [(-1, 3), (-1, 1)], (1, 0, 0, 0)),
    # 3 critical points along each of three axes
    "three wells": (lambda x: np.sum(x**4 - 2 * x**2), [(-2, 2)] * 3, (8, 18, 1, 0)),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_all_are_found(name: str) -> None:
    f, box, counts = TABLE[name]
    found = find_critical_points(f, box)
    kinds = ("minimum", "saddle", "maximum", "degenerate")
    assert tuple(map(found.count, kinds)) == counts
    assert len(found) == sum(counts)
    assert found.adds_up in {True, None}
    assert list(found.values) == sorted(found.values)
    for x, kind in found:
        assert float(np.linalg.norm(cat.grad(f)(x))) <= kind.tolerance
        assert kind.value == pytest.approx(float(f(x)))


def test_points_and_values_of_himmelblau() -> None:
    found = find_critical_points(himmelblau, [(-5, 5), (-5, 5)])
    published = [[3, 2], [3.584428, -1.848126], [-3.779310, -3.283186], [-2.805118, 3.131312]]
    for point in published:
        assert np.abs(found.points - point).max(axis=1).min() < 1e-6
    top = found.points[found.values.argmax()]
    np.testing.assert_allclose(top, [-0.270845, -0.923039], atol=1e-6)
    assert found.degree == 1
    assert found.adds_up
    text = repr(found)
    assert "4 minima, 4 saddles, 1 maximum; their indices add up as the gradient turns" in text
    assert len(text.splitlines()) == 2 + 9 + 1


def test_the_degree_sees_what_a_search_missed() -> None:
    few = find_critical_points(himmelblau, [(-5, 5), (-5, 5)], starts=2, seed=3)
    if len(few) < 9:
        assert few.degree == 1
    cut = type(few)(few.points[:1], few.kinds[:1], -3, few.starts)
    assert cut.adds_up is False
    assert "add up NOT as" in repr(cut)


def test_degrees() -> None:
    """Of one variable minima count 1 and maxima −1; on the edge itself there is no degree."""
    assert find_critical_points(lambda x: x**3 - 3 * x, (-2, 2)).degree == 0
    assert find_critical_points(np.cos, (1.0, 9.0)).adds_up
    assert find_critical_points(lambda x: x**2, (0, 1)).degree is None
    assert find_critical_points(monkey, [(-1, 1), (-1, 1)]).degree == -2
    assert find_critical_points(lambda x: np.sum(x**2), [(-1, 1)] * 3).degree is None


def test_a_whole_circle_of_minima_is_told_as_such() -> None:
    found = find_critical_points(lambda x: (np.sum(x**2) - 1) ** 2, [(-2, 2), (-2, 2)])
    assert found.curve
    assert found.count("maximum") == 1
    assert 4 < found.count("degenerate") < 40
    assert "lie along a whole set, of which some are listed" in repr(found)


def test_a_seed_decides_everything() -> None:
    first, again = (find_critical_points(camel, [(-3, 3), (-2, 2)]) for _ in range(2))
    np.testing.assert_array_equal(first.points, again.points)


def test_refusals() -> None:
    for box in ([(1, 0)], [(0, 1, 2)], 3.0, [(0, np.inf)], [], "box", [(0, 1), (0,)]):
        with pytest.raises(ShapeError, match=r"this is no box(.|\n)*\(low, high\)"):
            find_critical_points(lambda x: x[0], box)
    with pytest.raises(ShapeError, match=r"find_critical_points: the function must return one"):
        find_critical_points(lambda x: x, [(0, 1), (0, 1)])
    with pytest.raises(InputError, match="find_critical_points"):
        find_critical_points(lambda x: x[0], [(0, 1)], starts=0)
