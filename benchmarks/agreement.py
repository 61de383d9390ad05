"""Gradient and Hessian-vector product of a three-link network: Catenary beside PyTorch and JAX.

    python -m benchmarks.agreement

needs the extra ``bench``. Prints the largest relative difference to each peer in float64; the exit
status is 1 if one is larger than 1e-12.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

import catenary as cat

BOUND = 1e-12
SIZES = (7, 11, 5, 3)
Arrays = list[np.ndarray[Any, Any]]


def network(parameters: Any, x: Any, y: Any, tanh: Any, logistic: Any) -> Any:
    """The quadratic cost 1/(2n) Σ‖y − a‖² of tanh, sigmoid and affine links."""
    w1, b1, w2, b2, w3, b3 = parameters
    a = tanh(x @ w1 + b1)
    a = logistic(a @ w2 + b2)
    a = a @ w3 + b3
    return ((y - a) ** 2).sum() / (2 * len(x))


def data(seed: int) -> tuple[Arrays, Arrays, Any, Any]:
    """Parameters, a direction, inputs and targets."""
    rng = np.random.default_rng(seed)
    shapes = [s for m, n in pairwise(SIZES) for s in ((m, n), (n,))]
    parameters, direction = ([rng.normal(size=s) for s in shapes] for _ in range(2))
    return parameters, direction, rng.normal(size=(20, SIZES[0])), rng.normal(size=(20, SIZES[-1]))


def by_catenary(parameters: Arrays, v: Arrays, x: Any, y: Any) -> tuple[Arrays, Arrays]:
    def cost(p: Any) -> Any:
        return network(p, x, y, np.tanh, lambda z: 1 / (1 + np.exp(-z)))

    return cat.grad(cost)(parameters), cat.hvp(cost, parameters, v)


def by_torch(parameters: Arrays, v: Arrays, x: Any, y: Any) -> tuple[Arrays, Arrays]:
    import torch

    def cost(*p: Any) -> Any:
        return network(p, torch.tensor(x), torch.tensor(y), torch.tanh, torch.sigmoid)

    leaves = [torch.tensor(p, requires_grad=True) for p in parameters]
    gradient = torch.autograd.grad(cost(*leaves), leaves)
    tangents = tuple(torch.tensor(d) for d in v)
    _, product = torch.autograd.functional.hvp(cost, tuple(leaves), tangents)
    return [g.numpy() for g in gradient], [h.numpy() for h in product]


def by_jax(parameters: Arrays, v: Arrays, x: Any, y: Any) -> tuple[Arrays, Arrays]:
    import jax

    jax.config.update("jax_enable_x64", True)

    def cost(p: Any) -> Any:
        return network(p, x, y, jax.numpy.tanh, jax.nn.sigmoid)

    gradient = jax.grad(cost)(parameters)
    product = jax.jvp(jax.grad(cost), (parameters,), (v,))[1]
    return [np.asarray(g) for g in gradient], [np.asarray(h) for h in product]


PEERS: dict[str, Callable[..., tuple[Arrays, Arrays]]] = {"PyTorch": by_torch, "JAX": by_jax}


def difference(ours: Arrays, theirs: Arrays) -> float:
    """The largest difference, relative to the largest entry of each array."""
    return max(float(abs(a - b).max() / abs(b).max()) for a, b in zip(ours, theirs, strict=True))


def main() -> int:
    worst = 0.0
    print(f"{'peer':<10}{'seed':>5}{'gradient':>12}{'Hessian·v':>12}")
    for seed in range(3):
        given = data(seed)
        gradient, product = by_catenary(*given)
        for name, peer in PEERS.items():
            theirs = peer(*given)
            errors = difference(gradient, theirs[0]), difference(product, theirs[1])
            worst = max(worst, *errors)
            print(f"{name:<10}{seed:>5}{errors[0]:>12.1e}{errors[1]:>12.1e}")
    print(f"largest {worst:.1e}, allowed {BOUND:.0e}")
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main())
