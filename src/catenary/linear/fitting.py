"""Whether linear maps go together: one space between them, or the same two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catenary.core import linear_map_errors
from catenary.tracing.recorder import user_line

if TYPE_CHECKING:
    from catenary.linear.map import LinearMap


def require_composable(left: LinearMap, right: LinearMap) -> None:
    """Refuse left ∘ right where the right one does not end where the left one begins."""
    if left.domain.types != right.codomain.types:
        raise _misfit("composed", str(left.domain), str(right.codomain), left, right)


def require_addable(left: LinearMap, right: LinearMap) -> None:
    """Refuse left + right where they are not between the same spaces."""
    if (left.domain.types, left.codomain.types) != (right.domain.types, right.codomain.types):
        expected, got = (f"{m.domain} ⊸ {m.codomain}" for m in (left, right))
        raise _misfit("added", expected, got, left, right)


def _misfit(verb: str, expected: str, got: str, left: LinearMap, right: LinearMap) -> Exception:
    sides = ("left", left.name, left.where), ("right", right.name, right.where)
    return linear_map_errors.maps_do_not_fit(verb, expected, got, sides, user_line())
