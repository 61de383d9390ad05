"""Activations: the nonlinear functions that follow the affine maps of a network.

Plain NumPy functions of arrays of any shape. They keep float32, stay finite wherever the
mathematical value is finite and representable, and at a kink their derivative is the mean of the
two one-sided slopes. Softmax and its logarithm act along an axis, all others on each number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.function.custom import stop_gradient
from catenary.nn.arrays import Array
from catenary.tracing.special import special

Activation = Callable[[Any], Any]


def identity(x: Array) -> Array:
    """f(x) = x: no nonlinearity, the usual last link of a network.

    >>> identity(np.array([-1.0, 2.0]))
    array([-1.,  2.])
    """
    return x


# ---- piecewise linear ---------------------------------------------------------------------------


def relu(x: Array) -> Array:
    """f(x) = max(x, 0), slope ½ at 0 (Nair & Hinton, ICML 2010).

    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0)


def leaky_relu(x: Array, slope: float = 0.01) -> Array:
    """f(x) = x for x ≥ 0, slope·x below (Maas, Hannun & Ng, ICML 2013).

    For another slope as an activation: ``functools.partial(leaky_relu, slope=0.2)``.

    >>> leaky_relu(np.array([-1.0, 2.0]), slope=0.2)
    array([-0.2,  2. ])
    """
    return np.maximum(x, 0) + slope * np.minimum(x, 0)


def relu6(x: Array) -> Array:
    """f(x) = min(max(x, 0), 6) (Krizhevsky 2010, "Convolutional deep belief networks").

    >>> relu6(np.array([-1.0, 2.0, 9.0]))
    array([0., 2., 6.])
    """
    return np.clip(x, 0, 6)


def hard_tanh(x: Array) -> Array:
    """f(x) = min(max(x, −1), 1), the piecewise linear tanh (Collobert 2004).

    >>> hard_tanh(np.array([-3.0, 0.25, 3.0]))
    array([-1.  ,  0.25,  1.  ])
    """
    return np.clip(x, -1, 1)


def hard_sigmoid(x: Array) -> Array:
    """f(x) = min(max(x / 6 + ½, 0), 1), the piecewise linear sigmoid of slope 1/6 at 0.

    Source: Howard et al., "Searching for MobileNetV3", ICCV 2019, section 5.2.

    >>> hard_sigmoid(np.array([-3.0, 0.0, 1.5]))
    array([0.  , 0.5 , 0.75])
    """
    return np.clip(x / 6 + 0.5, 0, 1)


def hard_swish(x: Array) -> Array:
    """f(x) = x · hard_sigmoid(x) (Howard et al., "Searching for MobileNetV3", ICCV 2019).

    >>> hard_swish(np.array([-4.0, 1.5, 4.0]))
    array([-0.   ,  1.125,  4.   ])
    """
    return x * hard_sigmoid(x)


# ---- sigmoids -----------------------------------------------------------------------------------


def sigmoid(x: Array) -> Array:
    """σ(x) = 1 / (1 + exp(−x)), without overflow on either side.

    >>> sigmoid(np.array([-1000.0, 0.0, 2.0]))
    array([0.        , 0.5       , 0.88079708])
    """
    return special("expit", x)


def tanh(x: Array) -> Array:
    """f(x) = tanh(x) = 2 σ(2x) − 1.

    >>> tanh(np.array([0.0, 1.0]))
    array([0.        , 0.76159416])
    """
    return np.tanh(x)


def softsign(x: Array) -> Array:
    """f(x) = x / (1 + |x|) (Glorot & Bengio, AISTATS 2010).

    >>> softsign(np.array([-3.0, 0.0, 1.0]))
    array([-0.75,  0.  ,  0.5 ])
    """
    return x / (1 + np.abs(x))


# ---- smooth rectifiers --------------------------------------------------------------------------


def softplus(x: Array) -> Array:
    """f(x) = log(1 + exp(x)), whose derivative is σ(x) (Dugas et al., NIPS 2000).

    >>> softplus(np.array([-1000.0, 0.0, 1000.0]))
    array([0.00000000e+00, 6.93147181e-01, 1.00000000e+03])
    """
    return np.logaddexp(x, 0)


