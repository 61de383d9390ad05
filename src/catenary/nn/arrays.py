"""What counts as an array in a network: a NumPy array, or the traced stand-in for one."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any
Key: TypeAlias = Any


def as_array(value: Any) -> Array:
    """An array as it is (traced ones too); lists and numbers become NumPy arrays."""
    return value if hasattr(value, "dtype") else np.asarray(value)


def in_dtype(value: Any, dtype: Any) -> Array:
    """The value as an array of this dtype, untouched when it has it already."""
    array = as_array(value)
    return array if array.dtype == dtype else array.astype(dtype)


def has_values(value: Any) -> bool:
    """Whether a check may look at the numbers: not while they are being traced."""
    return isinstance(value, np.ndarray | np.generic)
