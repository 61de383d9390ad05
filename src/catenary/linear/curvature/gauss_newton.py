"""The generalized Gauss–Newton matrix of a model and a loss, as a linear map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from catenary.function.arguments import check_transform
from catenary.function.jit import Jitted
from catenary.function.modes import jvp, vjp
from catenary.linear.curvature.data_map import Batch, DataMap
from catenary.linear.hessian import hvp

Model = Callable[[Any, Any], Any]
Loss = Callable[..., Any]


def _product(model: Model, loss: Loss, net: Any, vector: Any, batch: Batch) -> Any:
    inputs, *targets = batch
    prediction, moved = jvp(lambda w: model(w, inputs), (net,), (vector,))
    curved = hvp(lambda z: loss(z, *targets), prediction, moved)
    _, pull = vjp(lambda w: model(w, inputs), net)
    return pull(curved)[0]


_compiled = Jitted(_product, (), many=True)


def gauss_newton(
    model: Model, loss: Loss, net: Any, data: Sequence[Any], *, batch_size: int | None = None
) -> DataMap:
    """The Gauss–Newton matrix G = Jᵀ H_ℓ J as a symmetric map; J is the derivative of the model
    by the parameters, H_ℓ the Hessian of the loss by the prediction.

    G is the Hessian of the cost with the model replaced by its tangent. It is positive
    semi-definite for every convex loss, and equal to the Hessian where the model is linear in
    the parameters or fits the data exactly.

    - ``model``: ``model(net, inputs)`` → prediction; for a link, ``lambda net, x: net(x)``.
    - ``loss``: ``loss(prediction, *targets)`` → number, a mean over the rows.
    - ``data``: ``(inputs, targets, …)``, arrays or trees whose first axis counts the examples;
      ``batch_size`` as in :func:`hessian`.

    >>> import numpy as np
    >>> from catenary.nn import mse
    >>> x, y = np.array([[1.0], [3.0]]), np.zeros(2)
    >>> G = gauss_newton(lambda w, x: x @ w, mse, np.ones(1), (x, y))
    >>> G @ np.ones(1)
    array([10.])

    Source: Schraudolph, Fast curvature matrix-vector products for second-order gradient descent,
    Neural Computation 14, 2002.
    """
    for function in (model, loss):
        check_transform(function, 0, "gauss_newton")
    return DataMap(
        "GaussNewton",
        lambda point, v, batch: _compiled(model, loss, point, v, batch),
        net,
        data,
        batch_size,
        positive=True,
    )
