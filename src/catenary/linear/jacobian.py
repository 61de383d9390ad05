"""Jacobians: derivatives written out as arrays, by the chain rule in the cheapest order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Literal

import numpy as np

from catenary.core import errors, plan_errors
from catenary.function.arguments import (
    Split,
    check_transform,
    result,
    split_arguments,
    with_arguments,
)
from catenary.function.modes import derived, follow, wrt
from catenary.linear.memory import MEMORY, too_few
from catenary.linear.plan.program import Program, linear_parts, planned, program, widths
from catenary.linear.plan.report import JacobianPlan, report
from catenary.tracing import tree
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Recording

Mode = Literal["auto", "forward", "reverse"]
_MODES = ("auto", "forward", "reverse")


def jacobian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    mode: Mode = "auto",
    memory: int = MEMORY,
) -> Callable[..., Any]:
    """A function that gives the Jacobian J of f, J_ij = ∂f_i/∂x_j.

    For one array to one array the result has shape ``f(x).shape + x.shape``. For trees it is the
    result's tree, each array replaced by the argument's tree of such blocks; a tuple of
    ``argnums`` gives a tuple of arguments.

    The chain rule is a product of local Jacobians, and products may be bracketed in any way.
    ``mode`` is "forward" (columns through all of f, one for each input), "reverse" (rows, one for
    each result), or "auto": the order that multiplies least. For a chain of functions that is the
    best of all brackets; otherwise the best of eliminations from the front, from the back and by
    Markowitz' rule. It never multiplies more than the better of the two modes;
    :func:`~catenary.linear.jacobian_plan` tells the order taken. It is found once for each
    structure of f and its shapes, and compiled with the value.

    ``memory``: bytes that accumulated matrices, or a batch of columns or rows, may take. What
    would take more is computed by sweeps in batches; a Jacobian larger than the machine's memory
    is refused with its size.

    Griewank and Walther, Evaluating Derivatives (2nd ed., 2008), chapters 9 and 10; Naumann, On
    matrix-free Jacobian chaining (2024).

    >>> import numpy as np
    >>> jacobian(lambda x: np.stack([x[0] * x[1], x[0] ** 2]))(np.array([2.0, 5.0]))
    array([[5., 2.],
           [4., 0.]])
    """
    if mode not in _MODES:
        raise errors.unknown_option("mode", mode, _MODES)
    check_transform(f, argnums, "jacobian")

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        arguments, recording = followed(f, argnums, args, options)
        places = wrt(recording, len(arguments.operands))
        write: Program = derived(
            recording,
            ("jacobian", mode, memory),
            lambda graph: program(graph, places, mode, memory),
        )
        others, blocks = write([*recording.captured, *arguments.values])
        return assembled(recording, arguments, others, blocks, isinstance(argnums, int))

    return differentiated


def jacobian_plan(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., JacobianPlan]:
    """A function that tells in which order :func:`jacobian` multiplies, without doing it.

    Takes the arguments of f; f runs once, so that its operations are known. Gives a
    :class:`JacobianPlan`: multiplications of the order chosen beside
    those of forward and of reverse mode, brackets, memory. What is counted are multiplications of
    numbers that depend on the point; moving, copying and adding are free.

    >>> import numpy as np
    >>> up, down = np.ones((100, 2)), np.ones((2, 100))  # 100 numbers become 2, and 100 again
    >>> found = jacobian_plan(lambda x: np.sin(up @ np.sin(down @ x)))(np.ones(100))
    >>> found.order, found.multiplications, found.forward
    ('reverse', 20400, 50200)
    """
    check_transform(f, argnums, "linear.jacobian_plan")

    @wraps(f)
    def told(*args: Any, **options: Any) -> JacobianPlan:
        arguments, recording = followed(f, argnums, args, options)
        parts = linear_parts(recording.graph(), wrt(recording, len(arguments.operands)))
        found = planned(parts)
        if found is None:
            raise plan_errors.mixed_widths(widths(parts), user_line())
        return report(found, parts.linear.inputs[-1].type.dtype.itemsize)

    return told


def followed(
    f: Callable[..., Any], argnums: int | Sequence[int], args: Any, options: Any
) -> tuple[Split, Recording]:
    """What f does, once it is sure that there is a Jacobian and that it fits."""
    arguments = split_arguments(args, argnums, "jacobian")

    def call(chosen: Any) -> Any:
        return f(*with_arguments(args, argnums, chosen), **options)

    recording = follow(call, arguments)
    results = [a.type for a in recording.outputs if a.type.is_float]
    if not results:
        statics = [leaf.content for leaf in recording.leaves if leaf is not None]
        kinds = [a.type.dtype for a in recording.outputs] + [np.asarray(s).dtype for s in statics]
        raise errors.no_real_result("jacobian", ", ".join(map(str, kinds)), user_line())
    rows = sum(type.size for type in results)
    columns = sum(o.type.size for o in arguments.operands)
    _check_fits(rows, columns, max(type.dtype.itemsize for type in results))
    return arguments, recording


def _check_fits(rows: int, columns: int, itemsize: int) -> None:
    """Refuse what cannot fit, before anything is allocated."""
    needed = rows * columns * itemsize
    available = too_few(needed)
    if available is not None:
        raise plan_errors.jacobian_too_large(rows, columns, needed, available, user_line())


def assembled(
    recording: Recording, arguments: Split, others: Any, blocks: Any, single: bool
) -> Any:
    """The result's tree with the argument's trees for arrays."""
    values, given = iter(others), iter(blocks)
    types = iter([a.type for a in recording.outputs])
    leaves: list[Any] = []
    for leaf in recording.leaves:
        if leaf is not None:
            leaves.append(leaf.content)
        elif next(types).is_float:
            row = arguments.fill([result(next(given)) for _ in arguments.operands])
            leaves.append(row[0] if single else row)
        else:
            leaves.append(result(next(values)))
    if len(leaves) == 1 and recording.structure.num_nodes == 1:
        return leaves[0]
    return tree.unflatten(recording.structure, leaves)
