"""How far to go along a direction: a step that satisfies the strong Wolfe conditions.

φ(t) is the value at x + t d and φ' its slope. A step is good if it lowers the value enough and
flattens the slope: φ(t) ≤ φ(0) + c₁ t φ'(0) and |φ'(t)| ≤ c₂ |φ'(0)|.

Source: Moré and Thuente, Line search algorithms with guaranteed sufficient decrease, ACM TOMS
20(3), 1994. Where the values differ by no more than their rounding, their difference is taken
from the slopes, t (φ'(0) + φ'(t)) / 2; the first condition then is the approximate one of Hager
and Zhang, A new conjugate gradient method with guaranteed descent and an efficient line search,
SIAM J. Optim. 16(1), 2005.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from catenary.descent.coordinates import Vector
from catenary.descent.objective import Point, rounding
from catenary.descent.oracle import Oracle

SUFFICIENT = 1e-4  # c₁
MOST = 40  # evaluations; twice as many where the way has no end, to go out of sight in one step
FARTHER = 4.0  # a step is at most lengthened by so many times its last change
SHORTER = 0.2  # where the function is not finite, this part of the way is tried
NARROW = 0.66  # an interval that has not shrunk to this part in two steps is halved


@dataclass(frozen=True)
class Trial:
    """A step length t, φ(t) − φ(0), φ'(t), and the point there."""

    t: float
    rise: float
    slope: float
    point: Point


@dataclass(frozen=True)
class Bracket:
    """The best trial so far, the other end, and whether a good step surely lies between."""

    best: Trial
    other: Trial
    closed: bool = False


def search(
    oracle: Oracle, point: Point, direction: Vector, first: float = 1.0, curvature: float = 0.9
) -> Trial | None:
    """A step along a direction of descent, ``first`` tried first; None if there is none."""
    slope = float(np.dot(point.gradient, direction))
    if not slope < 0 or not math.isfinite(first):
        return None
    start = Trial(0.0, 0.0, slope, point)
    bracket, t, wall, auxiliary = Bracket(start, start), first, math.inf, True
    low, high, widths = 0.0, (1 + FARTHER) * first, (math.inf, math.inf)
    for count in range(2 * MOST):
        if count >= MOST and (bracket.closed or math.isfinite(wall)):
            break
        trial = _try(oracle, start, direction, t)
        if not math.isfinite(trial.rise + trial.slope):
            wall = t
            t = bracket.best.t + SHORTER * (t - bracket.best.t)
            continue
        enough = trial.rise <= SUFFICIENT * t * slope
        if enough and abs(trial.slope) <= -curvature * slope:
            return trial
        auxiliary = auxiliary and not (enough and trial.slope >= 0)
        tilted = auxiliary and not enough and trial.rise <= bracket.best.rise
        tilt = SUFFICIENT * slope if tilted else 0.0
        t = _next(bracket, trial, tilt, low, high)
        bracket = _update(bracket, trial, tilt)
        t, widths = _shrunk(bracket, t, widths)
        low, high = _range(bracket, t)
        t = min(t, (bracket.best.t + wall) / 2)
        if bracket.closed and (not low < t < high or high - low <= oracle.epsilon * high):
            break
    return bracket.best if bracket.best.rise < 0 else None


def _try(oracle: Oracle, start: Trial, direction: Vector, t: float) -> Trial:
    point = oracle.along(start.point, t * direction)
    slope = float(np.dot(point.gradient, direction)) if point.finite else math.nan
    rise = point.value - start.point.value
    if abs(rise) <= rounding(start.point.value, oracle.epsilon):
        rise = t * (start.slope + slope) / 2
    return Trial(t, rise, slope, point)


