"""The messages about sparse derivatives: patterns, colourings, and what cannot be one."""

from __future__ import annotations

from catenary.core.errors import DerivativeError, InputError, ShapeError, place

Where = tuple[str, int] | None


def not_recovered(row: int, column: int, where: Where) -> InputError:
    return InputError(
        f"the colouring does not determine the entry ({row}, {column}): in each product that "
        "shows it, another entry of the pattern is added to it.\n"
        f"  Leave colouring='auto', or give the pattern alone.{place(where)}"
    )


def pattern_shape(expected: tuple[int, int], got: tuple[int, ...], where: Where) -> ShapeError:
    return ShapeError(
        f"the pattern given has shape {got}; the derivative is {expected[0]} × {expected[1]}.\n"
        "  Rows count the flattened result, columns the flattened arguments, in the order of "
        f"cat.sparsity(f, x).{place(where)}"
    )


def pattern_misses(row: int, got: float, expected: float, where: Where) -> DerivativeError:
    return DerivativeError(
        f"the pattern given misses entries of row {row}: the product with a random vector is "
        f"{expected:.6g} there, and {got:.6g} from the entries of the pattern.\n"
        "  Leave pattern out to have it found from the graph, or give one that holds every entry "
        f"that may be other than zero.{place(where)}"
    )


def not_symmetric(shape: tuple[int, int], where: Where) -> ShapeError:
    return ShapeError(
        f"a symmetric matrix was asked for, but the derivative is {shape[0]} × {shape[1]}.\n"
        "  Only gradients have symmetric Jacobians: cat.sparsity(cat.grad(f), x, symmetric=True)."
        f"{place(where)}"
    )


def sparse_under_trace(name: str, where: Where) -> DerivativeError:
    return DerivativeError(
        f"{name} gives a SciPy matrix, which cannot be traced.\n"
        "  Call it outside jit, grad and vmap; inside them cat.jacobian and cat.hessian give "
        f"arrays.{place(where)}"
    )


def star_of_what(where: Where) -> InputError:
    return InputError(
        "a star colouring computes half of a symmetric matrix; this Jacobian is not known to be "
        "one.\n  Choose 'column', 'row', 'two-sided' or 'auto'; for Hessians use "
        f"cat.sparse_hessian(f), or cat.sparsity(cat.grad(f), x, symmetric=True).{place(where)}"
    )
