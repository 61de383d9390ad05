"""Methods of second order: exact steps on quadratics, textbook minima, and what they refuse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from catenary import descent as optim
from catenary.core import errors
from catenary.descent.conjugate_gradient import LastStep
from catenary.descent.lbfgs import two_loops
from catenary.descent.names import METHODS, as_method
from catenary.descent.objective import Point
from catenary.descent.oracle import FunctionOracle
from catenary.descent.saddle_free import lanczos
from catenary.descent.second_order import Method
from catenary.descent.trust_region import ExactBall, KrylovBall
from catenary.function.custom import custom_jvp
from tests.descent.problems import rosenbrock

EVERY: dict[str, Method] = {
    "newton": optim.Newton(),
    "newton-cg": optim.NewtonCG(),
    "trust region, exact": optim.TrustRegion("exact"),
    "trust region, cg": optim.TrustRegion("cg"),
    "bfgs": optim.BFGS(),
    "l-bfgs": optim.LBFGS(),
    "l-bfgs of one pair": optim.LBFGS(memory=1),
    "polak-ribiere": optim.ConjugateGradient(),
    "hager-zhang": optim.ConjugateGradient("hager-zhang"),
    "saddle-free": optim.SaddleFreeNewton(),
    "saddle-free, lanczos": optim.SaddleFreeNewton("lanczos"),
}
DOWNHILL = sorted(EVERY.keys() - {"newton"})


def bowl(condition: float, n: int = 6) -> tuple[Callable[[Any], Any], Any]:
    """A quadratic of this condition number in turned axes, and its minimum."""
    rng = np.random.default_rng(0)
    axes, _ = np.linalg.qr(rng.normal(size=(n, n)))
    A, centre = axes.T @ np.diag(np.geomspace(1, condition, n)) @ axes, rng.normal(size=n)
    return lambda x: 0.5 * (x - centre) @ A @ (x - centre) + 3, centre


@pytest.mark.parametrize("condition", [1.0, 100.0, 1e6])
@pytest.mark.parametrize("name", EVERY)
def test_quadratics_are_solved(name: str, condition: float) -> None:
    f, centre = bowl(condition)
    result = optim.minimize(f, np.zeros(6), method=EVERY[name])
    assert result.end in {"converged", "flat"}
    np.testing.assert_allclose(result.x, centre, atol=1e-6)
    assert result.value == pytest.approx(3, abs=1e-12)


@pytest.mark.parametrize("name", ["newton", "saddle-free", "saddle-free, lanczos"])
def test_one_step_solves_a_quadratic(name: str) -> None:
    f, _ = bowl(50.0)
    assert optim.minimize(f, np.ones(6), method=EVERY[name]).steps == 1


def test_conjugate_gradients_need_few_more_steps_than_there_are_curvatures() -> None:
    f, _ = bowl(100.0)
    for name in ("polak-ribiere", "hager-zhang"):
        assert optim.minimize(f, np.ones(6), method=EVERY[name]).steps <= 25


@pytest.mark.parametrize("n", [2, 10])
@pytest.mark.parametrize("name", EVERY)
def test_the_banana_is_descended(name: str, n: int) -> None:
    result = optim.minimize(rosenbrock, np.tile([-1.2, 1.0], n // 2), method=EVERY[name])
    assert result.end == "converged"
    local = 3.98657912 if n == 10 else 0.0  # the other minimum, near (−1, 1, …)
    assert min(abs(result.value), abs(result.value - local)) < 1e-6


@pytest.mark.parametrize("name", DOWNHILL)
def test_values_never_rise(name: str) -> None:
    values = optim.minimize(rosenbrock, [-1.2, 1.0], method=EVERY[name]).log.value
    assert np.all(np.diff(values) <= 1e-15 + 1e-12 * values[:-1])


def test_newton_doubles_the_digits() -> None:
    log = optim.minimize(
        lambda x: np.exp(x) - 2 * x, 1.0, method="newton", tolerance=0.0, points=True
    ).log
    error = np.abs(log.points - np.log(2))
    assert np.all(error[1:5] <= error[:4] ** 2)


def test_newton_goes_to_saddles_and_the_trust_region_leaves_them() -> None:
    def saddle(x: Any) -> Any:
        return x[0] ** 2 - x[1] ** 2 + x[1] ** 4

    np.testing.assert_allclose(
        optim.minimize(saddle, [1.0, 0.1], method="newton").x, [0, 0], atol=1e-8
    )
    for start in ([1.0, 0.0], [0.0, 0.0]):
        left = optim.minimize(saddle, start, method="trust-region")
        assert left.value == pytest.approx(-0.25)
        assert left.end == "converged"
    near = optim.minimize(saddle, [1.0, 1e-4], method="saddle-free")
    assert near.value == pytest.approx(-0.25)


def test_saddle_free_steps_leave_a_saddle_faster_than_gradient_steps() -> None:
    """Away from the saddle of Σ λᵢ xᵢ²/2 every coordinate of negative λ doubles, however small."""
    curvature = np.array([1.0, -1e-3])
    start = np.array([0.0, 1e-3])

    def f(x: Any) -> Any:
        return 0.5 * curvature @ x**2 + 1e-4 * np.sum(x**4)

    exact = optim.minimize(f, start, method=optim.SaddleFreeNewton(), max_steps=20)
    plain = optim.minimize(f, start, learning_rate=1.0, max_steps=20)
    assert exact.value < f(start) * 100 < 0
    assert plain.value > 2 * f(start)


# ---- pieces against dense formulas --------------------------------------------------------------


def test_two_loops_are_the_dense_matrix() -> None:
    rng = np.random.default_rng(1)
    n, m = 7, 4
    A = np.diag(np.arange(1.0, n + 1))
    steps = rng.normal(size=(m, n))
    changes = steps @ A
    B = np.eye(n) * (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1])
    for s, y in zip(steps, changes):
        V = np.eye(n) - np.outer(y, s) / (s @ y)
        B = V.T @ B @ V + np.outer(s, s) / (s @ y)
    g = rng.normal(size=n)
    np.testing.assert_allclose(two_loops(g, steps, changes), B @ g, rtol=1e-12)
    np.testing.assert_array_equal(two_loops(g, steps[:0], changes[:0]), g)


def test_l_bfgs_keeps_the_last_pairs_oldest_first() -> None:
    oracle = FunctionOracle(rosenbrock, 1.0, np.zeros(6))
    method = optim.LBFGS(memory=2)
    points, memory = [oracle.start()], method.init(np.zeros(6))
    for count in range(1, 6):
        after, memory = method.move(oracle, points[-1], memory)
        assert after is not None
        assert int(memory.known) == min(count, 2)
        points.append(after)
    np.testing.assert_array_equal(memory.steps, np.diff([p.x for p in points[-3:]], axis=0))
    gradients = [p.gradient for p in points[-3:]]
    np.testing.assert_array_equal(memory.changes, np.diff(gradients, axis=0))


@pytest.mark.parametrize("subproblem", ["exact", "cg"])
def test_the_radius_doubles_where_the_model_keeps_its_promise(subproblem: Any) -> None:
    method = optim.TrustRegion(subproblem)
    far = optim.minimize(lambda x: np.sum((x - 1000) ** 2), np.zeros(2), method=method)
    np.testing.assert_allclose(far.log.step_length[:9], 2.0 ** np.arange(9))
    assert far.steps <= 12


@pytest.mark.parametrize("radius", [1e-3, 0.5, 3.0, 100.0])
@pytest.mark.parametrize("case", ["definite", "indefinite", "hard"])
def test_the_step_in_the_ball_is_the_least(case: str, radius: float) -> None:
    """Its optimality: (H + λ) s = −g with H + λ semidefinite, λ ≥ 0, and λ (Δ − ‖s‖) = 0."""
    rng = np.random.default_rng(2)
    axes, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    low = 0.5 if case == "definite" else -2.0
    H = axes @ np.diag([low, 1.0, 2.0, 4.0, 8.0]) @ axes.T
    g = axes @ np.array([0.0 if case == "hard" else 1.0, 1.0, -1.0, 2.0, 0.5])
    s, promised = ExactBall.of(H, g).step(radius)
    length = np.linalg.norm(s)
    assert length <= radius * (1 + 1e-9)
    shift = -(g + H @ s) @ s / (s @ s)
    np.testing.assert_allclose((H + shift * np.eye(5)) @ s, -g, atol=1e-7)
    assert shift >= max(0, -low) - 1e-8
    assert shift * (radius - length) == pytest.approx(0, abs=1e-7)
    assert promised == pytest.approx(-(g @ s + s @ H @ s / 2))


def test_the_truncated_step_stays_in_the_ball_and_promises_what_it_keeps() -> None:
    rng = np.random.default_rng(3)
    H = np.diag([-1.0, 0.5, 3.0])
    g = rng.normal(size=3)
    for radius in (0.01, 1.0, 50.0):
        s, promised = KrylovBall(lambda v: H @ v, g).step(radius)
        assert np.linalg.norm(s) <= radius * (1 + 1e-12)
        assert promised == pytest.approx(-(g @ s + s @ H @ s / 2))
        assert promised > 0


def test_lanczos_gives_the_matrix_in_an_orthonormal_basis() -> None:
    rng = np.random.default_rng(4)
    H = rng.normal(size=(30, 30))
    H = H + H.T
    V, T = lanczos(lambda v: H @ v, rng.normal(size=30), 12)
    np.testing.assert_allclose(V.T @ V, np.eye(12), atol=1e-13)
    np.testing.assert_allclose(T, V.T @ H @ V, atol=1e-12)
    assert np.abs(np.triu(T, 2)).max() < 1e-12
    assert lanczos(lambda v: 2 * v, np.ones(5), 5)[1].shape == (1, 1)


def test_lanczos_keeps_its_basis_orthonormal() -> None:
    H = np.diag(np.geomspace(1e-8, 1e8, 60))
    V, _ = lanczos(lambda v: H @ v, np.ones(60), 60)
    np.testing.assert_allclose(V.T @ V, np.eye(V.shape[1]), atol=1e-12)


def test_the_saddle_free_direction_is_that_of_the_absolute_hessian() -> None:
    oracle = FunctionOracle(lambda x: x[0] ** 2 - 3 * x[1] ** 2 + x[0] * x[1], 1.0, [1.0, 2.0])
    start = oracle.start()
    values, axes = np.linalg.eigh(np.array([[2.0, 1.0], [1.0, -6.0]]))
    expected = -axes @ np.diag(1 / np.abs(values)) @ axes.T @ start.gradient
    for method in (optim.SaddleFreeNewton(), optim.SaddleFreeNewton("lanczos")):
        after, _ = method.move(oracle, start, ())
        assert after is not None
        moved = after.x - start.x
        cosine = moved @ expected / np.linalg.norm(moved) / np.linalg.norm(expected)
        assert cosine == pytest.approx(1, abs=1e-12)


def test_conjugate_directions_are_those_of_the_formulas() -> None:
    d, before, g = np.array([-1.0, 2.0]), np.array([2.0, -1.0]), np.array([0.5, 1.5])
    memory = LastStep(d, before, np.array(d @ before), np.array(0.1))
    point = Point(np.zeros(2), 0.0, g, float(np.linalg.norm(g)))
    y = g - before
    expected = {
        "polak-ribiere": (g @ y) / (before @ before),
        "hager-zhang": (y - 2 * d * (y @ y) / (d @ y)) @ g / (d @ y),
    }
    for formula, beta in expected.items():
        direction, slope = optim.ConjugateGradient(formula)._direction(point, memory)  # type: ignore[arg-type]
        np.testing.assert_allclose(direction, -g + beta * d)
        assert slope == pytest.approx(direction @ g)


def test_conjugate_gradients_guess_their_first_step_well() -> None:
    f, _ = bowl(1e4, n=30)
    result = optim.minimize(f, np.ones(30), method=optim.ConjugateGradient())
    assert result.evaluations.values <= 2.2 * result.steps


# ---- what holds for all -------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Line:
    slope: Any
    offset: Any
    name: str = "line"


@pytest.mark.parametrize("name", EVERY)
def test_trees_keep_their_structure_and_dtypes(name: str) -> None:
    inputs = np.array([0.0, 1.0, 2.0, 3.0])

    def cost(line: Line) -> Any:
        return np.mean((line.slope[0] * inputs + line.offset - (2 * inputs + 1)) ** 2)

    start = Line(np.zeros(1, np.float32), np.array(0.0))
    result = optim.minimize(cost, start, method=EVERY[name], points=True, tolerance=1e-4)
    assert result.end == "converged"
    assert (result.x.slope.shape, result.x.slope.dtype) == ((1,), np.float32)
    assert (result.x.offset.shape, result.x.name) == ((), "line")
    assert float(result.x.slope[0]) == pytest.approx(2, abs=1e-3)
    assert result.log.points.slope.shape == (result.steps + 1, 1)


@pytest.mark.parametrize("name", EVERY)
def test_float32_stays_float32(name: str) -> None:
    seen = set()

    def f(x: Any) -> Any:
        seen.add(x.dtype)
        return rosenbrock(x)

    start = np.array([-1.2, 1.0], np.float32)
    result = optim.minimize(f, start, method=EVERY[name], max_steps=2000)
    assert seen == {result.x.dtype} == {result.gradient.dtype} == {np.dtype(np.float32)}
    assert result.value < 1e-4


@pytest.mark.parametrize("name", DOWNHILL)
def test_maximize_takes_methods_too(name: str) -> None:
    f, centre = bowl(10.0)
    result = optim.maximize(lambda x: 7 - f(x), np.zeros(6), method=EVERY[name])
    assert result.value == pytest.approx(4)
    np.testing.assert_allclose(result.x, centre, atol=1e-6)


def test_every_evaluation_is_counted() -> None:
    calls = {"f": 0}

    def f(x: Any) -> Any:
        calls["f"] += 1
        return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2 if x[0] > -1e9 else x[0]

    counted = optim.minimize(f, [-1.2, 1.0], method="bfgs")
    # A function that branches on values is run each time; the first try under jit is one more.
    assert calls["f"] == counted.evaluations.values + 1
    assert counted.evaluations.gradients == counted.evaluations.values
    newton = optim.minimize(rosenbrock, [-1.2, 1.0], method="newton")
    assert newton.evaluations == optim.Evaluations(
        newton.steps + 1, newton.steps + 1, 0, newton.steps
    )
    krylov = optim.minimize(rosenbrock, [-1.2, 1.0], method="newton-cg").evaluations
    assert krylov.products >= 20 > krylov.matrices == 0
    assert str(optim.Evaluations(1, 2, 0, 1)) == "1 value, 2 gradients, 1 matrix"


def test_a_function_is_traced_once() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(1)
        return rosenbrock(x)

    assert optim.minimize(f, np.zeros(4), method="l-bfgs").steps > 5
    assert len(calls) <= 2


@pytest.mark.parametrize("name", DOWNHILL)
def test_unbounded_functions_diverge(name: str) -> None:
    result = optim.minimize(lambda x: -np.exp(x[0]) + x[1] ** 2, [0.0, 1.0], method=EVERY[name])
    assert (result.end, np.isfinite(result.value)) == ("diverged", True)


@pytest.mark.parametrize("name", DOWNHILL)
def test_planes_are_left_in_few_steps(name: str) -> None:
    result = optim.minimize(np.sum, [0.0, 0.0], method=EVERY[name], max_steps=200)
    assert result.end == "diverged"


@pytest.mark.parametrize("name", DOWNHILL)
def test_a_step_out_of_the_domain_is_shortened(name: str) -> None:
    result = optim.minimize(lambda x: x[0] - np.log(x[0]), [8.0], method=EVERY[name])
    np.testing.assert_allclose(result.x, [1], atol=1e-6)


def test_newton_takes_the_shortest_step_where_the_hessian_is_singular() -> None:
    result = optim.minimize(lambda x: (x[0] + x[1] - 2) ** 2, [0.0, 0.0], method="newton")
    np.testing.assert_allclose(result.x, [1, 1])
    straight = optim.minimize(lambda x: 3 * x[0] + 0 * x[1], [0.0, 0.0], method="newton")
    assert (straight.end, straight.reason) == ("flat", "the Newton step does not change the point")


# ---- names and refusals -------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"kfac"}))
def test_every_name_makes_a_method(name: str) -> None:
    if METHODS[name].residuals:  # type: ignore[attr-defined]
        result = optim.least_squares(lambda x: x - 1, [0.0, 3.0], method=name.upper())
    else:
        result = optim.minimize(lambda x: np.sum((x - 1) ** 2), [0.0, 3.0], method=name.upper())
    np.testing.assert_allclose(result.x, [1, 1], atol=1e-7)


@pytest.mark.parametrize(
    ("other", "here"), [("cg", "ConjugateGradient"), ("LM", "LevenbergMarquardt"),
                        ("lbfgs", "LBFGS"), ("trust-exact", "TrustRegion")],
)  # fmt: skip
def test_names_from_elsewhere_are_known(other: str, here: str) -> None:
    assert type(as_method(other)).__name__ == here


def _bowl(x: Any) -> Any:
    return np.sum(x**2)


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: optim.minimize(_bowl, [1.0], method="bgfs"), errors.InputError, "'bfgs'"),
    (lambda: optim.minimize(_bowl, [1.0], method="L-BFGS-B"), errors.InputError, "'l-bfgs'"),
    (
        lambda: optim.minimize(_bowl, [1.0], method="adam"),
        errors.InputError,
        r"is an optimizer[\s\S]*optimizer='adam'",
    ),
    (
        lambda: optim.minimize(_bowl, [1.0], method=optim.BFGS),  # type: ignore[arg-type]
        errors.InputError,
        r"the class BFGS itself.\n  Write its settings: BFGS\(\)",
    ),
    (
        lambda: optim.minimize(_bowl, [1.0], method=3),  # type: ignore[arg-type]
        errors.InputError,
        "expected: a method, or a name",
    ),
    (
        lambda: optim.minimize(_bowl, [1.0], method="bfgs", learning_rate=0.1),
        errors.InputError,
        "beside the method 'bfgs'",
    ),
    (
        lambda: optim.minimize(_bowl, [1.0], optimizer="bfgs", learning_rate=0.1),
        errors.InputError,
        "beside the method 'bfgs'",
    ),
    (
        lambda: optim.minimize(_bowl, [1.0], method="lm"),
        errors.InputError,
        r"LevenbergMarquardt works on residuals[\s\S]*least_squares",
    ),
    (
        lambda: optim.least_squares(_bowl, [1.0]),
        errors.ShapeError,
        r"one number[\s\S]*array of real residuals[\s\S]*cat.minimize",
    ),
    (
        lambda: optim.least_squares(lambda x: np.arange(3), [1.0]),
        errors.ShapeError,
        "dtype int64",
    ),
    (
        lambda: optim.minimize(_bowl, [1.0], method="kfac"),
        errors.InputError,
        r"KFAC looks into the links[\s\S]*cat.fit",
    ),
    (lambda: optim.minimize(np.square, np.ones(3), method="bfgs"), errors.ShapeError, r"\(3,\)"),
    (lambda: optim.TrustRegion("dogleg"), errors.InputError, "subproblem of TrustRegion"),  # type: ignore[arg-type]
    (lambda: optim.ConjugateGradient("polak-rib"), errors.InputError, "'polak-ribiere'"),  # type: ignore[arg-type]
    (lambda: optim.SaddleFreeNewton("krylov"), errors.InputError, "known: exact, lanczos"),  # type: ignore[arg-type]
    (lambda: optim.LBFGS(memory=0), errors.InputError, "memory=0"),
    (
        lambda: optim.LBFGS(memori=5),  # type: ignore[call-arg]
        errors.InputError,
        "setting of LBFGS called 'memori'. Did you mean 'memory'",
    ),
    (
        lambda: optim.NewtonCG(lr=0.1),  # type: ignore[call-arg]
        errors.InputError,
        "setting of NewtonCG called 'lr'",
    ),
    (lambda: optim.LevenbergMarquardt(damping=-1.0), errors.InputError, "damping=-1"),
]


@pytest.mark.parametrize(("call", "kind", "message"), WRONG, ids=[w[2] for w in WRONG])
def test_what_cannot_be_is_refused(
    call: Callable[[], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("method", ["newton", "trust-region", "saddle-free-newton"])
def test_a_hessian_that_is_not_finite_is_named(method: str) -> None:
    def f(x: Any) -> Any:
        return x[0] ** 1.5 + (x[1] - 1) ** 2

    with pytest.raises(errors.InputError, match=r"the Hessian is not finite[\s\S]*x = \[0. 3.\]"):
        optim.minimize(f, [0.0, 3.0], method=method)
    assert optim.minimize(f, [0.0, 3.0], method="l-bfgs").x[1] == pytest.approx(1)


@pytest.mark.parametrize("name", ["trust region, exact", "trust region, cg", "newton-cg"])
def test_a_search_that_cannot_succeed_ends(name: str) -> None:
    """The gradient is wrong: no step keeps what it promises, also where x is 0."""

    @custom_jvp
    def wrong(x: Any) -> Any:
        return np.sum(x**2)

    wrong.defjvp(lambda primals, tangents: (wrong(*primals), np.sum(tangents[0])))
    result = optim.minimize(wrong, np.zeros(2), method=EVERY[name], max_steps=50)
    assert (result.end, result.value) == ("flat", 0)


def test_an_optimizer_may_name_a_method() -> None:
    assert optim.minimize(_bowl, [1.0, 2.0], optimizer="newton").steps == 1
    assert optim.minimize(_bowl, [1.0, 2.0], optimizer=optim.Newton()).steps == 1
