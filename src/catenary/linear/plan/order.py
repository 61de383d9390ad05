"""Orders of the chain rule: which value on the way is eliminated first.

Eliminating a vertex replaces every path u → v → w by an edge u → w, whose Jacobian is the product
of the two. Whatever the order, the Jacobians from inputs to results remain; only the number of
multiplications differs. From the inputs on is forward mode, from the results back is reverse
mode. Griewank and Walther, Evaluating Derivatives (2nd ed., 2008), chapters 9 and 10.
"""

from __future__ import annotations

from collections.abc import Iterable

from catenary.linear.plan.net import Net, Vertex
from catenary.linear.plan.term import Cost, Product, Term, product, size

Found = dict[tuple[int, int], Term]  # (number of the result, number of the input) → its Jacobian


def eliminated(net: Net, order: Iterable[Vertex]) -> Found:
    """The Jacobians from sources to sinks when vertices are eliminated in this order."""
    left = net.copy()
    for vertex in order:
        eliminate(left, vertex)
    return remaining(left)


def eliminate(net: Net, vertex: Vertex) -> set[Vertex]:
    """Take a vertex out; the neighbours, whose own products have changed."""
    into, out = net.before.pop(vertex, set()), net.after.pop(vertex, {})
    for target in out:
        net.before[target].discard(vertex)
    for source in into:
        edge = net.after[source].pop(vertex)
        for target, after in out.items():
            net.join(source, target, product(after, edge))
    return into | set(out)


def remaining(net: Net) -> Found:
    """The edges from sources to sinks."""
    return {
        (k, i): net.after[source][sink]
        for k, sink in enumerate(net.sinks)
        for i, source in enumerate(net.sources)
        if sink in net.after.get(source, {})
    }


def markowitz(net: Net) -> Found:
    """Always the vertex whose elimination multiplies least.

    Markowitz' rule for sparse matrices, with products of matrices in place of numbers: Griewank
    and Reese, On the calculation of Jacobian matrices by the Markowitz rule (1991).
    """
    left = net.copy()
    places = {vertex: i for i, vertex in enumerate(left.inner)}
    costs = {vertex: _elimination_cost(left, vertex) for vertex in left.inner}
    while costs:
        vertex = min(costs, key=lambda v: (costs[v], places[v]))
        del costs[vertex]
        for neighbour in eliminate(left, vertex):
            if neighbour in costs:
                costs[neighbour] = _elimination_cost(left, neighbour)
    return remaining(left)


def _elimination_cost(net: Net, vertex: Vertex) -> Cost:
    multiplied = written = 0
    for source in net.before.get(vertex, ()):
        before = net.after[source][vertex]
        for after in net.after.get(vertex, {}).values():
            made = product(after, before)
            if isinstance(made, Product) and made is not before and made is not after:
                moved = {"push": before, "pull": after}.get(made.how)
                multiplied += made.own + (moved.writing if moved else 0)
                written += size(made)
    return multiplied, written
