"""trace : (function, example arguments) → Graph. The function runs once and is followed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Atom, Graph, Literal, Var
from catenary.core.types import ArrayType, type_of
from catenary.tracing import methods, namespace, numpy_api, operators, tree
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import Recorder, holding

_COVERED = (
    methods,
    namespace,
    numpy_api,
    operators,
)  # imported so that NumPy's functions are covered


@dataclass(frozen=True)
class Operand:
    """An argument's leaf on its way into a recording: its type, and its value if it is known."""

    type: ArrayType
    value: Any  # what to run on: an ndarray, or an atom of an outer recording
    weak: bool = False

    @property
    def known(self) -> Any:
        """The concrete array, or None."""
        if isinstance(self.value, Var):
            return self.value.value
        return self.value.array if isinstance(self.value, Literal) else self.value


def operand(leaf: Any) -> Operand:
    """A leaf (array, NumPy scalar, Python float, traced array) as an operand."""
    if isinstance(leaf, TracedArray):
        value = leaf.value()
        if isinstance(value, (Var, Literal)):
            return Operand(value.type, value, leaf.weak)
        return Operand(type_of(value), value, leaf.weak)
    if type(leaf) is float:
        return Operand(ArrayType((), np.dtype(np.float64)), np.asarray(leaf), True)
    array = np.asarray(leaf)
    found = type_of(array)
    return Operand(found, array if array.dtype == found.dtype else array.astype(found.dtype))


@dataclass
class Recording:
    """What a function did: operations, captured values, and the tree it returned."""

    recorder: Recorder
    outputs: list[Any]  # an atom for each array that was returned
    leaves: list[Any]  # every leaf of the returned tree; arrays stand as None
    structure: tree.Structure
    weak: list[bool]  # for each output, whether plain NumPy would return a Python float
    captured: list[Any]  # what the first inputs of the graph stand for

    def key(self) -> Hashable:
        return self.recorder.key(self.outputs)

    def graph(self) -> Graph:
        """captured + arguments → returned arrays."""
        return self.recorder.finish(self.outputs)[0]

    def returned(self, values: Sequence[Any]) -> Any:
        """The returned tree, with these values in place of its arrays."""
        given = iter([_as_python(v) if weak else v for v, weak in zip(values, self.weak)])
        filled = [next(given) if leaf is None else leaf.content for leaf in self.leaves]
        return tree.unflatten(self.structure, filled)


def _as_python(value: Any) -> Any:
    """A number as the Python float that it was, so that it still gives way to an array's dtype."""
    if np.shape(value) != ():
        return value
    if isinstance(value, TracedArray):
        return TracedArray(value.value(), value.recorder, weak=True)
    return float(value)


@dataclass(frozen=True)
class Static:
    """A returned leaf that is no array."""

    content: Any


def record(
    function: Callable[[list[Any]], Any],
    operands: Sequence[Operand],
    *,
    concrete: bool,
    purpose: str,
    hold: bool = False,
) -> Recording:
    """Run a function of a list of traced arrays and keep what it did.

    With ``concrete`` the operands' values are at hand while the function runs. With ``hold`` also
    what is done to outer values alone is part of the recording.
    """
    recorder = Recorder(concrete=concrete, purpose=purpose)
    arguments = []
    for given in operands:
        var = recorder.input(given.type, given.known if concrete else None)
        recorder.learn(given.value)
        arguments.append(TracedArray(var, recorder, weak=given.weak))
    try:
        with holding(recorder) if hold else nullcontext():
            result = function(arguments)
    except Exception as error:
        ours = _own_cause(error)
        if ours is None or ours is error:
            raise
        raise ours from None
    leaves, structure = tree.flatten(result)
    outputs: list[Atom] = []
    kept: list[Any] = []
    weak: list[bool] = []
    for leaf in leaves:
        if tree.is_array(leaf) or isinstance(leaf, TracedArray):
            weak.append(leaf.weak if isinstance(leaf, TracedArray) else type(leaf) is float)
            value = leaf.value() if isinstance(leaf, TracedArray) else np.asarray(leaf)
            outputs.append(recorder.lift(value))
            kept.append(None)
        else:
            kept.append(Static(leaf))
    return Recording(recorder, outputs, kept, structure, weak, recorder.close_down())


def _own_cause(error: BaseException) -> errors.CatenaryError | None:
    """Our own error, where NumPy has wrapped it in one of its."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, errors.CatenaryError):
            return seen
        seen = seen.__cause__
    return None


def trace(function: Callable[..., Any], *arguments: Any) -> Graph:
    """The graph of a function at these arguments: what it computes, operation by operation.

    Arguments are trees of arrays; their shapes, dtypes and values are used. The inputs of the
    graph are first the values that the function took from outside, then the arrays of the
    arguments from left to right.

    >>> import numpy as np
    >>> print(trace(lambda x: np.sum(x * x), np.ones(3)))
    (a: float64[3]) →
      b: float64[3] = mul(a, a)
      c: float64[] = sum(b; axes=(0,))
    → (c)
    """
    leaves, structure = tree.flatten(arguments)
    positions = [i for i, leaf in enumerate(leaves) if tree.is_array(leaf)]

    def call(arrays: list[Any]) -> Any:
        filled = list(leaves)
        for i, array in zip(positions, arrays, strict=True):
            filled[i] = array
        return function(*tree.unflatten(structure, filled))

    operands = [operand(leaves[i]) for i in positions]
    return record(call, operands, concrete=True, purpose="trace").graph()
