"""Names that networks have in other libraries, and what is written here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "BCELoss": "binary_cross_entropy, which takes logits",
        "BCEWithLogitsLoss": "binary_cross_entropy",
        "BatchNorm1d": "batch_norm(features)",
        "CrossEntropyLoss": "cross_entropy",
        "HuberLoss": "huber",
        "KLDivLoss": "kl",
        "L1Loss": "mae",
        "Linear": "dense(inputs, outputs, key=cat.random.key(0)), or mlp([inputs, outputs])",
        "MSELoss": "mse",
        "Module": "Link",
        "NLLLoss": "cross_entropy, which takes logits",
        "PoissonNLLLoss": "poisson",
        "Sequential": "Chain([first, second])",
        "SmoothL1Loss": "huber",
        "functional": "the functions of cat.nn itself",
    }
)
