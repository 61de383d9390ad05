"""Networks: links, chains of them, and what they are made of and judged by."""

from typing import TYPE_CHECKING, NoReturn

from catenary.core import name_errors
from catenary.nn import activations, initializers, losses
from catenary.nn.activations import (
    ACTIVATIONS,
    elu,
    gelu,
    gelu_tanh,
    hard_sigmoid,
    hard_swish,
    hard_tanh,
    identity,
    leaky_relu,
    log_softmax,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    tanh,
)
from catenary.nn.batch_norm import BatchNorm, batch_norm
from catenary.nn.chain import Chain, Function, Link, StatefulLink
from catenary.nn.collapse import collapse
from catenary.nn.dense import Dense, dense
from catenary.nn.dropout import Dropout, dropout
from catenary.nn.elsewhere import ELSEWHERE
from catenary.nn.initializers import INITIALIZERS
from catenary.nn.losses import (
    LOSSES,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    kl,
    mae,
    mse,
    poisson,
    quadratic_cost,
)
from catenary.nn.mlp import mlp
from catenary.nn.weights import load, save

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "BatchNorm",
    "Chain",
    "Dense",
    "Dropout",
    "Function",
    "Link",
    "StatefulLink",
    "activations",
    "batch_norm",
    "binary_cross_entropy",
    "collapse",
    "cross_entropy",
    "dense",
    "dropout",
    "elu",
    "gelu",
    "gelu_tanh",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "hinge",
    "huber",
    "identity",
    "initializers",
    "kl",
    "leaky_relu",
    "load",
    "log_softmax",
    "losses",
    "mae",
    "mlp",
    "mse",
    "poisson",
    "quadratic_cost",
    "relu",
    "relu6",
    "save",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
]

if not TYPE_CHECKING:  # type checkers report absent names themselves

    def __getattr__(name: str) -> NoReturn:
        raise name_errors.absent_name("cat.nn", name, __all__, ELSEWHERE)
