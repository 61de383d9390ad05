"""Jacobians: derivatives written out as arrays."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, Literal

import numpy as np

from catenary.core import errors
from catenary.function.arguments import check_transform, chosen_numbers, with_arguments
from catenary.linear.linearize import linearize
from catenary.linear.map import MEMORY, GraphMap
from catenary.linear.space import Space
from catenary.tracing import tree
from catenary.tracing.recorder import user_line

Mode = Literal["auto", "forward", "reverse"]


def jacobian(
    f: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    mode: Mode = "auto",
    memory: int = MEMORY,
) -> Callable[..., Any]:
    """A function that gives the Jacobian J of f, J_ij = ∂f_i/∂x_j.

    For one array to one array the result has shape ``f(x).shape + x.shape``. For trees it is the
    result's tree, each array replaced by the argument's tree of such blocks; a tuple of
    ``argnums`` gives a tuple of arguments.

    ``mode`` is "forward" (one column for each input), "reverse" (one row for each output) or
    "auto", the smaller number. Columns or rows are computed in batches of about ``memory`` bytes;
    a Jacobian that is larger than the machine's memory is refused with its size.

    >>> import numpy as np
    >>> jacobian(lambda x: np.stack([x[0] * x[1], x[0] ** 2]))(np.array([2.0, 5.0]))
    array([[5., 2.],
           [4., 0.]])
    """
    if mode not in ("auto", "forward", "reverse"):
        raise errors.unknown_option("mode", mode, ("auto", "forward", "reverse"))
    check_transform(f, argnums, "jacobian")

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        numbers = chosen_numbers(args, argnums, "jacobian")
        chosen = tuple(args[n] for n in numbers)

        def call(*given: Any) -> Any:
            return f(*with_arguments(args, argnums, given), **options)

        value, derivative = linearize(call, *chosen)
        if not derivative.codomain.types:
            kinds = ", ".join(str(np.asarray(leaf).dtype) for leaf in tree.flatten(value)[0])
            raise errors.no_real_result("jacobian", kinds, user_line())
        assert isinstance(derivative, GraphMap)
        domain = derivative.domain
        blocks = _blocks(derivative, mode, memory)
        single = isinstance(argnums, int)
        rows = [_argument(domain, row, wrap=not single and len(numbers) == 1) for row in blocks]
        return _result(derivative.codomain, rows)

    return differentiated


def _blocks(derivative: GraphMap, mode: Mode, memory: int) -> list[list[Any]]:
    """For each array of the result and each of the argument the block of derivatives."""
    rows, columns = derivative.shape
    _check_size(derivative)
    forward = mode == "forward" or (mode == "auto" and columns <= rows)
    flat = derivative._by_columns(memory) if forward else derivative.T._by_columns(memory).T
    blocks, i = [], 0
    for out in derivative.codomain.types:
        row, j = [], 0
        for into in derivative.domain.types:
            block = flat[i : i + out.size, j : j + into.size]
            row.append(np.reshape(block.astype(into.dtype), out.shape + into.shape))
            j += into.size
        blocks.append(row)
        i += out.size
    return blocks


def _check_size(derivative: GraphMap) -> None:
    """Refuse what cannot fit, before anything is allocated."""
    rows, columns = derivative.shape
    needed = rows * columns * max((t.dtype.itemsize for t in derivative.codomain.types), default=8)
    available = _memory_available()
    if available is not None and needed > available:
        raise errors.jacobian_too_large(rows, columns, needed, available, user_line())


def _memory_available() -> int | None:
    """Free memory in bytes, where the system tells it."""
    listing = Path("/proc/meminfo")
    if not listing.exists():
        return None
    found = re.search(r"MemAvailable:\s+(\d+) kB", listing.read_text())
    return int(found[1]) * 1024 if found else None


def _argument(domain: Space, row: list[Any], *, wrap: bool) -> Any:
    filled = list(domain.leaves)
    for i, block in zip(domain.positions, row, strict=True):
        filled[i] = block
    whole = tree.unflatten(domain.structure, filled)
    return (whole,) if wrap else whole


def _result(codomain: Space, rows: list[Any]) -> Any:
    """The result's tree with the argument's trees for arrays."""
    if len(codomain.leaves) == 1 and codomain.structure.num_nodes == 1:
        return rows[0]
    filled: list[Any] = list(codomain.leaves)
    for i, row in zip(codomain.positions, rows, strict=True):
        filled[i] = row
    return tree.unflatten(codomain.structure, filled)
