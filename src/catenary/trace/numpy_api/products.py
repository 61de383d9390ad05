"""Products of arrays: einsum of any number of operands, and its special cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from catenary.core.errors import operand_shapes
from catenary.ops.arrange import permute, reshape
from catenary.ops.index import gather
from catenary.ops.product import contract
from catenary.ops.replicate import broadcast, rest
from catenary.ops.replicate import sum as sum_operation
from catenary.trace.array import TracedArray, innermost, wrap
from catenary.trace.elementwise import as_atom, normalize
from catenary.trace.numpy_api.shaping import kind_of_array
from catenary.trace.recorder import Recorder
from catenary.trace.table import implements

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _parse(subscripts: str, ndims: list[int]) -> tuple[list[str], str]:
    """Explicit labels for every axis; an ellipsis becomes labels of its own."""
    subscripts = subscripts.replace(" ", "")
    left, arrow, right = subscripts.partition("->")
    inputs = left.split(",")
    if len(inputs) != len(ndims):
        raise operand_shapes("einsum", f"{len(inputs)} operands for {subscripts!r}", len(ndims))
    free = [c for c in _LETTERS if c not in subscripts]
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
        return expanded, right.replace("...", dots)
    together = "".join(expanded)
    once = sorted(c for c in set(together) if together.count(c) == 1 and c not in dots)
    return expanded, dots + "".join(once)


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
    return sum_operation(x, axes=axes), "".join(c for c in labels if c in kept)


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


def einsum_atoms(atoms: list[Any], inputs: list[str], out: str) -> Any:
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
        kept = set(out).union(*(labels for k, (_, labels) in enumerate(operands) if k not in (i, j)))
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


def _common(operands: list[Any], dtype: Any = None) -> tuple[list[Any], Recorder]:
    """Operands as atoms of their common dtype."""
    operands = [normalize(x) for x in operands]
    operands = [x if isinstance(x, TracedArray) else np.asarray(x) for x in operands]
    recorder = innermost(operands)
    assert recorder is not None
    if dtype is None:
        dtype = np.result_type(*[kind_of_array(x) for x in operands])
    return [as_atom(x, np.dtype(dtype), recorder) for x in operands], recorder


@implements(np.einsum)
def einsum(*operands: Any, out: Any = None, dtype: Any = None, optimize: Any = False, **_: Any) -> Any:
    if not isinstance(operands[0], str):
        operands = _from_lists(operands)
    subscripts, *arrays = operands
    atoms, recorder = _common(arrays, dtype)
    inputs, result = _parse(subscripts, [a.type.ndim for a in atoms])
    return wrap(einsum_atoms(atoms, inputs, result), recorder)


def _from_lists(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """einsum(x, [0, 1], y, [1, 2], [0, 2]) as subscripts."""
    arrays, lists = operands[0::2], operands[1::2]
    explicit = len(operands) % 2 == 1
    if explicit:
        arrays, last = operands[0:-1:2], operands[-1]
        lists = operands[1::2]

    def spell(labels: Any) -> str:
        return "".join("..." if i is Ellipsis else _LETTERS[i] for i in labels)

    spec = ",".join(spell(labels) for labels in lists)
    return (spec + ("->" + spell(last) if explicit else ""), *arrays)


def matrix_product(x: Any, y: Any) -> Any:
    """x @ y by NumPy's rules: vectors are rows or columns, leading axes broadcast."""
    atoms, recorder = _common([x, y])
    a, b = atoms
    if a.type.ndim == 0 or b.type.ndim == 0:
        raise operand_shapes("matmul", "arrays of at least one axis", f"{a.type} and {b.type}")
    xl = "k" if a.type.ndim == 1 else "...ik"
    yl = "k" if b.type.ndim == 1 else "...kj"
    if a.type.shape[-1] != b.type.shape[0 if b.type.ndim == 1 else -2]:
        raise operand_shapes(
            "matmul", "an inner dimension in common", f"{a.type} and {b.type}"
        )
    out = "..." + "i" * (a.type.ndim > 1) + "j" * (b.type.ndim > 1)
    inputs, result = _parse(f"{xl},{yl}->{out}", [a.type.ndim, b.type.ndim])
    return wrap(einsum_atoms(atoms, inputs, result), recorder)


implements(np.matmul)(matrix_product)


@implements(np.dot)
def dot(a: Any, b: Any, out: Any = None) -> Any:
    """Sum over the last axis of a and the last but one of b; a product with numbers."""
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) == 1:
        return np.tensordot(a, b, axes=(-1, 0))
    return np.tensordot(a, b, axes=(-1, np.ndim(b) - 2))


@implements(np.tensordot)
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    atoms, recorder = _common([a, b])
    m, n = (x.type.ndim for x in atoms)
    if isinstance(axes, int):
        left, right = list(range(m - axes, m)), list(range(axes))
    else:
        left = [int(i) % m for i in np.atleast_1d(axes[0])]
        right = [int(i) % n for i in np.atleast_1d(axes[1])]
    shapes = [[atoms[0].type.shape[i] for i in left], [atoms[1].type.shape[i] for i in right]]
    if shapes[0] != shapes[1]:
        raise operand_shapes("tensordot", "equal lengths along the summed axes", shapes)
    xl = list(_LETTERS[:m])
    yl = list(_LETTERS[m : m + n])
    for i, j in zip(left, right, strict=True):
        yl[j] = xl[i]
    out = [c for i, c in enumerate(xl) if i not in left] + [
        c for j, c in enumerate(yl) if j not in right
    ]
    return wrap(einsum_atoms(atoms, ["".join(xl), "".join(yl)], "".join(out)), recorder)


__all__ = ["einsum", "einsum_atoms", "matrix_product"]
