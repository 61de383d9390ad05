"""Derivatives of one's own, none at all, and recomputing instead of storing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache, update_wrapper, wraps
from threading import get_ident
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import Builder, Graph, Var, inline
from catenary.core.operators import slots
from catenary.core.types import ArrayType
from catenary.function.arguments import result, split_arrays
from catenary.ops.control import Frozen, Rule, constant
from catenary.ops.control import call as call_operation
from catenary.ops.control import custom as custom_operation
from catenary.tracing import tree
from catenary.tracing.array import TracedArray, wrap
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Operand, record
from catenary.transform.linearize import linearize
from catenary.transform.simplify import simplify
from catenary.transform.transpose import transpose


def _traced(leaves: Sequence[Any]) -> bool:
    return any(isinstance(leaf, TracedArray) for leaf in leaves)


class _Call:
    """One call of a function with traced arguments, recorded on its own."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.arguments = split_arrays(args)
        self.operands = self.arguments.operands
        self.fill = self.arguments.fill
        self.recording = self.arguments.record(
            lambda filled: function(*filled), concrete=True, purpose="a custom function"
        )

    def key(self) -> Hashable:
        """What a rule depends on: types, and the leaves that are no arrays."""
        leaves, arrays = self.arguments.leaves, self.arguments.positions
        static = [tree.static_key(v) for i, v in enumerate(leaves) if i not in arrays]
        types = tuple((o.type, o.weak) for o in self.operands)
        return self.arguments.structure, types, tuple(static)

    @property
    def floats(self) -> list[int]:
        """Which operands are real numbers, so that they have tangents."""
        return [i for i, o in enumerate(self.operands) if o.type.is_float]


# ---- custom derivatives -------------------------------------------------------------------------


