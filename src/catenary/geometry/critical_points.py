"""find_critical_points: all of them in a box, each with its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.core import curvature_errors
from catenary.function.arguments import check_callable
from catenary.geometry.classification import Classification
from catenary.geometry.classify import classify, require_number
from catenary.geometry.degree import degree
from catenary.geometry.newton import Derivatives, newton_steps, polish, search
from catenary.linear.curvature.data_map import is_count
from catenary.nn.table import table
from catenary.tracing import random
from catenary.tracing.recorder import user_line

Array = NDArray[np.float64]

_ROUNDS = 2  # of deflated searches in a row without anything new, after which to stop
_MOST_ROUNDS = 20
_SMALL = float(np.finfo(float).eps) ** 0.5
_APART = 1e-6  # of the box's width: closer points are one
_MANY = 32  # singular points that are taken for a whole set of them


@dataclass(frozen=True, eq=False, repr=False)
class CriticalPoints:
    """The critical points of a function in a box, by value.

    ``points`` has shape (count, n), or (count,) for a function of one number; ``kinds[i]`` is the
    :class:`Classification` of point i. ``degree`` is that of the gradient along the edge of the
    box where n ≤ 2, else None: the indices of the points must add up to it, and ``adds_up`` says
    whether they do (None where that cannot be told). ``curve`` is true if degenerate points were
    met everywhere along a set, of which only some are listed.
    """

    points: Array
    kinds: tuple[Classification, ...]
    degree: int | None
    starts: int
    curve: bool = False

    @property
    def values(self) -> Array:
        """The values of the function."""
        return np.array([kind.value for kind in self.kinds])

    def count(self, kind: str) -> int:
        """How many there are of a kind: "minimum", "saddle", …"""
        return sum(each.kind == kind for each in self.kinds)

    @property
    def adds_up(self) -> bool | None:
        """Whether the indices of the points add up to the degree around the box."""
        indices = [_index(kind) for kind in self.kinds]
        if self.degree is None or None in indices:
            return None
        return sum(index for index in indices if index is not None) == self.degree

    def __len__(self) -> int:
        return len(self.kinds)

    def __iter__(self) -> Iterator[tuple[Any, Classification]]:
        return iter(zip(self.points, self.kinds))

    def __repr__(self) -> str:
        rows = [
            [" ".join(map(_shown, np.atleast_1d(point))), f"{kind.value:.6g}", kind.title,
             f"{kind.smallest.value:.4g}", f"{kind.largest.value:.4g}"]
            for point, kind in self
        ]  # fmt: skip
        text = table(["point", "value", "kind", "smallest λ", "largest λ"], rows, left=1)
        tally = {k.kind: self.count(k.kind) for k in self.kinds}
        found = ", ".join(f"{n} {_many(name, n)}" for name, n in tally.items()) or "none"
        return f"{text}\n{found}{self._certificate()}"

    def _certificate(self) -> str:
        if self.curve:
            return "; degenerate points lie along a whole set, of which some are listed"
        if self.adds_up is None:
            return f"; from {self.starts} starts"
        agreement = "as" if self.adds_up else "NOT as"
        return (
            f"; their indices add up {agreement} the gradient turns around the box: {self.degree}"
        )


def _many(kind: str, n: int) -> str:
    plural = {"minimum": "minima", "maximum": "maxima", "saddle": "saddles"}
    return kind if n == 1 else plural.get(kind, kind)


def _shown(coordinate: float) -> str:
    """A coordinate as text; what is 0 but for rounding as 0."""
    return "0" if abs(coordinate) < 1e-12 else f"{coordinate:.6g}"


def _index(kind: Classification) -> int | None:
    """The index of the gradient's zero: the sign of det H where that is not 0."""
    if kind.zero or not kind.critical:
        return None
    return -1 if (kind.negative or 0) % 2 else 1


def find_critical_points(
    f: Callable[[Any], Any],
    box: Any,
    *,
    starts: int | None = None,
    tolerance: float | None = None,
    seed: int = 0,
) -> CriticalPoints:
    """The critical points of f in a box: where ∇f = 0, each classified.

    Newton's method on ∇f from many starts at once, compiled, on a grid and at random; then again
    with the points found so far deflated, until several rounds find nothing new. Every point is
    certified by its own gradient norm and eigenvalues (:func:`classify`). That none is missing is
    certain in no finite search; in one and two dimensions the result says whether the indices add
    up as they must.

    Args:
        f: a NumPy function of an array of shape (n,), or of one number, that returns one number.
            It is compiled, and follows the rules of :func:`catenary.jit`.
        box: pairs (low, high), one for each coordinate; one pair alone for a function of a number.
        starts: how many starts in the first search; 64·n² by default, at most 4096.
        tolerance: as in :func:`classify`.
        seed: of the starts at random.

    Raises:
        ShapeError: if the box is no box, or f does not return one number.

    >>> found = find_critical_points(lambda x: x**3 - 3 * x, (-2, 2))
    >>> [(float(x), kind.kind) for x, kind in found]
    [(1.0, 'minimum'), (-1.0, 'maximum')]
    """
    check_callable(f, "find_critical_points", "cat.find_critical_points(f, box)")
    sides, alone = _checked_box(box)
    function = f
    if alone:

        def function(x: Any) -> Any:
            return f(x[0])

    with np.errstate(all="ignore"):
        require_number(function(sides.mean(axis=1)), "find_critical_points")
    derivatives = Derivatives(function, len(sides))
    total = min(4096, 64 * len(sides) ** 2) if starts is None else starts
    if not is_count(total):
        name = "find_critical_points: starts"
        raise curvature_errors.bad_number(name, "an integer from 1", starts, user_line())
    found, used, curve = _collect(derivatives, sides, total, seed)
    kinds = [classify(function, x, tolerance=tolerance) for x in found]
    kept = [i for i, kind in enumerate(kinds) if kind.critical]
    kept.sort(key=lambda i: (kinds[i].value, *found[i]))
    points = found[kept]
    listed = tuple(kinds[i] for i in kept)
    turns = degree(derivatives, sides)
    return CriticalPoints(points[:, 0] if alone else points, listed, turns, used, curve)


