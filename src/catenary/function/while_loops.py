"""Loops of a number of rounds that is computed: while_loop, and fori over any bounds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core import loop_errors as errors
from catenary.core.graph import Builder
from catenary.core.types import BOOL, ArrayType
from catenary.function.arguments import result
from catenary.function.carry import Carry
from catenary.function.leaves import described, type_of_leaf
from catenary.function.loops import check_count, check_function, recorded, scan, types_captured
from catenary.ops.bodies import emit, reading
from catenary.ops.while_loop import while_loop as while_operation
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Recording, record

TRUTH = ArrayType((), BOOL)


def _truth(returned: Any) -> Any:
    """What a condition returned, which must be one truth value."""
    if type_of_leaf(returned) != TRUTH:
        raise errors.truth_expected("while_loop", described(returned), user_line())
    return np.asarray(returned) if isinstance(returned, bool) else returned


def while_loop(
    condition: Callable[[Any], Any],
    body: Callable[[Any], Any],
    init: Any,
    bound: int | None = None,
) -> Any:
    """A loop that goes on as long as a condition holds.

    What it computes is::

        carry = init
        while condition(carry):  # with bound=n: at most n rounds
            carry = body(carry)
        return carry

    but both functions are traced once, and the condition is a value of the program: the number of
    rounds need not be known while tracing.

    condition: carry → one truth value.
    body:      carry → carry, of the same structure, shapes and dtypes.
    init:      tree of arrays and numbers.
    bound:     the largest number of rounds, a Python int. The loop stops there, also if the
               condition still holds: ask it of the result where that can happen.

    Forward mode (jvp) works always. Reverse mode (grad, vjp) keeps what each round computed, so it
    needs ``bound``, and memory for that many rounds; without it raises DerivativeError. Under
    vmap, examples that have ended stay as they are until all have. A loop whose condition always
    holds does not end.

    >>> import numpy as np
    >>> def root(a):  # Newton's method
    ...     return while_loop(lambda x: np.abs(x * x - a) > 1e-12, lambda x: (x + a / x) / 2, a, 50)
    >>> from catenary.function.modes import grad
    >>> round(float(root(2.0)), 6), round(float(grad(root)(2.0)), 6)
    (1.414214, 0.353553)
    """
    check_function(condition, "while_loop", "condition")
    check_function(body, "while_loop", "body")
    if bound is not None:
        bound = check_count(bound, "while_loop", "bound")
    carry = Carry("while_loop", init)

    def trace(function: Callable[[Any], Any], fit: Callable[[Any], Any]) -> Recording:
        return record(
            lambda arrays: fit(function(carry.fill(arrays))),
            carry.operands,
            concrete=False,
            purpose="while_loop",
        )

    rounds = carry.record(lambda: trace(body, carry.fitted))
    test = trace(condition, _truth)
    captured = [*rounds.captured, *test.captured]

    def make(builder: Builder, inputs: list[Any]) -> Any:
        types = [v.type for v in inputs]
        held, first = len(captured), len(rounds.captured)
        body_graph = reading(rounds.graph(), types, [*range(first), *range(held, len(types))])
        test_graph = reading(test.graph(), types, range(first, len(types)))
        params = {"condition": test_graph, "body": body_graph, "held": held, "bound": bound}
        return emit(builder, while_operation, inputs, **params)

    types = [*types_captured(rounds), *types_captured(test)]
    types += [o.type for o in carry.data.values()]
    key = ("while_loop", rounds.key(), test.key(), len(carry.data), bound)
    values = recorded(key, types, make)([*captured, *carry.values])
    return rounds.returned([result(v) for v in values])


# ---- counting -----------------------------------------------------------------------------------


def fori(
    start: Any, stop: Any, body: Callable[[Any, Any], Any], init: Any, bound: int | None = None
) -> Any:
    """A loop over the whole numbers from start up to, not including, stop.

    What it computes is::

        carry = init
        for i in range(start, stop):
            carry = body(i, carry)
        return carry

    Inside, i is a traced int64. Where start and stop are known while tracing this is a
    :func:`scan`, with derivatives in every mode. Where they are traced values it is a
    :func:`while_loop`, of at most ``bound`` rounds, which reverse mode then needs.

    >>> import numpy as np
    >>> float(fori(1, 5, lambda i, c: c * i, 1.0))
    24.0
    """
    check_function(body, "fori", "body")
    first, last = (_bound(n, name) for n, name in ((start, "start"), (stop, "stop")))
    if isinstance(first, int) and isinstance(last, int):
        length = max(last - first, 0)
        if bound is not None:
            length = min(length, check_count(bound, "fori", "bound"))

        def step(state: Any, _: Any) -> Any:
            i, carry = state
            return (i + 1, body(i, carry)), None

        return scan(step, (np.int64(first), init), length=length)[0][1]
    return while_loop(
        lambda state: state[0] < state[1],
        lambda state: (state[0] + 1, state[1], body(state[0], state[2])),
        (_whole(first), _whole(last), init),
        bound,
    )[2]


def _bound(n: Any, name: str) -> Any:
    """A limit of a loop: a Python int where it is known, else a traced int64."""
    known = n.concrete() if isinstance(n, TracedArray) else n
    if known is None:
        if n.shape == () and n.dtype.kind in "iu":
            return n
    elif not isinstance(known, (bool, np.bool_)):
        try:
            return operator.index(known)
        except TypeError:
            pass
    raise errors.whole_expected("fori", name, described(n), user_line())


def _whole(n: Any) -> Any:
    return n.astype(np.int64) if isinstance(n, TracedArray) else np.int64(n)
