"""What a linear map is like: diagonal, trace, norms, rank, singular values, eigenvalues.

Structures answer where they can; else small maps are written out, and large ones are asked for
products with vectors alone (Lanczos methods, by ARPACK).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from catenary.core import errors, linear_map_errors
from catenary.linear.solve import WRITTEN_OUT, solve_rows
from catenary.tracing.recorder import user_line

if TYPE_CHECKING:
    from catenary.linear.map import LinearMap

Array = np.ndarray[Any, Any]
Norm = Literal["fro", 2]
Which = Literal["largest", "smallest", "magnitude"]
_ARPACK = {"largest": "LA", "smallest": "SA", "magnitude": "LM"}


class SVD(NamedTuple):
    """D = U diag(s) Vt, the singular values falling.

    >>> from catenary.linear.diagonal import Diagonal
    >>> Diagonal([1.0, -3.0]).svd().s
    array([3., 1.])
    """

    U: Array
    s: Array
    Vt: Array


class Eigh(NamedTuple):
    """D = V diag(λ) Vᵀ: eigenvalues rising, eigenvectors in the columns.

    >>> from catenary.linear.diagonal import Diagonal
    >>> Diagonal([1.0, -3.0]).eigh().eigenvalues
    array([-3.,  1.])
    """

    eigenvalues: Array
    eigenvectors: Array


def diagonal(map: LinearMap) -> Any:
    """The entries on the diagonal of a square map."""
    _require_square("a diagonal", map)
    known = map.structure.known_diagonal()
    if known is not None:
        return known
    parts = []
    for start, block in map.structure.column_blocks():
        count = len(block)
        parts.append(block[np.arange(count), start + np.arange(count)])
    return np.concatenate(parts) if parts else np.zeros(0, map.dtype)


def trace(map: LinearMap) -> Any:
    """The sum of the diagonal."""
    return np.sum(diagonal(map))


def norm(map: LinearMap, ord: Norm) -> Any:
    """The Frobenius norm, or the largest singular value."""
    if ord not in ("fro", 2):
        raise errors.unknown_option("ord", str(ord), ("fro", "2"))
    values = map.structure.known_singular_values()
    if ord == 2:
        if values is None:
            largest = svd(map, 1).s if min(map.shape) else np.zeros(0, map.dtype)
            return largest.max(initial=0)
        return np.max(values, initial=0)
    if values is not None:
        return np.sqrt(np.sum(values**2))
    shorter = map.T if map.shape[1] > map.shape[0] else map  # which has as many columns at most
    return np.sqrt(sum(np.sum(block**2) for _, block in shorter.structure.column_blocks()))


def singular_values(map: LinearMap) -> Array:
    """All of them that are not zero by structure, in any order."""
    known = map.structure.known_singular_values()
    if known is not None:
        return np.asarray(known)
    return np.linalg.svd(np.asarray(map.matrix()), compute_uv=False)


def rank(map: LinearMap, tolerance: float | None) -> int:
    """How many singular values lie above the tolerance."""
    values = singular_values(map)
    bound = tolerance
    if bound is None:
        bound = values.max(initial=0) * max(map.shape) * np.finfo(map.dtype).eps
    return int(np.count_nonzero(values > bound))


def cond(map: LinearMap) -> float:
    """The largest singular value over the smallest one."""
    values = map.structure.known_singular_values()
    if values is None and max(map.shape) > WRITTEN_OUT and map.shape[0] == map.shape[1]:
        try:
            return float(norm(map, 2)) * _inverse_norm(map)
        except linear_map_errors.SolveError:
            return float("inf")
    values = singular_values(map)
    least = values.min(initial=np.inf) if values.size == min(map.shape) else 0.0
    return float(values.max(initial=0) / least) if least else float("inf")


def _inverse_norm(map: LinearMap) -> float:
    """The largest singular value of the inverse, which is applied by solving."""
    from scipy.sparse.linalg import LinearOperator, svds

    inverse = LinearOperator(
        map.shape,
        matvec=lambda b: solve_rows(map, np.reshape(b, (1, -1)))[0],
        rmatvec=lambda b: solve_rows(map.T, np.reshape(b, (1, -1)))[0],
        dtype=map.dtype,
    )
    found = svds(inverse, 1, v0=_start(map.shape[0], map.dtype), return_singular_vectors=False)
    return float(found[0])


def svd(map: LinearMap, k: int | None) -> SVD:
    """All singular values and vectors, or the k largest."""
    smaller = min(map.shape)
    k = _count(k, smaller)
    if k == smaller or smaller <= WRITTEN_OUT // 4:
        matrix = np.asarray(map.matrix())
        whole = SVD(*np.linalg.svd(matrix, full_matrices=False))
        return SVD(whole.U[:, :k], whole.s[:k], whole.Vt[:k])
    from scipy.sparse.linalg import aslinearoperator, svds

    u, s, vt = svds(aslinearoperator(map), k, v0=_start(smaller, map.dtype))
    return SVD(u[:, ::-1], s[::-1], vt[::-1])


def eigh(map: LinearMap, k: int | None, which: Which) -> Eigh:
    """All eigenvalues and vectors of a symmetric map, or k of them from one end."""
    if which not in _ARPACK:
        raise errors.unknown_option("which", which, tuple(_ARPACK))
    _require_symmetric(map)
    n = map.shape[0]
    k = _count(k, n)
    if k == n or n <= WRITTEN_OUT // 4:
        values, vectors = np.linalg.eigh(np.asarray(map.matrix()))
        order = np.abs(values).argsort(kind="stable") if which == "magnitude" else np.arange(n)
        kept = np.sort(order[:k] if which == "smallest" else order[n - k :])
        return Eigh(values[kept], vectors[:, kept])
    from scipy.sparse.linalg import aslinearoperator, eigsh

    start = _start(n, map.dtype)
    values, vectors = eigsh(aslinearoperator(map), k, which=_ARPACK[which], v0=start)
    order = np.argsort(values)
    return Eigh(values[order], vectors[:, order])


def _count(k: int | None, most: int) -> int:
    whole = k is None or isinstance(k, (int, np.integer))
    if not whole or (k is not None and not 1 <= k <= most):
        raise linear_map_errors.bad_map("k", f"a whole number from 1 to {most}", k, user_line())
    return most if k is None else k


def _start(n: int, dtype: np.dtype[Any]) -> Array:
    """Where iterations begin: the same for equal sizes, so that results repeat."""
    return np.random.default_rng(0).normal(size=n).astype(dtype)


def _require_square(what: str, map: LinearMap) -> None:
    if map.shape[0] != map.shape[1]:
        raise linear_map_errors.not_square(what, map.shape, user_line())


def _require_symmetric(map: LinearMap) -> None:
    """⟨D v, w⟩ = ⟨v, D w⟩ for random v and w, unless it is known."""
    _require_square("eigh", map)
    if "symmetric" in map.properties or not map.shape[0]:
        return
    rng = np.random.default_rng(1)
    v, w = rng.normal(size=(2, map.shape[0])).astype(map.dtype)
    Dv, Dw = map.images(np.stack([v, w]))
    size = np.linalg.norm(Dv) * np.linalg.norm(w) + np.linalg.norm(Dw) * np.linalg.norm(v)
    difference = float(abs(Dv @ w - v @ Dw) / max(size, np.finfo(map.dtype).tiny))
    if not difference <= 1000 * np.finfo(map.dtype).eps:
        raise linear_map_errors.not_symmetric(difference, user_line())
