"""Sparse Jacobians and Hessians: products, first call, later calls; beside JAX if installed.

    python -m benchmarks.sparse

JAX is given the colours and the places of the entries, and makes the same products by ``vmap``;
Catenary finds both in its first call, and hands out a SciPy matrix.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import catenary as cat
from catenary.linear.sparsity.found import Sparsity
from catenary.linear.sparsity.recovery import places

TURNS, SECONDS = 7, 0.1


def chain(x: Any, np: Any) -> Any:
    inner = np.sin(x[1:-1]) * x[:-2] - x[2:] ** 2
    return np.concatenate([x[:1] * x[1:2], inner, x[-1:] * x[-2:-1]])


def arrow(x: Any, np: Any) -> Any:
    return np.concatenate([np.sum(x**2)[None], x[0] * x[1:] ** 2])


def grid(x: Any, np: Any) -> Any:
    side = round(x.size**0.5)
    u = x.reshape(side, side)
    p = np.pad(u, 1)
    laplacian = p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2] - 4 * u
    return (laplacian + np.exp(u)).reshape(-1)


def rosenbrock(x: Any, np: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@dataclass(frozen=True)
class Problem:
    """A function of x and of the library it is written with; its Jacobian, or its Hessian."""

    name: str
    function: Callable[[Any, Any], Any]
    n: int
    hessian: bool = False

    @property
    def plain(self) -> Callable[[Any], Any]:
        return lambda x: self.function(x, np)


PROBLEMS = (
    Problem("tridiagonal Jacobian", chain, 100_000),
    Problem("arrowhead Jacobian", arrow, 100_000),
    Problem("five-point Jacobian", grid, 10_000),
    Problem("Rosenbrock's Hessian", rosenbrock, 10_000, hessian=True),
    Problem("Rosenbrock's Hessian", rosenbrock, 100_000, hessian=True),
)


def best(call: Callable[[], Any]) -> float:
    """Seconds of a call: the least mean of some turns."""
    call()
    start = time.perf_counter()
    call()
    count = max(1, round(SECONDS / max(time.perf_counter() - start, 1e-9)))
    means = []
    for _ in range(TURNS):
        start = time.perf_counter()
        for _ in range(count):
            call()
        means.append((time.perf_counter() - start) / count)
    return min(means)


def by_jax(problem: Problem, found: Sparsity, x: Any) -> Callable[[], Any]:
    """The same entries from the same products."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    colours, at = found.colouring, jnp.asarray(places(found.pattern, found.colouring))

    def f(y: Any) -> Any:
        return problem.function(y, jnp)

    differentiated = jax.grad(f) if problem.hessian else f
    columns = jnp.asarray(colours.columns[None] == np.arange(colours.forward)[:, None], float)
    rows = jnp.asarray(colours.rows[None] == np.arange(colours.reverse)[:, None], float)

    def entries(y: Any, columns: Any, rows: Any, at: Any) -> Any:
        pushed = jax.vmap(lambda v: jax.jvp(differentiated, (y,), (v,))[1])(columns)
        products = [pushed.reshape(-1)]
        if colours.reverse:
            pull = jax.vjp(differentiated, y)[1]
            products.append(jax.vmap(lambda u: pull(u)[0])(rows).reshape(-1))
        return jnp.concatenate(products)[at]

    point, compiled = jnp.asarray(x), jax.jit(entries)
    return lambda: compiled(point, columns, rows, at).block_until_ready()


def main() -> None:
    with_jax = importlib.util.find_spec("jax") is not None
    print(f"{'':22}{'n':>9}{'nonzeros':>10}{'products':>10}{'first':>10}{'later':>10}{'JAX':>10}")
    for problem in PROBLEMS:
        print(line(problem, with_jax=with_jax))


def line(problem: Problem, *, with_jax: bool) -> str:
    x = np.linspace(-1, 1, problem.n)
    make = cat.sparse_hessian if problem.hessian else cat.sparse_jacobian
    start = time.perf_counter()
    derivative = make(problem.plain)
    matrix = derivative(x)
    first = time.perf_counter() - start
    target = cat.grad(problem.plain) if problem.hessian else problem.plain
    found = cat.sparsity(target, x, symmetric=problem.hessian)
    later = [best(lambda: derivative(x))]
    if with_jax:
        call = by_jax(problem, found, x)
        assert np.allclose(call(), matrix.data, rtol=1e-10, atol=1e-10)
        later.append(best(call))
    times = "".join(f"{1e3 * seconds:7.2f} ms" for seconds in later)
    counts = f"{problem.n:9,}{found.nonzeros:10,}{found.products:10}"
    return f"{problem.name:22}{counts}{first:8.2f} s{times}"


if __name__ == "__main__":
    main()