class CustomFunction:
    """A function with a derivative given by its author."""

    def __init__(self, function: Callable[..., Any], mode: str) -> None:
        update_wrapper(self, function)
        self.function = function
        self.mode = mode
        self.rule: Callable[..., Any] | None = None
        self._open: dict[Hashable, Rule] = {}  # rules being traced, in case they call the function

    def defjvp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Give the rule (primals, tangents) → (result, tangent of the result)."""
        self.rule = rule
        return rule

    def defvjp(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """Give the rule (primals, cotangent of the result) → tuple of cotangents."""
        return self.defjvp(rule)

    def __call__(self, *args: Any) -> Any:
        leaves, _ = tree.flatten(args)
        if not _traced(leaves):
            return self.function(*args)
        if self.rule is None:
            raise errors.rule_missing(self._name, self.mode, user_line())
        call = _Call(self.function, args)
        body = call.recording
        constants = body.captured
        if any(isinstance(value, Var) for value in constants):
            raise errors.custom_capture(self._name, user_line())
        values = custom_operation(
            *constants,
            *[o.value for o in call.operands],
            graph=simplify(body.graph()),
            rule=self._rule_for(call),
            held=len(constants),
        )
        return body.returned([result(v) for v in values])

    def _rule_for(self, call: _Call) -> Rule:
        """The rule traced anew, for what it takes from around it may have changed."""
        key = (get_ident(), call.key())
        known = self._open.get(key)
        if known is not None:
            return known
        rule = self._open[key] = Rule(lambda: self._rule_graph(self.rule, call), (self, call.key()))
        try:
            _ = rule.graph
        finally:
            del self._open[key]
        return rule

    @property
    def _name(self) -> str:
        return getattr(self.function, "__name__", "a custom function")

    def _rule_graph(self, rule: Any, call: _Call) -> Graph:
        """arguments + tangents → tangents of the result."""
        count = len(call.operands)
        floats = [call.operands[i] for i in call.floats]
        outputs = [a.type for a in call.recording.outputs]
        if self.mode == "jvp":

            def forward(arrays: list[Any]) -> Any:
                tangents = call.fill(_with_tangents(call, arrays))
                return rule(call.fill(arrays[:count]), tangents)[1]

            graph, moving = self._recorded(forward, call.operands, [o.type for o in floats])
            _match(graph.output_types, outputs, self._name)
            return graph

        def backward(arrays: list[Any]) -> Any:
            cotangent = call.recording.returned(arrays[count:])
            return tree.coordinates(rule(call.fill(arrays[:count]), cotangent))

        graph, moving = self._recorded(backward, call.operands, outputs)
        _match(graph.output_types, [o.type for o in floats], self._name)
        return transpose(graph, moving)

    def _recorded(
        self,
        call: Callable[[list[Any]], Any],
        operands: Sequence[Operand],
        moving: Sequence[ArrayType],
    ) -> tuple[Graph, range]:
        """A rule as a graph that is linear, node by node, in its last inputs."""
        unknown = [Operand(o.type, None, o.weak) for o in operands]
        unknown += [Operand(type, None) for type in moving]
        recording = record(call, unknown, concrete=False, purpose="the rule of a custom function")
        if any(isinstance(value, Var) for value in recording.captured):
            raise errors.custom_capture(self._name, user_line())
        graph = _carrying(recording.graph(), recording.captured)
        places = range(len(operands), len(graph.inputs))
        return _linear_part(graph, places, self._name, [o.known for o in operands]), places


def _carrying(graph: Graph, constants: Sequence[Any]) -> Graph:
    """The graph with what it captured inside it."""
    builder = Builder()
    inputs = [builder.input(v.type) for v in graph.inputs[len(constants) :]]
    held = [builder.emit(constant, [inputs[0]], {"array": Frozen(c)}) for c in constants]
    return builder.close(inline(builder, graph, [*held, *inputs]))


def _linear_part(graph: Graph, moving: Sequence[int], name: str, known: Sequence[Any]) -> Graph:
    """The graph of a rule, rewritten so that every node on the way of a tangent is linear.

    ``known``: the values of the other inputs, where they are at hand; there the rule must be zero
    for zero tangents.
    """
    parts = linearize(graph, moving)
    if all(value is not None for value in known):
        zeros = [np.zeros(graph.inputs[i].type.shape, graph.inputs[i].type.dtype) for i in moving]
        with np.errstate(all="ignore"):
            offsets = evaluate_graph(parts.value, [*known, *zeros])[: parts.outputs]
        if any(np.any(np.isfinite(v) & (v != 0)) for v in offsets):
            raise errors.rule_not_linear(name, user_line())
    reached = {parts.value.inputs[i] for i in moving}
    for node in parts.value.nodes:
        if any(a in reached for a in node.operands):
            reached.update(node.outputs)
    if any(a in reached for a in parts.value.outputs[parts.outputs :]):
        raise errors.rule_not_linear(name, user_line())
    builder = Builder()
    inputs = [builder.input(v.type) for v in graph.inputs]
    held = [slots.full(0, v.type) if i in moving else v for i, v in enumerate(inputs)]
    residuals = inline(builder, parts.value, held)[parts.outputs :]
    answers = inline(builder, parts.linear, [*residuals, *(inputs[i] for i in moving)])
    return simplify(builder.close(answers))


def _with_tangents(call: _Call, arrays: list[Any]) -> list[Any]:
    """The arguments' arrays, the floating-point ones replaced by their tangents."""
    count, floats = len(call.operands), set(call.floats)
    tangents = iter(arrays[count:])
    return [next(tangents) if i in floats else a for i, a in enumerate(arrays[:count])]


def _match(got: Sequence[ArrayType], expected: Sequence[ArrayType], name: str) -> None:
    if tuple(got) != tuple(expected):
        raise errors.operand_shapes(
            f"the rule of {name}", ", ".join(map(str, expected)), ", ".join(map(str, got))
        )


