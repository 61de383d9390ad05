"""Hessians: second derivatives written out as arrays, and their products with vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from catenary.function.modes import grad, jvp
from catenary.linear.jacobian import jacobian
from catenary.linear.map import MEMORY


def hessian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, memory: int = MEMORY
) -> Callable[..., Any]:
    """A function that gives the Hessian H of f, H_ij = ∂²f/∂x_i∂x_j, for a real number f(x).

    Forward mode over reverse mode, in batches of about ``memory`` bytes. For one array the shape is
    ``x.shape + x.shape``; trees nest as in :func:`jacobian`.

    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    return jacobian(grad(f, argnums), argnums, mode="forward", memory=memory)


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