def _checked_box(box: Any) -> tuple[Array, bool]:
    """The box as rows (low, high), and whether it is of one number alone."""
    try:
        sides = np.asarray(box, np.float64)
    except (TypeError, ValueError):
        raise curvature_errors.bad_box(repr(box), user_line()) from None
    alone = sides.shape == (2,)
    sides = sides.reshape(1, 2) if alone else sides
    fits = sides.ndim == 2 and sides.shape[1:] == (2,) and len(sides)
    if not fits or not np.isfinite(sides).all() or not (sides[:, 0] < sides[:, 1]).all():
        raise curvature_errors.bad_box(repr(box), user_line())
    return sides, alone


def _collect(
    derivatives: Derivatives, box: Array, total: int, seed: int
) -> tuple[Array, int, bool]:
    """All points that the searches find, the number of starts that they took, and whether there
    are so many singular ones that they must form a set, of which only some are kept then.
    """
    found = np.empty((0, len(box)))
    fruitless, used, curve = 0, 0, False
    for number in range(_MOST_ROUNDS):
        starts = _starts(box, total, seed + number)
        used += len(starts)
        ends = polish(derivatives, search(derivatives, starts, box, found))
        more = _merged(box, found, _at_rest(derivatives, box, ends))
        fruitless = fruitless + 1 if len(more) == len(found) else 0
        found, curve = _thinned(derivatives, box, more)
        if curve or fruitless == _ROUNDS:
            break
    return found, used, curve


def _starts(box: Array, total: int, seed: int) -> Array:
    """One start at random in each cell of a grid, and as many again anywhere."""
    n, key = len(box), random.key(seed)
    per_axis = max(1, round((total / 2) ** (1 / n)))
    cells = np.stack(np.meshgrid(*[np.arange(per_axis)] * n, indexing="ij"), -1).reshape(-1, n)
    inside = np.asarray(random.uniform(key, cells.shape))
    anywhere = np.asarray(random.uniform(random.fold_in(key, 1), (max(total // 2, 1), n)))
    shares = np.concatenate([(cells + inside) / per_axis, anywhere])
    return box[:, 0] + shares * (box[:, 1] - box[:, 0])


def _at_rest(derivatives: Derivatives, box: Array, points: Array) -> Array:
    """Those in the box from which Newton's method does not move."""
    width = box[:, 1] - box[:, 0]
    gradients, hessians = derivatives(points)
    step, fine = newton_steps(gradients, hessians)
    # Where H is 0 no step is made, whatever the gradient is.
    size = np.maximum(1.0, np.abs(hessians).max(axis=(1, 2), initial=0.0))
    fine &= np.linalg.norm(gradients, axis=1) <= _SMALL * size
    still = np.max(np.abs(step) / width, axis=1, initial=0.0) <= _APART / 10
    edge = _APART * width
    inside = np.all((points >= box[:, 0] - edge) & (points <= box[:, 1] + edge), axis=1)
    kept: Array = points[fine & still & inside]
    return kept


def _merged(box: Array, found: Array, more: Array, apart: float = _APART) -> Array:
    """The points found, and those of the others that are not among them."""
    width = box[:, 1] - box[:, 0]
    kept, count = np.concatenate([found, more]), len(found)
    for point in more:
        distances = np.max(np.abs((kept[:count] - point) / width), axis=1)
        if not (distances <= apart).any():
            kept[count] = point
            count += 1
    return kept[:count]


def _thinned(derivatives: Derivatives, box: Array, points: Array) -> tuple[Array, bool]:
    """The points; where too many are singular, some of those, and True."""
    if not len(points):
        return points, False
    values = np.abs(np.linalg.eigvalsh(derivatives(points)[1]))
    singular = values.min(axis=1) <= 1e-6 * values.max(axis=1)
    if singular.sum() <= _MANY:
        return points, False
    few = _merged(box, np.empty((0, len(box))), points[singular], 0.1)
    return np.concatenate([points[~singular], few]), True
