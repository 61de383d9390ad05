"""Initializers: where the weights of a network start.

``initializer(key, shape, dtype=np.float32)`` gives an array; equal keys give equal arrays. The
last two axes of ``shape`` are (inputs, outputs) of the link, as in ``x @ weight``; axes before
them (the window of a convolution) multiply both numbers:

    fan_in = window × inputs        fan_out = window × outputs

A unit's input has variance fan_in · Var(weight) · E[x²]; each family below picks Var(weight) so
that signals (or gradients) keep their size from link to link. Its uniform form draws from
±√(3 Var(weight)).

Options are set with ``functools.partial(normal, deviation=0.1)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from catenary.core import errors, network_errors
from catenary.core.types import Shape
from catenary.nn import activations
from catenary.nn.arrays import Array, Key
from catenary.tracing import random

Initializer = Callable[..., Any]


def zeros(key: Key, shape: Shape, dtype: Any = np.float32) -> Array:
    """All 0; the usual start of a bias. The key is not used.

    >>> zeros(None, (3,))
    array([0., 0., 0.], dtype=float32)
    """
    del key
    return np.zeros(shape, dtype)


def constant(key: Key, shape: Shape, dtype: Any = np.float32, *, value: float = 1.0) -> Array:
    """All one number. The key is not used.

    >>> constant(None, (2,), value=0.5)
    array([0.5, 0.5], dtype=float32)
    """
    del key
    return np.full(shape, value, dtype)


def normal(
    key: Key,
    shape: Shape,
    dtype: Any = np.float32,
    *,
    mean: float = 0.0,
    deviation: float = 1.0,
) -> Array:
    """Independent draws from the normal distribution with this mean and standard deviation.

    >>> weight = normal(random.key(0), (100, 100), deviation=0.1)
    >>> round(float(weight.std()), 2)
    0.1
    """
    return mean + deviation * random.normal(key, shape, dtype=dtype)


def uniform(
    key: Key, shape: Shape, dtype: Any = np.float32, *, low: float = -1.0, high: float = 1.0
) -> Array:
    """Independent draws from the uniform distribution on [low, high).

    >>> weight = uniform(random.key(0), (100, 100))
    >>> round(float(weight.mean()), 1)
    0.0
    """
    return random.uniform(key, shape, low, high, dtype=dtype)


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight: how many numbers enter and leave each of its units.

    >>> fans((64, 10)), fans((3, 3, 16, 32))
    ((64, 10), (144, 288))
    """
    if len(shape) < 2:
        raise network_errors.no_fans(shape)
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


def xavier_normal(key: Key, shape: Shape, dtype: Any = np.float32) -> Array:
    """Normal draws of variance 2 / (fan_in + fan_out), for sigmoid and tanh.

    Source: Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010, equation 12.

    >>> round(float(xavier_normal(random.key(0), (300, 100)).var() * 400), 1)
    2.0
    """
    return normal(key, shape, dtype, deviation=math.sqrt(2 / max(sum(fans(shape)), 1)))


def xavier_uniform(key: Key, shape: Shape, dtype: Any = np.float32) -> Array:
    """Uniform draws of variance 2 / (fan_in + fan_out): from ±√(6 / (fan_in + fan_out)).

    Source: Glorot & Bengio, AISTATS 2010, equation 16.

    >>> round(float(xavier_uniform(random.key(0), (300, 100)).var() * 400), 1)
    2.0
    """
    return _symmetric(key, shape, dtype, 2 / max(sum(fans(shape)), 1))


def he_normal(key: Key, shape: Shape, dtype: Any = np.float32) -> Array:
    """Normal draws of variance 2 / fan_in, for relu, which passes half of what enters.

    Source: He et al., "Delving deep into rectifiers", ICCV 2015, equation 10.

    >>> round(float(he_normal(random.key(0), (300, 100)).var() * 300), 1)
    2.0
    """
    return normal(key, shape, dtype, deviation=math.sqrt(2 / max(fans(shape)[0], 1)))


