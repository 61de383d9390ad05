"""Where a number that is not finite comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.nn.chain import Chain
from catenary.tracing import tree
from catenary.train.examples import Examples


def source_of(net: Any, examples: Examples, key: Any) -> str:
    """In words, where the first number that is not finite arises when a batch is computed."""
    if path := first_path(examples):
        return f"the {path} of the batch hold one"
    if path := first_path(net):
        return f"the weights hold one, in {path}"
    if isinstance(net, Chain):
        with np.errstate(all="ignore"):
            values = net.activations(examples.inputs, key=key, train=True)
        for name, value in values.items():
            if not np.isfinite(value).all():
                position = int(name[1:]) - 1
                return (
                    f"the first link whose output is not finite is link {position}, "
                    f"{net[position]!r} ({name})"
                )
    return "every link's output is finite, the loss of it is not"


def all_finite(content: Any) -> bool:
    """Whether every floating-point number in a tree is finite."""
    return all(np.isfinite(leaf).all() for leaf in tree.flatten(content)[0] if tree.is_float(leaf))


def finite_rows(examples: Examples) -> NDArray[np.bool_]:
    """Which of the examples hold finite numbers only.

    >>> finite_rows(Examples(np.array([1.0, np.nan]), np.array([0, 1])))
    array([ True, False])
    """
    arrays = [leaf for leaf in tree.flatten(examples)[0] if tree.is_array(leaf)]
    fine = np.ones(len(examples), np.bool_)
    for array in arrays:
        fine &= np.isfinite(array).reshape(len(examples), -1).all(axis=1)
    return fine


def first_path(content: Any) -> str | None:
    """The name of the first array of a tree that holds a number that is not finite."""
    arrays = [leaf for leaf in tree.flatten(content)[0] if tree.is_array(leaf)]
    return next(
        (
            name
            for name, leaf in zip(tree.paths(content, passive=True), arrays, strict=True)
            if not np.isfinite(leaf).all()
        ),
        None,
    )
