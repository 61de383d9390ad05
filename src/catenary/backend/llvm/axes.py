"""Loops that can be one: neighbouring axes that everything read treats as one axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from catenary.backend.llvm.layout import Shape
from catenary.backend.llvm.value import Value

Axes = tuple[int | None, ...]  # for each loop, the axis of a value that it runs along


def joints(
    roots: Sequence[Value], rank: int, stored: set[Value], apart: Iterable[int] = ()
) -> set[int]:
    """The loops i that can be joined with loop i + 1; never those in ``apart``."""
    free = set(range(rank - 1)) - set(apart)
    stack: list[tuple[Value, Axes]] = [(root, tuple(range(rank))) for root in roots]
    seen: set[tuple[Value, Axes]] = set(stack)
    while stack and free:
        value, axes = stack.pop()
        if value in stored and value not in roots:
            _meet(free, axes, set())
            continue
        for operand, onward in _onward(value, axes, free, stored):
            if (operand, onward) not in seen:
                seen.add((operand, onward))
                stack.append((operand, onward))
    return free


def _meet(free: set[int], axes: Axes, broken: set[int]) -> None:
    """Strike out the pairs that do not lie side by side here, or touch a broken axis."""
    for i in list(free):
        a, b = axes[i], axes[i + 1]
        alike = (a is None) == (b is None)
        if not alike or (a is not None and b != a + 1) or a in broken or b in broken:
            free.discard(i)


def _onward(v: Value, axes: Axes, free: set[int], stored: set[Value]) -> list[tuple[Value, Axes]]:
    """The operands of a value, with the axis of each that every loop runs along."""

    def through(where: dict[int, int]) -> Axes:
        return tuple([None if a is None else where.get(a) for a in axes])

    params = v.params
    if v.op == "constant":
        return []
    if v.op == "iota":
        _meet(free, axes, {params["axis"]})
        return []
    if v.op == "broadcast":
        return [(v.operands[0], through({d: i for i, d in enumerate(params["dims"])}))]
    if v.op == "permute":
        return [(v.operands[0], through(dict(enumerate(params["order"]))))]
    if v.op == "reverse":
        _meet(free, axes, set(params["axes"]))
    elif v.op in ("slice", "pad"):
        # a step stretches positions, even along an axis that has only one
        steps = {i for i, step in enumerate(params.get("step", ())) if step != 1}
        _meet(free, axes, _changed(v.operands[0].shape, v.shape) | steps)
    elif v.op == "concatenate":
        _meet(free, axes, {params["axis"]})
    elif v.op == "reshape":
        _meet(free, axes, set() if v.operands[0] in stored else set(range(len(v.shape))))
        return []
    elif v.op == "gather":
        return _through_gather(v, axes, free)
    return [(operand, axes) for operand in v.operands]


def _through_gather(v: Value, axes: Axes, free: set[int]) -> list[tuple[Value, Axes]]:
    source, *indices = v.operands
    rank = len(indices[0].shape)
    _meet(free, axes, set(range(rank)))
    shift = len(indices) - rank
    behind = tuple([None if a is None or a < rank else a + shift for a in axes])
    before = tuple([a if a is not None and a < rank else None for a in axes])
    return [(source, behind), *[(index, before) for index in indices]]


def _changed(inner: Shape, outer: Shape) -> set[int]:
    return {i for i, (n, m) in enumerate(zip(inner, outer, strict=True)) if n != m}


Along = tuple[tuple[int, int] | None, ...]  # for each axis of a value: its loop, and how far off


def cuts(roots: Sequence[Value], rank: int, stored: set[Value]) -> list[list[int]]:
    """For each loop the places where one piece of what is read ends and another begins."""
    found: list[list[int]] = [[] for _ in range(rank)]
    start: Along = tuple([(i, 0) for i in range(rank)])
    stack: list[tuple[Value, Along]] = [(root, start) for root in roots]
    seen = set(stack)
    while stack:
        v, along = stack.pop()
        if (v in stored and v not in roots) or v.op in ("constant", "iota", "reshape"):
            continue
        for operand, onward in moved(v, along, found):
            if (operand, onward) not in seen:
                seen.add((operand, onward))
                stack.append((operand, onward))
    return found


def moved(  # noqa: C901 - one case for each arrangement
    v: Value, along: Along, found: list[list[int]]
) -> list[tuple[Value, Along]]:
    """The operands of a value with the loops along their axes; cuts are noted on the way."""
    params = v.params

    def cut(axis: int, *places: int) -> None:
        loop = along[axis]
        if loop is not None:
            found[loop[0]].extend(place - loop[1] for place in places)

    def shifted(offsets: Sequence[int | None]) -> Along:
        pairs = zip(along, offsets, strict=True)
        return tuple([None if a is None or o is None else (a[0], a[1] + o) for a, o in pairs])

    if v.op == "broadcast":
        return [(v.operands[0], tuple([along[d] for d in params["dims"]]))]
    if v.op == "permute":
        order = params["order"]
        return [(v.operands[0], tuple([along[order.index(i)] for i in range(len(order))]))]
    if v.op == "reverse":
        kept = [None if i in params["axes"] else 0 for i in range(len(along))]
        return [(v.operands[0], shifted(kept))]
    if v.op == "slice":
        steps = zip(params["start"], params["step"], v.shape, strict=True)
        return [(v.operands[0], shifted([a if s == 1 or n == 1 else None for a, s, n in steps]))]
    if v.op == "pad":
        source = v.operands[0]
        for axis, (low, n, whole) in enumerate(zip(params["low"], source.shape, v.shape)):
            if n != whole and not params["interior"][axis]:
                cut(axis, low, low + n)
        between = zip(params["low"], params["interior"], strict=True)
        return [(source, shifted([None if gap else -low for low, gap in between]))]
    if v.op == "concatenate":
        onward, begin = [], 0
        for piece in v.operands:
            offsets = [-begin if i == params["axis"] else 0 for i in range(len(along))]
            onward.append((piece, shifted(offsets)))
            begin += piece.shape[params["axis"]]
            cut(params["axis"], begin)
        return onward
    return [] if v.op == "gather" else [(operand, along) for operand in v.operands]


def grouped(shape: Shape, free: set[int]) -> list[list[int]]:
    """The axes as loops: joined ones together, those of length 1 left out."""
    found: list[list[int]] = []
    open_group = False
    for axis in range(len(shape)):
        if open_group:
            found[-1].append(axis)
        else:
            found.append([axis])
        open_group = axis in free
    return [g for g in found if any(shape[a] != 1 for a in g)]
