"""What is known of operations on whole arrays: moving, folding, sorting, products, loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core.graph import Node
from tests.fuzz.elementwise import exact
from tests.fuzz.known import Array, Known, Unknown, evaluated, of_graph, rule

# ---- moving -------------------------------------------------------------------------------------

MOVES = (
    "broadcast", "reshape", "permute", "reverse", "slice", "pad", "overwrite", "concatenate",
    "gather",
)  # fmt: skip


@rule(*MOVES)
def move(node: Node, operands: Sequence[Known]) -> list[Known]:
    (value,) = evaluated(node, [x.value for x in operands])
    error = None
    if any(x.error is not None for x in operands):
        whole = node.primitive.name == "gather"  # then all but the first are positions
        moved = [x.value if whole and i else x.bound for i, x in enumerate(operands)]
        (error,) = evaluated(node, moved)
    return [Known(value, error, all(x.signed for x in operands))]


@rule("argmax", "argmin", "argsort", "last_write", "position", "random_bits")
def found(node: Node, operands: Sequence[Known]) -> list[Known]:
    return [Known(v) for v in exact(node, operands)]


@rule("sort")
def sort(node: Node, operands: Sequence[Known]) -> list[Known]:
    return [Known(v, signed=False) for v in exact(node, operands)]


# ---- folding ------------------------------------------------------------------------------------


@rule("reduce_max", "reduce_min")
def extreme(node: Node, operands: Sequence[Known]) -> list[Known]:
    (x,) = operands
    axes = node.params["axes"]
    if any(x.value.shape[a] == 0 for a in axes):
        raise Unknown("the largest of nothing")
    (value,) = evaluated(node, [x.value])
    error = None if x.error is None else x.error.max(axis=axes)
    return [Known(value, error, value.dtype.kind != "f")]


def grain(x: Array) -> float:
    """The largest power of two of which all finite numbers are multiples."""
    finite = x[np.isfinite(x) & (x != 0)].astype(np.float64)
    if not finite.size:
        return 1.0
    mantissa, exponent = np.frexp(finite)
    bits = (mantissa * 2.0**53).astype(np.int64)
    lowest = np.log2((bits & -bits).astype(np.float64)).astype(np.int64)
    return float(2.0 ** np.clip((exponent - 53 + lowest).min(), -1000, 1000))


def _plain(x: Array) -> Array:
    """Sizes of the finite numbers, as float64."""
    return np.where(np.isfinite(x), np.abs(x.astype(np.float64)), 0.0)


def _digits(dtype: Any) -> float:
    return float(2.0 ** (np.finfo(dtype).nmant + 1))


def _terms(node: Node, x: Sequence[Known], value: Array) -> int:
    """How many numbers are added at most to make one."""
    if node.primitive.name == "contract":
        labels, out = node.params["spec"].split("->")
        shapes = dict(
            zip(labels.replace(",", ""), x[0].value.shape + x[1].value.shape, strict=True)
        )
        return int(np.prod([n for c, n in shapes.items() if c not in out], initial=1))
    return int(max(x[0].value.size, 1))


@rule("sum", "cumsum", "scatter_add", "contract")
def add_up(node: Node, operands: Sequence[Known]) -> list[Known]:
    """Exact while every sum of some of the terms fits into the digits of the dtype."""
    (value,) = evaluated(node, [x.value for x in operands])
    if value.dtype.kind != "f":
        return [Known(value)]
    count = 2 if node.primitive.name == "contract" else 1
    factors, others = operands[:count], [x.value for x in operands[count:]]
    plain = [_plain(x.value) for x in factors]
    (size,) = evaluated(node, [*plain, *others])
    unit = float(np.prod([grain(x.value) for x in factors]))
    fits = not size.size or float(size.max()) <= _digits(value.dtype) * unit
    if all(x.error is None for x in factors) and fits and unit > 1e-30:
        return [Known(value, signed=False)]
    if not all(x.finite for x in factors) or not np.isfinite(value).all():
        raise Unknown("rounded and not finite")
    if size.size and float(size.max()) > 1e30:
        raise Unknown("overflow")
    moved = np.zeros(value.shape)
    if any(x.error is not None for x in factors):
        for pair in _one_by_one([x.bound for x in factors], plain):
            moved = moved + evaluated(node, [*pair, *others])[0]
    eps = float(np.finfo(value.dtype).eps)
    return [Known(value, 1.01 * moved + 2 * _terms(node, factors, value) * eps * size, False)]


def _one_by_one(errors: Sequence[Array], plain: Sequence[Array]) -> list[list[Array]]:
    """Errors of one factor with the other: |x + dx||y + dy| − |x||y|, term by term."""
    if len(errors) == 1:
        return [[errors[0]]]
    return [[errors[0], plain[1]], [plain[0], errors[1]], [errors[0], errors[1]]]


@rule("prod", "cumprod")
def multiply_up(node: Node, operands: Sequence[Known]) -> list[Known]:
    """Exact while the product of all odd parts fits into the digits."""
    (value,) = exact(node, operands)
    x = operands[0].value
    if value.dtype.kind != "f":
        return [Known(value)]
    usual = np.isfinite(x) & (x != 0)
    mantissa, exponent = np.frexp(np.where(usual, np.abs(x), 1).astype(np.float64))
    bits = (mantissa * 2.0**53).astype(np.int64)
    odd = bits // (bits & -bits)
    (size,) = evaluated(node, [odd.astype(np.float64)])
    fits = not size.size or float(size.max()) <= _digits(value.dtype)
    if fits and np.abs(exponent).sum() < 100:
        return [Known(value, signed=False)]
    raise Unknown("a rounded product")


# ---- loops --------------------------------------------------------------------------------------


@rule("scan")
def scan(node: Node, operands: Sequence[Known]) -> list[Known]:
    params = node.params
    held, carried, length = params["held"], params["carried"], params["length"]
    constants, xs = operands[:held], operands[held + carried :]
    carries: Sequence[Known] = operands[held : held + carried]
    rows: list[Sequence[Known]] = [()] * length
    for i in range(length)[:: -1 if params["reverse"] else 1]:
        row = [
            Known(x.value[i, ...], None if x.error is None else x.error[i, ...], x.signed)
            for x in xs
        ]
        results = of_graph(params["graph"], [*constants, *carries, *row])
        carries, rows[i] = results[:carried], results[carried:]
    if not length:
        values = evaluated(node, [x.value for x in operands])
        return [*carries, *map(Known, values[carried:])]
    return [*carries, *(_stacked(column) for column in zip(*rows, strict=True))]


def _stacked(column: Sequence[Known]) -> Known:
    error = None
    if any(x.error is not None for x in column):
        error = np.stack([x.bound for x in column])
    return Known(np.stack([x.value for x in column]), error, all(x.signed for x in column))


@rule("cond")
def cond(node: Node, operands: Sequence[Known]) -> list[Known]:
    index, *others = operands
    branches = node.params["branches"]
    return of_graph(branches[int(np.clip(index.value, 0, len(branches) - 1))], others)


@rule("while_loop")
def while_loop(node: Node, operands: Sequence[Known]) -> list[Known]:
    params, held = node.params, node.params["held"]
    constants, carries, rounds = operands[:held], list(operands[held:]), 0
    while rounds != params["bound"]:
        (goes_on,) = of_graph(params["condition"], [*constants, *carries])
        if not goes_on.value:
            break
        carries = of_graph(params["body"], [*constants, *carries])
        rounds += 1
        if rounds > 100:
            raise Unknown("no end")
    return carries
