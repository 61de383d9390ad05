"""einsum of any number of operands: diagonals, sums, and contractions of two at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from catenary.core.errors import operand_shapes
from catenary.core.types import BOOL, INT64
from catenary.ops.arrange import permute, reshape
from catenary.ops.index import gather
from catenary.ops.product import contract
from catenary.ops.replicate import broadcast, rest, sum_over
from catenary.tracing.array import TracedArray, innermost, wrap
from catenary.tracing.elementwise import as_atom
from catenary.tracing.numpy_api.arguments import Array, array, common_dtype
from catenary.tracing.table import implements

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@lru_cache(4096)
def parse(subscripts: str, *ndims: int) -> tuple[tuple[str, ...], str]:
    """Explicit labels for every axis; an ellipsis becomes labels of its own."""
    subscripts = subscripts.replace(" ", "")
    left, arrow, right = subscripts.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise operand_shapes("einsum", f"{len(inputs)} operands for {subscripts!r}", len(ndims))
    free = [c for c in LETTERS if c not in subscripts]
    longest = max(n - len(s.replace("...", "")) if "..." in s else 0
                  for s, n in zip(inputs, ndims, strict=True))  # fmt: skip
    dots = "".join(free[:longest])
    expanded = []
    for labels, ndim in zip(inputs, ndims, strict=True):
        missing = ndim - len(labels.replace("...", ""))
        expanded.append(labels.replace("...", dots[longest - missing :] if missing else ""))
        if len(expanded[-1]) != ndim:
            raise operand_shapes("einsum", f"{len(expanded[-1])} axes for {labels!r}", ndim)
    if arrow:
        if dots and "..." not in right:
            raise operand_shapes(
                "einsum", "an ellipsis in the result, as in an operand", subscripts
            )
        return tuple(expanded), right.replace("...", dots)
    together = "".join(expanded)
    once = sorted(c for c in set(together) if together.count(c) == 1 and c not in dots)
    return tuple(expanded), dots + "".join(once)


def _diagonal(x: Any, labels: str) -> tuple[Any, str]:
    """Labels that occur twice in one operand: its diagonal."""
    for label in dict.fromkeys(labels):
        while labels.count(label) > 1:
            i, j = [k for k, c in enumerate(labels) if c == label][:2]
            n = x.type.shape[i]
            others = [k for k in range(len(labels)) if k not in (i, j)]
            x = permute(x, order=(i, j, *others))
            along = np.arange(n)
            x = gather(x, along, along)
            labels = label + "".join(labels[k] for k in others)
    return x, labels


def _sum_away(x: Any, labels: str, kept: set[str]) -> tuple[Any, str]:
    axes = tuple(i for i, c in enumerate(labels) if c not in kept)
    if not axes:
        return x, labels
    return sum_over(x, axes=axes), "".join(c for c in labels if c in kept)


def _singletons_dropped(x: Any, labels: str, sizes: dict[str, int]) -> tuple[Any, str]:
    """Axes of length 1 where the label is longer elsewhere: NumPy broadcasts them."""
    dropped = [i for i, c in enumerate(labels) if x.type.shape[i] == 1 and sizes[c] != 1]
    if not dropped:
        return x, labels
    keep = rest(len(labels), dropped)
    shape = tuple(x.type.shape[i] for i in keep)
    return reshape(x, shape=shape), "".join(labels[i] for i in keep)


def _pair(x: Any, xl: str, y: Any, yl: str, kept: set[str]) -> tuple[Any, str]:
    """One contraction of two operands; labels that nobody else needs are summed."""
    x, xl = _sum_away(x, xl, kept | set(yl))
    y, yl = _sum_away(y, yl, kept | set(xl))
    shared = [c for c in xl if c in yl and c in kept]
    out = "".join(shared) + "".join(c for c in xl + yl if c in kept and c not in shared)
    return contract(x, y, spec=f"{xl},{yl}->{out}"), out


def einsum_atoms(atoms: list[Any], inputs: Sequence[str], out: str) -> Any:
    """einsum on atoms of one dtype, operands taken two at a time in the cheapest order found."""
    sizes: dict[str, int] = {}
    for atom, labels in zip(atoms, inputs, strict=True):
        for c, n in zip(labels, atom.type.shape, strict=True):
            sizes[c] = n if sizes.get(c, 1) == 1 else sizes[c]
    operands = []
    for atom, labels in zip(atoms, inputs, strict=True):
        x, labels = _singletons_dropped(atom, labels, sizes)
        operands.append(_diagonal(x, labels))
    while len(operands) > 1:
        i, j = _cheapest(operands, out, sizes)
        kept = set(out).union(
            *(labels for k, (_, labels) in enumerate(operands) if k not in (i, j))
        )
        pair = _pair(*operands[i], *operands[j], kept)
        operands = [o for k, o in enumerate(operands) if k not in (i, j)] + [pair]
    x, labels = _sum_away(*operands[0], set(out))
    missing = [c for c in out if c not in labels]
    if missing:
        full = labels + "".join(missing)
        shape = tuple(sizes[c] for c in full)
        x, labels = broadcast(x, shape=shape, dims=tuple(range(len(labels)))), full
    order = tuple(labels.index(c) for c in out)
    return x if order == tuple(range(len(order))) else permute(x, order=order)


def _cheapest(operands: list[Any], out: str, sizes: dict[str, int]) -> tuple[int, int]:
    """The pair whose contraction costs the fewest multiplications."""
    best = None
    for i in range(len(operands)):
        for j in range(i + 1, len(operands)):
            cost = 1
            for c in set(operands[i][1]) | set(operands[j][1]):
                cost *= sizes[c]
            if best is None or cost < best[0]:
                best = (cost, i, j)
    assert best is not None
    return best[1], best[2]


def contracted(
    operands: Sequence[Any], inputs: Sequence[str], out: str, dtype: Any = None
) -> Array:
    """einsum on arrays in their common dtype; of truth values, whether any product holds."""
    arrays = [array(x) for x in operands]
    recorder = innermost(arrays)
    assert recorder is not None
    dtype = common_dtype(*arrays) if dtype is None else np.dtype(dtype)
    atoms = [as_atom(x, INT64 if dtype == BOOL else dtype, recorder) for x in arrays]
    result = wrap(einsum_atoms(atoms, inputs, out), recorder)
    return np.not_equal(result, 0) if dtype == BOOL else result


@implements(np.einsum)
def einsum(
    *operands: Any, out: Any = None, dtype: Any = None, order: Any = "K", casting: Any = "safe",
    optimize: Any = False,
) -> Any:  # fmt: skip
    subscripts, *arrays = operands if isinstance(operands[0], str) else _from_lists(operands)
    arrays = [array(x) for x in arrays]
    inputs, result = parse(subscripts, *[x.ndim for x in arrays])
    if len(arrays) == 1 and set(inputs[0]) == set(result) and dtype in {None, arrays[0].dtype}:
        return _rearranged(arrays[0], inputs[0], result)
    return contracted(arrays, inputs, result, dtype)


def _rearranged(x: TracedArray, labels: str, out: str) -> TracedArray:
    """Axes in another order, and diagonals: a view, as NumPy's is."""

    def derive(parent: Any) -> Any:
        return einsum_atoms([x.recorder.lift(parent)], [labels], out)

    return x.derived(derive(x.value()), np.einsum(f"{labels}->{out}", x.shadow()), derive)


def _from_lists(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """einsum(x, [0, 1], y, [1, 2], [0, 2]) as subscripts."""
    explicit = len(operands) % 2 == 1
    pairs = operands[:-1] if explicit else operands

    def spell(labels: Any) -> str:
        return "".join("..." if i is Ellipsis else LETTERS[i] for i in labels)

    spec = ",".join(spell(labels) for labels in pairs[1::2])
    return (spec + ("->" + spell(operands[-1]) if explicit else ""), *pairs[0::2])


@implements(np.einsum_path)
def einsum_path(*operands: Any, optimize: Any = "greedy", einsum_call: bool = False) -> Any:
    """NumPy's own plan, which depends on shapes alone."""
    stand_ins = [np.empty(x.shape, bool) if isinstance(x, TracedArray) else x for x in operands]
    return np.einsum_path(*stand_ins, optimize=optimize)
