"""An element of a value, computed where it is asked for.

A rule says how the elements of a value at a place come from the elements of its operands at other
places. Rules are generators: they yield what they need and are sent it. So no chain of operations
is too long for Python's stack.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from catenary.backend.llvm import emit as e
from catenary.backend.llvm import scalar
from catenary.backend.llvm.apart import gathered, scattered
from catenary.backend.llvm.index import (
    ZERO,
    Position,
    flat,
    positions,
    quotient,
    rest,
    scaled,
    shifted,
    total,
)
from catenary.backend.llvm.layout import groups, row_strides
from catenary.backend.llvm.value import Value

Place = tuple[Position, ...]


@dataclass(frozen=True, eq=False)
class Wanted:
    """A value at a place, as far as the guard (one bit for each lane, None: everywhere) says."""

    value: Value
    place: Place
    guard: Any = None

    @property
    def key(self) -> Hashable:
        return self.value, tuple([p.key for p in self.place]), id(self.guard)


Rule = Generator[Wanted, ir.Value, ir.Value]


class Reader:
    """Elements of values, within one nest of loops.

    ``lanes``: how many neighbours are read at once (None: one element). ``tail``: the lanes that
    are within the array (None: all). ``memory``: where values lie that have been made.
    """

    def __init__(
        self, b: ir.IRBuilder, memory: Mapping[Value, ir.Value], lanes: int | None, status: Any
    ) -> None:
        self.b = b
        self.memory = memory
        self.lanes = lanes
        self.status = status
        self.tail: Any = None
        self._known: dict[Hashable, tuple[ir.Value, Any]] = {}

    @contextmanager
    def scope(self, tail: Any = None) -> Any:
        """What is computed inside is not known outside."""
        known, before = dict(self._known), self.tail
        self.tail = tail
        yield self
        self._known, self.tail = known, before

    def know(self, value: Value, place: Place, element: ir.Value) -> None:
        """The element of a value is at hand already."""
        self._known[Wanted(value, place).key] = element, place

    def pull(self, value: Value, place: Place, guard: Any = None) -> ir.Value:
        """The elements of a value at a place."""
        wanted = Wanted(value, place, guard)
        stack: list[tuple[Wanted, Rule]] = [(wanted, self._rule(wanted))]
        sent: Any = None
        while stack:
            current, rule = stack[-1]
            try:
                need = rule.send(sent)
            except StopIteration as done:
                sent = done.value
                # the place is kept too, so that no other object gets the identity in its key
                self._known[current.key] = sent, (current.place, current.guard)
                stack.pop()
                continue
            known = self._known.get(need.key)
            if known is not None:
                sent = known[0]
            else:
                sent = None
                stack.append((need, self._rule(need)))
        return sent

    def _rule(self, wanted: Wanted) -> Rule:
        known = self._known.get(wanted.key)
        if known is not None:
            return _given(known[0])
        value = wanted.value
        pointer = self.memory.get(value)
        if pointer is not None:
            return _given(self.load(pointer, value, wanted.place, wanted.guard))
        rule = _RULES.get(value.op, _elementwise)
        return rule(self, value, wanted.place, wanted.guard)

    # ---- memory -----------------------------------------------------------------------------

    def mask(self, guard: Any) -> Any:
        """The lanes to be read: within the array, and within the guard."""
        if self.tail is None or guard is None:
            return guard if self.tail is None else self.tail
        return self.b.and_(self.tail, guard)

    def load(self, pointer: ir.Value, value: Value, place: Place, guard: Any) -> ir.Value:
        at = flat(self.b, place, row_strides(value.shape))
        return self.load_at(pointer, value.dtype, at, guard)

    def load_at(self, pointer: ir.Value, dtype: Any, at: Position, guard: Any) -> ir.Value:
        """Elements at positions in memory."""
        b, lanes = self.b, self.lanes
        if lanes is None:
            base = at.base
            if guard is not None:
                base = b.select(guard, e.index(base) if isinstance(base, int) else base, e.index(0))
            return e.load(b, e.address(b, pointer, base, dtype), dtype)
        if at.vector is None and at.step == 1:
            mask = self.mask(guard)
            return e.load(b, e.address(b, pointer, at.base, dtype), dtype, lanes, mask)
        if at.vector is None and at.step == 0 and guard is None:
            return e.splat(b, e.load(b, e.address(b, pointer, at.base, dtype), dtype), lanes)
        where = positions(b, at, lanes)
        return gathered(b, pointer, where, dtype, self.mask(guard))

    def store_at(self, pointer: ir.Value, dtype: Any, at: Position, x: ir.Value) -> None:
        """Put elements at positions in memory, as far as they are within the array."""
        b, lanes = self.b, self.lanes
        if lanes is None:
            e.store(b, x, e.address(b, pointer, at.base, dtype), dtype)
        elif at.vector is None and at.step == 1:
            e.store(b, x, e.address(b, pointer, at.base, dtype), dtype, self.tail)
        else:
            scattered(b, pointer, positions(b, at, lanes), dtype, x, mask=self.tail)

    def make(self, roots: Sequence[Value], place: Place, memory: Mapping[Value, ir.Value]) -> None:
        """Compute and store the elements of some values. One may lie where another is read:
        everything is read first.
        """
        elements = [self.pull(root, place) for root in roots]
        for root, x in zip(roots, elements, strict=True):
            self.store(memory[root], root, place, x)

    def store(self, pointer: ir.Value, value: Value, place: Place, x: ir.Value) -> None:
        self.store_at(pointer, value.dtype, flat(self.b, place, row_strides(value.shape)), x)

    def complain(self, bad: ir.Value) -> None:
        """Note in the status that something is wrong in a lane that counts."""
        b = self.b
        if self.lanes is not None:
            if self.tail is not None:
                bad = b.and_(bad, self.tail)
            bad = e.intrinsic(b, "vector.reduce.or", e.I1, [bad], [bad.type])
        with b.if_then(bad, likely=False):
            b.store(e.index(1), self.status)


def _given(element: ir.Value) -> Rule:
    yield from ()  # a generator that needs nothing
    return element


# ---- rules --------------------------------------------------------------------------------------


def _elementwise(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    operands = []
    for operand in v.operands:
        operands.append((yield Wanted(operand, place, guard)))  # noqa: PERF401
    return scalar.emit(r.b, v, operands)


def _constant(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    yield from ()
    return e.number(e.register_type(v.dtype, r.lanes), v.params["value"].number)


def _iota(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    where = positions(r.b, place[v.params["axis"]], r.lanes)
    yield from ()
    return scalar.converted(r.b, where, "i8", v.dtype)


def _broadcast(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    return (yield Wanted(v.operands[0], tuple([place[d] for d in v.params["dims"]]), guard))


def _permute(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    inner = [ZERO] * len(place)
    for axis, source in enumerate(v.params["order"]):
        inner[source] = place[axis]
    return (yield Wanted(v.operands[0], tuple(inner), guard))


def _reverse(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    inner = list(place)
    for a in v.params["axes"]:
        inner[a] = shifted(r.b, scaled(r.b, place[a], -1), v.shape[a] - 1)
    return (yield Wanted(v.operands[0], tuple(inner), guard))


def _slice(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    bounds = zip(place, v.params["start"], v.params["step"], strict=True)
    inner = tuple([shifted(r.b, scaled(r.b, p, step), start) for p, start, step in bounds])
    return (yield Wanted(v.operands[0], inner, guard))


def _reshape(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    source, b = v.operands[0], r.b
    if source in r.memory:
        at = flat(b, place, row_strides(v.shape))
        return r.load_at(r.memory[source], v.dtype, at, guard)
    inner = [ZERO] * len(source.shape)
    for here, there in groups(source.shape, v.shape):
        linear, distance = ZERO, 1
        for axis in reversed(there):
            linear = total(b, linear, scaled(b, place[axis], distance))
            distance *= v.shape[axis]
        for axis in reversed(here[1:]):
            inner[axis] = rest(b, linear, source.shape[axis], r.lanes)
            linear = quotient(b, linear, source.shape[axis], r.lanes)
        if here:
            inner[here[0]] = linear
    return (yield Wanted(source, tuple(inner), guard))


def _inside(r: Reader, p: Position, low: int, high: int) -> Any:
    """Whether low ≤ p < high, in each lane; a plain bool where that is known beforehand."""
    b = r.b
    if p.span is not None and low <= p.span[0] and p.span[1] <= high:
        return True
    if p.span is not None and (p.span[1] <= low or high <= p.span[0]):
        return False
    where = positions(b, p, r.lanes)
    above = b.icmp_signed(">=", where, e.number(where.type, low))
    below = b.icmp_signed("<", where, e.number(where.type, high))
    return b.and_(above, below)


def _both(b: ir.IRBuilder, x: Any, y: Any) -> Any:
    return y if x is None else x if y is None else b.and_(x, y)


def _pad(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    b, source = r.b, v.operands[0]
    inner, condition = [], None
    axes = zip(place, v.params["low"], v.params["interior"], source.shape, v.shape, strict=True)
    for p, low, interior, n, whole in axes:
        if n == whole:
            inner.append(p)
            continue
        p = shifted(b, p, -low)
        fits = _inside(r, p, 0, n + (n - 1) * interior)
        if fits is False:
            return e.number(e.register_type(v.dtype, r.lanes), 0)
        condition = _both(b, condition, None if fits is True else fits)
        if interior:
            left = positions(b, rest(b, p, interior + 1, r.lanes), r.lanes)
            condition = _both(b, condition, b.icmp_signed("==", left, e.number(left.type, 0)))
            p = quotient(b, p, interior + 1, r.lanes)
        inner.append(p)
    x = yield Wanted(source, tuple(inner), _both(b, guard, condition))
    return x if condition is None else b.select(condition, x, e.number(x.type, 0))


def _concatenate(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    b, axis = r.b, v.params["axis"]
    result, begin = None, 0
    for piece in v.operands:
        end = begin + piece.shape[axis]
        condition = _inside(r, place[axis], begin, end)
        inner = list(place)
        inner[axis] = shifted(b, place[axis], -begin)
        begin = end
        if condition is False:
            continue
        if condition is True:
            return (yield Wanted(piece, tuple(inner), guard))
        x = yield Wanted(piece, tuple(inner), _both(b, guard, condition))
        result = x if result is None else b.select(condition, x, result)
    return result


def _gather(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    b = r.b
    source, *indices = v.operands
    rank = len(indices[0].shape)
    inner = []
    uniform = r.lanes is None or all(p.vector is None and p.step == 0 for p in place[:rank])
    for axis, operand in enumerate(indices):
        if operand.op == "iota" and operand.shape[operand.params["axis"]] <= source.shape[axis]:
            inner.append(place[operand.params["axis"]])
            continue
        if r.lanes is not None and uniform and guard is None:
            inner.append(_looked_up(r, operand, place[:rank], source.shape[axis]))
            continue
        where = yield Wanted(operand, place[:rank], guard)
        n = source.shape[axis]
        bad = b.icmp_unsigned(">=", where, e.number(where.type, n))
        r.complain(bad if guard is None else b.and_(bad, guard))
        where = b.select(bad, e.number(where.type, 0), where)
        inner.append(Position(where) if r.lanes is None else Position(0, 0, where))
    if 0 in source.shape:
        return e.number(e.register_type(v.dtype, r.lanes), 0)
    return (yield Wanted(source, (*inner, *place[rank:]), guard))


def _within(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    """Positions that are used only to compare with, and must be within bounds nevertheless."""
    where = yield Wanted(v.operands[0], place, guard)
    bad = r.b.icmp_unsigned(">=", where, e.number(where.type, v.params["size"]))
    r.complain(bad if guard is None else r.b.and_(bad, guard))
    return where


def _checked(r: Reader, v: Value, place: Place, guard: Any) -> Rule:
    """The first operand; the second says where something is wrong."""
    bad = yield Wanted(v.operands[1], place, guard)
    r.complain(bad if guard is None else r.b.and_(bad, guard))
    return (yield Wanted(v.operands[0], place, guard))


def _looked_up(r: Reader, operand: Value, place: Place, n: int) -> Position:
    """One position for all lanes: neighbours of a row that is looked up stay neighbours."""
    single = Reader(r.b, r.memory, None, r.status)
    where = single.pull(operand, place)
    bad = r.b.icmp_unsigned(">=", where, e.index(n))
    single.complain(bad)
    return Position(r.b.select(bad, e.index(0), where))


_RULES: dict[str, Callable[[Reader, Value, Place, Any], Rule]] = {
    "constant": _constant,
    "iota": _iota,
    "broadcast": _broadcast,
    "permute": _permute,
    "reverse": _reverse,
    "slice": _slice,
    "reshape": _reshape,
    "pad": _pad,
    "concatenate": _concatenate,
    "gather": _gather,
    "within": _within,
    "checked": _checked,
}
