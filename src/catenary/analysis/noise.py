"""How noisy the gradient of a batch is, and which batch size that suggests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.analysis.batch import batch_for
from catenary.core import analysis_errors
from catenary.function.modes import grad
from catenary.function.vmap import vmap
from catenary.nn.losses import Loss
from catenary.nn.losses import loss as loss_named
from catenary.tracing import random, tree
from catenary.train.examples import Examples
from catenary.train.step import cost_of, forward

ROWS = 256  # examples whose gradients are computed at once
DRAWN = 2**20  # random numbers drawn at once


@dataclass(frozen=True, eq=False, repr=False)
class Noise:
    """The spread of the gradients gᵢ of n examples about their mean G.

    - ``gradient``: G, the gradient of the cost of all examples, a tree like the net;
    - ``signal``: |G|²; ``trace``: tr Σ = Σᵢ |gᵢ − G|² / n, the variance of one example's
      gradient, summed over the coordinates;
    - ``scale``: B = tr Σ / |G|², the batch size at which noise and signal are equally strong
      (the simple noise scale; infinite at a critical point);
    - ``batch_size`` k and ``variance``: E|g_batch − G|² for batches of k different examples,
      tr Σ / k · (n − k) / (n − 1), as :func:`~catenary.fit` draws them; ``independent``: tr Σ / k,
      that of draws with repetition;
    - ``measured``: the mean of |g_batch − G|² over batches drawn at random; their number is
      ``batches``.

    Made by :func:`noise`.

    >>> half = Noise(np.ones(2), 2.0, 8.0, 5, 2, 0.0, 0)
    >>> half.scale, half.independent, half.variance
    (4.0, 4.0, 3.0)
    """

    gradient: Any
    signal: float
    trace: float
    examples: int
    batch_size: int
    measured: float
    batches: int

    @property
    def scale(self) -> float:
        """The simple noise scale B = tr Σ / |G|²."""
        return self.trace / self.signal if self.signal else np.inf

    @property
    def independent(self) -> float:
        """tr Σ / k, the variance of a batch of k draws with repetition."""
        return self.trace / self.batch_size

    @property
    def variance(self) -> float:
        """The variance of a batch of k different examples."""
        n = self.examples
        return self.independent * (n - self.batch_size) / (n - 1)

    def __repr__(self) -> str:
        k = self.batch_size
        return "\n".join(
            [
                f"Noise of gradients over {self.examples} examples",
                f"  |G|²          {self.signal:.4g}",
                f"  tr Σ          {self.trace:.4g}",
                f"  scale B       {self.scale:.4g}",
                f"  batch of {k:<4} variance {self.variance:.4g}, measured {self.measured:.4g}",
            ]
        )


def noise(
    net: Any, loss: str | Loss, data: Any, *, batch_size: int, batches: int = 256, seed: int = 0
) -> Noise:
    """How far gradients of batches lie from the gradient of all examples.

    ``net``, ``loss`` and ``data`` are those of :func:`~catenary.fit`; ``batch_size`` is k. Each
    example's gradient is computed, many at once; the variance of a batch follows from them, and
    is measured too, on ``batches`` batches that ``seed`` draws. All gradients are held at once: n
    times the number of parameters, 8 bytes each; give a part of a large set. The loss is taken to
    be a mean over examples, as all losses of the library are. Raises
    :class:`~catenary.core.errors.InputError` for fewer than two examples and for a batch size
    that is not within 1 and their number.

    Source: McCandlish, Kaplan and Amodei, An empirical model of large-batch training (2018),
    section 2.2.

    >>> from catenary.nn import mlp
    >>> x = np.linspace(-1, 1, 32)[:, None]
    >>> found = noise(mlp([1, 8, 1], dtype=np.float64), "mse", (x, np.sin(3 * x)), batch_size=4)
    >>> bool(abs(found.measured / found.variance - 1) < 0.2)
    True
    """
    loss = loss_named(loss)
    whole = batch_for(net, data)
    n = len(whole)
    if n < 2:
        raise analysis_errors.too_few_examples("noise", n)
    if not _is_count(batch_size) or not 1 <= batch_size <= n:
        raise analysis_errors.bad_batch_size(batch_size, n)
    rows = per_example(net, loss, whole)
    mean = rows.mean(axis=0)
    spread = rows - mean
    return Noise(
        gradient=_as_tree(mean, net),
        signal=float(mean @ mean),
        trace=float(np.sum(spread**2) / n),
        examples=n,
        batch_size=int(batch_size),
        measured=float(np.mean(_distances(spread, int(batch_size), batches, seed))),
        batches=batches,
    )


def _is_count(number: object) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def per_example(net: Any, loss: Loss, data: Examples) -> NDArray[np.float64]:
    """The gradients of single examples, one row for each, coordinates in the net's order."""
    chunks = [_flat(part) for part in _gradients(net, loss, data)]
    return np.concatenate(chunks)


def _gradients(net: Any, loss: Loss, data: Examples) -> Iterator[Any]:
    def cost(net: Any, one: Examples) -> Any:
        alone = tree.map_arrays(lambda array: array[None], one)
        return cost_of(loss, forward(net, alone.inputs)[0], alone)

    each: Callable[..., Any] = vmap(grad(cost), in_axes=(None, 0))
    for start in range(0, len(data), ROWS):
        yield each(net, data.take(np.arange(start, min(start + ROWS, len(data)))))


def _flat(gradients: Any) -> NDArray[np.float64]:
    leaves = [np.asarray(leaf, np.float64) for leaf in tree.coordinates(gradients)]
    return np.concatenate([leaf.reshape(len(leaf), -1) for leaf in leaves], axis=1)


def _distances(
    spread: NDArray[np.float64], size: int, batches: int, seed: int
) -> NDArray[np.float64]:
    """|g_batch − G|² for batches of different examples, drawn at random."""
    n, key, found = len(spread), random.key(seed), []
    at_once = max(1, DRAWN // n)
    for start in range(0, batches, at_once):
        count = min(at_once, batches - start)
        order = np.argsort(random.uniform(random.fold_in(key, start), (count, n)), axis=1)
        shares = np.zeros((count, n))
        np.put_along_axis(shares, order[:, :size], 1 / size, axis=1)
        found.append(np.sum((shares @ spread) ** 2, axis=1))
    return np.concatenate(found)


def _as_tree(row: NDArray[np.float64], like: Any) -> Any:
    parts = iter(np.split(row, np.cumsum([np.size(leaf) for leaf in tree.coordinates(like)])))
    return tree.map(
        lambda leaf: next(parts).reshape(np.shape(leaf)).astype(np.asarray(leaf).dtype), like
    )
