"""The operations. Importing this package declares them all."""

from catenary.ops import (
    additive,
    arrange,
    bits,
    branch,
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
    while_loop,
    window,
)

__all__ = [
    "additive",
    "arrange",
    "bits",
    "branch",
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
    "while_loop",
    "window",
]
