"""The messages about networks and their training."""

from __future__ import annotations

from typing import Any

from catenary.core.errors import InputError, ShapeError

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


def bad_rate(rate: Any) -> InputError:
    return InputError(
        f"Dropout({rate!r}) cannot be.\n  expected: a number from 0 up to, not including, 1"
    )


def no_key(link: str) -> InputError:
    return InputError(
        f"{link} draws random numbers while training and got no key.\n"
        "  Call net(x, key=cat.random.key(0), train=True)."
    )


# ---- weights in files ---------------------------------------------------------------------------


def unreadable_weights(path: Any, reason: Any) -> InputError:
    return InputError(
        f"{path} cannot be read: {reason}.\n  expected: a safetensors file that Catenary wrote"
    )


def other_weights(path: Any, name: str, expected: str, got: str) -> InputError:
    return InputError(
        f"{path} holds other weights than those of this net.\n"
        f"  expected: {expected} as {name!r}\n  got:      {got}\n"
        "  Build the net with the links, widths and dtype that it was saved with."
    )
