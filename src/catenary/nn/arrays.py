"""What counts as an array in a network: a NumPy array, or the traced stand-in for one."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from catenary.core import network_errors

Array: TypeAlias = Any
Key: TypeAlias = Any


def as_array(value: Any) -> Array:
    """An array as it is (traced ones too); lists and numbers become NumPy arrays."""
    return value if hasattr(value, "dtype") else np.asarray(value)


def as_targets(value: Any) -> Array:
    """Targets as an array of numbers: booleans become 0 and 1, text is refused.

    >>> as_targets([True, False])
    array([1, 0])
    """
    array = as_array(value)
    if array.dtype.kind not in "fiub":
        raise network_errors.text_targets(array.dtype)
    return array.astype(np.int64) if array.dtype.kind == "b" else array


def in_dtype(value: Any, dtype: Any) -> Array:
    """The value as an array of this dtype, untouched when it has it already."""
    array = as_array(value)
    return array if array.dtype == dtype else array.astype(dtype)


def has_values(value: Any) -> bool:
    """Whether a check may look at the numbers: not while they are being traced."""
    return isinstance(value, np.ndarray | np.generic)
