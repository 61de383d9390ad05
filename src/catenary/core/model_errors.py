"""The messages about local models: tangents, quadratic models, Taylor polynomials, kinks."""

from __future__ import annotations

from typing import TypeAlias

from catenary.core.errors import DerivativeError, InputError, place

Where: TypeAlias = tuple[str, int] | None


def outside_domain(name: str, what: str, value: object, where: Where) -> DerivativeError:
    return DerivativeError(
        f"{name}: there is no model at this point, for {what} is {value}.\n"
        "  expected: finite numbers, at a point inside the domain where the function is smooth\n"
        "  Choose another point; the slopes on both sides of a kink are found by "
        f"cat.subdifferential.{place(where)}"
    )


def direction_needed(got: str, where: Where) -> InputError:
    return InputError(
        "taylor: the point is not one real number, so the series needs a direction.\n"
        f"  expected: a float of shape (), or along=v, a vector like the point\n  got:      {got}\n"
        f"  With along=v the series of f(x + t·v) in powers of t comes back.{place(where)}"
    )


def bad_order(order: object, where: Where) -> InputError:
    return InputError(
        f"taylor: order={order!r} cannot be.\n  expected: a whole number, 0 or more{place(where)}"
    )