def silu(x: Array) -> Array:
    """f(x) = x σ(x), also called swish (Elfwing, Uchibe & Doya, Neural Networks 107, 2018).

    >>> silu(np.array([-1.0, 0.0, 2.0]))
    array([-0.26894142,  0.        ,  1.76159416])
    """
    return x * sigmoid(x)


def gelu(x: Array) -> Array:
    """f(x) = x Φ(x) with the normal distribution Φ(x) = ½ erfc(−x/√2), exactly.

    Source: Hendrycks & Gimpel, "Gaussian error linear units", arXiv 1606.08415.

    >>> gelu(np.array([-1.0, 0.0, 2.0]))
    array([-0.15865525,  0.        ,  1.95449974])
    """
    return x * (0.5 * special("erfc", x * -math.sqrt(0.5)))


def gelu_tanh(x: Array) -> Array:
    """f(x) = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), within 5e-4 of :func:`gelu`.

    Source: Hendrycks & Gimpel, "Gaussian error linear units", arXiv 1606.08415, section 2.

    >>> gelu_tanh(np.array([-1.0, 0.0, 2.0]))
    array([-0.15880801,  0.        ,  1.95459769])
    """
    # ½ (1 + tanh u) = σ(2u), which keeps its precision where tanh u is close to −1.
    return x * sigmoid(math.sqrt(8 / math.pi) * x * (1 + 0.044715 * (x * x)))


def elu(x: Array, alpha: float = 1.0) -> Array:
    """f(x) = x for x ≥ 0, α (exp(x) − 1) below (Clevert, Unterthiner & Hochreiter, ICLR 2016).

    >>> elu(np.array([-1.0, 2.0]))
    array([-0.63212056,  2.        ])
    """
    # A sum, not a choice: each kink at 0 gives half its slope, as everywhere in the library.
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))


def selu(x: Array) -> Array:
    """f(x) = λ elu(x, α) with the λ, α that keep mean 0 and variance 1 from link to link.

    λ = 1.0507…, α = 1.6733… (Klambauer et al., "Self-normalizing neural networks", NIPS 2017).

    >>> selu(np.array([-1.0, 2.0]))
    array([-1.11133074,  2.10140197])
    """
    return 1.0507009873554804934193349852946 * elu(x, 1.6732632423543772848170429916717)


# ---- along an axis ------------------------------------------------------------------------------


def softmax(x: Array, axis: int = -1) -> Array:
    """f(x)ᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) along ``axis``: positive numbers that sum to 1.

    >>> softmax(np.array([1e4, 1e4, 0.0]))
    array([0.5, 0.5, 0. ])
    """
    powers = np.exp(_below_zero(x, axis))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def log_softmax(x: Array, axis: int = -1) -> Array:
    """f(x)ᵢ = xᵢ − log Σⱼ exp(xⱼ) along ``axis``, without overflow and without log 0.

    >>> log_softmax(np.array([1e4, 1e4, 0.0]))
    array([-6.93147181e-01, -6.93147181e-01, -1.00006931e+04])
    """
    shifted = _below_zero(x, axis)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def _below_zero(x: Array, axis: int) -> Array:
    # Adding a constant changes neither function, so no derivative needs to pass through it.
    return x - stop_gradient(np.max(x, axis=axis, keepdims=True))


# ---- by name ------------------------------------------------------------------------------------

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            identity,
            relu,
            leaky_relu,
            relu6,
            hard_tanh,
            hard_sigmoid,
            hard_swish,
            sigmoid,
            tanh,
            softsign,
            softplus,
            silu,
            gelu,
            gelu_tanh,
            elu,
            selu,
            softmax,
            log_softmax,
        )
    }
)


def activation(name: str | Activation) -> Activation:
    """The activation of this name; a function is returned as it is.

    Raises :class:`~catenary.core.errors.InputError` with the nearest name when there is none.

    >>> activation("relu")(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    if callable(name):
        return name
    if name not in ACTIVATIONS:
        raise errors.unknown_name("activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]
