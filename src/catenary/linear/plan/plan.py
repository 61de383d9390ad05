"""The choice: every order that is tried, and the cheapest of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catenary.core.graph import Graph
from catenary.linear.plan.chain import brackets
from catenary.linear.plan.net import Net, net_of
from catenary.linear.plan.order import Found, simple_orders
from catenary.linear.plan.term import Cost, Step, cost, in_order, size, written_out

# Values on the way: beyond that, only the two sweeps are thought of.
MOST_ELIMINATED, MOST_COMPARED = 3000, 800


@dataclass(frozen=True)
class Plan:
    """An order of the chain rule, and what it costs.

    ``order``: its name. ``found``: the Jacobian of each result by each input, as a term; None for
    a sweep, which applies the whole map to unit vectors. ``steps``: the local Jacobians, in the
    order of the operations. ``multiplications`` of it, and of both sweeps; ``numbers``: the most
    that are held at a time.
    """

    order: str
    found: Found | None
    steps: tuple[Step, ...]
    rows: int
    columns: int
    multiplications: int
    forward: int
    reverse: int
    numbers: int


def plan(linear: Graph, held: int) -> Plan:
    """The cheapest order found for the Jacobian of a linear graph.

    One column is had by forward mode and one row by reverse mode. Otherwise eliminations from the
    inputs on, from the results back, and by Markowitz' rule are compared, and for a chain all
    brackets. None of them multiplies more than the sweep it stands for.
    """
    net = net_of(linear, held)
    steps = tuple(net.steps)
    rows = sum(a.type.size for a in linear.outputs)
    columns = sum(v.type.size for v in linear.inputs[held:])
    forward, reverse = columns * net.sweep, rows * net.sweep
    found = {name: make() for name, make in _orders(net, rows, columns)}
    costs: dict[str, Cost] = {name: cost(terms.values()) for name, terms in found.items()}
    best = min(costs, key=lambda name: costs[name], default="")
    if not best or costs[best][0] > min(forward, reverse):
        name = "forward" if forward <= reverse else "reverse"
        widest = max((v.type.size for n in linear.nodes for v in n.outputs), default=1)
        return Plan(name, None, steps, rows, columns, min(forward, reverse), forward, reverse,
                    2 * widest * min(rows, columns))  # fmt: skip
    return Plan(best, found[best], steps, rows, columns, costs[best][0], forward, reverse,
                peak(found[best]))  # fmt: skip


def _orders(net: Net, rows: int, columns: int) -> Iterator[tuple[str, Callable[[], Found]]]:
    """The orders worth trying, by name; of equally cheap ones the first is taken."""
    count = len(net.inner)
    if 1 in (rows, columns) or count > MOST_ELIMINATED:
        return
    forward, reverse, *eliminations = simple_orders(net)
    yield from (forward, reverse) if columns <= rows else (reverse, forward)
    if count > MOST_COMPARED:
        return
    chain = brackets(net)
    if chain is not None:
        yield "brackets", lambda: chain
    yield from eliminations


def peak(found: Found) -> int:
    """The most numbers that are held at a time when terms are made in order."""
    terms = in_order(found.values())
    last = {id(part): i for i, term in enumerate(terms) for part in term.parts}
    last |= {id(term): len(terms) for term in found.values()}
    most = held = 0
    ending: dict[int, int] = {}
    for i, term in enumerate(terms):
        made = sum(size(s) for s in written_out(term))
        if not isinstance(term, Step):
            end = last.get(id(term), i)
            ending[end] = ending.get(end, 0) + size(term)
            held += size(term)
        most = max(most, held + made)
        held -= ending.pop(i, 0)
    return most
