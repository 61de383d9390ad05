"""Every error of the library: one constructor for one message.

A message says what happened, where (the user's own line when it is known), what was expected,
what came, and what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class CatenaryError(Exception):
    """The root of all errors that Catenary raises on purpose."""


class ShapeError(CatenaryError, ValueError):
    """Shapes that do not fit together."""


class DTypeError(CatenaryError, TypeError):
    """An element type that an operation does not take."""


# TraceError must not be a TypeError: NumPy replaces TypeErrors that rise out of its protocols.
class TraceError(CatenaryError, RuntimeError):
    """Something that plain NumPy allows and a traced value cannot do."""


class DerivativeError(CatenaryError, ValueError):
    """A derivative that does not exist or was asked for in the wrong way."""


class GraphError(CatenaryError, AssertionError):
    """A graph that violates its own rules: a defect of the library."""


class InputError(CatenaryError, ValueError):
    """Input from outside (a file, an option, a value) that cannot be used."""


class MissingExtra(CatenaryError, ImportError):
    """An optional dependency is not installed."""


def at(where: str | None) -> str:
    """The tail of a message that names the user's line."""
    return f"\n  at {where}" if where else ""


# ---- types and graphs ---------------------------------------------------------------------------


def unsupported_dtype(dtype: Any) -> DTypeError:
    advice = {
        "c": "complex numbers are not supported yet: keep real and imaginary parts apart",
        "O": "give arrays of numbers, not of Python objects",
        "U": "strings are not numbers: encode them first",
        "S": "strings are not numbers: encode them first",
        "f": "convert with x.astype(np.float32) or np.float64",
    }.get(dtype.kind, "convert to a float, integer or boolean dtype")
    return DTypeError(
        f"arrays of dtype {dtype} cannot be traced.\n"
        f"  expected: bool, int8…int64, uint8…uint64, float32 or float64\n  {advice}."
    )


def operand_shapes(name: str, expected: str, got: Any) -> ShapeError:
    return ShapeError(f"{name}: expected {expected}, got {got}.")


def operand_dtype(name: str, expected: str, got: Any) -> DTypeError:
    return DTypeError(f"{name}: expected {expected}, got {got}.")


class IndexOutOfBounds(CatenaryError, IndexError):
    """A position outside an array."""


def index_out_of_bounds(index: Any, axis: int, n: int) -> IndexOutOfBounds:
    bad = index[(index < 0) | (index >= n)].flat[0]
    return IndexOutOfBounds(f"index {bad} is out of bounds for axis {axis} of length {n}.")


def declared_twice(name: str) -> GraphError:
    return GraphError(f"an operation named {name!r} is declared twice.")


def bad_graph(graph: Any, reason: str) -> GraphError:
    return GraphError(f"a graph breaks its rules: {reason}.\n{graph}")


# ---- trees ------------------------------------------------------------------------------------


def tree_mismatch(expected: str, got: str) -> ShapeError:
    return ShapeError(
        f"two trees of different structure cannot be combined.\n  expected: {expected}\n"
        f"  got:      {got}\n  Give both the same keys, lengths and classes."
    )


def unhashable_static(leaf: Any) -> DTypeError:
    return DTypeError(
        f"an argument of type {type(leaf).__name__} is neither an array nor hashable.\n"
        "  Arrays, floats, and hashable Python values (int, str, functions) can be arguments; "
        "lists, dicts, tuples and dataclasses of them too."
    )


# ---- optional dependencies ----------------------------------------------------------------------


def missing_extra(package: str, extra: str, purpose: str) -> MissingExtra:
    return MissingExtra(
        f"{purpose} needs the package {package}, which is not installed.\n"
        f"  Install it with: pip install 'catenary[{extra}]'"
    )


# ---- descent ------------------------------------------------------------------------------------


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


def rate_twice(optimizer: Any) -> InputError:
    return InputError(
        f"a learning rate was given beside an optimizer that has its own: {optimizer!r}.\n"
        "  Give it there, or name the optimizer: optimizer=\"adam\", learning_rate=0.01."
    )


