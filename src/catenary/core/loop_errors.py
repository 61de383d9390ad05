"""Errors of loops and branches: one constructor for one message."""

from __future__ import annotations

from typing import Any

from catenary.core.errors import DerivativeError, InputError, ShapeError, place

Line = tuple[str, int] | None


def function_expected(name: str, argument: str, got: str, where: Line) -> InputError:
    return InputError(f"{name}: {argument} must be a function, got {got}.{place(where)}")


def pair_expected(got: str, where: Line) -> ShapeError:
    return ShapeError(
        f"scan: the function must return a pair (carry, y); it returned {got}.\n"
        f"  Return (carry, None) if there is nothing to stack.{place(where)}"
    )


def carry_structure(name: str, expected: str, got: str, where: Line) -> ShapeError:
    return ShapeError(
        f"{name}: a round must return a carry of the structure that it was given.\n"
        f"  given:    {expected}\n  returned: {got}{place(where)}"
    )


def carry_type(name: str, path: str, expected: str, got: str, where: Line) -> ShapeError:
    return ShapeError(
        f"{name}: carry{path} changes from round to round.\n"
        f"  given:    {expected}\n  returned: {got}\n"
        f"  Start with what a round returns, or convert: x.astype(dtype), np.reshape.{place(where)}"
    )


def lengths_differ(lengths: str, where: Line) -> ShapeError:
    return ShapeError(
        "scan: the arrays of xs and length= must agree on the number of rounds.\n"
        f"  got: {lengths}{place(where)}"
    )


def no_length(where: Line) -> ShapeError:
    return ShapeError(
        "scan: how many rounds? xs holds no array, and length= is not given.\n"
        f"  Give xs with a leading axis, or length=n.{place(where)}"
    )


def no_rows(path: str, got: str, where: Line) -> ShapeError:
    return ShapeError(
        f"scan: xs{path} has no leading axis to go along; it is {got}.\n"
        "  What is the same in every round needs no argument: the function may take it from "
        f"around it.{place(where)}"
    )


def bad_count(name: str, argument: str, got: Any, where: Line) -> InputError:
    return InputError(
        f"{name}: {argument} must be a whole number, 0 or more, known while tracing (a Python "
        f"int); got {got!r}.\n  For a number of rounds that is computed use cat.while_loop or "
        f"cat.fori.{place(where)}"
    )


def truth_expected(name: str, got: str, where: Line) -> ShapeError:
    return ShapeError(
        f"{name}: expected one truth value (bool of shape ()), got {got}.\n"
        f"  Compare (x > 0), or reduce with np.any or np.all.{place(where)}"
    )


def whole_expected(name: str, argument: str, got: str, where: Line) -> ShapeError:
    return ShapeError(
        f"{name}: {argument} must be one whole number (an integer of shape ()), got {got}."
        f"{place(where)}"
    )


def branches_expected(got: int, where: Line) -> InputError:
    return InputError(f"switch: expected at least one branch, got {got}.{place(where)}")


def branch_structures(name: str, first: str, other: str, where: Line) -> ShapeError:
    return ShapeError(
        f"{name}: all branches must return trees of one structure.\n"
        f"  one returned:     {first}\n  another returned: {other}{place(where)}"
    )


def branch_types(name: str, path: str, first: str, other: str, where: Line) -> ShapeError:
    return ShapeError(
        f"{name}: all branches must return the same types; result{path} differs.\n"
        f"  one returned:     {first}\n  another returned: {other}\n"
        f"  Convert with x.astype(dtype), or fill up with np.zeros_like.{place(where)}"
    )


def unbounded() -> DerivativeError:
    return DerivativeError(
        "while_loop: reverse mode (grad, vjp) keeps what every round computed, so it must know how "
        "many rounds there can be.\n"
        "  Give bound=n, the largest number of rounds; or use forward mode (cat.jvp), which needs "
        "no bound."
    )