def he_uniform(key: Key, shape: Shape, dtype: Any = np.float32) -> Array:
    """Uniform draws of variance 2 / fan_in: from ±√(6 / fan_in). Source: :func:`he_normal`.

    >>> round(float(he_uniform(random.key(0), (300, 100)).var() * 300), 1)
    2.0
    """
    return _symmetric(key, shape, dtype, 2 / max(fans(shape)[0], 1))


def lecun_normal(key: Key, shape: Shape, dtype: Any = np.float32) -> Array:
    """Normal draws of variance 1 / fan_in, for links of slope near 1 and for selu.

    Source: LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998, section 4.6.

    >>> round(float(lecun_normal(random.key(0), (300, 100)).var() * 300), 1)
    1.0
    """
    return normal(key, shape, dtype, deviation=math.sqrt(1 / max(fans(shape)[0], 1)))


def lecun_uniform(key: Key, shape: Shape, dtype: Any = np.float32) -> Array:
    """Uniform draws of variance 1 / fan_in: from ±√(3 / fan_in). Source: :func:`lecun_normal`.

    >>> round(float(lecun_uniform(random.key(0), (300, 100)).var() * 300), 1)
    1.0
    """
    return _symmetric(key, shape, dtype, 1 / max(fans(shape)[0], 1))


def orthogonal(key: Key, shape: Shape, dtype: Any = np.float32, *, gain: float = 1.0) -> Array:
    """A random matrix with orthonormal rows or columns (the fewer), times ``gain``.

    Lengths pass through it unchanged, at any depth. Axes before the last are taken together.
    Source: Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks", ICLR 2014.

    >>> weight = orthogonal(random.key(0), (4, 3), np.float64)
    >>> np.round(np.abs(weight.T @ weight), 12)
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.]])
    """
    fans(shape)  # refuses shapes that are no matrix
    inputs, outputs = math.prod(shape[:-1]), shape[-1]
    tall = (max(inputs, outputs), min(inputs, outputs))
    q, r = np.linalg.qr(random.normal(key, tall))
    # With the signs of r's diagonal, q is uniformly distributed over all such matrices.
    q = q * np.where(np.diag(r) < 0, -1.0, 1.0)
    matrix = q if inputs >= outputs else q.T
    return (gain * matrix).astype(dtype).reshape(shape)


def initializer_for(activation: Callable[[Any], Any]) -> Initializer:
    """The initializer that keeps the size of signals with this activation.

    He's for the rectifiers, LeCun's for selu, Xavier's for everything else.

    >>> initializer_for(activations.relu).__name__, initializer_for(np.tanh).__name__
    ('he_normal', 'xavier_uniform')
    """
    if activation is activations.selu:
        return lecun_normal
    return he_normal if activation in _RECTIFIERS else xavier_uniform


_RECTIFIERS = frozenset(
    {
        activations.relu,
        activations.leaky_relu,
        activations.relu6,
        activations.hard_swish,
        activations.softplus,
        activations.silu,
        activations.gelu,
        activations.gelu_tanh,
        activations.elu,
    }
)


def _symmetric(key: Key, shape: Shape, dtype: Any, variance: float) -> Array:
    limit = math.sqrt(3 * variance)
    return uniform(key, shape, dtype, low=-limit, high=limit)


INITIALIZERS: Mapping[str, Initializer] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            zeros,
            constant,
            normal,
            uniform,
            xavier_normal,
            xavier_uniform,
            he_normal,
            he_uniform,
            lecun_normal,
            lecun_uniform,
            orthogonal,
        )
    }
)


def initializer(name: str | Initializer) -> Initializer:
    """The initializer of this name; a function is returned as it is.

    Raises :class:`~catenary.core.errors.InputError` with the nearest name when there is none.

    >>> initializer("zeros")(None, (2,))
    array([0., 0.], dtype=float32)
    """
    if callable(name):
        return name
    if name not in INITIALIZERS:
        raise errors.unknown_name("initializer", name, INITIALIZERS)
    return INITIALIZERS[name]