# ---- names chosen by the user -------------------------------------------------------------------


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    names = sorted(known)
    near = difflib.get_close_matches(str(name).lower(), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return InputError(f"there is no {kind} called {name!r}.{hint}\n  known: {', '.join(names)}.")


# ---- networks -----------------------------------------------------------------------------------


def loss_shapes(name: str, prediction: Any, target: Any) -> ShapeError:
    classes = (
        f"\n  or integer classes of shape {prediction[:-1]}"
        if name in {"cross_entropy", "hinge"}
        else ""
    )
    return ShapeError(
        f"{name}: the target does not fit the prediction.\n"
        f"  expected: targets of the prediction's shape {prediction}{classes}\n"
        f"  got:      {target.dtype} targets of shape {target.shape}"
    )


def weights_shape(expected: Any, got: Any) -> ShapeError:
    return ShapeError(
        "the sample weights do not fit the examples.\n"
        f"  expected: one weight for each example, shape {expected}\n  got:      shape {got}"
    )


def bad_target(name: str, expected: str, target: Any) -> InputError:
    return InputError(
        f"{name}: these targets cannot be.\n  expected: {expected}\n"
        f"  got:      values from {target.min()} to {target.max()}"
    )


def no_fans(shape: Any) -> ShapeError:
    return ShapeError(
        f"a weight of shape {shape} has no fan-in and fan-out.\n"
        "  expected: at least two axes, (inputs, outputs)\n"
        "  For a bias use zeros, constant, normal or uniform."
    )


def dense_shapes(weight: Any, bias: Any) -> ShapeError:
    return ShapeError(
        "the arrays of a Dense link do not fit.\n"
        "  expected: weight of shape (inputs, outputs), bias of shape (outputs,) or None\n"
        f"  got:      weight of shape {weight}, bias of shape {bias}"
    )


def link_input(link: str, inputs: int, shape: Any) -> ShapeError:
    return ShapeError(
        f"the input does not fit {link}.\n"
        f"  expected: shape (…, {inputs}): one row for each example, {inputs} features in it\n"
        f"  got:      shape {shape}"
    )


def not_a_link(value: Any) -> InputError:
    return InputError(
        f"a chain cannot hold {value!r} of type {type(value).__name__}.\n"
        "  expected: links, functions of one array, or names of activations"
    )


def unknown_inputs(chain: Any) -> InputError:
    return InputError(
        f"no link of {chain!r} says how many inputs it takes.\n"
        "  Give an example input, summary(example), or a chain with a Dense link."
    )


def not_affine(position: int, link: str) -> InputError:
    return InputError(
        f"the chain is not an affine map: link {position}, {link}, is not known to be affine.\n"
        "  Collapse the links before and after it apart: chain[:k] is a chain."
    )


def bad_widths(widths: Any) -> InputError:
    return InputError(
        f"widths {widths!r} make no network.\n"
        "  expected: at least two positive integers, from inputs to outputs: [64, 128, 10]"
    )


def no_key(link: str) -> InputError:
    return InputError(
        f"{link} draws random numbers while training and got no key.\n"
        "  Call net(x, key=cat.random.key(0), train=True)."
    )


# ---- transforms ---------------------------------------------------------------------------------


def no_derivative(name: str, reason: str) -> DerivativeError:
    return DerivativeError(f"{name} has no derivative: {reason}.")


def place(where: tuple[str, int] | None) -> str:
    return at(f"{where[0]}:{where[1]}" if where else None)


def not_linear(name: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"{name} is not linear in what should be a linear map, so it has no transpose.\n"
        "  A custom rule must be linear in its tangents: sums, and products with values that do "
        f"not depend on the tangents.{place(where)}"
    )


def not_batched(name: str, reason: str, where: tuple[str, int] | None) -> TraceError:
    return TraceError(f"{name} cannot be batched yet: {reason}.{place(where)}")
