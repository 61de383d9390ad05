"""A layered layout of a directed acyclic graph: every edge points downwards.

In the steps of Gansner, Koutsofios, North and Vo (A technique for drawing directed graphs, 1993):
layers that make the edges short, bends where an edge passes a layer, an order within each layer
in which few edges cross, and positions that make the edges straight. First and last step are
linear programs.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

Point: TypeAlias = tuple[float, float]
Edge: TypeAlias = tuple[int, int, float]  # from, to, where it arrives: −½ (left) … ½ (right)
Bound: TypeAlias = tuple[int, int, float]  # x[first] + distance ≤ x[second]
Neighbours: TypeAlias = dict[int, list[tuple[int, float]]]  # with offsets from their centres
Pull: TypeAlias = tuple[int, int, float, float]  # the cost weight · |x[first] + offset − x[second]|

GAP = 22.0  # between vertices of one layer
BEND_GAP = 12.0  # beside an edge that passes through
ORDER_SWEEPS = 16


@dataclass(frozen=True)
class Layout:
    """Where everything goes: centres of the vertices, points of the edges, and the whole size.

    A route begins at the bottom of its first vertex and ends at the top of its last; between, it
    passes vertically through each layer from one point to the next.
    """

    centres: list[Point]
    routes: list[list[Point]]
    width: float
    height: float


@dataclass
class _Layers:
    """The graph under work: vertices and bends, numbered together, in layers."""

    vertices: int
    widths: list[float]
    rows: list[list[int]] = field(default_factory=list)
    above: Neighbours = field(default_factory=dict)
    below: Neighbours = field(default_factory=dict)
    chains: list[list[int]] = field(default_factory=list)  # an edge's vertices and bends

    def join(self, source: int, target: int, offset: float) -> None:
        self.below.setdefault(source, []).append((target, offset))
        self.above.setdefault(target, []).append((source, offset))


def layout(
    widths: Sequence[float], height: float, edges: Sequence[Edge], *, distance: float = 30.0
) -> Layout:
    """Place vertices of these widths and one height; ``distance`` lies between two layers.

    >>> found = layout([40.0, 40.0], 20.0, [(0, 1, 0.0)])
    >>> found.centres, found.height
    ([(20.0, 10.0), (20.0, 60.0)], 70.0)
    """
    layers = _with_bends(widths, edges)
    _order(layers)
    x = _place(layers)
    rows = {v: row for row, members in enumerate(layers.rows) for v in members}
    pitch = height + distance
    centres = [(x[v], rows[v] * pitch + height / 2) for v in range(len(widths))]
    routes = []
    for chain, (source, target, port) in zip(layers.chains, edges, strict=True):
        points = [(x[source], rows[source] * pitch + height)]
        for bend in chain[1:-1]:
            top = rows[bend] * pitch
            points += [(x[bend], top), (x[bend], top + height)]
        points.append((x[target] + port * widths[target], rows[target] * pitch))
        routes.append(points)
    right = max((x[v] + w / 2 for v, w in enumerate(layers.widths)), default=0.0)
    return Layout(centres, routes, right, max(0.0, len(layers.rows) * pitch - distance))


def least(count: int, bounds: Sequence[Bound], pulls: Sequence[Pull]) -> list[float]:
    """The x[0], …, x[count − 1] ≥ 0 within the bounds on which the pulls cost least.

    >>> least(2, [(0, 1, 3.0)], [(0, 1, 0.0, 1.0)])
    [0.0, 3.0]
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    entries: list[tuple[int, int, float]] = []  # row, column, coefficient
    limits: list[float] = []

    def at_most(limit: float, *terms: tuple[int, float]) -> None:
        entries.extend((len(limits), column, factor) for column, factor in terms)
        limits.append(limit)

    for first, second, apart in bounds:
        at_most(-apart, (first, 1.0), (second, -1.0))
    for k, (first, second, offset, _) in enumerate(pulls):  # one more unknown for each |…|
        at_most(-offset, (first, 1.0), (second, -1.0), (count + k, -1.0))
        at_most(offset, (first, -1.0), (second, 1.0), (count + k, -1.0))
    if not limits:
        return [0.0] * count
    costs = np.array([1e-6] * count + [pull[3] for pull in pulls])  # and as far left as it goes
    rows, columns, factors = zip(*entries, strict=True)
    shape = (len(limits), len(costs))
    matrix: Any = csr_array((factors, (rows, columns)), shape=shape)
    found = linprog(costs, A_ub=matrix, b_ub=limits, method="highs-ds").x
    return [float(value) for value in found[:count]]


