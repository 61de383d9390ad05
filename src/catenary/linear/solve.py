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
    """The solution by a Krylov method, and the proof that it is one: its residual."""
    from scipy.sparse import linalg

    operator = linalg.aslinearoperator(map)
    bound = float(np.sqrt(np.finfo(map.dtype).eps)) if tolerance is None else tolerance
    chosen = method if method != "auto" else _suited(map)
    limit = steps or 10 * max(map.shape)
    if chosen == "lsmr":
        x = linalg.lsmr(operator, b, atol=bound / 10, btol=bound / 10, conlim=0, maxiter=limit)[0]
    elif chosen == "cg":
        x = linalg.cg(operator, b, rtol=bound / 2, atol=0.0, maxiter=limit)[0]
    else:
        x = linalg.minres(operator, b, rtol=bound / 10, maxiter=limit)[0]
    gap = b - map.matvec(x)
    if chosen == "lsmr" and (method == "lsmr" or map.shape[0] != map.shape[1]):
        # least squares: what is left is orthogonal to the range, Dᵀ(b − D x) = 0
        gap, b = map.rmatvec(gap), map.rmatvec(b)
    size = float(np.linalg.norm(b))
    residual = float(np.linalg.norm(gap)) / size if size else 0.0
    if not residual <= bound:
        raise linear_map_errors.not_converged(chosen, limit, residual, bound, user_line())
    return x


def _suited(map: LinearMap) -> Method:
    if "positive_semidefinite" in map.properties:
        return "cg"
    return "minres" if "symmetric" in map.properties else "lsmr"
