"""The array API namespace of traced arrays: NumPy's own functions under the standard's names.

Libraries that follow the standard (SciPy with ``SCIPY_ARRAY_API=1`` in the environment) ask an
array for its namespace and call that. NumPy's functions take traced arrays, so the namespace is
NumPy's, save what would make a real array of a traced one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core import errors
from catenary.tracing.array import TracedArray
from catenary.tracing.methods import entered
from catenary.tracing.recorder import user_line
from catenary.tracing.table import SPECIAL

# Functions of scipy.special that are no ufuncs and reach us through the namespace alone.
SPECIAL_FUNCTIONS = frozenset(
    {"log_softmax", "logsumexp", "multigammaln", "polygamma", "sinc", "softmax"}
)

_CONSTANTS = "e inf nan newaxis pi"
_CREATION = (
    "arange empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like tril "
    "triu zeros zeros_like"
)
_DTYPES = (
    "astype broadcast_arrays broadcast_to can_cast finfo iinfo isdtype result_type bool int8 "
    "int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128"
)
_ELEMENTWISE = (
    "abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_invert "
    "bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor ceil clip conj copysign cos "
    "cosh divide equal exp expm1 floor floor_divide greater greater_equal hypot imag isfinite "
    "isinf isnan less less_equal log log10 log1p log2 logaddexp logical_and logical_not "
    "logical_or logical_xor maximum minimum multiply negative nextafter not_equal positive pow "
    "real reciprocal remainder round sign signbit sin sinh sqrt square subtract tan tanh trunc"
)
_ARRAYS = (
    "matmul matrix_transpose tensordot vecdot concat expand_dims flip moveaxis permute_dims "
    "repeat reshape roll squeeze stack tile unstack argmax argmin count_nonzero nonzero "
    "searchsorted where unique_all unique_counts unique_inverse unique_values argsort sort isin "
    "cumulative_prod cumulative_sum max mean min prod std sum var all any diff take "
    "take_along_axis linalg"
)
_STANDARD = frozenset(" ".join((_CONSTANTS, _CREATION, _DTYPES, _ELEMENTWISE, _ARRAYS)).split())


class _Special:
    """Functions of scipy.special, for callers that look for them in an array's namespace."""

    def __getattr__(self, name: str) -> Any:
        rule = SPECIAL.get(name)
        if rule is None:
            raise AttributeError(name)

        def call(*inputs: Any, **options: Any) -> Any:
            from scipy.special import _ufuncs

            return getattr(_ufuncs, name, rule)(*inputs, **options)

        return call


class Namespace:
    """What ``x.__array_namespace__()`` gives for a traced x."""

    __name__ = "catenary.tracing.namespace"
    __array_api_version__ = "2024.12"
    special = _Special()

    def __getattr__(self, name: str) -> Any:
        if name not in _STANDARD:
            raise AttributeError(f"the array API standard knows no {name!r}")
        return getattr(np, name)

    def __dir__(self) -> list[str]:
        return sorted(_STANDARD)

    def __repr__(self) -> str:
        return "<array namespace of traced arrays>"

    def asarray(
        self, obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None
    ) -> Any:
        """A traced array as it is, or as a copy or of another dtype; anything else by NumPy."""
        if not isinstance(obj, TracedArray):
            return np.asarray(obj, dtype=dtype, copy=copy)
        if dtype is None or np.dtype(dtype) == obj.dtype:
            return obj.copy() if copy else obj
        return obj.astype(dtype)


NAMESPACE = Namespace()


# ---- what the standard asks of an array ----------------------------------------------------------


@entered("__array_namespace__")
def _array_namespace(self: TracedArray, /, *, api_version: str | None = None) -> Namespace:
    return NAMESPACE


@entered("device", property_=True)
def _device(self: TracedArray) -> str:
    return "cpu"


@entered("to_device")
def _to_device(self: TracedArray, device: Any, /, *, stream: Any = None) -> TracedArray:
    if device != "cpu":
        raise errors.bad_argument("to_device", "the device 'cpu'", device)
    return self


@entered("__dlpack__")
def _dlpack(self: TracedArray, **options: Any) -> Any:
    raise errors.not_an_ndarray(user_line())


@entered("__dlpack_device__")
def _dlpack_device(self: TracedArray) -> tuple[int, int]:
    return 1, 0
