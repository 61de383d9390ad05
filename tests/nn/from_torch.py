"""Reference values from PyTorch, kept in from_torch.json beside this file.

``python tests/nn/from_torch.py`` (needs the ``bench`` extra) writes the file again. Everything is
computed in float64.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

VALUES = Path(__file__).with_suffix(".json")
POINTS = [-30, -8.5, -6.5, -3.5, -2.2, -1.1, -0.5, -1e-3, 1e-3, 0.5, 1.1, 2.2, 3.5, 6.5, 8.5, 30]
LOGITS = [[1.5, -2.0, 0.25], [0.0, 0.5, -0.75], [3.0, 2.0, 2.5], [-1.0, 4.0, 0.125]]
TARGETS = [[0.5, -1.0, 2.0], [0.0, 0.75, 1.0], [3.5, 0.0, -2.0], [1.0, 1.0, 0.5]]
PROBABILITIES = [[0.2, 0.3, 0.5], [0.0, 1.0, 0.0], [0.6, 0.25, 0.15], [1.0, 0.0, 0.0]]
CLASSES = [0, 2, 1, 1]
WEIGHTS = [1.0, 0.5, 0.0, 2.5]
WIDTHS = [3, 5, 4, 2]


def load() -> dict[str, Any]:
    """The stored values."""
    values: dict[str, Any] = json.loads(VALUES.read_text("utf-8"))
    return values


def main() -> None:
    """Compute and store."""
    import torch

    torch.set_default_dtype(torch.float64)
    values = {
        "origin": f"PyTorch {torch.__version__.partition('+')[0]}, CPU, float64",
        "activations": _activations(),
        "along_axis": _along_axis(),
        "losses": _losses(),
        "batch_norm": _batch_norm(),
        "network": _network(),
    }
    lines = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in values.items())
    VALUES.write_text(f"{{\n{lines}\n}}\n", "utf-8")


def _activations() -> dict[str, Any]:
    import torch
    from torch.nn import functional

    functions = {
        "identity": lambda x: x * 1,
        "relu": functional.relu,
        "leaky_relu": functional.leaky_relu,
        "relu6": functional.relu6,
        "hard_tanh": functional.hardtanh,
        # Not hardsigmoid itself: its slope is 1/6 in single precision only.
        "hard_sigmoid": lambda x: functional.relu6(x + 3) / 6,
        "hard_swish": functional.hardswish,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "softsign": functional.softsign,
        "softplus": lambda x: functional.softplus(x, threshold=1e9),
        "silu": functional.silu,
        "gelu": functional.gelu,
        "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
        "elu": functional.elu,
        "selu": functional.selu,
    }
    found = {}
    for name, f in functions.items():
        x = torch.tensor(POINTS, dtype=torch.float64, requires_grad=True)
        y = f(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
        found[name] = {"value": y.tolist(), "slope": slope.tolist()}
    return found


def _along_axis() -> dict[str, Any]:
    import torch

    found = {}
    for name, f in {"softmax": torch.softmax, "log_softmax": torch.log_softmax}.items():
        x = torch.tensor(LOGITS, requires_grad=True)
        y = f(x, -1)
        (slope,) = torch.autograd.grad((y * torch.tensor(TARGETS)).sum(), x)
        found[name] = {"value": y.tolist(), "slope": slope.tolist()}
    return found


def _losses() -> dict[str, Any]:
    """Value and slope of each loss, without and with sample weights."""
    import torch
    from torch.nn import functional

    target, p = torch.tensor(TARGETS), torch.tensor(PROBABILITIES)
    classes = torch.tensor(CLASSES)
    signs = torch.sign(target + 0.1)
    per_example = {
        "quadratic_cost": lambda z: 0.5 * functional.mse_loss(z, target, reduction="none").sum(1),
        "mse": lambda z: functional.mse_loss(z, target, reduction="none").mean(1),
        "mae": lambda z: functional.l1_loss(z, target, reduction="none").mean(1),
        "huber": lambda z: functional.huber_loss(z, target, reduction="none").mean(1),
        "cross_entropy": lambda z: functional.cross_entropy(z, classes, reduction="none"),
        "cross_entropy_of_probabilities": lambda z: functional.cross_entropy(
            z, p, reduction="none"
        ),
        "binary_cross_entropy": lambda z: functional.binary_cross_entropy_with_logits(
            z, p, reduction="none"
        ).mean(1),
        "hinge": lambda z: torch.relu(1 - signs * z).mean(1),
        "poisson": lambda z: functional.poisson_nll_loss(z, target.abs(), reduction="none").mean(1),
        "kl": lambda z: functional.kl_div(torch.log_softmax(z, -1), p, reduction="none").sum(1),
    }
    found = {}
    for name, f in per_example.items():
        for suffix, w in (("", torch.ones(4)), (", weighted", torch.tensor(WEIGHTS))):
            z = torch.tensor(LOGITS, requires_grad=True)
            value = (f(z) * w).sum() / w.sum()
            (slope,) = torch.autograd.grad(value, z)
            found[name + suffix] = {"value": value.item(), "slope": slope.tolist()}
    return found


def _batch_norm() -> dict[str, Any]:
    import torch

    link = torch.nn.BatchNorm1d(3)
    with torch.no_grad():
        link.weight.copy_(torch.tensor([1.5, -0.5, 2.0]))
        link.bias.copy_(torch.tensor([0.1, 0.2, -0.3]))
    x = torch.tensor(LOGITS, requires_grad=True)
    y = link(x)
    slope, *_ = torch.autograd.grad((y * torch.tensor(TARGETS)).sum(), x)
    link.eval()
    return {
        "value": y.tolist(),
        "slope": slope.tolist(),
        "mean": link.running_mean.tolist(),
        "variance": link.running_var.tolist(),
        "value afterwards": link(x).tolist(),
    }


def _network() -> dict[str, Any]:
    """Gradient and Hessian-vector product of a network of three links, tanh, gelu and none."""
    import torch
    from torch.nn import functional

    generator = torch.Generator().manual_seed(0)
    shapes = [s for a, b in pairwise(WIDTHS) for s in ((a, b), (b,))]
    weights, directions = (
        [torch.randn(s, generator=generator, requires_grad=True) for s in shapes] for _ in range(2)
    )
    x, target = torch.tensor(LOGITS), torch.tensor(TARGETS)[:, :2]
    a = torch.tanh(x @ weights[0] + weights[1])
    a = functional.gelu(a @ weights[2] + weights[3])
    value = 0.5 * (a @ weights[4] + weights[5] - target).square().sum(1).mean()
    slopes = torch.autograd.grad(value, weights, create_graph=True)
    along = sum((s * d.detach()).sum() for s, d in zip(slopes, directions))
    curvatures = torch.autograd.grad(along, weights)
    return {
        "weights": [w.tolist() for w in weights],
        "directions": [d.tolist() for d in directions],
        "value": value.item(),
        "gradient": [s.tolist() for s in slopes],
        "hvp": [c.tolist() for c in curvatures],
    }


if __name__ == "__main__":
    main()
