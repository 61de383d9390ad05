"""Functions of scipy.special for code of our own: SciPy is loaded only where numbers need it."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.primitive import Primitive
from catenary.tracing import elementwise
from catenary.tracing.array import TracedArray
from catenary.tracing.table import SPECIAL


def special(name: str, x: Any) -> Any:
    """An elementwise function of one argument, by SciPy's name for it.

    Loading SciPy takes longer than most programs take to compile.
    """
    rule = SPECIAL[name]
    if isinstance(x, TracedArray) and isinstance(rule, Primitive):
        return elementwise.apply(rule, np.exp, (x,), None)  # which has the same dtypes
    import scipy.special

    return getattr(scipy.special, name)(x)
