"""check_grads: derivatives against difference quotients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from catenary.core import errors
from catenary.function.modes import jvp, vjp
from catenary.tracing import random, tree
from catenary.tracing.recorder import user_line

Direction = Literal["forward", "reverse"]


@dataclass(frozen=True)
class GradientCheck:
    """What was compared, and the largest relative error found in each comparison."""

    errors: dict[str, float]
    tolerance: float

    def __repr__(self) -> str:
        width = max(map(len, self.errors))
        lines = [f"  {name:<{width}} {error:.1e}" for name, error in self.errors.items()]
        return f"derivatives agree to {self.tolerance:.0e}:\n" + "\n".join(lines)


def check_grads(
    f: Callable[..., Any],
    *x: Any,
    order: int = 2,
    modes: Sequence[Direction] = ("forward", "reverse"),
    tolerance: float | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Compare the derivatives of f at x with difference quotients; raise where they differ.

    Along random directions v, forward mode is held against Richardson's extrapolation of
    (f(x + hv) − f(x − hv))/2h, and reverse mode against forward mode by ⟨Df v, u⟩ = ⟨v, Dfᵀ u⟩.
    With ``order=2`` the derivatives themselves are checked in the same way. Errors are relative
    to the size of what is compared; ``tolerance`` is 1e-7 for float64 and 1e-2 for float32 unless
    given. ``x`` must lie where f is smooth.

    >>> import numpy as np
    >>> _ = check_grads(lambda x: np.sum(np.sin(x) ** 2), np.arange(3.0))
    """
    if order not in (1, 2):
        raise errors.unknown_option("order", str(order), ("1", "2"))
    coordinates = tree.coordinates(x)
    single = any(np.asarray(c).dtype == np.float32 for c in coordinates)
    bound = tolerance if tolerance is not None else (1e-2 if single else 1e-7)
    key = random.key(seed)
    v, w = (_direction(random.fold_in(key, k), x) for k in range(2))
    examiner = _Examiner(modes, single)
    examiner.compare("", f, x, v)
    if order == 2:
        for mode in modes:
            derivative = _derivative(f, mode, w, key)
            examiner.compare(f"{mode}, then ", derivative, x, v)
    found = examiner.found
    bad = {name: error for name, error in found.items() if not error <= bound}
    if bad:
        raise errors.gradient_check(bad, bound, user_line())
    return GradientCheck(found, bound)


def _derivative(f: Callable[..., Any], mode: Direction, v: Any, key: Any) -> Callable[..., Any]:
    """A first derivative along a fixed direction, as a function of the point."""
    if mode == "forward":
        return lambda *x: jvp(f, x, v)[1]

    def pulled(*x: Any) -> Any:
        y, pull = vjp(f, *x)
        return pull(_direction(random.fold_in(key, 99), y))

    return pulled


class _Examiner:
    """Holds derivatives against each other and against difference quotients."""

    def __init__(self, modes: Sequence[Direction], single: bool) -> None:
        self.modes = modes
        self.single = single
        self.found: dict[str, float] = {}

    def compare(self, name: str, f: Callable[..., Any], x: Any, v: Any) -> None:
        forward = jvp(f, x, v)[1]
        if "forward" in self.modes or not name:
            numeric = _difference(f, x, v, self.single)
            self.found[f"{name}forward against differences"] = _relative(forward, numeric)
        if "reverse" in self.modes:
            y, pull = vjp(f, *x)
            u = _direction(random.key(7), y)
            left = float(tree.dot(forward, u))
            right = float(tree.dot(v, pull(u)))
            size = float(tree.norm(forward)) * float(tree.norm(u))
            self.found[f"{name}reverse against forward"] = abs(left - right) / max(size, 1e-30)


def _direction(key: Any, like: Any) -> Any:
    """A random tree of the same structure, of length about one."""
    leaves, structure = tree.flatten(like)
    positions = tree.coordinate_positions(leaves, structure)
    total = max(1, sum(np.size(leaves[i]) for i in positions))
    for k, i in enumerate(positions):
        dtype = np.asarray(leaves[i]).dtype if not hasattr(leaves[i], "dtype") else leaves[i].dtype
        draw = random.normal(random.fold_in(key, k), np.shape(leaves[i]), np.float64)
        leaves[i] = (np.asarray(draw) / np.sqrt(total)).astype(dtype)
    return tree.unflatten(structure, leaves)


def _difference(f: Callable[..., Any], x: Any, v: Any, single: bool) -> Any:
    """Central differences at h and h/2, extrapolated to cancel the h² term."""
    h = 2.0**-4 if single else 2.0**-9

    def quotient(h: float) -> Any:
        ahead = f(*tree.map(lambda a, b: a + _like(h, a) * b, x, v))
        behind = f(*tree.map(lambda a, b: a - _like(h, a) * b, x, v))
        return tree.map(lambda a, b: (a - b) / (2 * h), ahead, behind)

    coarse, fine, finest = quotient(h), quotient(h / 2), quotient(h / 4)
    once = tree.map(lambda a, b: (4 * b - a) / 3, coarse, fine)
    again = tree.map(lambda a, b: (4 * b - a) / 3, fine, finest)
    return tree.map(lambda a, b: (16 * b - a) / 15, once, again)


def _like(h: float, a: Any) -> Any:
    return np.asarray(a).dtype.type(h)


def _relative(a: Any, b: Any) -> float:
    difference = float(tree.norm(tree.map(lambda p, q: p - q, a, b)))
    return difference / max(float(tree.norm(a)), float(tree.norm(b)), 1e-3)


__all__ = ["Direction", "GradientCheck", "check_grads"]
