"""while_loop: a graph run as long as a condition holds, handing a state from round to round.

The number of rounds is found while it runs, so forward mode takes the tangents along in a loop
of its own. Reverse mode needs what each round computed: with a bound the loop is a scan of that
many rounds, of which those after the end do nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catenary.core import errors, loop_errors
from catenary.core.derivative import Flow
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import Builder, Graph, dependent, inline, live_nodes
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive, declare
from catenary.core.types import BOOL, FLOAT64, INT64, ArrayType
from catenary.ops.additive import convert
from catenary.ops.bodies import emit, read
from catenary.ops.branch import among, cond
from catenary.ops.compare import gt
from catenary.ops.elementwise import samples
from catenary.ops.loop_samples import while_loops
from catenary.ops.replicate import sum_over
from catenary.ops.rounds import live_carries, moving_parts, with_batched
from catenary.ops.scan import OPAQUE, scan


def _shape(
    *types: ArrayType, condition: Graph, body: Graph, held: int, bound: int | None
) -> tuple[ArrayType, ...]:
    for graph in (condition, body):
        if types != graph.input_types:
            raise errors.operand_shapes(
                "while_loop", ", ".join(map(str, graph.input_types)), ", ".join(map(str, types))
            )
    if condition.output_types != (ArrayType((), BOOL),):
        got = ", ".join(map(str, condition.output_types))
        raise errors.operand_shapes("while_loop", "a condition that gives bool[]", got)
    if body.output_types != types[held:]:
        raise errors.operand_shapes(
            "while_loop",
            f"carries {', '.join(map(str, types[held:]))}",
            ", ".join(map(str, body.output_types)),
        )
    return body.output_types


def _evaluate(
    *operands: Any, condition: Graph, body: Graph, held: int, bound: int | None
) -> tuple[Any, ...]:
    constants, carries, rounds = operands[:held], operands[held:], 0
    while rounds != bound and evaluate_graph(condition, [*constants, *carries])[0]:
        carries = evaluate_graph(body, [*constants, *carries])
        rounds += 1
    return tuple(carries)


# ---- derivative ---------------------------------------------------------------------------------


def _as_scan(condition: Graph, body: Graph, held: int, bound: int) -> dict[str, Any]:
    """The parameters of the scan whose rounds do nothing after the end."""
    still = Graph(body.inputs, [], body.inputs[held:])
    builder = Builder()
    inputs = [builder.input(v.type) for v in body.inputs]
    (goes_on,) = inline(builder, condition, inputs)
    graph = builder.close(builder.emit(cond, [goes_on, *inputs], {"branches": (still, body)}))
    carried = len(body.outputs)
    return {"graph": graph, "held": held, "carried": carried, "length": bound, "reverse": False}


def _linearize(
    builder: Builder,
    operands: Sequence[Any],
    tangents: Sequence[Any],
    *,
    condition: Graph,
    body: Graph,
    held: int,
    bound: int | None,
) -> tuple[Sequence[Any], Sequence[Any]]:
    """With a bound, that of the scan. Without, the loop of the tangents runs the value again."""
    if bound is not None:
        rule: Any = scan.derivative
        return rule.linearize(builder, operands, tangents, **_as_scan(condition, body, held, bound))  # type: ignore[no-any-return]
    params = {"condition": condition, "body": body, "held": held, "bound": None}
    outputs = builder.emit(while_loop, operands, params)
    wrt, parts = moving_parts(body, tangents, held, len(body.outputs))
    fixed, moved = [i for i in wrt if i < held], [i - held for i in wrt if i >= held]
    round_ = Builder()
    constants = [round_.input(t) for t in body.input_types[:held]]
    directions = [round_.input(body.input_types[i]) for i in fixed]
    carries = [round_.input(t) for t in body.output_types]
    moving = [round_.input(body.output_types[k]) for k in moved]
    values = inline(round_, parts.value, [*constants, *carries])
    count = len(body.outputs)
    answers = inline(round_, parts.linear, [*values[count:], *directions, *moving])
    both = round_.close([*values[:count], *(answers[k] for k in moved)])
    starts = [_start(tangents[held + k], body.output_types[k]) for k in moved]
    given = [*operands[:held], *(tangents[i] for i in fixed), *operands[held:], *starts]
    results = emit(
        builder,
        while_loop,
        given,
        condition=_ignoring(condition, both, held, len(fixed)),
        body=both,
        held=held + len(fixed),
        bound=None,
    )
    pushed: list[Any] = [None] * count
    for k, tangent in zip(moved, results[count:], strict=True):
        pushed[k] = tangent
    return outputs, pushed


def _start(tangent: Any, type: ArrayType) -> Any:
    return slots.full(0, type) if tangent is None else tangent


def _ignoring(condition: Graph, body: Graph, held: int, more: int) -> Graph:
    """The condition on the operands of a loop that has ``more`` constants, and other carries."""
    builder = Builder()
    inputs = [builder.input(v.type) for v in body.inputs]
    carries = inputs[held + more :][: len(condition.inputs) - held]
    return builder.close(inline(builder, condition, [*inputs[:held], *carries]))


def _transpose(
    builder: Builder,
    arriving: Sequence[Any],
    operands: Sequence[Any],
    moving: Sequence[bool],
    *,
    condition: Graph,
    body: Graph,
    held: int,
    bound: int | None,
) -> list[Any]:
    if bound is None:
        raise loop_errors.unbounded()
    rule: Any = scan.derivative
    params = _as_scan(condition, body, held, bound)
    return rule.transpose(builder, arriving, operands, moving, **params)  # type: ignore[no-any-return]


# ---- batch --------------------------------------------------------------------------------------


def _batch(
    size: int,
    operands: Sequence[Any],
    batched: Sequence[bool],
    *,
    condition: Graph,
    body: Graph,
    held: int,
    bound: int | None,
) -> Sequence[Any]:
    """Where examples end at different rounds, those that have ended stay as they are."""
    count = len(body.outputs)
    flags, spread = with_batched(body, batched, held, count)
    (alone,) = dependent(condition, flags)
    if alone:
        flags[held:] = spread = [True] * count
    many = slots.batch_graph(body, size, flags, spread)
    goes_on = slots.batch_graph(condition, size, flags, [alone])
    given = [
        slots.spread(operand, size) if flag and not has else operand
        for operand, flag, has in zip(operands, flags, batched, strict=True)
    ]
    if not alone:
        results = while_loop(*given, condition=goes_on, body=many, held=held, bound=bound)
    else:
        home = next(o for o, has in zip(operands, batched, strict=True) if has).builder
        first = inline(home, goes_on, given)
        params = {"held": held, "bound": bound, **_frozen(goes_on, many, size, held)}
        results = while_loop(*given[:held], *first, *given[held:], **params)[1:]
    return [
        result if has else slots.spread(result, size)
        for result, has in zip(results, spread, strict=True)
    ]


def _frozen(condition: Graph, body: Graph, size: int, held: int) -> dict[str, Graph]:
    """The loop whose first carry says which examples go on: as long as any of them does."""
    going = ArrayType((size,), BOOL)
    types = [*body.input_types[:held], going, *body.input_types[held:]]
    any_ = Builder()
    flags = [any_.input(type) for type in types][held]
    number = sum_over(convert(flags, dtype=INT64), axes=(0,))
    round_ = Builder()
    inputs = [round_.input(type) for type in types]
    constants, goes_on, carries = inputs[:held], inputs[held], inputs[held + 1 :]
    moved = inline(round_, body, [*constants, *carries])
    kept = [
        slots.select(among(goes_on, new.type), new, old)
        for new, old in zip(moved, carries, strict=True)
    ]
    left = inline(round_, condition, [*constants, *kept])
    return {
        "condition": any_.close([gt(number, slots.full(0, number.type))]),
        "body": round_.close([*left, *kept]),
    }


def _narrow(
    used: Sequence[bool], *, condition: Graph, body: Graph, held: int, bound: int | None
) -> tuple[list[int], list[int], dict[str, Any]]:
    """Without carries on which neither the condition nor a result depends."""
    asked = read(condition)
    starts = [k for k, is_read in enumerate(used) if is_read or condition.inputs[held + k] in asked]
    outputs = live_carries(body, starts, held, len(used))
    atoms = [body.outputs[k] for k in outputs]
    nodes = live_nodes(body.nodes, atoms)
    needed = asked | {condition.inputs[i] for i, v in enumerate(body.inputs)
                      if v in read(Graph(body.inputs, nodes, atoms))}  # fmt: skip
    constants = [i for i in range(held) if condition.inputs[i] in needed]
    kept = [*constants, *(held + k for k in outputs)]
    test = Graph([condition.inputs[i] for i in kept], condition.nodes, condition.outputs)
    rounds = Graph([body.inputs[i] for i in kept], nodes, atoms)
    params = {"condition": test, "body": rounds, "held": len(constants), "bound": bound}
    return kept, outputs, params


# ---- declaration --------------------------------------------------------------------------------


def _lower(
    t: Any, *operands: Any, condition: Graph, body: Graph, held: int, bound: int | None
) -> Any:
    return t.while_loop(condition, body, operands[:held], operands[held:], bound)


while_loop: Primitive = declare(
    Primitive(
        name="while_loop",
        numpy=(),
        shape=_shape,
        evaluate=_evaluate,
        derivative=Flow(_linearize, _transpose),
        structure=OPAQUE,
        algebra=Algebra(narrow=_narrow),
        batch=_batch,
        lower=_lower,
        samples=samples(while_loops, dtypes=(FLOAT64,)),
        multiple=True,
    )
)
