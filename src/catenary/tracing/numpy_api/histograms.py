"""Counting: bincount and histograms. Bins come from values; weights may be differentiated by."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import bad_argument
from catenary.ops.index import scatter_add
from catenary.tracing.array import TracedArray, wrap
from catenary.tracing.numpy_api.arguments import atom_of, values_of
from catenary.tracing.numpy_api.taking import take
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
    """The edges given, or evenly spaced ones, which follow the smallest and the largest value."""
    if isinstance(bins, TracedArray):
        return bins
    edges = np.histogram_bin_edges(_known(a), bins, range, _known(weights))
    spanned = np.ndim(bins) == 0 and range is None and np.ptp(_known(a)) > 0
    if not spanned or not isinstance(a, TracedArray):
        return edges
    return np.linspace(np.min(a), np.max(a), edges.size)


@implements(np.histogram, values=True)
def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:
    """Counts, or sums of weights, between edges; the counts are constant nearby."""
    sample, known = np.ravel(_known(a)), _known(bins)
    edges = histogram_bin_edges(a, bins, range)
    if isinstance(weights, TracedArray):
        counts = _weighed(sample, np.histogram_bin_edges(sample, known, range), weights)
    else:
        counts = np.histogram(sample, known, range, weights=weights)[0]
    if density:
        counts = counts / np.diff(edges).astype(float) / np.sum(counts)
    return counts, edges


def _weighed(sample: Any, edges: Any, weights: TracedArray) -> Any:
    """The sum of the weights between each edge and the next, the last edge taken in."""
    which = np.searchsorted(edges, sample, side="right") - 1
    which = np.where(sample == edges[-1], edges.size - 2, which)
    inside = np.flatnonzero((which >= 0) & (which < edges.size - 1))
    taken = take(np.ravel(weights), inside)
    return bincount(which[inside], weights=taken, minlength=edges.size - 1).astype(weights.dtype)
