"""Branches as one operation: cond and switch. Every branch is traced, one is run."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core import loop_errors as errors
from catenary.core.graph import Builder
from catenary.core.types import BOOL, ArrayType
from catenary.function.arguments import Split, result, split_arrays
from catenary.function.leaves import (
    as_data,
    described,
    is_weak,
    same_static,
    shown,
    type_of_leaf,
)
from catenary.function.loops import check_function, recorded, types_captured
from catenary.ops.bodies import reading
from catenary.ops.branch import choose
from catenary.tracing import tree
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Operand, Recording, operand, record

TRUTH = ArrayType((), BOOL)


def cond(
    predicate: Any,
    true_branch: Callable[..., Any],
    false_branch: Callable[..., Any],
    *operands: Any,
) -> Any:
    """One of two functions of the operands, chosen by a truth value that may be traced.

    What it computes is::

        true_branch(*operands) if predicate else false_branch(*operands)

    Both functions are traced, and must return the same structure, shapes and dtypes; only the one
    that is chosen is run, and only its derivative is computed. ``np.where`` runs both sides.
    Under vmap with a predicate for each example both run, and each example gets its own.

    Inside a branch the rules of jit hold; values from around it may be used, and carry their
    derivatives. Raises ShapeError where the branches' results differ in type.

    >>> import numpy as np
    >>> from catenary.function.modes import grad
    >>> f = lambda x: cond(x > 0, lambda x: x**2, lambda x: -x, x)
    >>> float(f(3.0)), float(grad(f)(3.0)), float(grad(f)(-3.0))
    (9.0, 6.0, -1.0)
    """
    for branch, name in ((true_branch, "true_branch"), (false_branch, "false_branch")):
        check_function(branch, "cond", name)
    found = type_of_leaf(predicate)
    if found != TRUTH:
        raise errors.truth_expected("cond", described(predicate), user_line())
    chosen = operand(np.asarray(predicate) if isinstance(predicate, bool) else predicate)
    return _choice("cond", chosen, (false_branch, true_branch), operands)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """One of several functions of the operands, chosen by a whole number that may be traced.

    What it computes is ``branches[index](*operands)``, where an index below 0 counts as 0 and one
    beyond the last as the last. Otherwise as :func:`cond`.

    >>> import numpy as np
    >>> [float(switch(i, [np.sin, np.cos, np.exp], 0.0)) for i in range(3)]
    [0.0, 1.0, 1.0]
    """
    functions = tuple(branches)
    if not functions:
        raise errors.branches_expected(0, user_line())
    for i, branch in enumerate(functions):
        check_function(branch, "switch", f"branches[{i}]")
    found = type_of_leaf(index)
    if found is None or found.shape != () or found.dtype.kind not in "iu":
        raise errors.whole_expected("switch", "index", described(index), user_line())
    last = len(functions) - 1
    if isinstance(index, TracedArray):
        chosen = operand(np.clip(index.astype(np.int64), 0, last))
    else:
        chosen = operand(np.int64(min(max(operator.index(index), 0), last)))
    return _choice("switch", chosen, functions, operands)


def _choice(
    name: str, index: Operand, branches: Sequence[Callable[..., Any]], operands: tuple[Any, ...]
) -> Any:
    arguments = split_arrays(operands)
    recordings = _Results(name).record(branches, arguments)
    captured = [value for recording in recordings for value in recording.captured]
    held = [len(recording.captured) for recording in recordings]
    types = [index.type, *(t for recording in recordings for t in types_captured(recording))]
    types += [o.type for o in arguments.operands]

    def make(builder: Builder, inputs: list[Any]) -> Any:
        given, graphs, first = inputs[1:], [], 0
        for recording, count in zip(recordings, held, strict=True):
            own = [*range(first, first + count), *range(sum(held), len(given))]
            graphs.append(reading(recording.graph(), [v.type for v in given], own))
            first += count
        return choose(builder, inputs[0], graphs, given)

    key = (name, index.type, *(recording.key() for recording in recordings))
    values = recorded(key, types, make)([index.value, *captured, *arguments.values])
    return recordings[0].returned([result(v) for v in values])


class _Results:
    """What branches return: trees of one structure, whose leaves are of one type each.

    Numbers give way to arrays; what is no data must be the same in all branches.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.structure: Any = None
        self.returned: list[list[Any]] = []  # the leaves of each branch, as they come out
        self.dtypes: dict[int, Any] = {}  # leaf → the dtype in which all branches return it

    def record(self, branches: Sequence[Callable[..., Any]], arguments: Split) -> list[Recording]:
        """Record every branch, again where their numbers must give way to each other."""
        recordings = [self._branch(branch, arguments) for branch in branches]
        self._settle()
        if self.dtypes:
            recordings = [self._branch(branch, arguments) for branch in branches]
        return recordings

    def _branch(self, branch: Callable[..., Any], arguments: Split) -> Recording:
        unknown = [Operand(o.type, None, o.weak) for o in arguments.operands]
        return record(
            lambda arrays: self._fitted(branch(*arguments.fill(arrays))),
            unknown,
            concrete=False,
            purpose=self.name,
            hold=True,
        )

    def _fitted(self, returned: Any) -> Any:
        leaves, structure = tree.flatten(returned)
        if self.structure is None:
            self.structure = structure
        elif structure != self.structure:
            raise errors.branch_structures(
                self.name, shown(self.structure), shown(structure), user_line()
            )
        for i, dtype in self.dtypes.items():
            leaves[i] = _strong(as_data(leaves[i], dtype))
        self.returned.append(leaves)
        return tree.unflatten(structure, leaves)

    def _settle(self) -> None:
        """Find the leaves that must be converted for the branches to agree."""
        for i, column in enumerate(zip(*self.returned, strict=True)):
            if all(same_static(leaf, column[0]) for leaf in column):
                continue
            types = [type_of_leaf(leaf) for leaf in column]
            weak = [is_weak(leaf) for leaf in column]
            agree = all(t is not None and t == types[0] for t in types)
            if agree and (not any(weak) or (all(weak) and types[0].is_float)):  # type: ignore[union-attr]
                continue
            self.dtypes[i] = self._common(i, column)

    def _common(self, i: int, column: Sequence[Any]) -> Any:
        """The dtype of the arrays in which a leaf is returned, or that of all its numbers."""
        found = [type_of_leaf(leaf) for leaf in column]
        types = [type for type in found if type is not None] or [TRUTH]
        strong = {t.dtype for t, leaf in zip(types, column, strict=False) if not is_weak(leaf)}
        dtype = strong.pop() if strong else np.result_type(*(t.dtype for t in types))
        for leaf, type in zip(column, found, strict=True):
            fits = type is not None and type.shape == types[0].shape
            if not (fits and type_of_leaf(as_data(leaf, dtype)).dtype == dtype):  # type: ignore[union-attr]
                name = tree.leaf_names(self.structure)[i]
                other = next(o for o in column if described(o) != described(leaf))
                raise errors.branch_types(
                    self.name, name, described(other), described(leaf), user_line()
                )
        return dtype


def _strong(leaf: Any) -> Any:
    """A number that stays of its dtype from here on."""
    if isinstance(leaf, TracedArray) and leaf.weak:
        return TracedArray(leaf.value(), leaf.recorder)
    return leaf


__all__ = ["cond", "switch"]
