"""Layouts: edges point down, nothing overlaps, and no easy crossing or bend is left."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from catenary.plot.layers import GAP, crossings, depths, layout, least

Edges = list[tuple[int, int, float]]
HEIGHT, DISTANCE = 20.0, 30.0


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[float], Edges]:
    """Widths of some vertices, and edges from lower to higher numbers."""
    widths = draw(st.lists(st.sampled_from([10.0, 40.0, 90.0]), min_size=1, max_size=9))
    ends = [(u, v) for v in range(len(widths)) for u in range(v)]
    chosen = draw(st.lists(st.sampled_from(ends), max_size=14)) if ends else []
    return widths, [(u, v, draw(st.sampled_from([-0.25, 0.0, 0.25]))) for u, v in chosen]


@given(graphs())
def test_edges_point_down_and_boxes_keep_apart(graph: tuple[list[float], Edges]) -> None:
    widths, edges = graph
    found = layout(widths, HEIGHT, edges, distance=DISTANCE)
    for source, target, _ in edges:
        assert found.centres[source][1] + HEIGHT + DISTANCE <= found.centres[target][1]
    rows: dict[float, list[int]] = {}
    for vertex, (x, y) in enumerate(found.centres):
        rows.setdefault(y, []).append(vertex)
        assert -1e-6 <= x - widths[vertex] / 2
        assert x + widths[vertex] / 2 <= found.width + 1e-6
        assert y + HEIGHT / 2 <= found.height
    for members in rows.values():
        in_order = sorted(members, key=lambda v: found.centres[v][0])
        for u, v in pairwise(in_order):
            apart = found.centres[v][0] - found.centres[u][0]
            # an edge may pass between two vertices and take more room, never less
            assert apart - (widths[u] + widths[v]) / 2 >= GAP - 1e-6


@given(graphs())
def test_routes_go_from_box_to_box(graph: tuple[list[float], Edges]) -> None:
    widths, edges = graph
    found = layout(widths, HEIGHT, edges, distance=DISTANCE)
    for (source, target, port), route in zip(edges, found.routes, strict=True):
        (x, y), (u, v) = found.centres[source], found.centres[target]
        assert route[0] == (x, y + HEIGHT / 2)
        assert route[-1] == (u + port * widths[target], v - HEIGHT / 2)
        assert all(lower[1] > upper[1] for upper, lower in pairwise(route))


def test_inputs_stand_just_above_their_use() -> None:
    chain = [(0, 1, 0.0), (1, 2, 0.0), (2, 4, 0.0), (3, 4, 0.0)]
    assert depths(5, chain) == [0, 1, 2, 2, 3]


def test_a_chain_is_a_straight_line() -> None:
    found = layout([10.0, 80.0, 30.0], HEIGHT, [(0, 1, 0.0), (1, 2, 0.0)])
    assert len({x for x, _ in found.centres}) == 1


def test_a_long_edge_is_straight_where_it_can_be() -> None:
    # the edge from first to last passes a wide box between two narrow ones
    edges = [(0, 1, 0.0), (1, 2, 0.0), (2, 3, 0.0), (3, 4, -0.25), (0, 4, 0.25)]
    route = layout([40.0, 20.0, 200.0, 20.0, 40.0], HEIGHT, edges).routes[4]
    assert len(route) == 8
    assert len({x for x, _ in route[1:-1]}) == 1


def test_a_crossing_is_undone() -> None:
    edges = [(0, 3, 0.0), (1, 2, 0.0)]
    found = layout([20.0] * 4, HEIGHT, edges)
    (a, _), (b, _), (c, _), (d, _) = found.centres
    assert (a < b) == (d < c)


def test_crossings_are_counted() -> None:
    every = {0: [(2, 0.0), (3, 0.0)], 1: [(2, 0.0), (3, 0.0)]}
    assert crossings([[0, 1], [2, 3]], every) == 1
    # two edges into one vertex cross when they arrive at its ports the wrong way round
    assert crossings([[0, 1], [2]], {0: [(2, 0.2)], 1: [(2, -0.2)]}) == 1
    assert crossings([[0, 1], [2]], {0: [(2, -0.2)], 1: [(2, 0.2)]}) == 0


def test_the_program_finds_the_least() -> None:
    # 1 is drawn to 0 with force 1 and to 2 with force 3, and must keep 2 from 2
    x = least(3, [(0, 2, 10.0), (1, 2, 2.0)], [(0, 1, 0.0, 1.0), (1, 2, 0.0, 3.0)])
    assert x == [0.0, 8.0, 10.0]


def test_nothing_has_no_size() -> None:
    found = layout([], HEIGHT, [])
    assert (found.centres, found.width, found.height) == ([], 0.0, 0.0)
