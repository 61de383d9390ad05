"""Counting: bincount and histograms. Bins come from values; weights may be differentiated by."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import bad_argument
from catenary.ops.index import scatter_add
from catenary.tracing.array import TracedArray, wrap
from catenary.tracing.numpy_api.arguments import array, atom_of, values_of
from catenary.tracing.table import implements


def _known(x: Any) -> Any:
    return values_of(x, "a count in bins") if isinstance(x, TracedArray) else x


@implements(np.bincount, values=True)
def bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """How often each number occurs, or the sum of the weights where it does."""
    places = _known(x)
    if not isinstance(weights, TracedArray):
        return np.bincount(places, weights, minlength)
    length = np.bincount(places, minlength=minlength).size
    amounts = weights.astype(np.float64)
    if amounts.shape != np.shape(places):
        raise bad_argument("bincount", f"weights of shape {np.shape(places)}", amounts.shape)
    index = weights.recorder.lift(np.asarray(places, np.int64))
    return wrap(scatter_add(atom_of(amounts), index, shape=(length,)), weights.recorder)


@implements(np.histogram_bin_edges, values=True)
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    return np.histogram_bin_edges(_known(a), _known(bins), range, _known(weights))


@implements(np.histogram, values=True)
def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:
    """Counts or sums of weights between edges; the counts are constant nearby."""
    sample = _known(a)
    edges = np.histogram_bin_edges(sample, _known(bins), range)
    if not isinstance(weights, TracedArray):
        return np.histogram(sample, edges, density=density, weights=weights)
    which = np.searchsorted(edges, np.ravel(sample), side="right") - 1
    which = np.where(np.ravel(sample) == edges[-1], edges.size - 2, which)
    inside = np.flatnonzero((which >= 0) & (which < edges.size - 1))
    taken = np.take(np.ravel(weights), inside)
    sums = bincount(which[inside], weights=taken, minlength=edges.size - 1).astype(weights.dtype)
    if density:
        sums = sums / array(np.diff(edges)) / np.sum(sums)
    return sums, edges


@implements(np.histogramdd, values=True)
def histogramdd(
    sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:
    points = [_known(s) for s in sample] if isinstance(sample, (list, tuple)) else _known(sample)
    _require_real_weights(weights)
    return np.histogramdd(points, bins, range, density, _known(weights))


@implements(np.histogram2d, values=True)
def histogram2d(
    x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:
    _require_real_weights(weights)
    return np.histogram2d(_known(x), _known(y), bins, range, density, _known(weights))


def _require_real_weights(weights: Any) -> None:
    if isinstance(weights, TracedArray) and weights.dtype.kind == "f":
        raise bad_argument(
            "a histogram of several axes", "weights that are not traced", "traced ones"
        )
