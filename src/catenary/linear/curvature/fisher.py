"""The Fisher information of a model, and its empirical stand-in, as linear maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from catenary.core import curvature_errors
from catenary.core.graph import dependent
from catenary.function.arguments import check_transform
from catenary.function.jit import Jitted
from catenary.function.modes import jvp, vjp
from catenary.function.vmap import vmap
from catenary.linear.curvature.data_map import Batch, DataMap, count_examples
from catenary.linear.curvature.gauss_newton import Loss, Model, gauss_newton
from catenary.linear.hessian import hvp
from catenary.tracing import random, tree
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import trace
from catenary.transform.simplify import simplify

Sample = Callable[[Any, Any], Any]  # (key, prediction) → targets


def _product(model: Model, loss: Loss, net: Any, vector: Any, batch: Batch) -> Any:
    """Σ gᵢ ⟨gᵢ, v⟩/n from the derivative of all n losses at once, never as n gradients."""

    def losses(w: Any) -> Any:
        def one(row: Batch) -> Any:
            inputs, *targets = tree.map_arrays(lambda a: a[None], row)
            return loss(model(w, inputs), *targets)

        return vmap(one)(batch)

    _, slopes = jvp(losses, (net,), (vector,))
    _, pull = vjp(losses, net)
    return pull(slopes / np.asarray(slopes.shape[0], slopes.dtype))[0]


_compiled = Jitted(_product, (), many=True)


def empirical_fisher(
    model: Model, loss: Loss, net: Any, data: Sequence[Any], *, batch_size: int | None = None
) -> DataMap:
    """The empirical Fisher matrix (1/n) Σ_i gᵢ gᵢᵀ, gᵢ the gradient of example i, as a map.

    It takes the targets of the data, not those that the model would draw: a second moment of
    gradients, and no curvature in general (Kunstner, Hennig & Balles, Limitations of the
    empirical Fisher approximation, NeurIPS 2019). Arguments as in :func:`gauss_newton`.

    >>> import numpy as np
    >>> from catenary.nn import mse
    >>> x, y = np.array([[1.0], [3.0]]), np.zeros(2)
    >>> F = empirical_fisher(lambda w, x: x @ w, mse, np.ones(1), (x, y))
    >>> F @ np.ones(1)  # gradients 2 and 18
    array([164.])
    """
    for function in (model, loss):
        check_transform(function, 0, "empirical_fisher")
    return DataMap(
        "EmpiricalFisher",
        lambda point, v, batch: _compiled(model, loss, point, v, batch),
        net,
        data,
        batch_size,
        positive=True,
    )


def fisher(
    model: Model,
    loss: Loss,
    net: Any,
    data: Sequence[Any],
    *,
    sample: Sample | None = None,
    draws: int = 1,
    seed: int = 0,
    batch_size: int | None = None,
) -> DataMap:
    """The Fisher information F = (1/n) Σ_i E_{y ~ p(·|xᵢ)} g gᵀ of a model with loss −log p.

    The expectation is over targets that the *model* draws. If the Hessian of the loss by the
    prediction does not depend on the target (squares, cross-entropies of logits: the natural
    parameters of an exponential family), F is the Gauss–Newton matrix, and exactly that is
    computed; whether it is so is tried with targets of the data, not looked up in a list of
    losses. For any other loss give ``sample``: a function ``(key, prediction)`` → targets;
    ``draws`` targets are then drawn for each example, once and from ``seed``.

    Other arguments as in :func:`gauss_newton`. ``DerivativeError`` if the loss needs ``sample``.

    >>> import numpy as np
    >>> from catenary.nn import cross_entropy
    >>> data = np.ones((2, 1)), np.array([0, 1])
    >>> F = fisher(lambda w, x: x @ w, cross_entropy, np.zeros((1, 2)), data)
    >>> F.matrix()
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])

    Source: Martens, New insights and perspectives on the natural gradient method, JMLR 21, 2020.
    """
    if sample is None:
        if _depends_on_targets(model, loss, net, data):
            raise curvature_errors.fisher_needs_samples(user_line())
        made = gauss_newton(model, loss, net, data, batch_size=batch_size)
        made.title = "Fisher"
        return made
    inputs = tree.map_arrays(lambda a: np.repeat(a, draws, axis=0), data[0])
    targets = sample(random.key(seed), model(net, inputs))
    size = None if batch_size is None else batch_size * draws
    made = empirical_fisher(model, loss, net, (inputs, targets), batch_size=size)
    made.title = "Fisher"
    return made


def _depends_on_targets(model: Model, loss: Loss, net: Any, data: Sequence[Any]) -> bool:
    """Whether the Hessian of the loss by the prediction is not the same for all targets.

    Targets that the data hold are tried on predictions of the model, at random. Where all are
    equal nothing can be tried, and the traced Hessian must not read them.
    """
    rows = np.unique(np.linspace(0, count_examples(data) - 1, _TRIED).astype(int))
    inputs, targets = tree.map_arrays(lambda a: np.asarray(a)[rows], tuple(data[:2]))
    prediction = model(net, inputs)
    direction = tree.map(_random_like, prediction)

    def curved(chosen: Any) -> Any:
        there = tree.map_arrays(lambda a: a[chosen], targets)
        return _flat(hvp(lambda z: loss(z, there), prediction, direction))

    first = [np.full(len(rows), i) for i in range(len(rows))]
    if all(_equal(targets, chosen) for chosen in first):
        return _reads_targets(loss, prediction, targets)
    images = np.stack([curved(chosen) for chosen in first])
    return not np.allclose(images, images[0], rtol=1e-4, atol=1e-6 * np.abs(images).max())


_TRIED = 8


def _flat(vector: Any) -> Any:
    return np.concatenate([np.reshape(a, -1) for a in tree.coordinates(vector)])


def _random_like(leaf: Any) -> Any:
    return np.asarray(random.normal(random.key(1), np.shape(leaf))).astype(np.asarray(leaf).dtype)


def _equal(targets: Any, chosen: Any) -> bool:
    arrays = [leaf for leaf in tree.flatten(targets)[0] if tree.is_array(leaf)]
    return all(np.array_equal(a, a[chosen]) for a in arrays)


def _reads_targets(loss: Loss, prediction: Any, targets: Any) -> bool:
    """Whether ∇²ℓ·v, as it is traced, reads the targets."""
    made = trace(lambda y, z, v: hvp(lambda p: loss(p, y), z, v), targets, prediction, prediction)
    graph = simplify(made)
    count = sum(map(tree.is_array, tree.flatten(targets)[0]))
    return any(dependent(graph, [i < count for i in range(len(graph.inputs))]))
