"""Graphs as stable text: one line for each operation, names in the order of appearance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catenary.core.graph import Atom, Graph, Var

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _name(number: int) -> str:
    """a, b, …, z, aa, ab, …"""
    name = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        name = _LETTERS[digit] + name
    return name


def names(graph: Graph) -> dict[Var, str]:
    """The names by which a print-out calls the inputs, then the results of the operations."""
    variables = [*graph.inputs, *(var for node in graph.nodes for var in node.outputs)]
    return {var: _name(i) for i, var in enumerate(variables)}


def number(literal: Any) -> str:
    """The number that fills an array, as short as it can be written."""
    value = literal.value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return f"{value:.1f}"
    return repr(value)


def parameter(value: Any, indent: str = "") -> str:
    """A parameter of an operation; a graph among them is written out, indented."""
    if hasattr(value, "nodes"):
        body = graph_text(value).replace("\n", "\n" + indent)
        return "{\n" + indent + body + "\n" + indent[:-2] + "}"
    if isinstance(value, tuple):
        inside = ",".join(parameter(v, indent) for v in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return getattr(value, "name", None) or getattr(value, "__name__", None) or str(value)


def _named(name: str, value: Any) -> str:
    """A parameter with its name; text ("ij,j->i") speaks for itself."""
    return value if isinstance(value, str) else f"{name}={parameter(value, '    ')}"


def graph_text(graph: Graph, *, types: bool = True) -> str:
    """The graph in words.

    Inputs stand in the first line, then one line an operation, the outputs in the last. A number
    that fills an array is written as that number.
    """
    known: dict[Any, str] = {**names(graph)}

    def say(atom: Atom) -> str:
        undefined = hasattr(atom, "builder")  # a variable of a graph that breaks its rules
        return known.get(atom) or ("?" if undefined else number(atom))

    def define(var: Var) -> str:
        return f"{known[var]}: {var.type}" if types else known[var]

    lines = ["(" + ", ".join(define(v) for v in graph.inputs) + ") →"]
    for node in graph.nodes:
        operands = [say(a) for a in node.operands]
        params = [_named(k, v) for k, v in sorted(node.params.items())]
        inside = ", ".join(operands) + ("; " if params else "") + " ".join(params)
        outputs = ", ".join(define(v) for v in node.outputs)
        lines.append(f"  {outputs} = {node.primitive.name}({inside})")
    lines.append("→ (" + ", ".join(say(a) for a in graph.outputs) + ")")
    return "\n".join(lines)
