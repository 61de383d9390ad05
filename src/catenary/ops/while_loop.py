"""while_loop: a graph run as long as a condition holds, handing a state from round to round.

The number of rounds is found while it runs, so forward mode takes the tangents along in a loop
of its own. Reverse mode needs what each round computed: with a bound the loop is a scan of that
many rounds, of which those after the end do nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from catenary.core import errors, loop_errors
from catenary.core.derivative import Flow
from catenary.core.evaluate import evaluate_graph
from catenary.core.graph import Builder, Graph, dependent, inline
from catenary.core.operators import slots
from catenary.core.primitive import Algebra, Primitive, Sample, declare
from catenary.core.types import BOOL, FLOAT64, INT64, ArrayType
from catenary.ops.additive import convert
from catenary.ops.bodies import emit
from catenary.ops.branch import among, cond
from catenary.ops.compare import gt, lt
from catenary.ops.elementwise import samples
from catenary.ops.replicate import sum_over
from catenary.ops.rounds import moving_parts, with_batched
from catenary.ops.scan import OPAQUE, scan
from catenary.ops.transcendental import sin


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


# ---- declaration --------------------------------------------------------------------------------


def _lower(
    t: Any, *operands: Any, condition: Graph, body: Graph, held: int, bound: int | None
) -> Any:
    return t.while_loop(condition, body, operands[:held], operands[held:], bound)


def _sample_graphs(*, linear: bool = False) -> dict[str, Any]:
    """A constant w, carries k and x: as long as k < 3, k + 1 and sin(w·x) + x.

    The linear one has k for a constant, x for the only carry, and w·x + x for the rounds.
    """
    types = [ArrayType((2,), FLOAT64), ArrayType((), INT64), ArrayType((2,), FLOAT64)]
    condition, body = Builder(), Builder()
    _, counter, _ = (condition.input(type) for type in types)
    w, k, x = (body.input(type) for type in types)
    outputs = [w * x + x] if linear else [k + 1, sin(w * x) + x]
    return {
        "condition": condition.close([lt(counter, slots.full(3, counter.type))]),
        "body": body.close(outputs),
        "held": 2 if linear else 1,
    }


def _counting_graphs() -> dict[str, Any]:
    """As long as k < 5: 2k + 1, which grows from 0 too."""
    condition, body = Builder(), Builder()
    k = condition.input(ArrayType((), INT64))
    doubled = body.input(k.type) * 2 + 1
    return {
        "condition": condition.close([lt(k, slots.full(5, k.type))]),
        "body": body.close([doubled]),
        "held": 0,
        "bound": None,
    }


def _samples(rng: np.random.Generator, dtype: Any) -> Iterable[Sample]:
    for bound in (4, 1, 0):
        w, x = rng.uniform(-1, 1, 2), rng.uniform(-1, 1, 2)
        yield Sample((w, rng.integers(-2, 3), x), {**_sample_graphs(), "bound": bound})
    w, x, linear = rng.uniform(-1, 1, 2), rng.uniform(-1, 1, 2), _sample_graphs(linear=True)
    yield Sample((w, rng.integers(-2, 3), x), {**linear, "bound": 2})
    yield Sample((rng.integers(1, 5),), _counting_graphs())


while_loop: Primitive = declare(
    Primitive(
        name="while_loop",
        numpy=(),
        shape=_shape,
        evaluate=_evaluate,
        derivative=Flow(_linearize, _transpose),
        structure=OPAQUE,
        algebra=Algebra(),
        batch=_batch,
        lower=_lower,
        samples=samples(_samples, dtypes=(FLOAT64,)),
        multiple=True,
    )
)
