"""Hessians: second derivatives written out as arrays, and their products with vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from catenary.core.graph import Graph
from catenary.function.modes import derived, grad, jvp, wrt
from catenary.linear.jacobian import assembled, followed
from catenary.linear.memory import MEMORY
from catenary.linear.plan.program import Program, program
from catenary.linear.sparsity.blocks import sparse_blocks
from catenary.linear.sparsity.pattern import Array
from catenary.tracing.trace import Recording


def hessian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, memory: int = MEMORY
) -> Callable[..., Any]:
    """A function that gives the Hessian H of f, H_ij = ∂²f/∂x_i∂x_j, for a real number f(x).

    Forward mode over reverse mode, in batches of about ``memory`` bytes. Where f leaves most of H
    zero whatever x is, columns are computed together, in as many products as a star colouring has
    colours: three for a tridiagonal Hessian of any size (:func:`sparse_hessian` stores nothing
    else). For one array the shape is ``x.shape + x.shape``; trees nest as in :func:`jacobian`.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    gradient = grad(f, argnums)

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        arguments, recording = followed(gradient, argnums, args, options)
        count, known = len(arguments.operands), _positions(recording)
        places = wrt(recording, count)

        def make(graph: Graph) -> Program:
            sparse = sparse_blocks(graph, count, known, memory, symmetric=True)
            return sparse or program(graph, places, "forward", memory)

        content = tuple((i, array.tobytes()) for i, array in known.items())
        write: Program = derived(recording, ("hessian", memory, content), make)
        others, blocks = write([*recording.captured, *arguments.values])
        return assembled(recording, arguments, others, blocks, isinstance(argnums, int))

    return differentiated


def _positions(recording: Recording) -> dict[int, Array]:
    """The whole numbers and truth values that a function takes from around it."""
    return {
        i: np.asarray(thing)
        for i, thing in enumerate(recording.captured)
        if isinstance(thing, (np.ndarray, np.generic)) and thing.dtype.kind in "biu"
    }


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The product H(x)·v of the Hessian of f with a vector, without forming H.

    One forward pass over the gradient: a small multiple of the cost of ∇f, whatever the dimension
    (Pearlmutter, Fast exact multiplication by the Hessian, 1994). ``x`` and ``v`` are trees of one
    structure, as is the result.

    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    return jvp(grad(f), (x,), (v,))[1]
