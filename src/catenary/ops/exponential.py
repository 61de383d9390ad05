"""The exponential of matrices, and its derivative along a direction.

exp of the block matrix [[A, E], [0, A]] has exp(A) on its diagonal and the derivative of exp at A
along E above it (Higham, Functions of Matrices, 2008, theorem 3.6); so every order of derivative
is an exponential again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from catenary.core.derivative import Differential
from catenary.core.graph import Builder, Graph
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import INT64, ArrayType
from catenary.ops.compare import gt, lt, select
from catenary.ops.elementwise import samples
from catenary.ops.matrices import (
    PRODUCTS,
    factored,
    matmul,
    odd_matrices,
    spread_over,
    square,
    stacked,
    system,
    transposed,
)
from catenary.ops.replicate import broadcast
from catenary.ops.solve import solve
from catenary.ops.window import concatenate, window

# ---- expm ----------------------------------------------------------------------------------------

_ORDER = 13
_NORM = 5.37  # up to which the approximation of order 13 is exact in double precision
_MOST = 1100  # squarings that a finite number can ask for


def _coefficient(k: int) -> float:
    """Of xᵏ in the numerator of Padé's approximation of eˣ, whose constant is 1."""
    m = _ORDER
    return math.comb(m, k) / math.comb(2 * m, k) / math.factorial(k)


def _evaluate(x: Any) -> Any:
    from scipy.linalg import expm as exponential

    return factored(lambda a: (exponential(a),), x, x.shape[-2:])[0]


def _squarings(t: Any, x: Any) -> Any:
    """How often each matrix is halved, so that its norm is at most _NORM."""
    n, dtype = len(t.shape(x)), t.dtype(x)
    norm = t.reduce("max", t.reduce("add", t.abs(x), (n - 2,)), (n - 2,))
    shape = t.shape(norm)
    huge = t.constant(np.finfo(dtype).max, shape, dtype)
    finite = t.select(t.compare("le", norm, huge), norm, t.constant(1, shape, dtype))
    times = t.function("ceil", t.function("log2", t.div(finite, t.constant(_NORM, shape, dtype))))
    return t.maximum(times, t.constant(0, shape, dtype))


def _lower(t: Any, x: Any) -> Any:
    shape, dtype = t.shape(x), t.dtype(x)
    if 0 in shape:
        return x
    n = len(shape)
    times = _squarings(t, x)
    halving = t.function("exp2", t.neg(times))
    approximated = _pade(t, t.mul(x, t.broadcast(halving, shape, tuple(range(n - 2)))))
    most = t.convert(t.reduce("max", times, tuple(range(n - 2))), INT64)
    counted = t.convert(times, INT64)
    type, counts = ArrayType(shape, dtype), ArrayType(shape[:-2], INT64)
    carries = [approximated, t.constant(0, (), INT64)]
    result, _ = t.while_loop(
        _goes_on(type, counts), _squared(type, counts), [counted, most], carries, _MOST
    )
    return result


def _pade(t: Any, x: Any) -> Any:
    """(V − U)⁻¹ (V + U), with the even powers in V and the odd ones in U."""
    shape, dtype = t.shape(x), t.dtype(x)
    n = len(shape)
    here = t.compare("eq", t.iota(shape, n - 2, INT64), t.iota(shape, n - 1, INT64))
    one, zero = (t.constant(c, shape, dtype) for c in (1, 0))
    power, square_of = t.select(here, one, zero), _product(t, x, x)
    even = odd = None
    for k in range(0, _ORDER, 2):
        for j in (k, k + 1):
            term = t.mul(t.constant(_coefficient(j), shape, dtype), power)
            if j == k:
                even = term if even is None else t.add(even, term)
            else:
                odd = term if odd is None else t.add(odd, term)
        power = _product(t, power, square_of) if k + 2 < _ORDER else power
    odd = _product(t, x, odd)
    (result,) = t.inline(_quotient(ArrayType(shape, dtype)), [t.sub(even, odd), t.add(even, odd)])
    return result


def _product(t: Any, x: Any, y: Any) -> Any:
    stack = "abcdefgh"[: len(t.shape(x)) - 2]
    return t.contract(x, y, f"{stack}ij,{stack}jk->{stack}ik")


def _quotient(type: ArrayType) -> Graph:
    builder = Builder()
    a, b = builder.input(type), builder.input(type)
    return builder.close([solve(a, b, transpose=False)])


def _inputs(type: ArrayType, counts: ArrayType) -> tuple[Builder, list[Any]]:
    """Squarings of each and of the most, and what changes: the matrices, and the round."""
    builder, number = Builder(), ArrayType((), INT64)
    return builder, [builder.input(kind) for kind in (counts, number, type, number)]


