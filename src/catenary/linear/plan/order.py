"""Orders of the chain rule: which value on the way is eliminated first.

Eliminating a vertex replaces every path u → v → w by an edge u → w, whose Jacobian is the product
of the two. Whatever the order, the Jacobians from inputs to results remain; only the number of
multiplications differs. From the inputs on is forward mode, from the results back is reverse
mode. Griewank and Walther, Evaluating Derivatives (2nd ed., 2008), chapters 9 and 10.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from catenary.linear.plan.net import Net, Vertex
from catenary.linear.plan.term import Cost, Product, Term, size

Found = dict[tuple[int, int], Term]  # (number of the result, number of the input) → its Jacobian


def eliminated(net: Net, order: Iterable[Vertex]) -> Found:
    """The Jacobians from sources to sinks when vertices are eliminated in this order."""
    left = net.copy()
    for vertex in order:
        eliminate(left, vertex)
    return remaining(left)


def in_two(net: Net) -> tuple[list[Vertex], list[Vertex]]:
    """The vertices to eliminate first, and those that wait until then."""
    return (
        [v for v in net.inner if v not in net.late],
        [v for v in net.inner if v in net.late],
    )


def simple_orders(net: Net) -> Iterator[tuple[str, Callable[[], Found]]]:
    """The orders that need no search, by name."""
    core, late = in_two(net)
    yield "forward", lambda: eliminated(net, [*core, *late])
    yield "reverse", lambda: eliminated(net, [*core[::-1], *late])
    yield "Markowitz", lambda: markowitz(net)
    yield "relative Markowitz", lambda: markowitz(net, relative=True)


def eliminate(net: Net, vertex: Vertex) -> set[Vertex]:
    """Take a vertex out; the neighbours, whose own products have changed."""
    into, out = net.before.pop(vertex, set()), net.after.pop(vertex, {})
    for target in out:
        net.before[target].discard(vertex)
    for source in into:
        edge = net.after[source].pop(vertex)
        for target, after in out.items():
            net.join(source, target, net.product(after, edge))
    return into | set(out)


def remaining(net: Net) -> Found:
    """The edges from sources to sinks."""
    return {
        (k, i): net.after[source][sink]
        for k, sink in enumerate(net.sinks)
        for i, source in enumerate(net.sources)
        if sink in net.after.get(source, {})
    }


def markowitz(net: Net, *, relative: bool = False) -> Found:
    """Always the vertex whose elimination multiplies least.

    Markowitz' rule for sparse matrices, with products of matrices in place of numbers: Griewank
    and Reese, On the calculation of Jacobian matrices by the Markowitz rule (1991). ``relative``:
    least in comparison with the numbers of inputs below and results above it: Griewank and
    Naumann, Accumulating Jacobians as chained sparse matrix products (2003).
    """
    left = net.copy()
    core, late = in_two(net)
    places = {vertex: i for i, vertex in enumerate(core)}
    ends = _ends(net) if relative else {}
    costs = {vertex: _elimination_cost(left, vertex) for vertex in core}
    while costs:
        vertex = min(costs, key=lambda v: (costs[v][0] - ends.get(v, 0), costs[v][1], places[v]))
        del costs[vertex]
        for neighbour in eliminate(left, vertex):
            if neighbour in costs:
                costs[neighbour] = _elimination_cost(left, neighbour)
    for vertex in late:
        eliminate(left, vertex)
    return remaining(left)


def _ends(net: Net) -> dict[Vertex, int]:
    """For each vertex, how many numbers of the inputs it depends on, times those it influences."""
    below: dict[Vertex, set[Vertex]] = {v: {v} for v in net.sources}
    for vertex in net.inner:
        below[vertex] = set().union(*(below[u] for u in net.before.get(vertex, ())))
    above: dict[Vertex, set[Vertex]] = {v: {v} for v in net.sinks}
    for vertex in reversed(net.inner):
        above[vertex] = set().union(*(above[w] for w in net.after.get(vertex, {})))
    sizes = {u: term.columns for u in net.sources for term in net.after.get(u, {}).values()}
    sizes |= {w: t.rows for out in net.after.values() for w, t in out.items() if w in net.sinks}
    return {v: sum(sizes[u] for u in below[v]) * sum(sizes[w] for w in above[v]) for v in net.inner}


def _elimination_cost(net: Net, vertex: Vertex) -> Cost:
    multiplied = written = 0
    for source in net.before.get(vertex, ()):
        before = net.after[source][vertex]
        for after in net.after.get(vertex, {}).values():
            made = net.product(after, before)
            if isinstance(made, Product) and made is not before and made is not after:
                moved = {"push": before, "pull": after}.get(made.how)
                multiplied += made.own + (moved.writing if moved else 0)
                written += size(made)
    return multiplied, written
