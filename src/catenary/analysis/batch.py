"""Examples in the precision of a net."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.tracing import tree
from catenary.train.examples import Examples, examples


def precision(net: Any) -> Any:
    """The one dtype of a net's parameters, or None where there are several or none."""
    dtypes = {leaf.dtype for leaf in tree.coordinates(net) if hasattr(leaf, "dtype")}
    return dtypes.pop() if len(dtypes) == 1 else None


def batch_for(net: Any, data: Any) -> Examples:
    """Examples as in training: floats in the one dtype of the net's parameters."""
    return examples(data, precision(net))


def real_inputs(net: Any, batch: Examples) -> Any:
    """The inputs as real numbers, so that there are derivatives by them."""
    x = np.asarray(batch.inputs)
    return x if x.dtype.kind == "f" else x.astype(precision(net) or np.float64)
