"""Loops as one operation each: scan, while_loop, fori. What runs inside is traced once."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.backend.compile import Cache, Compiled
from catenary.core import loop_errors as errors
from catenary.core.graph import Builder
from catenary.core.types import ArrayType
from catenary.function.arguments import result
from catenary.function.carry import Carry
from catenary.function.leaves import is_number, type_of_leaf
from catenary.ops.scan import Loop
from catenary.tracing import tree
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Operand, Recording, operand, record
from catenary.transform.simplify import simplify

_CACHE = Cache()


def recorded(
    key: Any, types: Sequence[ArrayType], make: Callable[[Builder, list[Any]], Sequence[Any]]
) -> Compiled:
    """One operation on operands of these types, tidied; kept under a key."""

    def compiled() -> Compiled:
        builder = Builder()
        inputs = [builder.input(type) for type in types]
        return Compiled(simplify(builder.close(make(builder, inputs))))

    found: Compiled = _CACHE.get(key, compiled)
    return found


def check_function(f: Any, name: str, argument: str) -> None:
    if not callable(f):
        raise errors.function_expected(name, argument, type(f).__name__, user_line())


# ---- scan ---------------------------------------------------------------------------------------


class _Rows:
    """The xs of a scan: a tree of arrays with one leading axis."""

    def __init__(self, xs: Any, length: int | None) -> None:
        self.leaves, self.structure = tree.flatten(xs)
        self.names = tree.leaf_names(self.structure)
        self.positions = []
        for i, leaf in enumerate(self.leaves):
            type = type_of_leaf(leaf)
            if type is not None:
                if not type.shape:
                    raise errors.no_rows(self.names[i], str(type), user_line())
                self.positions.append(i)
        self.operands = [operand(self.leaves[i]) for i in self.positions]
        self.length = self._length(length)

    def _length(self, length: int | None) -> int:
        if length is not None:
            length = check_count(length, "scan", "length")
        lengths = {o.type.shape[0] for o in self.operands}
        if length is None and not lengths:
            raise errors.no_length(user_line())
        if len(lengths | {length} - {None}) > 1:
            found = [
                f"xs{self.names[i]} has {o.type.shape[0]}"
                for i, o in zip(self.positions, self.operands, strict=True)
            ]
            if length is not None:
                found.append(f"length={length}")
            raise errors.lengths_differ(", ".join(found), user_line())
        return lengths.pop() if length is None else length

    @property
    def rows(self) -> list[Operand]:
        """What a round is recorded with."""
        return [Operand(o.type.with_shape(o.type.shape[1:]), None) for o in self.operands]

    def fill(self, rows: Sequence[Any]) -> Any:
        filled = list(self.leaves)
        for i, row in zip(self.positions, rows, strict=True):
            filled[i] = row
        return tree.unflatten(self.structure, filled)


def check_count(n: Any, name: str, argument: str) -> int:
    """A number of rounds, which must be known while tracing."""
    known = n.concrete() if isinstance(n, TracedArray) else n
    try:
        whole = -1 if isinstance(n, bool) or known is None else operator.index(known)
    except TypeError:
        whole = -1
    if whole < 0:
        raise errors.bad_count(name, argument, n, user_line())
    return whole


def _with_arrays(ys: Any) -> Any:
    """Python numbers as arrays: they are stacked too."""
    leaves, structure = tree.flatten(ys)
    arrays = [np.asarray(leaf) if is_number(leaf) else leaf for leaf in leaves]
    return tree.unflatten(structure, arrays)


def scan(
    f: Callable[..., Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    *,
    reverse: bool = False,
) -> Any:
    """A loop over the rows of xs that hands a carry from round to round.

    What it computes is::

        carry, ys = init, []
        for x in xs:  # from the last row to the first with reverse=True
            carry, y = f(carry, x)
            ys.append(y)  # with reverse=True, ys[i] is still that of xs[i]
        return carry, np.stack(ys)

    but f is traced once, however many rounds there are, and the derivative (forward and reverse,
    of every order) is such a loop again.

    init:    tree of arrays and numbers; every round returns the same structure, shapes, dtypes.
    xs:      tree of arrays with one leading axis of n rows; None for none, then f gets None.
    length:  the number of rounds n, a Python int; needed only without xs.
    reverse: whether to go from the last row to the first.

    Returns ``(carry, ys)``: the carry of the last round, and the y of all rounds stacked along a
    new leading axis. Inside f the rules of jit hold: no Python ``if`` on a value. Values from
    around f may be used, and carry their derivatives. Raises ShapeError where the carry changes
    its type, or lengths differ.

    Reverse mode keeps what the rounds computed. ``scan(checkpoint(f), …)`` keeps the carries only
    and runs each round once more.

    >>> import numpy as np
    >>> total, sums = scan(lambda c, x: (c + x, c + x), 0.0, np.array([1.0, 2.0, 3.0]))
    >>> float(total), sums
    (6.0, array([1., 3., 6.]))
    """
    check_function(f, "scan", "the first argument")
    carry, rows = Carry("scan", init), _Rows(xs, length)

    def round_(arrays: list[Any]) -> Any:
        n = len(arrays) - len(rows.positions)
        returned = f(carry.fill(arrays[:n]), rows.fill(arrays[n:]))
        if not isinstance(returned, tuple) or len(returned) != 2:
            raise errors.pair_expected(_returned(returned), user_line())
        return carry.fitted(returned[0]), _with_arrays(returned[1])

    def trace() -> Recording:
        given = [*carry.operands, *rows.rows]
        return record(round_, given, concrete=False, purpose="scan")

    recording = carry.record(trace)
    held, carried = len(recording.captured), len(carry.data)

    def make(builder: Builder, inputs: list[Any]) -> list[Any]:
        first = held + carried
        groups = inputs[:held], inputs[held:first], inputs[first:]
        return Loop(recording.graph(), *groups, rows.length, reverse).record(builder)

    operands = [*recording.captured, *carry.values, *(o.value for o in rows.operands)]
    types = [*types_captured(recording), *(o.type for o in (*carry.data.values(), *rows.operands))]
    key = ("scan", recording.key(), carried, rows.length, bool(reverse))
    values = recorded(key, types, make)(operands)
    return recording.returned([result(v) for v in values])


def _returned(value: Any) -> str:
    kind = type(value).__name__
    return f"a {kind} of {len(value)}" if isinstance(value, (tuple, list)) else f"a {kind}"


def types_captured(recording: Recording) -> list[ArrayType]:
    """The types of what a recording captured."""
    return [var.type for var, _ in recording.recorder.captured.values()]
