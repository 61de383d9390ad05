"""Sparse Jacobians and Hessians as SciPy matrices, and what is known of them beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from catenary.core import errors
from catenary.function.arguments import check_callable, check_transform
from catenary.function.modes import grad
from catenary.linear.sparsity.found import Choice, Sparsity
from catenary.linear.sparsity.request import Request, sparse

MEMORY = 2**28  # bytes that the products made at once may take


def sparse_jacobian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    pattern: Any = None,
    colouring: Literal["auto", "column", "row", "two-sided"] = "auto",
    memory: int = MEMORY,
    check: bool = False,
) -> Callable[..., Any]:
    """A function that gives the Jacobian J of f, J_ij = ∂f_i/∂x_j, as a SciPy CSR matrix.

    Where J may be other than zero is read from the operations of f, for all x at once. Columns
    that share no row are then computed in one product J·v, rows that share no column in one
    product Jᵀ·u: a tridiagonal Jacobian takes three products, whatever its size. Pattern and
    colouring are found in the first call for each kind of arguments, in which f is traced as by
    :func:`jit`; a later call is one compiled program.

    Rows of the ``csr_array`` number the flattened result, columns the flattened argument, or
    arguments, in the order of their leaves; trees are as good as arrays.

    ``pattern`` (a SciPy sparse matrix, an array, or what :func:`sparsity` gives) is used instead
    of the one found; it must hold every entry that may be other than zero, which ``check=True``
    tests in each call with one more product. ``colouring`` is "column" (forward mode), "row"
    (reverse mode), "two-sided" (both: long rows in reverse mode, the others in forward mode) or
    "auto", the fewest products. These are made in batches of about ``memory`` bytes.

    Curtis, Powell and Reid (1974); Gebremedhin, Manne and Pothen, What color is your Jacobian?,
    SIAM Review 47 (2005).

    >>> import numpy as np
    >>> import catenary as cat
    >>> J = cat.sparse_jacobian(lambda x: x[1:] * x[:-1])
    >>> J(np.array([1.0, 2.0, 3.0])).toarray()
    array([[2., 1., 0.],
           [0., 3., 2.]])
    """
    check_transform(f, argnums, "sparse_jacobian")

    return sparse(f, Request("sparse_jacobian", f, argnums, pattern, colouring, memory, check))


def sparse_hessian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    pattern: Any = None,
    colouring: Literal["auto", "star", "column"] = "auto",
    memory: int = MEMORY,
    check: bool = False,
) -> Callable[..., Any]:
    """A function that gives the Hessian H of f, H_ij = ∂²f/∂x_i∂x_j, as a SciPy CSR matrix.

    f must return one real number. H is the Jacobian of ∇f, computed as by
    :func:`sparse_jacobian`, whose options these are; as H is symmetric, a product need show one
    of H_ij and H_ji only (a star colouring), so that a Hessian with a full row and column and a
    diagonal takes two products.

    >>> import numpy as np
    >>> import catenary as cat
    >>> H = cat.sparse_hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2))
    >>> H(np.array([1.0, 2.0, 3.0])).toarray()
    array([[4., 2., 0.],
           [2., 6., 4.],
           [0., 4., 0.]])
    """
    check_transform(f, argnums, "sparse_hessian")
    if colouring not in {"auto", "star", "column"}:
        raise errors.unknown_option("colouring", colouring, ("auto", "star", "column"))
    gradient = grad(f, argnums)
    return sparse(
        f, Request("sparse_hessian", gradient, argnums, pattern, colouring, memory, check, True)
    )


def sparsity(
    f: Callable[..., Any],
    *x: Any,
    local: bool = False,
    symmetric: bool = False,
    colouring: Choice = "auto",
) -> Sparsity:
    """Where the Jacobian of f may be other than zero, and the products that give it.

    The pattern holds at every point with the shapes of x, as far as the graph of f does: a Python
    ``if`` is followed as x has it. With ``local`` it is the pattern at x itself, where partial
    derivatives that are zero there and branches that are not taken are left out; it may miss
    entries elsewhere. Both may contain entries that are zero: 0 = x − x is not seen.

    With ``symmetric`` the Jacobian is known to be symmetric, as that of ``cat.grad(f)`` is, and
    gets a star colouring. For ``colouring`` see :func:`sparse_jacobian`.

    >>> import numpy as np
    >>> import catenary as cat
    >>> def f(x):
    ...     return np.maximum(x, 0) * x[::-1]
    >>> cat.sparsity(f, np.array([1.0, -2.0, 3.0, -4.0])).nonzeros
    8
    >>> cat.sparsity(f, np.array([1.0, -2.0, 3.0, -4.0]), local=True).nonzeros
    4
    """
    check_callable(f, "sparsity", "cat.sparsity(f, x)")
    request = Request("sparsity", f, range(len(x)), None, colouring, MEMORY, False, symmetric)
    arguments, recording = request.record(x, {})
    derivative = request.derivative(arguments, recording)
    return request.find(derivative, [*recording.captured, *(arguments.values if local else [])])