def _goes_on(type: ArrayType, counts: ArrayType) -> Graph:
    builder, (_, most, _, k) = _inputs(type, counts)
    return builder.close([lt(k, most)])


def _squared(type: ArrayType, counts: ArrayType) -> Graph:
    builder, (times, _, x, k) = _inputs(type, counts)
    number = broadcast(k, shape=type.shape, dims=())
    wanted = gt(spread_over(times, x), number)
    return builder.close([select(wanted, matmul(x, x), x), k + 1])


def _tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    return expm_along(primals[0], tangents[0])


def _small(rng: np.random.Generator, dtype: Any, *shape: int) -> Any:
    return np.asarray(rng.uniform(0.2, 1, shape) * rng.choice([-1.0, 1.0], shape), dtype)


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(3, 3), (2, 2, 2), (1, 1)]:
        yield Sample((_small(rng, dtype, *shape),))


def _edges(dtype: Any) -> Iterable[Sample]:
    yield from odd_matrices(dtype)
    yield Sample((np.array([[[-30, 1], [0, 2]], [[0, 3], [-3, 0]]], dtype),))


# exp(x), by Padé's approximation of a halved matrix, squared. NaN for what is not finite.
expm: Primitive = declare(
    Primitive(
        name="expm",
        numpy=(),
        shape=lambda x: square("expm", x),
        evaluate=_evaluate,
        derivative=Differential(_tangent),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: expm),
        lower=_lower,
        samples=samples(_samples, _edges),
        normwise=True,
    )
)

# ---- along a direction ---------------------------------------------------------------------------


def _block(a: Any, e: Any) -> Any:
    """[[a, e], [0, a]]."""
    n = a.type.ndim
    nothing = a * 0.0
    above = concatenate(a, e, axis=n - 1)
    below = concatenate(nothing, a, axis=n - 1)
    return concatenate(above, below, axis=n - 2)


def _diagonal_block(a: Any) -> Any:
    """[[a, 0], [0, a]]."""
    return _block(a, a * 0.0)


def _corner(x: Any) -> Any:
    """The upper right quarter."""
    *stack, m, _ = x.type.shape
    n = m // 2
    start, stop = (*(0 for _ in stack), 0, n), (*stack, n, m)
    return window(x, start=start, stop=stop, step=(1,) * len(stop))


def _along(a: Any, e: Any) -> Any:
    block = np.concatenate([np.concatenate([a, e], -1), np.concatenate([0 * a, a], -1)], -2)
    n = a.shape[-1]
    return _evaluate(block)[..., :n, n:]


def _along_lower(t: Any, a: Any, e: Any) -> Any:
    shape = t.shape(a)
    n, axis = shape[-1], len(shape) - 1
    nothing = t.constant(0, shape, t.dtype(a))
    rows = [t.concatenate([a, e], axis), t.concatenate([nothing, a], axis)]
    whole = _lower(t, t.concatenate(rows, axis - 1))
    start, stop = (*(0 for _ in shape[:-2]), 0, n), (*shape[:-2], n, 2 * n)
    return t.slice(whole, start, stop, (1,) * len(stop))


def _along_tangent(primals: Any, tangents: Any, outputs: Any) -> Any:
    """The derivative by A along Ȧ is that of the exponential of the block matrix."""
    (a, e), (a_dot, e_dot) = primals, tangents
    total = None if e_dot is None else expm_along(a, e_dot)
    if a_dot is not None:
        turned = _corner(expm_along(_block(a, e), _diagonal_block(a_dot)))
        total = turned if total is None else total + turned
    return total


def _along_transpose(y_bar: Any, a: Any, e: Any) -> Any:
    return None, expm_along(transposed(a), y_bar)


def _pairs(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for shape in [(2, 2), (2, 1, 1)]:
        yield Sample((_small(rng, dtype, *shape), _small(rng, dtype, *shape)))


def _odd_pairs(dtype: Any) -> Iterable[Sample]:
    for sample in odd_matrices(dtype):
        (x,) = sample.operands
        yield Sample((x, np.ones_like(x)))


# lim (exp(a + t·e) − exp(a)) / t.
expm_along: Primitive = declare(
    Primitive(
        name="expm_along",
        numpy=(),
        shape=lambda a, e: system("expm_along", a, square("expm_along", e)),
        evaluate=_along,
        derivative=Differential(_along_tangent, transpose=_along_transpose, linear=(1,)),
        structure=PRODUCTS,
        algebra=Algebra(),
        batch=stacked(lambda: expm_along),
        lower=_along_lower,
        samples=samples(_pairs, _odd_pairs),
        normwise=True,
    )
)
