"""The operations that compute a planned Jacobian: those of the linear graph, for many columns.

Nothing is derived here. Columns go through an operation as its ``batch``, rows as the ``batch`` of
its ``transpose``; two matrices that stand somewhere are contracted; entries whose places are known
are gathered, multiplied and added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias
from typing import Literal as Choice

import numpy as np

from catenary.core.graph import Builder, Graph, Literal, inline
from catenary.core.operators import slots
from catenary.core.types import ArrayType
from catenary.linear.plan.pattern import Index, Pattern
from catenary.linear.plan.term import Step, Term, Total
from catenary.ops.additive import convert
from catenary.ops.arrange import permute, reshape
from catenary.ops.compare import eq, select
from catenary.ops.index import gather, position, scatter_add
from catenary.ops.product import contract
from catenary.ops.replicate import broadcast
from catenary.ops.window import concatenate
from catenary.transform.batch import batch
from catenary.transform.transpose import transpose

# A matrix of m rows and n columns lies in an array (m, n) with "rows" in front, or in one (n, m)
# with "columns" in front: as they come out of a batch.
Lead: TypeAlias = Choice["rows", "columns"]
Laid: TypeAlias = tuple[Any, Lead]


_MOST_PIECES = 64  # parts of a matrix put side by side; more are written one by one


class Emitter:
    """Makes the values of terms in a builder, each once.

    ``values``: what the atoms of the linear graph stand for that do not move.
    """

    def __init__(self, builder: Builder, values: dict[Any, Any], dtype: Any) -> None:
        self.builder = builder
        self.values = values
        self.dtype = dtype
        self._entries: dict[int, Any] = {}
        self._dense: dict[int, Laid] = {}

    # ---- the values of entries whose places are known ----

    def entries(self, term: Term) -> Any:
        """An array of any shape, whose elements are the entries in the order of their places."""
        if id(term) not in self._entries:
            self._entries[id(term)] = self._new_entries(term)
        return self._entries[id(term)]

    def _new_entries(self, term: Term) -> Any:
        assert term.pattern is not None
        if term.ones:
            return self._full(1, (term.pattern.count,))
        if isinstance(term, Step):
            return self._contracted(term) if term.labels else self._on_ones(term)
        if isinstance(term, Total):
            return self._united(term)
        assert term.joined is not None
        joined = term.joined
        one = self._picked(self.entries(term.after), joined.first, joined.count)
        two = self._picked(self.entries(term.before), joined.second, joined.count)
        if one.type.shape != two.type.shape:
            one, two = self._flat(one), self._flat(two)
        return self._added_up(slots.scale(one, two), joined.target, joined.pattern.count)

    def _on_ones(self, step: Step) -> Any:
        """The diagonal of an elementwise map: what it makes of ones."""
        return self._inlined(step.graph, step, slots.full(1, step.source))

    def _contracted(self, step: Step) -> Any:
        """The held operand of a contraction, once for each number that is carried along."""
        assert step.labels is not None
        still, matrix, summed, kept = step.labels
        held = self._held(step)[0]
        arranged = self._permuted(held, tuple(still.index(c) for c in matrix + summed))
        if not kept:
            return arranged
        assert step.pattern is not None
        size = arranged.type.size
        copies = step.pattern.count // max(size, 1)
        return broadcast(self._flat(arranged), shape=(size, copies), dims=(0,))

    def _picked(self, values: Any, index: Index | None, count: int) -> Any:
        if index is None:
            return values
        if isinstance(values, Literal):
            return self._full(values.value, (count,))
        if values.type.size == 1:
            return broadcast(reshape(values, shape=()), shape=(count,), dims=())
        return gather(self._variable(self._flat(values)), self._constant(index))

    def _added_up(self, values: Any, target: Index | None, count: int) -> Any:
        if target is None:
            return values
        flat = self._variable(self._flat(values))
        return scatter_add(flat, self._constant(target), shape=(count,))

    def _united(self, term: Total) -> Any:
        assert term.union is not None
        if term.union.same:
            one, two = self.entries(term.first), self.entries(term.second)
            if one.type.shape != two.type.shape:
                one, two = self._flat(one), self._flat(two)
            return slots.add(one, two)
        parts = self._parts(term)
        values = concatenate(*(part for part, _ in parts), axis=0)
        places, wanted = np.concatenate([at for _, at in parts]), term.union.pattern.flat
        if places.size == wanted.size:  # each place once, in the order of the parts
            return values
        order = np.argsort(wanted)
        target = order[np.searchsorted(wanted, places, sorter=order)]
        return self._added_up(values, target, wanted.size)

    def _parts(self, term: Term) -> list[tuple[Any, Index]]:
        """The entries of all that is added, and their places."""
        return [
            (self._variable(self._flat(self.entries(leaf))), leaf.pattern.flat)
            for leaf in _leaves(term)
            if leaf.pattern is not None
        ]

    # ---- whole matrices ----

    def matrix(self, term: Term, lead: Lead | None = None) -> Laid:
        """The matrix written out, with rows or columns in front as wanted, or as it comes."""
        if id(term) not in self._dense:
            self._dense[id(term)] = self._new_matrix(term, lead)
        value, found = self._dense[id(term)]
        if lead is None or lead == found:
            return value, found
        return permute(self._variable(value), order=(1, 0)), lead

    def _new_matrix(self, term: Term, lead: Lead | None) -> Laid:
        if term.pattern is not None:
            return self._spread_out(term, term.pattern)
        if isinstance(term, Step):
            return self._step_matrix(term)
        if isinstance(term, Total):
            first, found = self.matrix(term.first, lead)
            return slots.add(first, self.matrix(term.second, found)[0]), found
        if term.how == "push":
            return self._pushed(term.after, term.before, lead)
        laid, found = self._pushed(term.before, term.after, _other(lead), turned=True)
        return laid, "rows" if found == "columns" else "columns"

    def _step_matrix(self, step: Step) -> Laid:
        if step.labels is not None:
            still, rows, summed, _ = step.labels
            held = self._held(step)[0]
            if still == summed + rows:
                return reshape(held, shape=(step.columns, step.rows)), "columns"
            arranged = self._permuted(held, tuple(still.index(c) for c in rows + summed))
            return reshape(arranged, shape=(step.rows, step.columns)), "rows"
        if step.columns <= step.rows:
            return self._batched(step, self._eye(step.columns), turned=False), "columns"
        return self._batched(step, self._eye(step.rows), turned=True), "rows"

    def _spread_out(self, term: Term, pattern: Pattern) -> Laid:
        """A matrix of few entries, zeros and all."""
        m, n = pattern.shape
        if pattern.is_whole:
            return reshape(self.entries(term), shape=(m, n)), "rows"
        if pattern.places is None:
            values = broadcast(self._flat(self.entries(term)), shape=(m, n), dims=(0,))
            return select(self._on_diagonal(n), values, self._full(0, (m, n))), "rows"
        return reshape(self._laid_out(self._parts(term), m * n), shape=(m, n)), "rows"

    def _laid_out(self, parts: list[tuple[Any, Index]], size: int) -> Any:
        """Values at their places, zeros between them."""
        parts = sorted(parts, key=lambda part: int(part[1][0]) if part[1].size else size)
        pieces, end = [], 0
        for value, places in parts:
            if places.size == 0 or places[0] < end or np.any(np.diff(places) != 1):
                break
            pieces += [self._full(0, (int(places[0]) - end,)), value]
            end = int(places[-1]) + 1
        else:
            if len(parts) <= _MOST_PIECES:
                pieces.append(self._full(0, (size - end,)))
                return concatenate(*(p for p in pieces if p.type.size), axis=0)
        values = concatenate(*(value for value, _ in parts), axis=0)
        places = np.concatenate([at for _, at in parts])
        return scatter_add(values, self._constant(places), shape=(size,))

    def _pushed(
        self, through: Term, what: Term, lead: Lead | None, *, turned: bool = False
    ) -> Laid:
        """The columns of a matrix through a map; ``turned``: its rows through the transpose.

        Turned, "columns" stands for rows and the other way round, for ``lead`` and the result.
        """
        pattern = through.pattern
        if pattern is None and not through.is_opaque:
            return self._contract(through, what, lead, turned)
        if pattern is not None and pattern.places is None:
            return self._scaled(through, what, lead, turned)
        if isinstance(through, Step):
            given = self.matrix(what, "rows" if turned else "columns")[0]
            return self._batched(through, given, turned=turned), "columns"
        assert pattern is not None
        return self._gathered(through, pattern.T if turned else pattern, what, turned)

    def _contract(self, through: Term, what: Term, lead: Lead | None, turned: bool) -> Laid:
        one, one_lead = self.matrix(through)
        two, two_lead = self.matrix(what)
        after, before = ("wv", "vu") if not turned else ("vw", "uv")
        one_labels = after if one_lead == "rows" else after[::-1]
        two_labels = before if two_lead == "rows" else before[::-1]
        lead = lead or _turn(two_lead, turned)
        out = "uw" if lead == "columns" else "wu"
        spec = f"{one_labels},{two_labels}->{out}"
        return contract(self._variable(one), self._variable(two), spec=spec), lead

    def _scaled(self, through: Term, what: Term, lead: Lead | None, turned: bool) -> Laid:
        """A diagonal times a matrix."""
        value, found = self.matrix(what, None if lead is None else _turn(lead, turned))
        if through.ones:
            return value, _turn(found, turned)
        moved = 0 if _turn(found, turned) == "rows" else 1
        factor = self._flat(self.entries(through))
        spread = broadcast(factor, shape=value.type.shape, dims=(moved,))
        return slots.scale(spread, value), _turn(found, turned)

    def _gathered(self, through: Term, pattern: Pattern, what: Term, turned: bool) -> Laid:
        """A matrix of few entries times one with many."""
        value = self._variable(self.matrix(what, _turn("rows", turned))[0])
        picked = gather(value, self._constant(pattern.columns))
        if not through.ones:
            factor = self._flat(self.entries(through))
            picked = slots.scale(broadcast(factor, shape=picked.type.shape, dims=(0,)), picked)
        shape = (pattern.shape[0], value.type.shape[1])
        return scatter_add(picked, self._constant(pattern.rows), shape=shape), "rows"

    def _batched(self, step: Step, given: Any, *, turned: bool) -> Any:
        """Many vectors through an operation, or through its transpose, along the leading axis."""
        graph, inward, outward = step.graph, step.source, step.target
        if turned:
            graph, inward, outward = transpose(graph, [len(graph.inputs) - 1]), outward, inward
        size = given.type.shape[0]
        flags = (False,) * len(step.held) + (True,)
        vectors = reshape(self._variable(given), shape=(size, *inward.shape))
        made = self._inlined(batch(graph, size, flags), step, vectors)
        return reshape(made, shape=(size, outward.size))

    # ---- small parts ----

    def _inlined(self, graph: Graph, step: Step, moving: Any) -> Any:
        return inline(self.builder, graph, [*self._held(step), moving])[0]

    def _held(self, step: Step) -> list[Any]:
        return [self.values.get(a, a) for a in step.held]

    def _full(self, number: float, shape: tuple[int, ...]) -> Any:
        return slots.full(number, ArrayType(shape, self.dtype))

    def _variable(self, value: Any) -> Any:
        return slots.variable(self.builder, value) if isinstance(value, Literal) else value

    def _constant(self, index: Index) -> Any:
        return self.builder.capture(np.ascontiguousarray(index, np.int64))

    def _flat(self, value: Any) -> Any:
        shape = (value.type.size,)
        return value if value.type.shape == shape else reshape(value, shape=shape)

    def _permuted(self, value: Any, order: tuple[int, ...]) -> Any:
        return value if order == tuple(range(len(order))) else permute(value, order=order)

    def _on_diagonal(self, n: int) -> Any:
        square = self._variable(self._full(0, (n, n)))
        return eq(position(square, axis=0), position(square, axis=1))

    def _eye(self, n: int) -> Any:
        return convert(self._on_diagonal(n), dtype=self.dtype)


def _other(lead: Lead | None) -> Lead | None:
    return None if lead is None else _turn(lead, True)


def _turn(lead: Lead, turned: bool) -> Lead:
    if not turned:
        return lead
    return "rows" if lead == "columns" else "columns"


def _leaves(term: Term) -> Iterator[Term]:
    """What is added, when sums of sums are taken apart."""
    if isinstance(term, Total) and term.union is not None and not term.union.same:
        yield from _leaves(term.first)
        yield from _leaves(term.second)
    else:
        yield term
