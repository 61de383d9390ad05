"""What depends on the kinds of the maps involved: one table of rules for each question.

The class at the root, ``LinearMap``, asks these questions and knows no structure. The answers
stand in the files that import the structures and fill the tables: products, sums, solvers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Row = tuple[tuple[type, ...], Callable[..., Any]]


class Rules:
    """Rules tried in order: the first whose types fit, and that has an answer, gives it.

    A rule that has none for these maps returns None.
    """

    def __init__(self) -> None:
        self.rows: tuple[Row, ...] = ()
        self._fitting: dict[tuple[type, ...], list[Callable[..., Any]]] = {}

    def fill(self, rows: Sequence[Row]) -> None:
        """Set the rules, in the order in which they are tried."""
        self.rows = tuple(rows)

    def __call__(self, *maps: Any) -> Any:
        """The answer of the first rule that has one, or None."""
        for rule in self._for(tuple(map(type, maps))):
            answer = rule(*maps)
            if answer is not None:
                return answer
        return None

    def _for(self, kinds: tuple[type, ...]) -> list[Callable[..., Any]]:
        """The rules for maps of these classes, found once."""
        if kinds not in self._fitting:
            self._fitting[kinds] = [
                rule for types, rule in self.rows if all(map(issubclass, kinds, types))
            ]
        return self._fitting[kinds]


compose = Rules()  # (left, right) → left ∘ right
add = Rules()  # (first, second) → first + second
structure = Rules()  # map → the same map, of a known structure
factorize = Rules()  # map → (rows of right-hand sides → rows of solutions)
scale = Rules()  # (map, number) → number · map
