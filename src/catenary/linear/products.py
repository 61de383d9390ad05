"""What products, sums and multiples of linear maps are: the tables, and how they are used.

A rule merges two maps into one that takes no more memory and no more time to apply than both;
where there is none, the product stays a composition and the sum a sum. So nothing is written out
as a matrix unless asked for, and factors stay readable. Rules speak of flat vectors; the spaces
are put on afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from catenary.linear import dispatch, properties
from catenary.linear.block import Block
from catenary.linear.combination import Composition, Sum, known_of_product
from catenary.linear.dense import Dense, LowRank
from catenary.linear.diagonal import Diagonal, Identity, Scalar, Zero, identities, pointwise
from catenary.linear.dispatch import Rules
from catenary.linear.kronecker import Kronecker
from catenary.linear.map import LinearMap
from catenary.linear.properties import Properties
from catenary.linear.selection import Scatter, Selection, selected
from catenary.linear.space import Space
from catenary.linear.sparse import Sparse
from catenary.linear.structured import StructuredMap, is_traced

Maybe = LinearMap | None

REMEMBERED = 16  # factors: so many are kept in mind when they are merged


def _between(map: LinearMap, domain: Space, codomain: Space) -> Maybe:
    """The map with other spaces, if it can have them."""
    if isinstance(map, StructuredMap):
        return map.between(domain, codomain)
    fits = map.domain.same(domain) and map.codomain.same(codomain)
    return map if fits else None


# ---- products -----------------------------------------------------------------------------------


def _scalars(a: Any, b: Any) -> LinearMap:
    c, d = pointwise(a, b)
    return identities(c * d, b.domain, a.codomain)


def _diagonals(a: Any, b: Any) -> LinearMap:
    c, d = pointwise(a, b)
    return Diagonal(c * d)


def _picked(a: Selection, b: Selection) -> LinearMap:
    chosen = np.where(a.index >= 0, b.index[a.index], -1) if b.index.size else a.index
    return selected(chosen, b.shape[1], b.dtype)


def _picked_rows(a: Selection, b: Dense) -> Maybe:
    return Dense(b.a[a.index]) if (a.index >= 0).all() else None


def _picked_columns(a: Dense, b: Selection) -> Maybe:
    """A P = (Pᵀ Aᵀ)ᵀ, where Pᵀ picks as well."""
    if not isinstance(b.T, Selection):
        return None
    rows = _picked_rows(b.T, a.T)  # type: ignore[arg-type]
    return None if rows is None else rows.T


def _kronecker(a: Kronecker, b: Kronecker) -> Maybe:
    if a.left.shape[1] != b.left.shape[0] or a.left.dtype != b.left.dtype:
        return None
    if a.right.shape[1] != b.right.shape[0] or a.right.dtype != b.right.dtype:
        return None
    return Kronecker(a.left @ b.left, a.right @ b.right)


def _sparse(a: LinearMap, b: LinearMap) -> Maybe:
    return None if _is_recorded(a) or _is_recorded(b) else Sparse(a.sparse() @ b.sparse())


def _is_recorded(map: LinearMap) -> bool:
    """Whether a map that mixes nothing holds traced numbers."""
    return isinstance(map, (Scalar, Diagonal)) and is_traced(*pointwise(map, map))


def _through_one(a: StructuredMap, b: StructuredMap) -> Maybe:
    """A column times a row: what passes through one number has rank one."""
    if a.shape[1] != 1 or a.shape[0] == 1 or b.shape[1] == 1:
        return None
    one = np.ones((1, 1), a.dtype)
    return LowRank(a.images(one).T, b.T.images(one).T)


def _blocks(a: Block, b: Block) -> Maybe:
    if a.column_sizes != b.row_sizes:
        return None
    inner = range(len(b.grid))
    if any(a.grid[0][k].domain.types != b.grid[k][0].codomain.types for k in inner):
        return None
    columns = range(len(b.grid[0]))
    return Block(
        [[_total(row[k] @ b.grid[k][j] for k in inner) for j in columns] for row in a.grid]
    )


def _total(maps: Iterable[LinearMap]) -> LinearMap:
    first, *others = maps
    for other in others:
        first = first + other
    return first


PRODUCTS = Rules()
PRODUCTS.fill([
    ((Zero, LinearMap), lambda a, b: Zero(b.domain, a.codomain)),
    ((LinearMap, Zero), lambda a, b: Zero(b.domain, a.codomain)),
    ((Identity, LinearMap), lambda a, b: _between(b, b.domain, a.codomain)),
    ((LinearMap, Identity), lambda a, b: _between(a, b.domain, a.codomain)),
    ((Scalar, Scalar), _scalars),
    ((Scalar, Diagonal), _diagonals),
    ((Diagonal, Scalar), _diagonals),
    ((Diagonal, Diagonal), _diagonals),
    ((LowRank, LowRank), lambda a, b: LowRank(a.U, b.V @ (b.U.T @ a.V))),
    ((LowRank, LinearMap), lambda a, b: LowRank(a.U, b.T.images(a.V.T).T)),
    ((LinearMap, LowRank), lambda a, b: LowRank(a.images(b.U.T).T, b.V)),
    ((Selection, Selection), _picked),
    ((Scatter, Scatter), lambda a, b: _picked(b.T, a.T).T),
    ((Selection, Dense), _picked_rows),
    ((Dense, Selection), _picked_columns),
    ((Kronecker, Kronecker), _kronecker),
    ((Sparse, Sparse), _sparse),
    ((Sparse, Diagonal), _sparse),
    ((Diagonal, Sparse), _sparse),
    ((Sparse, Selection), _sparse),
    ((Sparse, Scatter), _sparse),
    ((Selection, Sparse), _sparse),
    ((Scatter, Sparse), _sparse),
    ((Block, Block), _blocks),
    ((StructuredMap, StructuredMap), _through_one),
])  # fmt: skip


def merged(a: LinearMap, b: LinearMap) -> Maybe:
    """a ∘ b as one map, if there is a rule."""
    found: Maybe = PRODUCTS(a, b)
    return found and _between(found, b.domain, a.codomain)


def product(left: LinearMap, right: LinearMap) -> LinearMap:
    """left ∘ right, neighbours merged as far as rules go."""
    given = [*_factors(left), *_factors(right)]
    kept: list[LinearMap] = []
    for factor in given:
        current = factor
        while kept and (found := merged(kept[-1], current)) is not None:
            kept.pop()
            current = found
        kept.append(current)
    whole = kept[0] if len(kept) == 1 else Composition(*kept)
    origins = (*_origins(left), *_origins(right))
    unmerged = len(origins) == len(kept) or any(whole is factor for factor in given)
    if unmerged or len(origins) > REMEMBERED:
        return whole
    whole = _remembering(whole, lambda: known_of_product(origins))
    whole.origins = origins
    return whole


def _factors(map: LinearMap) -> tuple[LinearMap, ...]:
    return map.factors if isinstance(map, Composition) and not map.assumed else (map,)


def _origins(map: LinearMap) -> tuple[LinearMap, ...]:
    """The factors that a map is the product of, also where they were merged."""
    return map.origins if map.origins and not map.assumed else _factors(map)


def _remembering(whole: LinearMap, known: Callable[[], Properties]) -> LinearMap:
    """The map that others were merged into, with what follows from them, should anybody ask."""
    other = whole._with()
    other.derived = known
    return other


# ---- sums ---------------------------------------------------------------------------------------

_POINTWISE = (Identity, Scalar, Diagonal)


def _pointwise_sum(a: Any, b: Any) -> LinearMap:
    c, d = pointwise(a, b)
    if isinstance(a, Diagonal) or isinstance(b, Diagonal):
        return Diagonal(c + d)
    total = c + d
    if not is_traced(total) and total == 0:
        return Zero(a.domain, a.codomain)
    return Scalar(total, a.domain)


def _sparse_sum(a: LinearMap, b: LinearMap) -> Maybe:
    return None if _is_recorded(a) or _is_recorded(b) else Sparse(a.sparse() + b.sparse())


def _block_sum(a: Block, b: Block) -> Maybe:
    if (a.row_sizes, a.column_sizes) != (b.row_sizes, b.column_sizes):
        return None
    pairs = [list(zip(*rows)) for rows in zip(a.grid, b.grid)]
    if any(p.domain.types != q.domain.types or p.codomain.types != q.codomain.types
           for row in pairs for p, q in row):  # fmt: skip
        return None
    return Block([[p + q for p, q in row] for row in pairs])


SUMS = Rules()
SUMS.fill([
    ((Zero, LinearMap), lambda a, b: b),
    *(((p, q), _pointwise_sum) for p in _POINTWISE for q in _POINTWISE),
    ((Dense, Dense), lambda a, b: Dense(a.a + b.a)),
    ((LowRank, LowRank), lambda a, b: _joined(a, b)),
    ((Sparse, Sparse), _sparse_sum),
    *(((Sparse, p), _sparse_sum) for p in _POINTWISE),
    ((Block, Block), _block_sum),
])  # fmt: skip


def _joined(a: LowRank, b: LowRank) -> LowRank:
    U = np.concatenate([a.U, b.U], axis=1)
    both = a.U is a.V and b.U is b.V
    return LowRank(U, U if both else np.concatenate([a.V, b.V], axis=1))


def sum_of(first: LinearMap, second: LinearMap) -> LinearMap:
    """first + second, terms merged as far as rules go."""
    given = [*_terms(first), *_terms(second)]
    kept: list[LinearMap] = []
    for term in given:
        _add_term(kept, term, first)
    if len(kept) > 1:
        return Sum(*kept)
    if any(kept[0] is term for term in given):
        return kept[0]
    return _remembering(kept[0], lambda: properties.of_sum(given))


def _add_term(kept: list[LinearMap], term: LinearMap, like: LinearMap) -> None:
    """Merge a term into the first one that it goes with."""
    for i, known in enumerate(kept):
        for a, b in ((known, term), (term, known)):
            found: Maybe = SUMS(a, b)
            total = found and _between(found, like.domain, like.codomain)
            if total is not None:
                kept[i] = total
                return
    kept.append(term)


def _terms(map: LinearMap) -> tuple[LinearMap, ...]:
    return map.terms if isinstance(map, Sum) and not map.assumed else (map,)


# ---- multiples ----------------------------------------------------------------------------------


def multiple(map: LinearMap, number: Any) -> LinearMap:
    """c · map: of the same structure, else with a multiple of the identity before it."""
    if not is_traced(number):
        number = float(number)
        if number == 1:
            return map
    same = map.times(number) if isinstance(map, StructuredMap) else None
    if same is not None:
        return _remembering(same, lambda: properties.scaled(map.properties, number))
    if isinstance(map, Sum) and not map.assumed:
        return Sum(*(multiple(term, number) for term in map.terms))
    return product(Scalar(number, map.codomain), map)


dispatch.compose.fill([((LinearMap, LinearMap), product)])
dispatch.add.fill([((LinearMap, LinearMap), sum_of)])
dispatch.scale.fill([((LinearMap, object), multiple)])
