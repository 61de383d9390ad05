"""vmap: a function of one example becomes a function of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
import optree

from catenary.backend.compile import Compiled
from catenary.core import errors
from catenary.function.arguments import check_transform, result, split_arrays
from catenary.function.modes import derived
from catenary.tracing import tree
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Operand, operand
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
    ``out_axes`` where the results' axis goes. Keyword arguments are the same for all examples.
    Works on trees. The function is traced once with the shapes of one example, so as under jit
    no Python branch may depend on a value.

    >>> import numpy as np
    >>> vmap(np.dot)(np.ones((2, 3)), np.arange(6.0).reshape(2, 3))
    array([ 3., 12.])
    >>> vmap(lambda x, c: x * c, in_axes=(1, None), out_axes=1)(np.ones((2, 3)), 2.0).shape
    (2, 3)
    """
    check_transform(f, 0, "vmap")

    @wraps(f)
    def mapped(*args: Any, **options: Any) -> Any:
        arguments = split_arrays((args, options))
        axes = _axes(
            in_axes if isinstance(in_axes, tuple) else (in_axes,) * len(args), args, "in_axes"
        )
        leaf_axes = _drop_none(axes, args)
        leaf_axes += [None] * (len(arguments.leaves) - len(leaf_axes))  # the keyword arguments
        operands, given, flags, sizes = [], [], [], set()
        for i, o in zip(arguments.positions, arguments.operands, strict=True):
            axis = leaf_axes[i]
            flags.append(axis is not None)
            if axis is None:
                operands.append(o)
                given.append(o.value)
                continue
            one, size, front = _without(o, axis)
            sizes.add(size)
            operands.append(one)
            given.append(operand(np.moveaxis(arguments.leaves[i], front, 0)).value)
        if len(sizes) != 1:
            raise errors.axis_sizes(sorted(sizes), user_line())
        size = sizes.pop()
        one_example = replace(arguments, operands=operands)
        recording = one_example.record(
            lambda filled: f(*filled[0], **filled[1]), concrete=False, purpose="vmap"
        )
        marks = (False,) * len(recording.captured) + tuple(flags)
        compiled = derived(
            recording,
            ("batch", size, marks),
            lambda graph: Compiled(simplify(batch(graph, size, marks))),
        )
        answers = [result(v) for v in compiled([*recording.captured, *given])]
        return _place(recording.returned(answers), out_axes)

    return mapped


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
        if not isinstance(leaves[i], (np.ndarray, TracedArray)):
            continue
        if axis is None or not -leaves[i].ndim <= axis < leaves[i].ndim:
            raise errors.axes_mismatch("out_axes", out_axes, user_line())
        leaves[i] = np.moveaxis(leaves[i], 0, axis)
    return tree.unflatten(structure, leaves)
