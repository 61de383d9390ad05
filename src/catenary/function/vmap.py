"""vmap: a function of one example becomes a function of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
import optree

from catenary.backend.compile import Compiled
from catenary.core import errors
from catenary.function.arguments import check_transform, result
from catenary.function.modes import derived
from catenary.tracing import tree
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Operand, operand, record
from catenary.transform.batch import batch
from catenary.transform.simplify import simplify

Axes = Any  # an int, None, or a tree of them


def _axes(axes: Axes, whole: Any, name: str) -> list[int | None]:
    """An axis for each leaf, from a prefix of the tree."""
    try:
        leaves: list[int | None] = optree.broadcast_prefix(
            axes, whole, none_is_leaf=True, namespace=tree.NAMESPACE
        )
    except (ValueError, TypeError):
        raise errors.axes_mismatch(name, axes, user_line()) from None
    return leaves


def _without(o: Operand, axis: int) -> tuple[Operand, int, int]:
    """The operand of one example, the length of its axis, and that axis from the front."""
    ndim = o.type.ndim
    if not -ndim <= axis < ndim:
        missing = errors.operand_shapes("vmap", f"an array with an axis {axis}", str(o.type))
        raise errors.located(missing, user_line())
    axis %= ndim
    shape = o.type.shape
    one = o.type.with_shape(shape[:axis] + shape[axis + 1 :])
    return Operand(one, None, o.weak), shape[axis], axis


def vmap(f: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0) -> Callable[..., Any]:
    """f on many examples at once: the i-th result is f of the i-th examples.

    ``in_axes`` says along which axis the examples of each positional argument lie (an int, or a
    tuple with an int, None or a tree of them for each argument; None: the same for all);
    ``out_axes`` where the results' axis goes. Works on trees. The function is traced once with
    the shapes of one example, so as under jit no Python branch may depend on a value.

    >>> import numpy as np
    >>> vmap(np.dot)(np.ones((2, 3)), np.arange(6.0).reshape(2, 3))
    array([ 3., 12.])
    >>> vmap(lambda x, c: x * c, in_axes=(1, None), out_axes=1)(np.ones((2, 3)), 2.0).shape
    (2, 3)
    """
    check_transform(f, 0, "vmap")

    @wraps(f)
    def mapped(*args: Any) -> Any:
        leaves, structure = tree.flatten(args)
        axes = _axes(
            in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args), args, "in_axes"
        )
        leaf_axes = _drop_none(axes, args)
        positions = [i for i, leaf in enumerate(leaves) if tree.is_array(leaf)]
        operands, given, flags, sizes = [], [], [], set()
        for i in positions:
            o, axis = operand(leaves[i]), leaf_axes[i]
            if axis is None:
                operands.append(o)
                given.append(o.value)
                flags.append(False)
                continue
            one, size, front = _without(o, axis)
            sizes.add(size)
            operands.append(one)
            given.append(_value(np.moveaxis(leaves[i], front, 0)))
            flags.append(True)
        if len(sizes) != 1:
            raise errors.axis_sizes(sorted(sizes), user_line())

        def call(arrays: list[Any]) -> Any:
            filled = list(leaves)
            for i, array in zip(positions, arrays, strict=True):
                filled[i] = array
            return f(*tree.unflatten(structure, filled))

        recording = record(call, operands, concrete=False, purpose="vmap")
        captured = recording.captured
        marks = (False,) * len(captured) + tuple(flags)
        size = sizes.pop()
        compiled = derived(
            recording,
            ("batch", size, marks),
            lambda graph: Compiled(simplify(batch(graph, size, marks))),
        )
        answers = [result(v) for v in compiled([*captured, *given])]
        mapped_tree = recording.returned(answers)
        return _place(mapped_tree, out_axes)

    return mapped


def _value(array: Any) -> Any:
    return operand(array).value


def _drop_none(axes: Sequence[int | None], args: Any) -> list[int | None]:
    """The axes of the leaves proper: the trees of arguments hold no leaf for None."""
    everything = optree.tree_leaves(args, none_is_leaf=True, namespace=tree.NAMESPACE)
    return [axis for axis, leaf in zip(axes, everything, strict=True) if leaf is not None]


def _place(mapped: Any, out_axes: Axes) -> Any:
    """Results with their new axis where it is wanted."""
    if isinstance(out_axes, int) and out_axes == 0:
        return mapped
    leaves, structure = tree.flatten(mapped)
    axes = _drop_none(_axes(out_axes, mapped, "out_axes"), mapped)
    for i, axis in enumerate(axes):
        if axis and isinstance(leaves[i], (np.ndarray, TracedArray)):
            leaves[i] = np.moveaxis(leaves[i], 0, axis)
    return tree.unflatten(structure, leaves)
