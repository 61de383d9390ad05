"""The recorder: a builder that follows a user's function while it runs.

With values at hand (``concrete``) every operation is also evaluated at once, so that the user's
Python may branch on what it sees. Without, only shapes and dtypes are known.
"""

from __future__ import annotations

import functools
import math
import os
import sys
import threading
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Atom, Builder, Literal, Node, Var, Where
from catenary.core.primitive import Primitive
from catenary.core.types import ArrayType, type_of

# Files that are not the user's: this library, NumPy, and the wrappers between.
_NOT_THEIRS = (str(Path(__file__).parents[1]), str(Path(np.__file__).parent), functools.__file__)
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


def user_line() -> Where | None:
    """The line of the user's that is being executed: outside Catenary, NumPy, installed packages.

    Where everything is installed, the innermost line outside Catenary and NumPy.
    """
    frame: Any = sys._getframe(1)
    innermost: Where | None = None
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_NOT_THEIRS):
            if _INSTALLED[0] not in file and _INSTALLED[1] not in file:
                return file, frame.f_lineno
            innermost = innermost or (file, frame.f_lineno)
        frame = frame.f_back
    return innermost


class Recorder(Builder):
    """Records the operations of a function; knows a key by which equal recordings are found."""

    __slots__ = ("blame", "closed", "concrete", "count", "lines", "memo", "purpose")

    def __init__(self, *, concrete: bool, purpose: str) -> None:
        super().__init__()
        self.concrete = concrete
        self.purpose = purpose  # "jit", "vmap", …: for messages
        self.blame = purpose  # the transform because of which values are not known
        self.count = 0
        self.lines: list[Hashable] = []
        self.memo: dict[Hashable, Any] = {}
        self.closed = False

    def capture(self, thing: Any) -> Var:
        """Outer values and arrays become inputs; what may be written later is copied now."""
        known = self.captured.get(id(thing))
        if isinstance(thing, Var):
            if known is None:
                known = self._captured(thing, thing.type, thing.value, thing)
                self.learn(thing)
            return known[0]
        frozen = thing if isinstance(thing, np.generic) else np.asarray(thing)
        if known is not None and _same(known[1][0], frozen):
            return known[0]
        type = type_of(frozen)
        if isinstance(frozen, np.ndarray) and (frozen.flags.writeable or frozen.base is not None):
            frozen = np.array(frozen, dtype=type.dtype)
        # the thing itself is kept beside its copy, so that its identity stays taken
        return self._captured(thing, type, frozen, (frozen, thing))[0]

    def _captured(self, thing: Any, type: ArrayType, value: Any, kept: Any) -> tuple[Var, Any]:
        var = Var(type, self, -1 - len(self.captured), value if self.concrete else None)
        key = id(thing) if id(thing) not in self.captured else -1 - len(self.captured)
        entry = self.captured[key] = (var, kept)
        return entry

    def learn(self, outer: Any) -> None:
        """Note that an outer value is not known here, because of the transform outside."""
        if isinstance(outer, Var) and outer.value is None and isinstance(outer.builder, Recorder):
            self.blame = outer.builder.blame

    def close_down(self) -> list[Any]:
        """End the recording; what the captured inputs stand for: arrays, or outer values.

        The recorder and its variables refer to each other, so they stay in memory until the
        garbage collector comes by: they let go of the arrays now.
        """
        self.closed = True
        kept = [
            thing if isinstance(thing, Var) else thing[0] for _, thing in self.captured.values()
        ]
        self.captured = {k: (var, None) for k, (var, _) in enumerate(self.captured.values())}
        for var in (*self.inputs, *(var for var, _ in self.captured.values())):
            var.value = None
        for node in self.nodes:
            for var in node.outputs:
                var.value = None
        return kept

    def scalar(self, value: Any, dtype: Any) -> Atom:
        """A Python number as an atom: integers are part of the graph, floats are inputs."""
        if not self.concrete or not isinstance(value, float):
            return Literal(value, ArrayType((), dtype))
        key = (dtype, value, math.copysign(1.0, value))
        known = self.memo.get(key)
        if known is None:
            known = self.memo[key] = self.capture(dtype.type(value))
            self.memo["number", id(known)] = value
        return known

    def truth(self, atom: Atom) -> Node | None:
        """The operation that a truth value came from."""
        return self.memo.get(("truth", id(atom)))

    def number(self, atom: Atom) -> float | None:
        """The Python number that fills an atom, if it came from one."""
        if isinstance(atom, Literal):
            return float(atom.value)
        return self.memo.get(("number", id(atom)))

    def emit(self, primitive: Primitive, operands: Sequence[Any], params: dict[str, Any]) -> Any:
        if self.closed:
            raise errors.leaked(self.purpose, user_line())
        branch = _OPEN.branch
        if branch is not None and branch.level > self.level:
            return branch.emit(primitive, operands, params)
        atoms: list[Atom] = []
        names: list[Hashable] = []
        known: list[Any] | None = [] if self.concrete else None
        for operand in operands:
            if isinstance(operand, Literal):
                names.append(operand.key())
                if known is not None:  # an elementwise operation spreads a number by itself
                    known.append(operand.value if primitive.elementwise else operand.array)
                atoms.append(operand)
                continue
            var: Any = operand
            if not isinstance(operand, Var) or operand.builder is not self:
                var = self.lift(operand)
            names.append(var.index)
            if known is not None:
                if var.value is None:
                    known = None
                else:
                    known.append(var.value)
            atoms.append(var)
        types = primitive.output_types([a.type for a in atoms], params)
        values: Sequence[Any] = (None,) * len(types)
        if known is not None:
            result = primitive.evaluate(*known, **params)
            values = result if primitive.multiple else (result,)
        outputs = []
        for type, value in zip(types, values, strict=True):
            outputs.append(Var(type, self, self.count, value))
            self.count += 1
        self.where = user_line()
        results = tuple(outputs)
        node = Node(primitive, tuple(atoms), params, results, self.where)
        self.nodes.append(node)
        if types[0].dtype.kind == "b":
            self.memo["truth", id(results[0])] = node
        self.lines.append((primitive.name, tuple(names), tuple(params.items()) if params else ()))
        return results if primitive.multiple else results[0]

    def input(self, type: ArrayType, value: Any = None) -> Var:
        var = Var(type, self, self.count, value)
        self.count += 1
        self.inputs.append(var)
        return var

    def key(self, outputs: Sequence[Atom]) -> Hashable:
        """Equal for recordings that did the same things to values of the same types."""
        return (
            tuple(self.lines),
            tuple([v.type for v in self.inputs]),
            tuple([v.type for v, _ in self.captured.values()]),
            tuple([a.index if isinstance(a, Var) else a.key() for a in outputs]),
        )


class _Open(threading.local):
    branch: Recorder | None = None


_OPEN = _Open()


@contextmanager
def holding(branch: Recorder) -> Iterator[None]:
    """While a branch is recorded, all that is done is done in it: also to outer values alone.

    What is done to outer values alone is otherwise recorded outside, and so done in any case.
    """
    outside, _OPEN.branch = _OPEN.branch, branch
    try:
        yield
    finally:
        _OPEN.branch = outside


def _same(a: Any, b: Any) -> bool:
    """Whether two arrays hold the same bits: −0 is not 0."""
    bits = f"u{a.dtype.itemsize}"
    return a.dtype == b.dtype and np.array_equal(a.view(bits), b.view(bits))
