"""Graphs as stable text: one line for each operation, names in the order of appearance."""

from __future__ import annotations

from typing import Any

from catenary.core.graph import Atom, Graph, Literal, Var

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _name(number: int) -> str:
    """a, b, …, z, aa, ab, …"""
    name = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        name = _LETTERS[digit] + name
    return name


def _number(literal: Literal) -> str:
    value = literal.value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return f"{value:.1f}"
    return repr(value)


def _parameter(value: Any, indent: str) -> str:
    if isinstance(value, Graph):
        body = graph_text(value).replace("\n", "\n" + indent)
        return "{\n" + indent + body + "\n" + indent[:-2] + "}"
    if isinstance(value, tuple):
        return "(" + ",".join(_parameter(v, indent) for v in value) + ")"
    return getattr(value, "name", None) or getattr(value, "__name__", None) or str(value)


def graph_text(graph: Graph, *, types: bool = True) -> str:
    """The graph in words.

    Inputs stand in the first line, then one line an operation, the outputs in the last. A number
    that fills an array is written as that number.
    """
    names: dict[Var, str] = {}

    def say(atom: Atom) -> str:
        return names[atom] if isinstance(atom, Var) else _number(atom)

    def define(var: Var) -> str:
        names[var] = _name(len(names))
        return f"{names[var]}: {var.type}" if types else names[var]

    lines = ["(" + ", ".join(define(v) for v in graph.inputs) + ") →"]
    for node in graph.nodes:
        operands = [say(a) for a in node.operands]
        params = [f"{k}={_parameter(v, '    ')}" for k, v in sorted(node.params.items())]
        inside = ", ".join(operands) + ("; " if params else "") + " ".join(params)
        outputs = ", ".join(define(v) for v in node.outputs)
        lines.append(f"  {outputs} = {node.primitive.name}({inside})")
    lines.append("→ (" + ", ".join(say(a) for a in graph.outputs) + ")")
    return "\n".join(lines)
