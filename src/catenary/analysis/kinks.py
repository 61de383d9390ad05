"""Which units of a network sit exactly on a kink of their activation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catenary.analysis.batch import batch_for
from catenary.core.graph import Graph, Node, Var, Where
from catenary.function.arguments import split_arrays
from catenary.geometry.bends import evaluated, read
from catenary.nn.chain import Chain
from catenary.tracing import tree

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Seat:
    """One operation of a link that bends, and where the data meet its kink.

    ``link`` is the position in the chain, ``operation`` the name, ``where`` the line that wrote
    it (file, number), ``touching`` an array that counts the examples on the kink for each unit,
    and ``examples`` the number of the examples.
    """

    link: int
    operation: str
    where: Where | None
    touching: Places
    examples: int

    @property
    def units(self) -> Places:
        """The units that sit on the kink for an example or more."""
        return np.flatnonzero(self.touching)

    @property
    def share(self) -> float:
        """The share of pairs of unit and example that lie on the kink."""
        return float(self.touching.sum() / max(self.touching.size * self.examples, 1))


@dataclass(frozen=True, eq=False, repr=False)
class Kinks:
    """The units of a net that sit on a kink for some of the data.

    ``seats`` names operations with such units only; an empty one says that on these data the net
    is smooth at its weights. Made by :func:`kinks`.

    >>> len(kinks(np.tanh, np.zeros(3))), len(kinks(np.abs, np.zeros((3, 2))))
    (0, 2)
    """

    seats: tuple[Seat, ...]
    links: tuple[str, ...]

    def __len__(self) -> int:
        """How many units, over all operations, sit on a kink."""
        return sum(len(seat.units) for seat in self.seats)

    def __repr__(self) -> str:
        if not self.seats:
            return "Kinks: no unit sits on a kink"
        lines = [f"Kinks: {len(self)} unit{'s' * (len(self) != 1)} on a kink"]
        for seat in self.seats:
            count = f"{len(seat.units)} of {seat.touching.size} units, {seat.share:.0%} of all"
            lines.append(f"  link {seat.link}, {self.links[seat.link]}: {seat.operation}, {count}")
        return "\n".join(lines)


def kinks(net: Any, data: Any) -> Kinks:
    """The units that sit on a kink: their slope is a convention there, not a derivative.

    ``net`` is a chain, or any function of the inputs; ``data`` is ``(inputs, targets)``, as for
    :func:`~catenary.fit`, or the inputs alone. Operations that bend are found in the traced links,
    so own activations count too. The slopes at such points: :func:`~catenary.subdifferential`.

    >>> from catenary.nn import mlp
    >>> net = mlp([2, 8, 1], activation="relu", seed=0)
    >>> kinks(net, np.array([[0.0, 0.0], [1.0, 2.0]]))  # biases start at 0
    Kinks: 8 units on a kink
      link 0, Dense(2 -> 8, relu): maximum, 8 of 8 units, 50% of all
    """
    x = _inputs(net, data)
    links = list(net) if isinstance(net, Chain) else [net]
    seats: list[Seat] = []
    for number, link in enumerate(links):
        seats += _seats(number, link, x)
        x = link(x)
    return Kinks(tuple(seats), tuple(repr(link) for link in links))


def _inputs(net: Any, data: Any) -> Any:
    if isinstance(data, tuple):
        return batch_for(net, data).inputs
    return batch_for(net, (data, np.zeros(len(tree.flatten(data)[0][0])))).inputs


def _seats(number: int, link: Any, x: Any) -> Iterator[Seat]:
    """The operations of one link that are met on their kink."""
    arguments = split_arrays((x,))
    recording = arguments.record(lambda filled: link(*filled), concrete=True, purpose="kinks")
    graph = recording.graph()
    values = evaluated(graph, [*recording.captured, *arguments.values])
    moving = _reached(graph, len(recording.captured))
    for node in graph.nodes:
        if node.primitive.kink is None or node.outputs[0] not in moving:
            continue
        touching = _touching(node, values)
        if touching is not None and touching.any():
            rows = touching.reshape(len(touching), -1)
            counts = rows.sum(axis=0)
            yield Seat(number, node.primitive.name, node.where, counts, len(rows))


def _reached(graph: Graph, captured: int) -> set[Var]:
    """What depends on the inputs of a link."""
    reached = set(graph.inputs[captured:])
    for node in graph.nodes:
        if any(a in reached for a in node.operands):
            reached.update(node.outputs)
    return reached


def _touching(node: Node, values: Any) -> NDArray[np.bool_] | None:
    """Where the slopes differ by side; None where nothing tells, or there are no units."""
    operands = [np.asarray(read(values, a)) for a in node.operands]
    assert node.primitive.kink is not None
    bounds = node.primitive.kink.bounds(operands, values[node.outputs[0]], **node.params)
    if bounds is None or not node.outputs[0].type.is_float:
        return None
    touching: NDArray[np.bool_] = np.logical_or.reduce(np.less(*map(np.asarray, bounds)))
    return touching if touching.ndim else None


__all__ = ["Kinks", "Seat", "kinks"]
