"""Graphs as drawings: boxes for operations, arrows for the arrays that flow between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from catenary.core import errors
from catenary.core.graph import Atom, Graph, Node, Var
from catenary.core.text import names, number, parameter
from catenary.plot.layers import Edge, Layout, Point, layout
from catenary.plot.style import BLUE, GREY, INK, ORANGE, PAPER

CHARACTER = 7.3  # the width of one character, in the monospaced font at the size below
FONT_SIZE = 12
BOX_HEIGHT = 40.0
MARGIN = 12.0
FONT = "'DejaVu Sans Mono', Menlo, Consolas, monospace"


@dataclass(frozen=True)
class Drawing:
    """A picture in the format SVG: shown by notebooks, saved with :meth:`save`.

    >>> Drawing("<svg xmlns='http://www.w3.org/2000/svg'/>")
    Drawing(41 characters of SVG)
    """

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> None:
        """Write the picture to a file that a browser can show."""
        Path(path).write_text(self.svg, encoding="utf-8")

    def __repr__(self) -> str:
        return f"Drawing({len(self.svg):,} characters of SVG)"


@dataclass(frozen=True)
class Box:
    """A vertex of the drawing. ``kind`` is "input", "operation" or "output"."""

    kind: str
    title: str
    detail: str
    hint: str
    moves: bool = False

    @property
    def width(self) -> float:
        longest = max(len(self.title), len(self.detail))
        return CHARACTER * longest + 20 if self.kind != "output" else CHARACTER * longest + 14


def graph(
    graph: Graph,
    *,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = (),
    highlight: Collection[int] = (),
) -> Drawing:
    """Draw a graph: inputs at the top, one box for each operation, outputs at the bottom.

    Each box says the operation, and below it the name and type that its result has in the
    print-out of the graph (``print(graph)``). Arrows enter a box from left to right in the order
    of its operands; operands that are plain numbers stand in the box.

    Args:
        graph: what to draw, as :func:`catenary.tracing` gives it.
        inputs: names for the arguments of a traced function, in their order: for the last
            inputs of the graph, as values taken from outside the function come first.
        outputs: names for the outputs, in their order.
        highlight: positions of inputs; they and all that depends on them are drawn in orange.
            With the positions of tangents or cotangents the linear part of a derivative stands
            out.

    Returns:
        A :class:`Drawing`; notebooks show it, ``.save("graph.svg")`` keeps it.

    Raises:
        InputError: if there are more names than inputs or outputs, or no input to highlight.

    >>> import numpy as np
    >>> from catenary.tracing.trace import trace
    >>> picture = graph(trace(lambda x: np.sin(x) * x, np.ones(3)), inputs=["x"], outputs=["y"])
    >>> picture.svg.count("<text")  # two lines in each box
    8

    Source: Sugiyama, Tagawa & Toda, IEEE Trans. SMC 11, 1981 (the layout).
    """
    _check(graph, inputs, outputs, highlight)
    boxes, edges = _boxes(graph, inputs, outputs, {graph.inputs[i] for i in highlight})
    placed = layout([box.width for box in boxes], BOX_HEIGHT, edges)
    return Drawing(_svg(boxes, edges, placed))


def _check(
    graph: Graph, inputs: Sequence[str], outputs: Sequence[str], highlight: Collection[int]
) -> None:
    count = len(graph.inputs)
    if len(inputs) > count:
        raise errors.too_many_names("inputs", count, len(inputs))
    if len(outputs) > len(graph.outputs):
        raise errors.too_many_names("outputs", len(graph.outputs), len(outputs))
    for position in highlight:
        if not 0 <= position < count:
            raise errors.bad_highlight(position, count)


def _boxes(
    graph: Graph, inputs: Sequence[str], outputs: Sequence[str], moving: set[Var]
) -> tuple[list[Box], list[Edge]]:
    """The vertices in an order in which edges go forward, and the edges."""
    known = names(graph)
    boxes: list[Box] = []
    edges: list[Edge] = []
    home: dict[Atom, int] = {}
    outside = len(graph.inputs) - len(inputs) if inputs else 0
    for i, var in enumerate(graph.inputs):
        home[var] = len(boxes)
        detail = f"{known[var]}: {var.type}"
        title = "outside" if i < outside else inputs[i - outside] if inputs else known[var]
        boxes.append(Box("input", title, detail, f"input {i}, {detail}", var in moving))
    for node in graph.nodes:
        arriving = [a for a in node.operands if isinstance(a, Var)]
        if any(a in moving for a in arriving):
            moving |= set(node.outputs)
        edges += _arrivals([home[a] for a in arriving], len(boxes))
        home |= dict.fromkeys(node.outputs, len(boxes))
        boxes.append(_operation(node, known, node.outputs[0] in moving))
    for i, atom in enumerate(graph.outputs):
        unnamed = "result" if len(graph.outputs) == 1 else f"result {i}"
        title = outputs[i] if i < len(outputs) else unnamed
        shown = known[atom] if isinstance(atom, Var) else number(atom)
        if atom in home:
            edges.append((home[atom], len(boxes), 0.0))
        boxes.append(Box("output", title, shown, f"output {i} is {shown}", atom in moving))
    return boxes, edges


def _arrivals(sources: Sequence[int], target: int) -> list[Edge]:
    """Edges that arrive side by side, in the order of the operands."""
    n = len(sources)
    return [(source, target, (i + 1) / (n + 1) - 0.5) for i, source in enumerate(sources)]


def _operation(node: Node, known: dict[Var, str], moves: bool) -> Box:
    plain = any(not isinstance(a, Var) for a in node.operands)
    operands = ", ".join("·" if isinstance(a, Var) else number(a) for a in node.operands)
    title = f"{node.primitive.name}({operands})" if plain else node.primitive.name
    params = [
        (name, f"{len(value.nodes)} operations" if isinstance(value, Graph) else parameter(value))
        for name, value in sorted(node.params.items())
    ]
    alone = len(params) == 1  # its name would say nothing new
    title += "".join(f" {value}" if alone else f" {name}={value}" for name, value in params)
    where = f"\n{Path(node.where[0]).name}, line {node.where[1]}" if node.where else ""
    hint = ", ".join([node.primitive.name, *(f"{name}={value}" for name, value in params)]) + where
    detail = ", ".join(f"{known[var]}: {var.type}" for var in node.outputs)
    return Box("operation", title, detail, hint, moves)


# ---- the picture --------------------------------------------------------------------------------


def _svg(boxes: Sequence[Box], edges: Sequence[Edge], placed: Layout) -> str:
    width, height = placed.width + 2 * MARGIN, placed.height + 2 * MARGIN
    operations = sum(box.kind == "operation" for box in boxes)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{FONT}" font-size="{FONT_SIZE}" '
        f'role="img" aria-label="graph of {operations} operations">'
    )
    lines = [
        head,
        f'<rect width="100%" height="100%" rx="6" fill="{PAPER}"/>',
        f'<g transform="translate({MARGIN:.0f} {MARGIN:.0f})">',
    ]
    for (source, target, _), route in zip(edges, placed.routes, strict=True):
        moves = boxes[source].moves and boxes[target].moves
        lines.append(_arrow(route, ORANGE if moves else GREY))
    lines += [_box(box, centre) for box, centre in zip(boxes, placed.centres, strict=True)]
    return "\n".join([*lines, "</g>", "</svg>"])


def _box(box: Box, centre: Point) -> str:
    x, y = centre
    line = ORANGE if box.moves else GREY if box.kind == "output" else BLUE
    fill = line if box.kind == "operation" else PAPER
    corner = BOX_HEIGHT / 2 if box.kind == "input" else 4
    border = "none" if box.kind == "output" else line
    return (
        f"<g><title>{escape(box.hint)}</title>"
        f'<rect x="{x - box.width / 2:.1f}" y="{y - BOX_HEIGHT / 2:.1f}" width="{box.width:.1f}" '
        f'height="{BOX_HEIGHT:.0f}" rx="{corner:.0f}" fill="{fill}" fill-opacity="0.13" '
        f'stroke="{border}" stroke-width="1.3"/>'
        f'<text x="{x:.1f}" y="{y - 3:.1f}" text-anchor="middle" font-weight="bold" '
        f'fill="{INK}">{escape(box.title)}</text>'
        f'<text x="{x:.1f}" y="{y + 13:.1f}" text-anchor="middle" '
        f'fill="{INK}" fill-opacity="0.75">{escape(box.detail)}</text></g>'
    )


def _arrow(route: Sequence[Point], colour: str) -> str:
    """Curves between the layers, straight lines through them, and a head at the end."""
    (x, y), *rest = route
    parts = [f"M{x:.1f} {y:.1f}"]
    end = len(rest) - 1
    for i, (u, v) in enumerate(rest):
        v -= 5.0 if i == end else 0.0  # the head covers the rest
        middle = (y + v) / 2
        curved = i % 2 == 0
        parts.append(
            f"C{x:.1f} {middle:.1f} {u:.1f} {middle:.1f} {u:.1f} {v:.1f}" if curved else f"V{v:.1f}"
        )
        x, y = u, v
    head = f"M{x - 4:.1f} {y - 1:.1f}L{x:.1f} {y + 5:.1f}L{x + 4:.1f} {y - 1:.1f}Z"
    return (
        f'<path d="{"".join(parts)}" fill="none" stroke="{colour}" stroke-width="1.4"/>'
        f'<path d="{head}" fill="{colour}"/>'
    )