def custom_jvp(f: Callable[..., Any]) -> CustomFunction:
    """f with a derivative of your own, given as a rule for tangents.

    The rule ``(primals, tangents) → (result, tangent)`` must be linear in the tangents; reverse
    mode and all higher orders follow from it. Values that carry a derivative must be arguments.

    >>> import numpy as np
    >>> @custom_jvp
    ... def cube(x):
    ...     return x**3
    >>> @cube.defjvp
    ... def _(primals, tangents):
    ...     (x,), (x_dot,) = primals, tangents
    ...     return cube(x), 3 * x**2 * x_dot
    >>> from catenary.function.modes import grad
    >>> float(grad(cube)(2.0)), float(grad(grad(cube))(2.0))
    (12.0, 12.0)
    """
    return CustomFunction(f, "jvp")


def custom_vjp(f: Callable[..., Any]) -> CustomFunction:
    """f with a derivative of your own, given as the transposed linear map.

    The rule ``(primals, cotangent) → tuple of cotangents`` must be linear in the cotangent;
    forward mode and all higher orders follow from it.

    >>> import numpy as np
    >>> @custom_vjp
    ... def cube(x):
    ...     return x**3
    >>> @cube.defvjp
    ... def _(primals, y_bar):
    ...     (x,) = primals
    ...     return (3 * x**2 * y_bar,)
    >>> from catenary.function.modes import jvp
    >>> float(jvp(cube, (2.0,), (1.0,))[1])
    12.0
    """
    return CustomFunction(f, "vjp")


# ---- no derivative ------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _still(type: ArrayType) -> tuple[Graph, Rule]:
    """The identity, and the rule that its tangents are zero."""
    builder = Builder()
    graph = builder.close([builder.input(type)])
    rule = Builder()
    rule.input(type)
    rule.input(type)
    nothing = rule.close([slots.full(0, type)])
    return graph, Rule(lambda: nothing)


def stop_gradient(x: Any) -> Any:
    """x itself, with derivative zero. Works on trees.

    With values at hand (outside jit) what comes back is a plain array or number, which may be
    handed to any Python code: ``float``, ``math``, a plotting library.

    >>> from catenary.function.modes import grad
    >>> float(grad(lambda x: x * stop_gradient(x))(3.0))
    3.0
    """

    def stop(leaf: Any) -> Any:
        if not isinstance(leaf, TracedArray) or leaf.dtype.kind != "f":
            return leaf
        known = leaf.concrete()
        if known is not None:
            return result(np.array(known))  # a plain number or array: anything may be done with it
        value = leaf.value()
        if not isinstance(value, Var):
            return leaf
        graph, rule = _still(value.type)
        return wrap(custom_operation(value, graph=graph, rule=rule, held=0)[0], leaf.recorder)

    leaves, structure = tree.flatten(x)
    return tree.unflatten(structure, [stop(leaf) for leaf in leaves])


# ---- recomputing --------------------------------------------------------------------------------


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """f, whose reverse pass recomputes what it needs instead of keeping it.

    Values and derivatives are those of f; reverse mode stores only the arguments of f and runs
    it once more. Griewank and Walther, Algorithm 799: revolve (2000).

    >>> import numpy as np
    >>> from catenary.function.modes import grad
    >>> grad(lambda x: np.sum(checkpoint(np.sin)(x)))(np.zeros(2))
    array([1., 1.])
    """

    @wraps(f)
    def recomputed(*args: Any, **options: Any) -> Any:
        arguments = split_arrays((args, options))
        if not _traced(arguments.leaves):
            return f(*args, **options)
        recording = arguments.record(
            lambda filled: f(*filled[0], **filled[1]), concrete=True, purpose="a checkpoint"
        )
        operands = [*recording.captured, *arguments.values]
        graph = simplify(recording.graph())
        values = call_operation(*operands, graph=graph, linear=(False,) * len(operands))
        return recording.returned([result(v) for v in values])

    return recomputed


__all__ = ["CustomFunction", "checkpoint", "custom_jvp", "custom_vjp", "stop_gradient"]
