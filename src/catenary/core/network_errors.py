"""The messages about networks and their training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catenary.core.errors import CatenaryError, DTypeError, InputError, ShapeError

NUMBERED = "Number the classes: names, y = np.unique(y, return_inverse=True)."

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
        f"{_target_advice(bool(classes), prediction, target)}"
    )


def _target_advice(classes: bool, prediction: Any, target: Any) -> str:
    """What to write instead of targets y that do not fit, where that can be told."""
    shape = tuple(target.shape)
    if shape == (*prediction, 1):
        return "\n  Use y[..., 0]."
    if not classes:
        return ""
    whole = "" if target.dtype.kind in "iu" else ".astype(int)"
    if shape == (*prediction[:-1], 1):
        return f"\n  If they are classes, use y[{':, ' * (len(shape) - 1)}0]{whole}."
    if shape == prediction[:-1] and whole:
        return "\n  If they are classes, use y.astype(int)."
    return ""


def one_output(name: str) -> ShapeError:
    return ShapeError(
        f"{name}: there is one output for each example, and among one class nothing can be chosen."
        "\n  expected: logits of shape (n, classes)\n  got:      logits of shape (n, 1)\n"
        "  For two classes give the net two outputs, or use the loss binary_cross_entropy."
    )


def text_targets(dtype: Any) -> DTypeError:
    return DTypeError(
        f"targets of dtype {dtype} are no numbers.\n  expected: numbers; classes as 0, 1, …\n"
        f"  {NUMBERED}"
    )


def weights_shape(expected: Any, got: Any) -> ShapeError:
    return ShapeError(
        "the sample weights do not fit the examples.\n"
        f"  expected: one weight for each example, shape {expected}\n  got:      shape {got}"
    )


def bad_target(name: str, expected: str, target: Any, advice: str) -> InputError:
    return InputError(
        f"{name}: these targets cannot be.\n  expected: {expected}\n"
        f"  got:      values from {target.min()} to {target.max()}\n  {advice}"
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


def widths_apiece(arguments: tuple[Any, ...]) -> InputError:
    widths = ", ".join(str(value) for value in arguments if isinstance(value, int))
    return InputError(f"the widths of a network are one list: write mlp([{widths}]).")


def not_a_sequence() -> InputError:
    return InputError("the links of a chain are one list: write Chain([first, second]).")


def widths_apart(position: int, link: Any, expected: Any, got: Any) -> ShapeError:
    return ShapeError(
        f"link {position} of the chain, {link!r}, does not fit what comes before it.\n"
        f"  expected: a link that takes {expected} features\n  got:      one that takes {got}"
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


def other_ending(path: Path) -> InputError:
    return InputError(
        f"weights are kept in the format safetensors, and {path.name} ends in {path.suffix}.\n"
        f"  Write {path.with_suffix('.safetensors').name}."
    )


def other_weights(path: Any, name: str, expected: str, got: str) -> InputError:
    return InputError(
        f"{path} holds other weights than those of this net.\n"
        f"  expected: {expected} as {name!r}\n  got:      {got}\n"
        "  Build the net with the links, widths and dtype that it was saved with."
    )


# ---- training -----------------------------------------------------------------------------------


class NotFinite(CatenaryError, ArithmeticError):
    """A computation met a number that is not finite."""


def not_finite(what: str, steps: int, epochs: int, source: str, kept: int) -> NotFinite:
    origin = f"\n  Its origin: {source}." if source else ""
    return NotFinite(
        f"training stopped: {what} at step {steps} (epoch {epochs + 1}).{origin}\n"
        f"  The weights after step {kept} are kept. A smaller learning rate, clipped gradients "
        "or scaled inputs may help."
    )


def not_finite_result(name: str, origin: str) -> NotFinite:
    return NotFinite(
        f"the result of {name} is not finite.\n  Its origin: {origin}\n"
        "  Keep arguments of logarithms, roots and divisions away from 0, or without nan_check "
        "let it pass."
    )


def not_examples(data: Any) -> InputError:
    return InputError(
        f"data of type {type(data).__name__} are no examples.\n"
        "  expected: (inputs, targets) or (inputs, targets, weights)"
    )


def not_numbers(array: Any) -> DTypeError:
    return DTypeError(
        f"examples of dtype {array.dtype} cannot be trained on.\n"
        "  expected: arrays of numbers; encode text and categories as numbers first\n"
        f"  {NUMBERED}"
    )


def example_counts(counts: list[int]) -> ShapeError:
    return ShapeError(
        "inputs and targets do not make examples.\n"
        "  expected: arrays whose first axis counts the examples, equally many and at least 1\n"
        f"  got:      {', '.join(map(str, counts)) or 'a single number'}"
    )


def bad_weights() -> InputError:
    return InputError(
        "these sample weights cannot be.\n"
        "  expected: finite numbers, 0 or more, at least one of them above 0"
    )


def bad_share(share: float, n: int) -> InputError:
    return InputError(
        f"a share of {share} of {n} examples cannot be held out for validation.\n"
        "  expected: a share between 0 and 1 that leaves at least one example on both sides"
    )


def bad_count(name: str, least: int, value: Any) -> InputError:
    none = "" if name == "epochs" else ", or None"
    return InputError(f"{name}={value!r} cannot be.\n  expected: an integer from {least}{none}")


def cost_shape(shape: Any) -> ShapeError:
    return ShapeError(
        "the loss of a batch is not a single number.\n"
        f"  expected: shape ()\n  got:      shape {shape}\n"
        "  Return the mean over the examples: np.mean(…)."
    )


def resume_from_nothing() -> InputError:
    return InputError(
        "resume=True needs a file to go on from.\n"
        "  Give checkpoint='run/last.safetensors', or fit(result, …) to go on from a result."
    )


def crossed_targets(flat: bool) -> ShapeError:
    """For predictions of shape (n,) and targets of shape (n, 1), if ``flat``, or the reverse."""
    prediction, target = ("(n,)", "(n, 1)") if flat else ("(n, 1)", "(n,)")
    return ShapeError(
        "the loss sets every prediction against every target: their shapes broadcast to (n, n).\n"
        "  expected: predictions and targets of one shape\n"
        f"  got:      predictions of shape {prediction}, targets of shape {target}\n"
        f"  Give the targets as {'y[:, 0]' if flat else 'y[:, None]'}."
    )


def row_not_finite(name: str | None, row: int) -> InputError:
    return InputError(
        f"row {row} of the {name} holds a number that is not finite.\n"
        "  expected: finite numbers, or a net and a loss that leave out what is missing\n"
        "  Find such rows of x by np.flatnonzero(~np.isfinite(x).all(axis=1)); drop or fill them."
    )


def metric_twice(name: str) -> InputError:
    return InputError(
        f"two metrics are called {name!r}.\n  Give them names: metrics={{'first': …, 'second': …}}"
    )


def other_optimizer(optimizer: Any) -> InputError:
    return InputError(
        f"a training that began with another optimizer cannot go on with {optimizer!r}.\n"
        "  Give the same kind of optimizer, or begin again from its net: fit(result.net, …)."
    )


def other_training(path: Any, name: str, expected: Any, got: Any) -> InputError:
    return InputError(
        f"{path} was written by a training of another {name}.\n"
        f"  expected: {expected}\n  got:      {got}\n"
        "  Give the same data, batch_size and seed, or another checkpoint file."
    )
