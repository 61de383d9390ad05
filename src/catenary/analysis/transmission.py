"""How a small change travels through a chain: backwards as an error, forwards as a Jacobian.

For the links aˡ = fₗ(aˡ⁻¹) the errors are δˡ⁻¹ = (∂aˡ/∂aˡ⁻¹)ᵀ δˡ, and the partial products
∂aᴸ/∂aˡ of Jacobians are built from the output down, one link at a time, by the same map. Neither
needs a matrix for any single link.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.function.modes import vjp
from catenary.function.vmap import vmap
from catenary.nn.chain import Chain, Link
from catenary.tracing import tree

Array = NDArray[Any]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Backward:
    """The errors of a batch, and the gradients of the links."""

    errors: list[Array]  # ∂C/∂aˡ for l = 0, …, L
    gradients: list[Any]  # ∂C/∂(link l), trees like the links


def outputs(net: Chain, x: Array) -> list[Array]:
    """a⁰ = x, a¹, …, aᴸ."""
    values = [x]
    for link in net:
        values.append(link(values[-1]))
    return values


def backward(net: Chain, cost: Callable[[Array], Any], values: Sequence[Array]) -> Backward:
    """Backpropagation written out, so that every error on the way is seen."""
    _, pull = vjp(cost, values[-1])
    errors, gradients = [pull(np.ones_like(cost(values[-1])))[0]], []
    for link, before in zip(reversed(net.links), reversed(values[:-1]), strict=True):
        gradient, error = _pulled(link, before, errors[-1])
        errors.append(error)
        gradients.append(gradient)
    return Backward(errors[::-1], gradients[::-1])


def _pulled(link: Link, before: Array, error: Array) -> tuple[Any, Array]:
    if not tree.size(link):
        return None, vjp(link, before)[1](error)[0]
    gradient, earlier = vjp(lambda chosen, a: chosen(a), link, before)[1](error)
    return gradient, earlier


def singular_values(net: Chain, values: Sequence[Array]) -> tuple[Numbers, Numbers]:
    """The largest and the smallest singular value of ∂aᴸ/∂aˡ, l = 0, …, L: medians of examples."""
    last = values[-1]
    count, width = len(last), int(np.prod(last.shape[1:]))
    units = np.eye(width, dtype=last.dtype).reshape(width, 1, *last.shape[1:])
    rows = np.array(np.broadcast_to(units, (width, *last.shape)))
    largest, smallest = [], []
    for l in range(len(net), -1, -1):  # noqa: E741 - the textbook's number of a link
        if l < len(net):
            rows = _pull_rows(net[l], values[l], rows)
        found = _spectra(np.moveaxis(rows.reshape(width, count, -1), 0, 1))
        largest.append(np.median(found[:, 0]))
        smallest.append(np.median(found[:, -1]))
    return np.array(largest[::-1], float), np.array(smallest[::-1], float)


def _pull_rows(link: Link, before: Array, rows: Array) -> Array:
    """Each row of the product so far, through one more link."""
    pulled: Array = vmap(lambda row: vjp(link, before)[1](row)[0])(rows)
    return pulled


def _spectra(products: Array) -> Numbers:
    """Singular values, largest first, one row for each example; infinite where it overflowed."""
    fine = np.isfinite(products).all(axis=(1, 2))
    found = np.full((len(products), min(products.shape[1:])), np.inf)
    if fine.any():
        found[fine] = np.linalg.svd(products[fine].astype(np.float64), compute_uv=False)
    return found
