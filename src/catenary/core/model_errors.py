"""The messages about local models: tangents, quadratic models, Taylor polynomials, kinks."""

from __future__ import annotations

from typing import TypeAlias

from catenary.core.errors import DerivativeError, InputError, ShapeError, place

Where: TypeAlias = tuple[str, int] | None


def outside_domain(name: str, what: str, value: object, where: Where) -> DerivativeError:
    return DerivativeError(
        f"{name}: there is no model at this point, for {what} is {value}.\n"
        "  expected: finite numbers, at a point inside the domain where the function is smooth\n"
        "  Choose another point; the slopes on both sides of a kink are found by "
        f"cat.subdifferential.{place(where)}"
    )


def not_like_the_point(name: str, expected: str, got: str, where: Where) -> ShapeError:
    return ShapeError(
        f"{name}: x is not like the point a of the model.\n  expected: shape {expected}\n"
        f"  got:      shape {got}\n"
        f"  For many points at once: cat.vmap(model)(points).{place(where)}"
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


def not_lipschitz(line: Where, where: Where) -> DerivativeError:
    what = f"the operation at {line[0]}:{line[1]}" if line else "an operation"
    return DerivativeError(
        f"subdifferential: {what} is infinitely steep at this point.\n"
        "  expected: finite slopes on all sides, as of abs, max, clip or sort\n"
        "  The square root and the logarithm have none at 0: write |x| as np.abs(x), and not as "
        f"np.sqrt(x * x).{place(where)}"
    )


def kink_inside(name: str, line: Where, where: Where) -> DerivativeError:
    return DerivativeError(
        f"subdifferential: kinks inside a {name} are not looked into"
        f"{f' ({line[0]}:{line[1]})' if line else ''}.\n"
        f"  Write the loop or the branch in Python, outside jit.{place(where)}"
    )


def ties_of_many(where: Where) -> DerivativeError:
    return DerivativeError(
        "subdifferential: equal numbers are sorted, and the argument is more than one number.\n"
        "  expected: one number, whose two sides can be walked along\n"
        f"  Ask along a direction: subdifferential(lambda t: f(x + t * v), 0.0).{place(where)}"
    )


def unknown_policy(policy: str, known: tuple[str, ...], where: Where) -> InputError:
    return InputError(
        f"there is no policy {policy!r} for kinks.\n  expected: one of {', '.join(known)}"
        f"{place(where)}"
    )


def needs_values(where: Where) -> DerivativeError:
    return DerivativeError(
        "subdifferential looks at numbers, which are not known inside jit, vmap, grad or a loop.\n"
        f"  Call it outside of them.{place(where)}"
    )


def not_drawable(point: tuple[int, ...], value: tuple[int, ...]) -> InputError:
    return InputError(
        f"a function from shape {point} to shape {value} cannot be drawn.\n"
        "  expected: one number, or an array of one or two, to one number\n"
        "  Hold the other coordinates fast: cat.tangent(lambda x: f(np.append(x, rest)), …)."
    )
