"""The messages about optimizers, schedules and minimization."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import InputError, ShapeError


def bad_setting(name: str, expected: str, got: Any) -> InputError:
    return InputError(f"{name}={got!r} cannot be.\n  expected: {expected}.")


def no_average() -> InputError:
    return InputError(
        "this optimizer state holds no average of the weights.\n"
        "  Train with AverageWeights(optimizer) to keep one."
    )


def no_schedule(optimizer: str) -> InputError:
    return InputError(
        f"{optimizer} takes no schedule: after the first step it sets its step lengths itself.\n"
        "  Leave the schedule out, or choose another optimizer."
    )


def schedule_without_steps(name: str) -> InputError:
    return InputError(
        f"the schedule {name!r} is stretched over a run, and its length is not known.\n"
        "  Give steps=…, the number of steps of the whole run."
    )


def not_one_number(got: Any) -> ShapeError:
    shape = getattr(got, "shape", None)
    what = f"an array of shape {shape}" if shape else f"{type(got).__name__} {got!r}"
    return ShapeError(
        f"the function to be minimized returned {what}.\n  expected: one real number\n"
        "  Reduce what it returns to a number: np.sum(…), np.mean(…), or one of its entries."
    )


def nothing_to_move(x0: Any) -> InputError:
    return InputError(
        f"x0 holds no floating-point numbers, so there is nothing to move.\n  got: {x0!r}\n"
        "  Integers are data: write 1.0 instead of 1, or x0.astype(float)."
    )


def start_not_finite(what: str, got: Any) -> InputError:
    return InputError(
        f"{what} is not finite.\n  got: {got!r}\n"
        "  Start from a point at which the function and its gradient are finite numbers."
    )


def not_an_instance(optimizer: type, settings: str = "learning_rate=…") -> InputError:
    name = optimizer.__name__
    return InputError(
        f"the optimizer is the class {name} itself.\n  Write its settings: {name}({settings})."
    )


def rate_twice(optimizer: Any) -> InputError:
    return InputError(
        f"a learning rate was given beside an optimizer that has its own: {optimizer!r}.\n"
        '  Give it there, or name the optimizer: optimizer="adam", learning_rate=0.01.'
    )


# ---- methods of second order --------------------------------------------------------------------


def method_and_rate(method: Any) -> InputError:
    return InputError(
        f"an optimizer or a learning rate was given beside the method {method!r}.\n"
        "  A method finds the lengths of its steps itself: leave the other out."
    )


def is_an_optimizer(name: str) -> InputError:
    return InputError(
        f"{name!r} is an optimizer, which follows gradients by a learning rate.\n"
        f"  Write optimizer={name!r} in place of method={name!r}."
    )


def needs_residuals(method: str = "this method") -> InputError:
    return InputError(
        f"{method} works on residuals r(x), of which ½ Σ rᵢ² is to become small; a function that "
        "returns one number does not show them.\n"
        f"  Return the array of residuals: cat.optim.least_squares(residuals, x0); or take "
        'method="newton-cg".'
    )


def not_residuals(got: Any) -> ShapeError:
    if isinstance(got, np.ndarray | np.generic | float | int):
        one = np.ndim(got) == 0
        what = f"one number, {got!r}" if one else f"an array of dtype {np.asarray(got).dtype}"
    else:
        what = f"a {type(got).__name__}"
    return ShapeError(
        f"least_squares got {what} from the function.\n"
        "  expected: an array of real residuals, of which ½ Σ rᵢ² is minimized\n"
        "  Do not square and sum them; of a function with one number take cat.minimize; put "
        "several arrays into one by np.concatenate."
    )


def curvature_not_finite(what: str, x: Any) -> InputError:
    return InputError(
        f"the {what} is not finite at a point where value and gradient are.\n"
        f"  got: {what} at x = {' '.join(str(x).split())}\n"
        '  Take a method that needs gradients only, such as method="l-bfgs".'
    )


def needs_network() -> InputError:
    return InputError(
        "KFAC looks into the links of a network, and a function has none.\n"
        '  Take it for cat.fit(net, …, optimizer="kfac"); for a function, method="l-bfgs".'
    )


def no_factors(position: int, link: Any) -> InputError:
    return InputError(
        f"KFAC knows Kronecker factors of dense links only; link {position} is {link!r}.\n"
        "  expected: a chain of Dense links, with links without parameters between\n"
        '  Take optimizer="l-bfgs" or "gauss-newton", which need no factors.'
    )


def not_for_networks(method: Any) -> InputError:
    return InputError(
        f"{method!r} does not train networks: its steps may lead uphill, and it writes out the "
        "whole Hessian.\n"
        '  Take optimizer="newton-cg", "gauss-newton", "l-bfgs" or "kfac".'
    )
