"""Local and accumulated Jacobians before they are computed: shapes, places of entries, and cost.

A *term* stands for a matrix. Terms are made by a planner that tries out orders, so they hold no
numbers: only what a product of two of them would multiply. Of the terms in the order that is
taken, ``emit`` makes operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal as Choice
from typing import TypeAlias

from catenary.core.graph import Atom, Graph
from catenary.core.types import ArrayType
from catenary.linear.plan.pattern import Joined, Pattern, United, composed, united

Cost: TypeAlias = tuple[int, int]  # multiplications; then, for ties, numbers written


@dataclass(frozen=True, eq=False)
class Step:
    """The map of one operation of a linear graph, from one of its operands to its result.

    ``graph``: held operands and the moving one → the result; ``held`` says what the first stand
    for. ``cost``: the multiplications of one application, read from the operation's structure.
    ``pattern``: where its entries are, if there are few; ``ones``: all of them are 1. ``labels``:
    of a contraction with held numbers, where these stand in the matrix. Neither: the map is known
    by what it does to vectors.
    """

    name: str
    graph: Graph
    held: tuple[Atom, ...]
    source: ArrayType
    target: ArrayType
    cost: int
    pattern: Pattern | None = None
    ones: bool = False
    labels: tuple[str, str, str, str] | None = None

    own: int = 0

    @cached_property
    def rows(self) -> int:
        return self.target.size

    @cached_property
    def columns(self) -> int:
        return self.source.size

    @property
    def is_opaque(self) -> bool:
        """Whether its entries stand nowhere: they are found by applying it to unit vectors."""
        return self.pattern is None and self.labels is None

    @property
    def writing(self) -> int:
        """The multiplications that writing it out as a matrix takes."""
        return min(self.rows, self.columns) * self.cost if self.is_opaque else 0

    @property
    def parts(self) -> tuple[Term, ...]:
        return ()


How: TypeAlias = Choice["entries", "push", "pull"]


@dataclass(frozen=True, eq=False)
class Product:
    """after · before.

    ``how``: by "entries", whose places are known; by "push", the columns of ``before`` through
    ``after``; or by "pull", the rows of ``after`` through ``before``. ``own`` counts what this
    product multiplies, without its factors.
    """

    after: Term
    before: Term
    how: How
    rows: int
    columns: int
    own: int
    cost: int
    pattern: Pattern | None = None
    ones: bool = False
    joined: Joined | None = None

    is_opaque = False
    writing = 0

    @property
    def parts(self) -> tuple[Term, ...]:
        return self.after, self.before


@dataclass(frozen=True, eq=False)
class Total:
    """first + second: two paths from one value to another."""

    first: Term
    second: Term
    rows: int
    columns: int
    cost: int
    pattern: Pattern | None = None
    ones: bool = False
    union: United | None = None

    own = 0
    is_opaque = False
    writing = 0

    @property
    def parts(self) -> tuple[Term, ...]:
        return self.first, self.second


Term: TypeAlias = Step | Product | Total


def is_identity(term: Term) -> bool:
    """Whether a term is known to change nothing."""
    return term.ones and term.pattern is not None and term.pattern.places is None


def product(after: Term, before: Term) -> Term:
    """after · before, multiplied in the cheapest way."""
    if is_identity(after):
        return before
    if is_identity(before):
        return after
    by_entries = _by_entries(after, before)
    if by_entries is not None:
        return by_entries
    m, n = after.rows, before.columns
    push, pull = n * after.cost, m * before.cost
    # a matrix that stands somewhere can be an operand of a contraction, whichever side moves
    if (push + before.writing, before.is_opaque) <= (pull + after.writing, after.is_opaque):
        return Product(after, before, "push", m, n, push, m * n)
    return Product(after, before, "pull", m, n, pull, m * n)


def _by_entries(after: Term, before: Term) -> Product | None:
    """The product of two maps with few entries, if it has few, too."""
    if after.pattern is None or before.pattern is None:
        return None
    joined = composed(after.pattern, before.pattern)
    if joined is None:
        return None
    m, n = joined.pattern.shape
    found = joined.pattern.count
    if found > 4 * max(m, n) and 8 * found > m * n:
        return None
    own = 0 if 0 in (after.cost, before.cost) else joined.count
    free = joined.target is None and after.cost == before.cost == 0
    ones = free and after.ones and before.ones
    cost = 0 if free else found
    return Product(after, before, "entries", m, n, own, cost, joined.pattern, ones, joined)


def total(first: Term, second: Term) -> Term:
    """first + second."""
    m, n = first.rows, first.columns
    if first.pattern is not None and second.pattern is not None:
        union = united(first.pattern, second.pattern)
        apart = union.target is None and not union.same
        # ones that meet are a whole number: copies that are added
        cost = 0 if first.cost == second.cost == 0 else union.pattern.count
        ones = apart and first.ones and second.ones
        return Total(first, second, m, n, cost, union.pattern, ones, union)
    return Total(first, second, m, n, m * n)


# ---- counting -----------------------------------------------------------------------------------


def written_out(term: Term) -> Iterator[Step]:
    """The parts of a term that are needed as matrices and can only be had by unit vectors."""
    if isinstance(term, Product):
        moving = {"push": (term.before,), "pull": (term.after,), "entries": ()}[term.how]
    else:
        moving = term.parts
    yield from (part for part in moving if isinstance(part, Step) and part.is_opaque)


def size(term: Term) -> int:
    """How many numbers a term is written with."""
    return term.rows * term.columns if term.pattern is None else term.pattern.count


def in_order(terms: Iterable[Term]) -> list[Term]:
    """All terms that these are made of, parts first, each once."""
    seen: dict[int, Term] = {}
    stack = [(term, False) for term in reversed(list(terms))]
    while stack:
        term, ready = stack.pop()
        if id(term) in seen:
            continue
        if ready:
            seen[id(term)] = term
        else:
            stack.append((term, True))
            stack.extend((part, False) for part in reversed(term.parts))
    return list(seen.values())


def cost(terms: Iterable[Term]) -> Cost:
    """What it takes to have these written out, everything shared counted once."""
    terms = list(terms)
    everything = in_order(terms)
    opaque = {id(s): s for term in everything for s in written_out(term)}
    opaque |= {id(t): t for t in terms if isinstance(t, Step) and t.is_opaque}
    steps = opaque.values()
    multiplied = sum(t.own for t in everything) + sum(s.writing for s in steps)
    made = [t for t in everything if not isinstance(t, Step)]
    return multiplied, sum(map(size, made)) + sum(map(size, steps))
