"""The Gauss–Newton matrix of a chain of dense links, as one Kronecker product for each link.

For a link z = ā W̄ (ā the inputs with a 1 for the bias, W̄ the weights with the bias below) the
block of the matrix is the mean over the examples of āāᵀ ⊗ ggᵀ, where the g stand for the
curvature of the cost in z. It is replaced by A ⊗ G, the product of the means.

Source: Martens and Grosse, Optimizing neural networks with Kronecker-factored approximate
curvature, ICML 2015; with the curvature of the loss taken exactly, one backward pass for each
output, as in Botev, Ritter and Barber, Practical Gauss-Newton optimisation for deep learning,
ICML 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from catenary.core import descent_errors
from catenary.descent.coordinates import Matrix
from catenary.function.modes import vjp
from catenary.linear.hessian import hvp
from catenary.nn.chain import Chain, Link
from catenary.nn.dense import Dense
from catenary.tracing import random, tree

Cost = Callable[[Any], Any]


@dataclass(frozen=True)
class Factors:
    """A and G of one link: the second moments of its inputs and of the curvature behind it."""

    inputs: Matrix
    outputs: Matrix


def links_of(net: Any) -> tuple[Link, ...]:
    """The links of a chain, all of which are dense or without parameters."""
    if not isinstance(net, Link):
        raise descent_errors.needs_network()
    links = net.links if isinstance(net, Chain) else (net,)
    for position, link in enumerate(links):
        if not isinstance(link, Dense) and tree.size(link):
            raise descent_errors.no_factors(position, link)
    return tuple(links)


def shapes(net: Any) -> list[tuple[int, int]]:
    """Rows and columns of W̄ of each dense link."""
    dense = [link for link in links_of(net) if isinstance(link, Dense)]
    return [
        (link.weight.shape[0] + (link.bias is not None), link.weight.shape[1]) for link in dense
    ]


def curvature(net: Any, cost: Cost, inputs: Any, key: Any) -> tuple[Any, list[Any]]:
    """The Hessians of the cost in the outputs of each example, and ā of each dense link.

    The Hessians, for n examples of k outputs, are an array of shape (k, n, k).
    """
    prediction, seen = _run(net, inputs, key, None)
    basis = np.eye(prediction.shape[-1], dtype=prediction.dtype)
    columns = [
        hvp(cost, prediction, np.broadcast_to(unit, prediction.shape) + 0 * prediction)
        for unit in basis
    ]
    return np.stack([np.reshape(column, (-1, len(basis))) for column in columns]), seen


def backward(net: Any, inputs: Any, key: Any, roots: Any) -> list[Any]:
    """The roots of the outputs' Hessians, of shape (k, n, k), pulled back to each dense link."""
    links = links_of(net)
    rows = roots.shape[1]
    shifts = [
        np.zeros((rows, link.weight.shape[1]), link.weight.dtype)
        for link in links
        if isinstance(link, Dense)
    ]
    prediction, pull = vjp(lambda shifts: _run(net, inputs, key, shifts)[0], shifts)
    pulled = [pull(np.reshape(root, np.shape(prediction)))[0] for root in roots]
    return [np.concatenate(parts) for parts in zip(*pulled, strict=True)]


def factors(seen: list[Matrix], pulled: list[Matrix]) -> list[Factors]:
    """A and G of each link, from what :func:`curvature` and :func:`backward` gave."""
    return [Factors(a.T @ a / len(a), g.T @ g / len(a)) for a, g in zip(seen, pulled, strict=True)]


def roots_of(hessians: Matrix) -> Matrix:
    """R with Σⱼ RⱼRⱼᵀ = n H for each of n examples; both of shape (k, n, k).

    The cost is a mean over the examples, so that n H is the curvature of one example's own cost.
    """
    n = hessians.shape[1]
    blocks = np.moveaxis(hessians, 0, 1) * n
    values, axes = np.linalg.eigh((blocks + np.swapaxes(blocks, 1, 2)) / 2)
    scaled = axes * np.sqrt(np.maximum(values, 0))[:, None, :]
    return np.ascontiguousarray(np.moveaxis(scaled, 2, 0))


def _run(net: Any, x: Any, key: Any, shifts: Any) -> tuple[Any, list[Any]]:
    """The output of the chain, with something added to z of each dense link, and the ā."""
    seen: list[Any] = []
    for position, link in enumerate(links_of(net)):
        own = None if key is None else random.fold_in(key, position)
        if not isinstance(link, Dense):
            x, _ = link.forward(x, key=own, train=True)
            continue
        z = link.affine(x)
        rows = np.reshape(x, (-1, x.shape[-1])).astype(z.dtype)
        if link.bias is not None:
            rows = np.concatenate([rows, np.ones((rows.shape[0], 1), z.dtype)], axis=1)
        if shifts is not None:
            z = z + np.reshape(shifts[len(seen)], z.shape)
        seen.append(rows)
        x = link.activation(z)
    return x, seen
