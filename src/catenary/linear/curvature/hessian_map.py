"""The Hessian of a cost over a data set, as a linear map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from catenary.function.arguments import check_callable
from catenary.function.jit import Jitted
from catenary.linear.curvature.data_map import Batch, DataMap
from catenary.linear.hessian import hvp


def _product(cost: Callable[..., Any], point: Any, vector: Any, batch: Batch) -> Any:
    return hvp(lambda x: cost(x, *batch), point, vector)


# One compiled program for each cost and each shape of batch, kept between maps.
_compiled = Jitted(_product, (), many=True)


def hessian(
    cost: Callable[..., Any], x: Any, data: Sequence[Any] = (), *, batch_size: int | None = None
) -> DataMap:
    """The Hessian H of a cost at x as a symmetric map: v ↦ (1/n) Σ_i ∇²cᵢ(x)·v.

    - ``cost``: a function ``cost(x, *batch)`` → number, the *mean* over the rows of the batch
      where data are given. It is compiled, and follows the rules of :func:`catenary.jit`.
    - ``x``: a tree of floating-point arrays, such as a network; the map acts on such trees.
    - ``data``: a tuple of arrays (or trees of arrays) whose first axis counts the n examples.
    - ``batch_size``: examples in work at a time; None takes all at once. The memory is that of
      a batch, the result the same up to rounding.

    A product costs about one and a half gradients. ``ShapeError`` if the data are no examples.

    >>> import numpy as np
    >>> x, y = np.arange(4.0), np.ones(4)
    >>> H = hessian(lambda w, x, y: np.mean((w * x - y) ** 2), 0.0, (x, y), batch_size=3)
    >>> float(H @ 1.0)
    7.0

    Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6, 1994.
    """
    check_callable(cost, "hessian", "cat.curvature.hessian(cost, x, data)")
    return DataMap(
        "Hessian", lambda point, v, batch: _compiled(cost, point, v, batch), x, data, batch_size
    )
