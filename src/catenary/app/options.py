"""The options of the command line: names that may be chosen, and how values are read.

Nothing here loads an array library, so that `--help` and a mistyped option answer at once. A test
compares the names with those that the library knows.
"""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from typing import Literal

from catenary.core.input_errors import near

COMMANDS = ("train", "predict", "show", "datasets", "coverage", "explain", "cache")
TASKS = ("auto", "classify", "regress")
ACTIVATIONS = (
    "relu", "tanh", "sigmoid", "silu", "gelu", "elu", "selu", "leaky_relu", "softplus", "softsign",
    "relu6", "gelu_tanh", "hard_tanh", "hard_sigmoid", "hard_swish", "softmax", "log_softmax",
    "identity",
)  # fmt: skip
LOSSES_OF_CLASSES = (
    "cross_entropy", "quadratic_cost", "mse", "mae", "huber", "hinge", "binary_cross_entropy", "kl",
)  # fmt: skip
LOSSES_OF_NUMBERS = ("mse", "quadratic_cost", "mae", "huber", "poisson")
LOSSES = tuple(dict.fromkeys(LOSSES_OF_CLASSES + LOSSES_OF_NUMBERS))
OPTIMIZERS = (
    "adamw", "adam", "sgd", "gradient-descent", "momentum", "nesterov", "rmsprop", "adagrad",
    "adadelta", "adamax", "nadam", "radam", "amsgrad", "lion", "rprop",
)  # fmt: skip
SCHEDULES = (
    "cosine", "constant", "step", "exponential", "polynomial", "cosine-restarts", "one-cycle",
    "warm-up", "warm-up-cosine", "plateau",
)  # fmt: skip
DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "bar": "|"}
# What other programs call these options.
ALIASES = {
    "--rate": "--learning-rate", "--alpha": "--learning-rate", "--eta": "--learning-rate",
    "--step-size": "--learning-rate", "--batch": "--batch-size", "--bs": "--batch-size",
    "--hidden": "--layers", "--hidden-layers": "--layers", "--units": "--layers",
    "--output": "--out", "--encoding": "--charset", "--sep": "--delimiter",
    "--label": "--target", "--exclude": "--ignore", "--drop": "--ignore",
    "--wd": "--weight-decay", "--iterations": "--epochs",
}  # fmt: skip

MOST_UNITS = 1_000_000


def one_of(known: Sequence[str]) -> Callable[[str], str]:
    """Read one of the known names; hyphens, underscores and capitals make no difference."""
    plain = {_plain(name): name for name in known}

    def read(text: str) -> str:
        if _plain(text) not in plain:
            hint = near(text, known) or f"; choose from {', '.join(known)}"
            raise ArgumentTypeError(f"there is no {text!r}{hint}")
        return plain[_plain(text)]

    return read


def whole(text: str) -> int:
    """Read a whole number of at least 0."""
    try:
        value = int(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no whole number") from error
    if value < 0:
        raise ArgumentTypeError(f"{value} is below 0")
    return value


def seed(text: str) -> int:
    """Read a whole number from 0 to 2⁶⁴ − 1."""
    value = whole(text)
    if value >= 2**64:
        raise ArgumentTypeError(f"{value} is not below 2**64")
    return value


def count(text: str) -> int:
    """Read a whole number of at least 1."""
    value = whole(text)
    if value == 0:
        raise ArgumentTypeError("0 is too few; at least 1 is needed")
    return value


def batch_size(text: str) -> int | Literal["full"]:
    """Read a number of rows, or "full" for all of them at once."""
    return "full" if text.lower() in {"full", "all"} else count(text)


def positive(text: str) -> float:
    """Read a finite number above 0."""
    value = not_negative(text)
    if value == 0:
        raise ArgumentTypeError("0 is too small; a number above 0 is needed")
    return value


def not_negative(text: str) -> float:
    """Read a finite number of at least 0."""
    try:
        value = float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no number") from error
    if not (value >= 0 and math.isfinite(value)):
        raise ArgumentTypeError(f"{text} is not a finite number of at least 0")
    return value


def share(text: str) -> float:
    """Read a share of the rows: 0.2, or 20%."""
    number, percent = (text[:-1], 0.01) if text.endswith("%") else (text, 1.0)
    value = not_negative(number) * percent
    if value >= 1:
        raise ArgumentTypeError(f"{text} is no share; a number below 1 is needed, such as 0.2")
    return value


def layers(text: str) -> tuple[str, tuple[int, ...]]:
    """Read the widths of links: "hidden" ones (64,32), a "whole" chain (13-64-3), or none.

    >>> layers("64,32"), layers("13-64-3"), layers("none")
    (('hidden', (64, 32)), ('whole', (13, 64, 3)), ('hidden', ()))
    """
    if text.lower() in {"none", ""}:
        return "hidden", ()
    form, separator = ("whole", "-") if "-" in text.strip("-") else ("hidden", ",")
    try:
        widths = tuple(int(part) for part in text.strip(",").split(separator))
    except ValueError as error:
        raise ArgumentTypeError(
            f"{text!r} are no widths; write hidden ones as 64,32, a whole chain as 13-64-3, or none"
        ) from error
    if not all(0 < width <= MOST_UNITS for width in widths):
        raise ArgumentTypeError(f"{text}: each width must be from 1 to {MOST_UNITS:,}")
    return form, widths


def delimiter(text: str) -> str:
    """Read the character between cells: itself, or tab, comma, semicolon, space, bar."""
    found = DELIMITERS.get(text.lower(), text)
    if len(found) != 1 or found in '"\r\n':
        raise ArgumentTypeError(f"{text!r} is not one character; or tab, comma, semicolon, space")
    return found


def decimal(text: str) -> str:
    """Read the decimal sign."""
    found = {"comma": ",", "point": ".", "dot": "."}.get(text.lower(), text)
    if found not in {".", ","}:
        raise ArgumentTypeError(f"{text!r} is neither . nor ,")
    return found


def names(text: str) -> list[str]:
    """Read names of columns, separated by commas; a comma in a name is written twice."""
    parts = text.replace(",,", "\0").split(",")
    return [name.strip().replace("\0", ",") for name in parts if name.strip()]


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")
