"""classify: minimum, maximum, saddle, degenerate, flat, or not critical, with a certificate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.core import curvature_errors
from catenary.function.arguments import check_callable
from catenary.function.modes import grad, value_and_grad
from catenary.function.nan_check import origin
from catenary.geometry.classification import Bound, Classification, DeterminantRule, Kind
from catenary.geometry.higher_order import higher_order
from catenary.linear.curvature.extremes import Extremes, extremes
from catenary.linear.linearize import linearize
from catenary.linear.map import LinearMap
from catenary.linear.space import space_of
from catenary.tracing import tree
from catenary.tracing.recorder import user_line

Vector = NDArray[np.float64]
DENSE = 512  # dimensions up to which all eigenvalues are computed


def classify(
    f: Callable[[Any], Any],
    x: Any,
    *,
    tolerance: float | None = None,
    hessian: LinearMap | None = None,
    products: int = 100,
    confidence: float = 0.99,
    seed: int = 0,
) -> Classification:
    """What the point x is for the function f, by gradient and Hessian.

    For up to 512 variables all eigenvalues of the Hessian are computed; where they leave the
    question open, third and fourth derivatives are looked at. With more variables (a network)
    the two ends of the spectrum are found by Lanczos's process: negative curvature that it finds
    is there for certain; that there is none beyond a bound holds with probability ``confidence``.

    Args:
        f: a NumPy function of one argument that returns one real number.
        x: the point: a floating-point number or array, or a tree of arrays.
        tolerance: the gradient norm up to which x counts as critical; by default √ε of the dtype,
            times the curvature along the gradient, ‖H g‖/‖g‖, where that is above 1.
        hessian: the Hessian at x as a map, if you have it (:func:`catenary.curvature.hessian`
            streams over data); computed from f otherwise.
        products: the number of Hessian-vector products for large x.
        confidence: of the bounds for large x.
        seed: of the start of Lanczos's process.

    Raises:
        ShapeError: if f does not return one real number.
        InputError: if value or gradient are not finite at x, with the line that made them so.

    >>> classify(lambda x: x[0] ** 2 - x[1] ** 2, np.zeros(2)).title
    'saddle of index 1'
    >>> classify(lambda x: x**4, 0.0).title
    'degenerate (minimum by order 4)'
    >>> classify(lambda x: x**4, 1.0).kind
    'not critical'
    """
    check_callable(f, "classify", "cat.classify(f, x)")
    value, gradient, point = at(f, x)
    size = Size(value, float(tree.norm(gradient)), _epsilon(point), tolerance)
    # Second derivatives may be infinite where the first are not: that is told, not warned of.
    with np.errstate(all="ignore"):
        H = hessian if hessian is not None else linearize(grad(f), point)[1]
        if H.shape[0] <= DENSE:
            return _dense(f, point, size, gradient, H)
        along = curvature_along(H, gradient)
    return by_extremes(size, extremes(H, products, confidence=confidence, seed=seed), along)


def curvature_along(H: LinearMap, gradient: Any) -> float:
    """‖H g‖/‖g‖: a point known up to δ has a gradient known up to about δ times that."""
    norm = float(tree.norm(gradient))
    return float(tree.norm(H @ gradient)) / norm if norm > 0 else 0.0


def at(f: Callable[[Any], Any], x: Any) -> tuple[float, Any, Any]:
    """Value, gradient and the point as arrays; raises where f or ∇f is not a finite number."""
    if type(x) in {list, tuple} and all(isinstance(number, float) for number in x):
        x = np.array(x)
    if not tree.size(x):
        raise curvature_errors.no_point(repr(x), user_line())
    x = tree.map(np.asarray, x)
    with np.errstate(all="ignore"):
        require_number(f(x), "classify")
        value, gradient = value_and_grad(f)(x)
    for what, numbers, function in (("value", value, f), ("gradient", gradient, grad(f))):
        if not all(np.isfinite(leaf).all() for leaf in tree.coordinates(numbers)):
            found = f"its {what} is not finite"
            source = origin(function, x)
            raise curvature_errors.outside_domain("classify", found, str(source), user_line())
    return float(value), gradient, x


def require_number(value: Any, name: str) -> None:
    """Refuse what is not one real number."""
    if np.ndim(value) == 0 and getattr(value, "dtype", np.dtype(type(value))).kind == "f":
        return
    array = hasattr(value, "dtype")
    got = f"{value.dtype}{list(value.shape)}" if array else f"a {type(value).__name__}"
    raise curvature_errors.not_scalar_function(name, got, user_line())


def _epsilon(point: Any) -> float:
    return max(float(np.finfo(leaf.dtype).eps) for leaf in tree.coordinates(point))


class Size:
    """The size of value and gradient, and what counts as no gradient."""

    def __init__(self, value: float, norm: float, epsilon: float, tolerance: float | None) -> None:
        self.value, self.norm, self.epsilon, self.given = value, norm, epsilon, tolerance

    def tolerance(self, curvature: float) -> float:
        if self.given is not None:
            return self.given
        return math.sqrt(self.epsilon) * max(1.0, curvature)


# ---- all eigenvalues ----------------------------------------------------------------------------


def _dense(
    f: Callable[[Any], Any], point: Any, size: Size, gradient: Any, H: LinearMap
) -> Classification:
    M = np.asarray(H.matrix(), np.float64)
    n = len(M)
    M = (M + M.T) / 2
    if not np.isfinite(M).all():
        source = origin(grad(lambda x: tree.dot(grad(f)(x), x)), point)
        found = "its Hessian is not finite"
        raise curvature_errors.outside_domain("classify", found, str(source), user_line())
    eigenvalues, eigenvectors = np.linalg.eigh(M)
    largest = float(np.abs(eigenvalues).max())
    rounding = 4 * n * size.epsilon * largest
    g = flat(gradient)
    step = _newton(eigenvalues, eigenvectors, g, rounding)
    tolerance = size.tolerance(float(np.linalg.norm(M @ g)) / size.norm if size.norm > 0 else 0.0)
    critical = size.norm <= tolerance
    function = flat_function(f, point)
    change = 0.0
    if critical and size.norm > 0 and np.isfinite(step).all():
        # The sign of an eigenvalue counts if it is the same at the critical point nearby.
        change = 2 * _change(function, flat(point), step, M)
    threshold = max(rounding, change)
    zero = np.abs(eigenvalues) <= threshold
    counts = (
        int(np.sum(~zero & (eigenvalues < 0))), int(np.sum(zero)),
        int(np.sum(~zero & (eigenvalues > 0))),
    )  # fmt: skip
    hint = None
    distance = float(np.linalg.norm(step))
    if critical and counts[1] and not (counts[0] and counts[2]):
        hint = higher_order(
            function, flat(point), eigenvalues, eigenvectors, zero=zero, moved=distance
        )
    kind, reason = _judge(critical, counts, n, hint)
    if kind == "degenerate" and counts[1] == n and hint is None and _is_flat(function, point):
        kind, reason = "flat", "gradient and derivatives up to the fourth order vanish"
    return Classification(
        kind=kind,
        index=counts[0] if critical else None,
        counted=True,
        value=size.value,
        gradient_norm=size.norm,
        tolerance=tolerance,
        distance=distance,
        dimension=n,
        smallest=_around(float(eigenvalues[0]), rounding),
        largest=_around(float(eigenvalues[-1]), rounding),
        threshold=threshold,
        negative=counts[0],
        zero=counts[1],
        positive=counts[2],
        method=f"all eigenvalues of the {n}×{n} Hessian",
        confidence=1.0,
        determinant=_determinant(M, threshold) if n == 2 else None,
        hint=hint,
        reason=reason,
    )


def flat(vector: Any) -> Vector:
    """The coordinates of a tree as one vector of float64."""
    return np.concatenate([np.reshape(a, -1).astype(np.float64) for a in tree.coordinates(vector)])


def flat_function(f: Callable[[Any], Any], like: Any) -> Callable[[Any], Any]:
    """f as a function of one flat vector of float64."""
    space = space_of(like)

    def function(u: Any) -> Any:
        arrays, start = [], 0
        for t in space.types:
            part = np.reshape(u[start : start + t.size], t.shape).astype(t.dtype)
            arrays.append(part)
            start += t.size
        filled = list(space.leaves)
        for i, array in zip(space.positions, arrays, strict=True):
            filled[i] = array
        return f(tree.unflatten(space.structure, filled))

    return function


def _newton(eigenvalues: Vector, eigenvectors: Vector, g: Vector, rounding: float) -> Vector:
    """−H⁻¹ g; infinite where H is singular and g is not 0 along its kernel."""
    along = eigenvectors.T @ g
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(along == 0, 0.0, -along / eigenvalues)
    parts[(np.abs(eigenvalues) <= rounding) & (np.abs(along) > 0)] = np.inf
    if not np.isfinite(parts).all():
        return np.full(len(g), np.inf)
    step: Vector = eigenvectors @ parts
    return step


def _change(function: Callable[[Any], Any], x: Vector, step: Vector, M: Vector) -> float:
    """How much the Hessian differs one Newton step from here."""
    there = np.asarray(linearize(grad(function), x + step)[1].matrix())
    if not np.isfinite(there).all():
        return 0.0
    return float(np.linalg.norm(there - M, 2))


def _around(value: float, error: float) -> Bound:
    return Bound(value, value - error, value + error)


def _determinant(M: Vector, threshold: float) -> DeterminantRule:
    D = float(M[0, 0] * M[1, 1] - M[0, 1] ** 2)
    return DeterminantRule(D, float(M[0, 0]), threshold * float(np.linalg.norm(M, 2)))


def _is_flat(function: Callable[[Any], Any], point: Any) -> bool:
    """Whether f does not change at all around the point."""
    x = flat(point)
    drawn = np.random.default_rng(0).normal(size=(16, len(x)))
    steps = 1e-2 * (1 + np.linalg.norm(x)) * drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    values = np.array([float(function(x + step)) for step in steps])
    here = float(function(x))
    return bool(np.all(np.abs(values - here) <= 64 * np.finfo(float).eps * abs(here)))


def _judge(critical: bool, counts: tuple[int, int, int], n: int, hint: Any) -> tuple[Kind, str]:
    negative, zero, positive = counts
    if not critical:
        return "not critical", "the gradient is not 0"
    if negative and positive:
        return "saddle", f"{negative} of {n} eigenvalues negative, {positive} positive"
    if zero:
        tail = "second derivatives do not decide" if hint is None else hint.reason
        return "degenerate", f"{zero} of {n} eigenvalues are 0, {tail}"
    if positive:
        return "minimum", "the gradient is 0 and all eigenvalues are positive"
    return "maximum", "the gradient is 0 and all eigenvalues are negative"


# ---- the ends of the spectrum -------------------------------------------------------------------


def by_extremes(size: Size, ends: Extremes, along: float) -> Classification:
    """The classification that the two ends of a spectrum allow, with curvature ``along`` the
    gradient.
    """
    tolerance = size.tolerance(along)
    kind: Kind
    if size.norm > tolerance:
        kind, reason = "not critical", "the gradient is not 0"
    elif ends.negative and ends.positive:
        kind = "saddle"
        reason = f"directions of curvature {ends.smallest:.3g} and {ends.largest:.3g} were found"
    elif ends.lower > ends.rounding:
        kind, reason = "minimum", f"no curvature below {ends.lower:.3g}"
    elif ends.upper < -ends.rounding:
        kind, reason = "maximum", f"no curvature above {ends.upper:.3g}"
    else:
        kind = "degenerate"
        reason = f"curvature 0 is not excluded: it may be as small as {ends.lower:.3g}"
    return Classification(
        kind=kind,
        index=ends.negative if size.norm <= tolerance else None,
        counted=ends.exact,
        value=size.value,
        gradient_norm=size.norm,
        tolerance=tolerance,
        distance=math.inf,
        dimension=ends.n,
        smallest=Bound(ends.smallest, ends.lower, ends.smallest),
        largest=Bound(ends.largest, ends.largest, ends.upper),
        threshold=ends.rounding,
        negative=ends.negative if ends.exact else None,
        zero=ends.n - ends.negative - ends.positive if ends.exact else None,
        positive=ends.positive if ends.exact else None,
        method=f"Lanczos's process, {ends.products} products with the Hessian",
        confidence=ends.confidence,
        determinant=None,
        hint=None,
        reason=reason,
    )
