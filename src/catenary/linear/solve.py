"""D x = b: by structure where there is one, else by a dense factorization, else by iteration."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from catenary.core import errors, linear_map_errors
from catenary.linear import dispatch
from catenary.linear.factorization import dense_solver
from catenary.tracing.recorder import user_line

if TYPE_CHECKING:
    from catenary.linear.map import LinearMap

Method = Literal["auto", "dense", "cg", "minres", "lsmr"]
METHODS = ("auto", "dense", "cg", "minres", "lsmr")
Rows = Any  # an array (count, dimension): flat vectors, one in each row
Solver = Callable[[Rows], Rows]

ROUNDS = 8  # how often an iteration is taken up again
WRITTEN_OUT = 1024  # dimension up to which a map of unknown structure is written out


def solve(
    map: LinearMap, b: Any, method: Method, tolerance: float | None, steps: int | None
) -> Any:
    """The x with D x = b; see :meth:`LinearMap.solve`."""
    if method not in METHODS:
        raise errors.unknown_option("method", method, METHODS)
    rows = map.codomain.flatten(b)[None]
    solver: Solver | None = None
    if method == "auto":
        solver = solver_of(map)
    elif method == "dense":
        solver = dense_solver(np.asarray(map.matrix()), map.properties, map.name)
    if solver is None:
        found = iterated(map, np.asarray(rows[0]), method, tolerance, steps)
        return map.domain.unflatten(found)
    return map.domain.unflatten(solver(rows)[0])


def solver_of(map: LinearMap) -> Solver | None:
    """What solves for rows of right-hand sides, by structure or factorized; kept with the map."""
    if "_solver" not in map.__dict__:
        whole = map.structure
        solver: Solver | None = dispatch.factorize(whole)
        if solver is None and max(map.shape) <= WRITTEN_OUT:
            solver = dense_solver(np.asarray(map.matrix()), map.properties, map.name)
        map.__dict__["_solver"] = solver
    kept: Solver | None = map.__dict__["_solver"]
    return kept


def solve_rows(map: LinearMap, rows: Rows) -> Rows:
    """Solutions for flat right-hand sides, in whichever way suits the map."""
    solver = solver_of(map)
    if solver is not None:
        return solver(rows)
    return np.stack([iterated(map, np.asarray(row), "auto", None, None) for row in rows])


def iterated(
    map: LinearMap, b: Any, method: Method, tolerance: float | None, steps: int | None
) -> Any:
    """The solution by a Krylov method, and the proof that it is one: its residual.

    Each method has a test of its own for when to stop; what is left after it is solved for again.
    """
    bound = float(np.sqrt(np.finfo(map.dtype).eps)) if tolerance is None else tolerance
    chosen = method if method != "auto" else _suited(map)
    limit = 10 * max(map.shape) if steps is None else steps
    least_squares = chosen == "lsmr" and (method == "lsmr" or map.shape[0] != map.shape[1])

    def remaining(rest: Any) -> Any:
        # of least squares: what is left is orthogonal to the range, Dᵀ(b − D x) = 0
        return np.linalg.norm(map.rmatvec(rest) if least_squares else rest)

    x, rest, size = np.zeros(map.shape[1], map.dtype), b, remaining(b)
    if not size:
        return x
    residual, before = np.inf, 2.0
    for _ in range(ROUNDS if steps is None else 1):
        x = x + _KRYLOV[chosen](map, rest, bound / 10, limit)
        rest = b - map.matvec(x)
        residual = float(remaining(rest) / size)
        if residual <= bound:
            return x
        if not residual < before / 2:
            break
        before = residual
    raise linear_map_errors.not_converged(chosen, limit, residual, bound, user_line())


def _cg(map: LinearMap, b: Any, bound: float, limit: int) -> Any:
    from scipy.sparse.linalg import aslinearoperator, cg

    return cg(aslinearoperator(map), b, rtol=bound, atol=0.0, maxiter=limit)[0]


def _minres(map: LinearMap, b: Any, bound: float, limit: int) -> Any:
    from scipy.sparse.linalg import aslinearoperator, minres

    return minres(aslinearoperator(map), b, rtol=bound, maxiter=limit)[0]


def _lsmr(map: LinearMap, b: Any, bound: float, limit: int) -> Any:
    from scipy.sparse.linalg import aslinearoperator, lsmr

    with np.errstate(over="ignore"):  # it starts from bounds that single precision does not hold
        return lsmr(aslinearoperator(map), b, atol=bound, btol=bound, conlim=0, maxiter=limit)[0]


_KRYLOV: dict[str, Callable[[LinearMap, Any, float, int], Any]] = {
    "cg": _cg,
    "minres": _minres,
    "lsmr": _lsmr,
}


def _suited(map: LinearMap) -> Method:
    if "positive_semidefinite" in map.properties:
        return "cg"
    return "minres" if "symmetric" in map.properties else "lsmr"
