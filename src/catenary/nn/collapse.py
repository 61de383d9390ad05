"""Without activations a chain collapses to a single affine map."""

from __future__ import annotations

import numpy as np

from catenary.core import network_errors
from catenary.nn.chain import Chain
from catenary.nn.dense import Dense
from catenary.tracing import tree


def collapse(chain: Chain) -> Dense:
    """The single affine map that a chain of affine links is: weight W₁ W₂ … W_L.

    Links count as they act outside training: dense links without activation, batch
    normalisation by its running statistics, dropout. A chain in which any other link stands
    raises :class:`~catenary.core.errors.InputError` and names the first one.

    >>> deep = Chain([Dense(np.array([[2.0]]), np.array([1.0])), Dense(np.array([[3.0]]))])
    >>> flat = collapse(deep)
    >>> flat.weight, flat.bias
    (array([[6.]]), array([3.]))
    """
    if chain.inputs is None:
        raise network_errors.unknown_inputs(chain)
    dtype = np.result_type(*tree.coordinates(chain))
    affine = np.eye(chain.inputs, dtype=dtype), np.zeros(chain.inputs, dtype)
    for position, link in enumerate(chain.links):
        following = link.after_affine(*affine)
        if following is None:
            raise network_errors.not_affine(position, repr(link))
        affine = following
    return Dense(*affine)
