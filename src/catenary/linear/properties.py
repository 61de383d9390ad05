"""What is known of a map beside its shape, and what follows from it.

Properties are facts that somebody vouches for: the structure (a diagonal is symmetric), the way
a map was made (AᵀDA is symmetric when D is), or the user. None is found by looking at numbers
more often than once. Solvers and decompositions read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from catenary.linear.map import LinearMap

Property = Literal[
    "symmetric",
    "positive_semidefinite",
    "diagonal",
    "lower_triangular",
    "upper_triangular",
    "orthogonal",
]
Properties = frozenset[Property]

NAMES: tuple[Property, ...] = (
    "symmetric", "positive_semidefinite", "diagonal", "lower_triangular", "upper_triangular",
    "orthogonal",
)  # fmt: skip
NOTHING: Properties = frozenset()
DIAGONAL: Properties = frozenset(("diagonal", "symmetric", "lower_triangular", "upper_triangular"))
EVERYTHING: Properties = frozenset(NAMES)

_MIRRORED: dict[Property, Property] = {
    "lower_triangular": "upper_triangular",
    "upper_triangular": "lower_triangular",
}
_OF_PRODUCTS: Properties = frozenset(
    ("diagonal", "lower_triangular", "upper_triangular", "orthogonal")
)
_IMPLIED: tuple[tuple[frozenset[Property], frozenset[Property]], ...] = (
    (frozenset(("positive_semidefinite",)), frozenset(("symmetric",))),
    (frozenset(("diagonal",)), DIAGONAL),
    (frozenset(("lower_triangular", "upper_triangular")), DIAGONAL),
    (frozenset(("symmetric", "lower_triangular")), DIAGONAL),
    (frozenset(("symmetric", "upper_triangular")), DIAGONAL),
)


def closed(known: Iterable[Property]) -> Properties:
    """The properties, with all that follow from them."""
    found = frozenset(known)
    for given, implied in _IMPLIED:
        if given <= found:
            found |= implied
    return found


def transposed(known: Properties) -> Properties:
    """What the transpose has: triangles are mirrored, the rest stays."""
    return frozenset(_MIRRORED.get(name, name) for name in known)


def scaled(known: Properties, number: Any) -> Properties:
    """What c·A has, of what A has; the sign and size of a traced number are not known."""
    at_hand = isinstance(number, (int, float))
    lost: set[Property] = set()
    if not (at_hand and number >= 0):
        lost.add("positive_semidefinite")
    if not (at_hand and abs(number) == 1):
        lost.add("orthogonal")
    return known - lost


def of_sum(terms: Sequence[LinearMap]) -> Properties:
    """What all terms have, a sum has too, orthogonality apart."""
    known = EVERYTHING - {"orthogonal"}
    for term in terms:
        known &= term.properties
    return known


def of_product(factors: Sequence[LinearMap]) -> Properties:
    """What all factors have, and the symmetry of Aᵀ…S…A."""
    known = _OF_PRODUCTS
    for factor in factors:
        known &= factor.properties
    return known | _of_palindrome(list(factors))


def _of_palindrome(factors: list[LinearMap]) -> Properties:
    """Symmetric when the middle is, positive semi-definite when the middle is."""
    while len(factors) > 1 and factors[0].is_transpose_of(factors[-1]):
        factors = factors[1:-1]
    if not factors:
        return frozenset(("symmetric", "positive_semidefinite"))
    if len(factors) == 1:
        return factors[0].properties & frozenset(("symmetric", "positive_semidefinite"))
    return NOTHING
