"""Examples in the precision of a net."""

from __future__ import annotations

from typing import Any

from catenary.tracing import tree
from catenary.train.examples import Examples, examples


def batch_for(net: Any, data: Any) -> Examples:
    """Examples as in training: floats in the one dtype of the net's parameters."""
    dtypes = {leaf.dtype for leaf in tree.coordinates(net) if hasattr(leaf, "dtype")}
    return examples(data, dtypes.pop() if len(dtypes) == 1 else None)
