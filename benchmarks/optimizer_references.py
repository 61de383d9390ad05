"""Reference values for the optimizers and schedules, from PyTorch and Optax.

Runs each of their optimizers for 20 steps on Rosenbrock's function of three variables in float64,
and each of their schedules over its first steps, and writes the numbers with their origin to
``tests/descent/references.json``. Needs the ``bench`` extra:

    python benchmarks/optimizer_references.py
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import torch

FILE = Path(__file__).parent.parent / "tests" / "descent" / "references.json"
START = [-1.2, 1.0, 0.8]
STEPS = 20


def gradient(x: Any) -> Any:
    """The gradient of Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², by hand."""
    a, b, c = x
    return np.array(
        [
            -400 * a * (b - a * a) - 2 * (1 - a),
            200 * (b - a * a) - 400 * b * (c - b * b) - 2 * (1 - b),
            200 * (c - b * b),
        ]
    )


def torch_points(optimizer: str, before: Callable[[Any], Any] = id, **settings: Any) -> Any:
    x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    rule = getattr(torch.optim, optimizer)([x], **settings)
    points = []
    for _ in range(STEPS):
        x.grad = torch.tensor(gradient(x.detach().numpy()))
        before(x)
        rule.step()
        points.append(x.tolist())
    return points


def optax_points(make: Callable[..., Any], **settings: Any) -> Any:
    rule = make(**settings)
    x = np.array(START)
    state = rule.init(x)
    points = []
    for _ in range(STEPS):
        step, state = rule.update(gradient(x), state, x)
        x = np.asarray(optax.apply_updates(x, step))
        points.append(x.tolist())
    return points


def by_torch(optimizer: str, **settings: Any) -> dict[str, Any]:
    return {
        "origin": f"torch {torch.__version__}, torch.optim.{optimizer}",
        "settings": settings,
        "points": torch_points(optimizer, **settings),
    }


def by_optax(name: str, **settings: Any) -> dict[str, Any]:
    return {
        "origin": f"optax {optax.__version__}, optax.{name}",
        "settings": settings,
        "points": optax_points(getattr(optax, name), **settings),
    }


def clipped_by_torch(limit: float, **settings: Any) -> dict[str, Any]:
    """PyTorch divides by norm + 1e-6; its own norm is divided out so that the limit is exact."""
    case = f"torch {torch.__version__}, clip_grad_norm_({limit}) then torch.optim.SGD"

    def clip(x: Any) -> None:
        # clip_grad_norm_ with its 1e-6 removed: the limit is raised by the same share.
        norm = float(x.grad.norm())
        torch.nn.utils.clip_grad_norm_([x], limit * (1 + 1e-6 / norm))

    return {"origin": case, "settings": settings, "points": torch_points("SGD", clip, **settings)}


def optimizers() -> dict[str, Any]:
    small = {"lr": 1e-4}
    return {
        "gradient descent": by_torch("SGD", **small),
        "momentum": by_torch("SGD", momentum=0.9, **small),
        "nesterov": by_torch("SGD", momentum=0.9, nesterov=True, **small),
        "coupled weight decay": by_torch("SGD", momentum=0.9, weight_decay=0.1, **small),
        "adagrad": by_torch("Adagrad", lr=0.1),
        "adagrad, initial sum": by_torch("Adagrad", lr=0.1, initial_accumulator_value=0.5),
        "adadelta": by_torch("Adadelta", lr=1.0),
        "rmsprop": by_torch("RMSprop", lr=0.01),
        "rmsprop, centered": by_torch("RMSprop", lr=0.01, alpha=0.9, centered=True),
        "rmsprop, momentum": by_torch("RMSprop", lr=0.01, momentum=0.9),
        "adam": by_torch("Adam", lr=0.1),
        "adam, other settings": by_torch("Adam", lr=0.1, betas=(0.8, 0.95), eps=1e-3),
        "adam, coupled weight decay": by_torch("Adam", lr=0.1, weight_decay=0.1),
        "adamw": by_torch("AdamW", lr=0.1, weight_decay=0.1),
        "adamax": by_torch("Adamax", lr=0.1),
        "nadam": by_torch("NAdam", lr=0.1),
        "radam": by_torch("RAdam", lr=3e-4, betas=(0.9, 0.9)),
        "amsgrad": by_torch("Adam", lr=0.1, betas=(0.5, 0.6), amsgrad=True),
        "rprop": by_torch("Rprop", lr=0.01),
        "lion": by_optax("lion", learning_rate=0.01, weight_decay=0.0),
        "lion, weight decay": by_optax("lion", learning_rate=0.01, weight_decay=0.1),
        "clipped": clipped_by_torch(1.0, lr=0.01),
    }


def torch_rates(scheduler: str, count: int, **settings: Any) -> dict[str, Any]:
    x = torch.zeros(1, requires_grad=True)
    rule = torch.optim.SGD([x], lr=0.1)
    schedule = getattr(torch.optim.lr_scheduler, scheduler)(rule, **settings)
    rates = []
    for _ in range(count):
        rates.append(rule.param_groups[0]["lr"])
        rule.step()
        schedule.step()
    origin = f"torch {torch.__version__}, torch.optim.lr_scheduler.{scheduler}, lr=0.1"
    return {"origin": origin, "settings": settings, "rates": rates}


PLATEAU_COSTS = [5, 4, 4.5, 4.2, 3.9999, 4.1, 3, 3, 3, 3, 3, 2.9, 2.95, 2.92, 2.91, 2.9, 2.9, 2.9]


def torch_plateau(**settings: Any) -> dict[str, Any]:
    rule = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(rule, **settings)
    rates = []
    for cost in PLATEAU_COSTS:
        schedule.step(cost)
        rates.append(rule.param_groups[0]["lr"])
    origin = f"torch {torch.__version__}, torch.optim.lr_scheduler.ReduceLROnPlateau, lr=1"
    return {"origin": origin, "settings": settings, "costs": PLATEAU_COSTS, "rates": rates}


def schedules() -> dict[str, Any]:
    return {
        "step": torch_rates("StepLR", 20, step_size=6, gamma=0.3),
        "exponential": torch_rates("ExponentialLR", 20, gamma=0.9),
        "polynomial": torch_rates("PolynomialLR", 20, total_iters=15, power=2.0),
        "cosine": torch_rates("CosineAnnealingLR", 16, T_max=15, eta_min=0.01),
        "cosine restarts": torch_rates(
            "CosineAnnealingWarmRestarts", 40, T_0=5, T_mult=2, eta_min=0.01
        ),
        "cosine restarts, equal": torch_rates("CosineAnnealingWarmRestarts", 20, T_0=5),
        "one cycle": torch_rates("OneCycleLR", 20, max_lr=0.1, total_steps=20),
        "piecewise": torch_rates("MultiStepLR", 20, milestones=[5, 12], gamma=0.1),
        "plateau": torch_plateau(factor=0.5, patience=2),
        "plateau, cooldown": torch_plateau(factor=0.1, patience=1, cooldown=3, min_lr=0.005),
    }


def on_one_line(numbers: re.Match[str]) -> str:
    return " ".join(numbers[0].split()).replace("[ ", "[").replace(" ]", "]")


def main() -> None:
    jax.config.update("jax_enable_x64", True)
    # Else torch.optim.NAdam keeps its product of momenta in float32.
    torch.set_default_dtype(torch.float64)
    warnings.simplefilter("ignore")
    table = {
        "problem": "x ← (-1.2, 1, 0.8); f = Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²; float64",
        "optimizers": optimizers(),
        "schedules": schedules(),
    }
    text = json.dumps(table, indent=1, ensure_ascii=False)
    FILE.write_text(re.sub(r"\[[^\[\]]*\]", on_one_line, text) + "\n", "utf-8")


if __name__ == "__main__":
    main()
