"""The dense link: an affine map, then an activation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import network_errors
from catenary.nn.activations import activation as activation_named
from catenary.nn.activations import identity
from catenary.nn.arrays import Array, Key, as_array
from catenary.nn.chain import Affine, Link, name_of
from catenary.nn.initializers import Initializer, initializer, initializer_for, zeros


@dataclass(frozen=True, eq=False, repr=False)
class Dense(Link):
    """a = σ(z) with z = x @ weight + bias.

    ``weight`` has shape (inputs, outputs) and ``bias`` shape (outputs,), or is None; rows of x
    are examples, so one formula serves a single example of shape (inputs,) and batches of any
    shape (…, inputs). The W of the textbook's z = W x + b is ``weight.T``: row k of it is the
    normal of the hyperplane of unit k. ``activation`` is a NumPy function or the name of one
    in :mod:`catenary.nn.activations`.

    Integers and booleans are taken in the dtype of the weight. An x whose last axis is not
    ``inputs`` long raises :class:`~catenary.core.errors.ShapeError`.

    >>> link = Dense(np.array([[1.0], [-2.0]]), np.array([0.5]), "relu")
    >>> link
    Dense(2 -> 1, relu, float64)
    >>> link(np.array([3.0, 1.0])), link(np.array([[3.0, 1.0], [0.0, 1.0]]))
    (array([1.5]), array([[1.5],
           [0. ]]))
    """

    weight: Array
    bias: Array | None = None
    activation: Callable[[Any], Any] = identity

    def __post_init__(self) -> None:
        object.__setattr__(self, "activation", activation_named(self.activation))
        weight = np.shape(self.weight)
        bias = None if self.bias is None else np.shape(self.bias)
        if len(weight) != 2 or bias not in {None, weight[1:]}:
            raise network_errors.dense_shapes(weight, bias)

    def affine(self, x: Array) -> Array:
        """The value z before the activation."""
        x = as_array(x)
        if x.dtype.kind in "iub":
            x = x.astype(self.weight.dtype)
        if x.ndim == 0 or x.shape[-1] != self.weight.shape[0]:
            raise network_errors.link_input(repr(self), self.weight.shape[0], x.shape)
        z = x @ self.weight
        return z if self.bias is None else z + self.bias

    def __call__(self, x: Array, *, key: Key = None, train: bool = False) -> Array:
        """The activation σ(z) for inputs of shape (…, inputs), of shape (…, outputs)."""
        del key, train
        return self.activation(self.affine(x))

    def signals(self, x: Array, *, key: Key = None, train: bool = False) -> dict[str, Array]:
        """z before and a after the activation."""
        del key, train
        z = self.affine(x)
        return {"z": z, "a": self.activation(z)}

    def after_affine(self, weight: Array, bias: Array) -> Affine | None:
        """Affine when there is no activation."""
        if self.activation is not identity:
            return None
        own_bias = 0 if self.bias is None else self.bias
        return weight @ self.weight, bias @ self.weight + own_bias

    @property
    def inputs(self) -> int | None:
        """How many features the link takes; unknown where weights of several links are stacked."""
        shape = np.shape(self.weight)
        return shape[0] if len(shape) == 2 else None

    def width_after(self, width: int | None) -> int | None:
        """One feature for each column of the weight."""
        del width
        shape = np.shape(self.weight)
        return shape[1] if len(shape) == 2 else None

    def __repr__(self) -> str:
        rows, columns = (*map(str, np.shape(self.weight)), "?", "?")[:2]
        parts = [f"{rows} -> {columns}"]
        if self.activation is not identity:
            parts.append(name_of(self.activation))
        if self.bias is None:
            parts.append("no bias")
        dtype = getattr(self.weight, "dtype", None)
        if dtype is not None and dtype != np.float32:
            parts.append(str(dtype))
        return f"Dense({', '.join(parts)})"


def dense(
    inputs: int,
    outputs: int,
    activation: str | Callable[[Any], Any] = identity,
    *,
    key: Key,
    weights: str | Initializer | None = None,
    bias: bool = True,
    dtype: Any = np.float32,
) -> Dense:
    """A :class:`Dense` link with fresh weights and a bias of zeros.

    ``weights`` is an initializer or the name of one; without it, the one that suits the
    activation (:func:`initializer_for`).

    >>> from catenary.tracing import random
    >>> dense(64, 10, "relu", key=random.key(0))
    Dense(64 -> 10, relu)
    """
    draw = initializer(weights) if weights else initializer_for(activation_named(activation))
    return Dense(
        draw(key, (inputs, outputs), dtype),
        zeros(None, (outputs,), dtype) if bias else None,
        activation_named(activation),
    )