def depths(count: int, edges: Sequence[Edge]) -> list[int]:
    """The layer of each vertex, such that all edges go down and are short in sum.

    >>> depths(4, [(0, 2, 0.0), (2, 3, 0.0), (1, 3, 0.0)])
    [0, 1, 1, 2]
    """
    bounds = [(source, target, 1.0) for source, target, _ in edges]
    pulls = [(source, target, 0.0, 1.0) for source, target, _ in edges]
    return [round(depth) for depth in least(count, bounds, pulls)]


def _with_bends(widths: Sequence[float], edges: Sequence[Edge]) -> _Layers:
    depth = depths(len(widths), edges)
    rows: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    layers = _Layers(len(widths), list(widths), rows)
    for vertex, row in enumerate(depth):
        rows[row].append(vertex)
    for source, target, port in edges:
        chain = [source]
        for row in range(depth[source] + 1, depth[target]):
            rows[row].append(len(layers.widths))
            chain.append(len(layers.widths))
            layers.widths.append(0.0)
        chain.append(target)
        layers.chains.append(chain)
        for here, there in pairwise(chain):
            layers.join(here, there, port * widths[target] if there == target else 0.0)
    return layers


# ---- order within layers ------------------------------------------------------------------------


def _order(layers: _Layers) -> None:
    """Sort each layer by the mean place of its neighbours, down and up; keep the best order."""
    rows = layers.rows
    best, fewest = [list(row) for row in rows], crossings(rows, layers.below)
    for sweep in range(ORDER_SWEEPS):
        down = sweep % 2 == 0
        neighbours = layers.above if down else layers.below
        pairs = list(pairwise(rows)) if down else list(pairwise(rows[::-1]))
        for fixed, moved in pairs:
            place = {v: float(k) for k, v in enumerate(fixed)}
            own = {v: float(k) for k, v in enumerate(moved)}
            moved.sort(key=lambda v: _mean(neighbours.get(v, []), place, own[v]))
        now = crossings(rows, layers.below)
        if now < fewest:
            best, fewest = [list(row) for row in rows], now
    layers.rows = best


def _mean(
    neighbours: Sequence[tuple[int, float]], place: dict[int, float], otherwise: float
) -> float:
    # the offset of the port decides among edges to one vertex; it is much less than a place
    known = [place[v] + 1e-3 * offset for v, offset in neighbours]
    return sum(known) / len(known) if known else otherwise


def crossings(rows: Sequence[Sequence[int]], below: Neighbours) -> int:
    """How often two edges cross, each being straight from layer to layer.

    >>> crossings([[0, 1], [2, 3]], {0: [(3, 0.0)], 1: [(2, 0.0)]})
    1
    """
    count = 0
    for upper, lower in pairwise(rows):
        place = {v: k for k, v in enumerate(lower)}
        seen: list[tuple[int, float]] = []
        for v in upper:
            ends = [(place[w], offset) for w, offset in below.get(v, [])]
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


# ---- positions ----------------------------------------------------------------------------------


def _place(layers: _Layers) -> list[float]:
    """Horizontal centres that make edges straight, long ones before all."""
    widths, vertices = layers.widths, layers.vertices
    bounds, pulls = [], []
    wall = len(widths)  # one more unknown, left of everything
    for row in layers.rows:
        if row:
            bounds.append((wall, row[0], widths[row[0]] / 2))
        for u, v in pairwise(row):
            gap = GAP if u < vertices and v < vertices else BEND_GAP
            bounds.append((u, v, (widths[u] + widths[v]) / 2 + gap))
    for v, uses in layers.below.items():
        for w, offset in uses:
            bends = (v >= vertices) + (w >= vertices)
            fed = v in layers.above  # what is computed goes on straight; inputs stand beside it
            pulls.append((v, w, -offset, (2.0 if fed else 1.0, 4.0, 16.0)[bends]))
    return least(len(widths) + 1, bounds, pulls)[:-1]
