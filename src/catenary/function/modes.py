"""Derivatives of Python functions: jvp, vjp, grad. All are compositions of the transforms."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import wraps
from typing import Any

from catenary.backend.compile import Cache, Compiled
from catenary.core import errors
from catenary.core.graph import Graph
from catenary.function.arguments import (
    Split,
    beside,
    check_callable,
    check_transform,
    operand_like,
    result,
    split,
    split_arguments,
    with_arguments,
)
from catenary.tracing import tree
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Recording
from catenary.transform import modes

_CACHE = Cache()


def derived(recording: Recording, how: Hashable, make: Callable[[Graph], Any]) -> Any:
    """What a transform makes of a recording, kept for recordings that did the same."""
    return _CACHE.get((how, recording.key()), lambda: make(recording.graph()))


def wrt(recording: Recording, count: int) -> range:
    """The positions, among a recording's inputs, of its last ``count``: the arguments."""
    captured = len(recording.captured)
    return range(captured, captured + count)


def follow(call: Callable[..., Any], arguments: Split) -> Recording:
    return arguments.record(call, concrete=True, purpose="derivative")


# ---- forward ------------------------------------------------------------------------------------


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of f and its derivative applied to a tangent: f(x), Df(x)·v.

    Forward mode: about the cost of one more evaluation of f, whatever the number of inputs.
    ``primals`` and ``tangents`` are equally long tuples of trees of floating-point arrays. Returns
    ``(f(*primals), tangent of the result)``. Wengert, A simple automatic derivative evaluation
    program (1964).

    >>> import numpy as np
    >>> y, dy = jvp(np.sin, (0.0,), (2.0,))
    >>> float(y), float(dy)
    (0.0, 2.0)
    """
    check_callable(f, "jvp", "cat.jvp(f, (x,), (v,))")
    if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
        raise errors.primals_expected(user_line())
    primals, tangents = tuple(primals), tuple(tangents)
    arguments = split(primals, "jvp")
    directions = beside(tangents, arguments.structure, arguments.positions, "tangents")
    recording = follow(lambda given: f(*given), arguments)
    count = len(arguments.operands)
    compiled = derived(
        recording,
        "forward",
        lambda graph: Compiled(modes.forward(graph, wrt(recording, count))),
    )
    given = [
        operand_like(v, o.type, "a tangent")
        for v, o in zip(directions, arguments.operands, strict=True)
    ]
    values = compiled([*recording.captured, *arguments.values, *given])
    n = len(recording.outputs)
    return (
        recording.returned([result(v) for v in values[:n]]),
        recording.returned([result(v) for v in values[n:]]),
    )


# ---- reverse ------------------------------------------------------------------------------------


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of f and the transpose of its derivative: f(x), u ↦ Df(x)ᵀ·u.

    Reverse mode. The function returned takes a cotangent shaped as the result of f and gives a
    tuple of cotangents, one shaped as each argument; it may be called many times. Linnainmaa, The
    representation of the cumulative rounding error … (1970).

    >>> import numpy as np
    >>> y, pull = vjp(lambda x, y: x * y, 3.0, 5.0)
    >>> [float(v) for v in pull(1.0)]
    [5.0, 3.0]
    """
    check_callable(f, "vjp", "cat.vjp(f, x)")
    arguments = split(primals, "vjp")
    recording = follow(lambda given: f(*given), arguments)
    count, n = len(arguments.operands), len(recording.outputs)

    def make(graph: Graph) -> tuple[Compiled, Compiled]:
        value, backward = modes.pullback(graph, wrt(recording, count))
        return Compiled(value), Compiled(backward)

    value, backward = derived(recording, "pullback", make)
    values = value([*recording.captured, *arguments.values])
    residuals = values[n:]
    types = [a.type for a in recording.outputs]

    def pull(cotangent: Any) -> tuple[Any, ...]:
        leaves = tree.flatten(cotangent)[0]
        if len(leaves) != len(recording.leaves):
            raise errors.tree_mismatch(str(recording.structure), str(tree.flatten(cotangent)[1]))
        arrays = [leaf for leaf, kept in zip(leaves, recording.leaves, strict=True) if kept is None]
        given = [
            operand_like(leaf, type, "a cotangent")
            for leaf, type in zip(arrays, types, strict=True)
        ]
        answers = backward([*residuals, *given])
        filled: tuple[Any, ...] = arguments.fill([result(v) for v in answers])
        return filled

    return recording.returned([result(v) for v in values[:n]]), pull


# ---- gradient -----------------------------------------------------------------------------------


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that gives f(x) and its gradient ∇f(x), for f with one real number as result.

    ``argnums`` chooses the arguments to differentiate by: an int, or a tuple of them, which gives
    a tuple of gradients. Arguments are trees; a gradient has the structure of its argument, with
    ∂f/∂x in place of each floating-point array and every other leaf as it was. With ``has_aux``
    f returns ``(number, anything)`` and the result is ``((number, anything), gradient)``.

    Costs a small multiple of one evaluation of f, whatever the number of inputs (Baur and
    Strassen, The complexity of partial derivatives, 1983).

    >>> import numpy as np
    >>> value, slope = value_and_grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    >>> float(value), slope
    (5.0, array([2., 4.]))
    """
    check_transform(f, argnums, "grad")

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        arguments = split_arguments(args, argnums, "grad")

        def call(chosen: Any) -> Any:
            return f(*with_arguments(args, argnums, chosen), **options)

        recording = follow(call, arguments)
        _require_number(recording, has_aux)
        count, n = len(arguments.operands), len(recording.outputs)
        compiled = derived(
            recording,
            "gradient",
            lambda graph: Compiled(modes.reverse(graph, wrt(recording, count), seed=1.0)),
        )
        values = compiled([*recording.captured, *arguments.values])
        value = recording.returned([result(v) for v in values[:n]])
        gradients = arguments.fill([result(v) for v in values[n:]])
        return value, gradients[0] if isinstance(argnums, int) else gradients

    return differentiated


def _require_number(recording: Recording, has_aux: bool) -> None:
    """A gradient is of one real number."""
    structure = recording.structure
    arrays = recording.outputs
    alone = structure.num_leaves == 1 and not has_aux
    first = arrays[0].type if arrays and recording.leaves[0] is None else None
    if has_aux and (
        structure.type is not tuple
        or structure.num_children != 2
        or structure.child(0).num_leaves != 1
    ):
        raise errors.aux_expected(user_line())
    if first is None or first.shape != () or not first.is_float or not (alone or has_aux):
        got = ", ".join(str(a.type) for a in arrays) or "no array"
        raise errors.not_a_number(got, user_line())


def grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that gives the gradient ∇f(x) of f, which must return one real number.

    The gradient is the vector that represents the derivative: Df(x)·v = ⟨∇f(x), v⟩. See
    :func:`value_and_grad` for ``argnums``, ``has_aux`` and trees. With ``has_aux`` the result is
    ``(gradient, anything)``.

    >>> import numpy as np
    >>> grad(lambda x: np.sum(np.sin(x)))(np.zeros(2))
    array([1., 1.])
    >>> float(grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0))  # levels are kept apart
    1.0
    """
    both = value_and_grad(f, argnums, has_aux)

    @wraps(f)
    def gradient(*args: Any, **options: Any) -> Any:
        value, slope = both(*args, **options)
        return (slope, value[1]) if has_aux else slope

    return gradient
