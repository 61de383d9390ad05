"""The operations. Importing this package declares them all."""

from catenary.ops import (
    additive,
    arrange,
    bits,
    compare,
    control,
    extremum,
    index,
    order,
    product,
    replicate,
    scan,
    special,
    transcendental,
    window,
)

__all__ = [
    "additive",
    "arrange",
    "bits",
    "compare",
    "control",
    "extremum",
    "index",
    "order",
    "product",
    "replicate",
    "scan",
    "special",
    "transcendental",
    "window",
]
