"""Drawings of graphs: everything that is printed is drawn, once, and what depends stands out."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import InputError
from catenary.plot.style import BLUE, ORANGE

SVG = "{http://www.w3.org/2000/svg}"


def layer(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.tanh(weight @ x)


GRAPH = cat.trace(layer, np.ones(2), np.ones((3, 2)))
"""(a: float64[2], b: float64[3,2]) → c = contract(b, a), d = tanh(c) → (d)"""


def elements(drawing: cat.plot.Drawing, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawing.svg).iter(SVG + tag))


def texts(drawing: cat.plot.Drawing) -> list[str]:
    return [element.text or "" for element in elements(drawing, "text")]


def boxes(drawing: cat.plot.Drawing) -> list[ElementTree.Element]:
    return elements(drawing, "rect")[1:]  # the first is the paper


def test_every_input_operation_and_output_is_a_box() -> None:
    drawing = cat.plot.graph(GRAPH, inputs=["x", "W"], outputs=["y"])
    assert texts(drawing) == [
        *("x", "a: float64[2]", "W", "b: float64[3,2]"),
        *("contract ik,k->i", "c: float64[3]", "tanh", "d: float64[3]"),
        *("y", "d"),
    ]
    assert len(boxes(drawing)) == 5
    assert len(elements(drawing, "path")) == 2 * 4  # a line and a head for each arrow


def test_without_names_the_print_out_gives_them() -> None:
    shown = texts(cat.plot.graph(GRAPH))
    assert (shown[0], shown[-2]) == ("a", "result")
    two = cat.plot.graph(cat.trace(lambda x: (x, np.sin(x)), 1.0))
    assert [text for text in texts(two) if "result" in text] == ["result 0", "result 1"]


def test_names_are_those_of_the_arguments_and_not_of_values_from_outside() -> None:
    graph = cat.trace(lambda x: 0.5 * x, 2.0)
    assert [v.type for v in graph.inputs] == [graph.input_types[0]] * 2
    assert texts(cat.plot.graph(graph, inputs=["x"]))[:4:2] == ["outside", "x"]


def test_numbers_among_the_operands_stand_in_the_box() -> None:
    graph = cat.trace(lambda x: np.maximum(x, 0), np.ones(2))
    assert "maximum(·, 0.0)" in texts(cat.plot.graph(graph))


def test_what_depends_on_a_highlighted_input_is_orange() -> None:
    drawing = cat.plot.graph(GRAPH, highlight=[1])
    assert [box.get("stroke") for box in boxes(drawing)][:4] == [BLUE, ORANGE, ORANGE, ORANGE]
    lines = elements(drawing, "path")[::2]
    assert [line.get("stroke") == ORANGE for line in lines] == [True, False, True, True]
    assert all(box.get("stroke") != ORANGE for box in boxes(cat.plot.graph(GRAPH)))


def test_arrows_arrive_in_the_order_of_the_operands() -> None:
    graph = cat.trace(lambda x, y: (np.exp(x) - np.exp(y)) / x, 1.0, 2.0)
    drawing = cat.plot.graph(graph)
    paths = [element.get("d") or "" for element in elements(drawing, "path")[::2]]
    ends = [tuple(map(float, re.findall(r"[\d.]+", path)[-2:])) for path in paths]
    # exp(x), exp(y), then the two operands of sub, then those of div
    for left, right in (ends[2:4], ends[4:6]):
        assert left[0] < right[0]
        assert left[1] == right[1]


def test_a_result_that_is_an_input_or_a_number() -> None:
    graph = cat.trace(lambda x: (x, np.zeros_like(x)), np.ones(2))
    assert texts(cat.plot.graph(graph))[-4:] == ["result 0", "a", "result 1", "0.0"]


def test_graphs_inside_an_operation_are_counted() -> None:
    graph = cat.trace(cat.checkpoint(lambda x: np.sin(np.exp(x))), np.ones(2))
    assert any("graph=2 operations" in text for text in texts(cat.plot.graph(graph)))


def test_a_box_tells_the_users_line() -> None:
    hints = [element.text or "" for element in elements(cat.plot.graph(GRAPH), "title")]
    assert any(re.search(r"tanh\ntest_graph\.py, line \d+", hint) for hint in hints)


def test_a_drawing_is_shown_and_saved(tmp_path: Path) -> None:
    drawing = cat.plot.graph(GRAPH)
    assert drawing._repr_svg_() == drawing.svg
    drawing.save(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text("utf-8") == drawing.svg
    assert re.fullmatch(r"Drawing\([\d,]+ characters of SVG\)", repr(drawing))


def test_names_and_positions_that_do_not_exist_are_refused() -> None:
    with pytest.raises(InputError, match=r"3 names for inputs, but the graph has 2"):
        cat.plot.graph(GRAPH, inputs=["x", "W", "b"])
    with pytest.raises(InputError, match=r"2 names for outputs, but the graph has 1"):
        cat.plot.graph(GRAPH, outputs=["y", "z"])
    with pytest.raises(InputError, match=r"input 2; the graph has inputs 0 to 1"):
        cat.plot.graph(GRAPH, highlight=[2])