def _shrunk(
    bracket: Bracket, t: float, widths: tuple[float, float]
) -> tuple[float, tuple[float, float]]:
    """The step, halving an interval that shrinks too slowly; the last two widths."""
    if not bracket.closed:
        return t, widths
    width = abs(bracket.other.t - bracket.best.t)
    if not math.isfinite(t) or width >= NARROW * widths[0]:
        t = (bracket.best.t + bracket.other.t) / 2
    return t, (widths[1], width)


def _range(bracket: Bracket, t: float) -> tuple[float, float]:
    """Between which lengths the step after t lies."""
    best = bracket.best.t
    if bracket.closed:
        return min(best, bracket.other.t), max(best, bracket.other.t)
    return t + 1.1 * (t - best), t + FARTHER * (t - best)


# ---- the next step from two trials --------------------------------------------------------------


def _next(bracket: Bracket, trial: Trial, tilt: float, low: float, high: float) -> float:
    """The step that the cubic or the parabola through the trials suggests."""
    best, other, new = (_tilted(t, tilt) for t in (bracket.best, bracket.other, trial))
    if new.rise > best.rise:
        cubic, parabola = _cubic(best, new), _parabola(best, new)
        near = abs(cubic - best.t) < abs(parabola - best.t)
        return cubic if near else (cubic + parabola) / 2
    if (new.slope < 0) != (best.slope < 0):
        cubic, secant = _cubic(best, new), _secant(best, new)
        return cubic if abs(cubic - new.t) > abs(secant - new.t) else secant
    forward = new.t > best.t
    if abs(new.slope) < abs(best.slope):
        cubic, secant = _cubic(best, new), _secant(best, new)
        if not math.isfinite(cubic) or (cubic - new.t) * (new.t - best.t) <= 0:
            cubic = high if forward else low
        if bracket.closed:
            chosen = min(cubic, secant, key=lambda t: abs(t - new.t))
            edge = new.t + NARROW * (other.t - new.t)
            return min(chosen, edge) if forward else max(chosen, edge)
        return min(max(max(cubic, secant, key=lambda t: abs(t - new.t)), low), high)
    if bracket.closed:
        return _cubic(other, new)
    return high if forward else low


def _update(bracket: Bracket, trial: Trial, tilt: float) -> Bracket:
    """The bracket with the new trial as one of its ends."""
    best, new = _tilted(bracket.best, tilt), _tilted(trial, tilt)
    if new.rise > best.rise:
        return Bracket(bracket.best, trial, closed=True)
    if (new.slope < 0) != (best.slope < 0):
        return Bracket(trial, bracket.best, closed=True)
    return Bracket(trial, bracket.other, bracket.closed)


def _tilted(trial: Trial, tilt: float) -> Trial:
    """The trial of ψ(t) = φ(t) − c₁ t φ'(0), whose minimum is a good step of φ."""
    return Trial(trial.t, trial.rise - tilt * trial.t, trial.slope - tilt, trial.point)


def _cubic(a: Trial, b: Trial) -> float:
    """The minimum of the cubic with these values and slopes; NaN where it has none."""
    if a.t == b.t:
        return math.nan
    theta = 3 * (a.rise - b.rise) / (b.t - a.t) + a.slope + b.slope
    size = max(abs(theta), abs(a.slope), abs(b.slope))  # its square may be beyond all numbers
    root = (theta / size) ** 2 - a.slope / size * (b.slope / size)
    if not root >= 0:
        return math.nan
    gamma = math.copysign(size * math.sqrt(root), b.t - a.t)
    below = (b.slope - a.slope) + 2 * gamma
    if below == 0:
        return math.nan
    return b.t - (b.t - a.t) * (b.slope + gamma - theta) / below


def _parabola(a: Trial, b: Trial) -> float:
    """The minimum of the parabola with both values and the slope at a."""
    length = b.t - a.t
    return a.t + length * a.slope / (2 * (a.slope - (b.rise - a.rise) / length))


def _secant(a: Trial, b: Trial) -> float:
    """Where the line through both slopes is 0."""
    return b.t + (a.t - b.t) * b.slope / (b.slope - a.slope)
