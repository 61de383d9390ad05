"""Brackets for a chain of Jacobians: the exact optimum, by dynamic programming.

Between a lone input and a lone result there are values that every path goes through. They cut
the net into a chain of blocks, and J(i, j), the Jacobian from cut i to cut j, is had from smaller
ones: as a product J(k, j)·J(i, k), as columns of J(i, j−1) pushed through the last block, or as
rows of J(i+1, j) pulled through the first. Blocks that are one operation are never written out
unless that is cheapest. Godbole, On efficient computation of matrix chain products (1973);
Naumann, Optimal Jacobian accumulation is NP-complete (2008); On matrix-free Jacobian chaining
(2024).
"""

from __future__ import annotations

from dataclasses import dataclass

from catenary.linear.plan.net import Net, Vertex
from catenary.linear.plan.order import Found, eliminate, in_two, simple_orders
from catenary.linear.plan.term import Cost, Term, cost, is_identity, product, written_out

# Blocks: the table takes a cube of products. Where places of entries have to be listed for each,
# so many in all.
LONGEST, MOST_LISTED = 64, 2**20


@dataclass(frozen=True)
class _Entry:
    cost: Cost
    term: Term


def cuts(net: Net) -> list[Vertex]:
    """The vertices that every path goes through, from the source to the sink."""
    if len(net.sources) != 1 or len(net.sinks) != 1:
        return []
    vertices = [net.sources[0], *net.inner, net.sinks[0]]
    place = {vertex: i for i, vertex in enumerate(vertices)}
    farthest, found = 0, []
    for i, vertex in enumerate(vertices):
        if farthest <= i and (vertex in net.after or i == len(vertices) - 1):
            found.append(vertex)
        farthest = max([farthest, *(place[w] for w in net.after.get(vertex, ()))])
    return found


def brackets(net: Net) -> Found | None:
    """The cheapest bracket; None where there is no chain, or one too long."""
    through = cuts(net)
    if not 3 <= len(through) <= LONGEST + 1:
        return None
    count = len(through) - 1
    blocks = [_block(net, through[i], through[i + 1]) for i in range(count)]
    if count**3 // 6 * max(map(_listed, blocks)) > MOST_LISTED:
        return None
    if sum(bool(block.inner) or not _is_trivial(block) for block in blocks) < 2:
        return None
    best = {(i, i + 1): _accumulated(block) for i, block in enumerate(blocks)}
    for length in range(2, count + 1):
        for i in range(count - length + 1):
            j = i + length
            tried = [_product(best[k, j], best[i, k]) for k in range(i + 1, j)]
            if blocks[j - 1].inner:
                tried.append(_through(blocks[j - 1], best[i, j - 1].term, forward=True))
            if blocks[i].inner:
                tried.append(_through(blocks[i], best[i + 1, j].term, forward=False))
            best[i, j] = min(tried, key=lambda entry: entry.cost)
    return {(0, 0): best[0, count].term}


def _is_trivial(block: Net) -> bool:
    return all(is_identity(term) for term in block.after[block.sources[0]].values())


def _listed(block: Net) -> int:
    """The most entries with listed places that one of the local Jacobians of a block has."""
    terms = [term for out in block.after.values() for term in out.values()]
    patterns = [term.pattern for term in terms if term.pattern is not None]
    return max((p.count for p in patterns if p.places is not None), default=0)


def _block(net: Net, begin: Vertex, end: Vertex) -> Net:
    """The part of a net between two cuts."""
    inner = net.inner
    first = inner.index(begin) + 1 if begin in inner else 0
    last = inner.index(end) if end in inner else len(inner)
    within = {begin, *inner[first:last]}
    block = Net([begin], [end], [v for v in inner[first:last] if v in net.after], late=net.late)
    block.products = net.products
    for source in within:
        for target, term in net.after.get(source, {}).items():
            block.join(source, target, term)
    return block


def _accumulated(block: Net) -> _Entry:
    """A block's own Jacobian, in the cheapest of the simple orders."""
    if not block.inner:
        (term,) = block.after[block.sources[0]].values()
        return _Entry((0, 0), term)
    terms = [make()[0, 0] for _, make in simple_orders(block)]
    return min((_Entry(cost([term]), term) for term in terms), key=lambda entry: entry.cost)


def _product(after: _Entry, before: _Entry) -> _Entry:
    term = product(after.term, before.term)
    if term is after.term or term is before.term:
        return _Entry(_sum(after.cost, before.cost), term)
    own = term.own + sum(step.writing for step in written_out(term))
    size = term.rows * term.columns if term.pattern is None else term.pattern.count
    return _Entry(_sum(_sum(after.cost, before.cost), (own, size)), term)


def _sum(a: Cost, b: Cost) -> Cost:
    return a[0] + b[0], a[1] + b[1]


def _through(block: Net, term: Term, *, forward: bool) -> _Entry:
    """Columns pushed through a block, or rows pulled, value by value."""
    left, outside = block.copy(), "outside"
    core, late = in_two(block)
    if forward:
        left.join(outside, block.sources[0], term)
        order = [block.sources[0], *core, *late]
    else:
        left.join(block.sinks[0], outside, term)
        order = [block.sinks[0], *core[::-1], *late]
    for vertex in order:
        eliminate(left, vertex)
    made = left.after[outside][block.sinks[0]] if forward else left.after[block.sources[0]][outside]
    return _Entry(cost([made]), made)
