"""The NumPy target speaks the whole protocol, and the operations speak nothing else."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest

from catenary.core.primitive import NotYet
from catenary.core.target import Comparison, Function, Target
from tests import registry
from tests.laws.graphs import operation
from tests.laws.law import cases
from tests.laws.numpy_handle import Handle
from tests.laws.numpy_scalar import COMPARISONS, FUNCTIONS
from tests.laws.numpy_target import NumpyTarget

VERBS = {name: verb for name, verb in vars(Target).items() if not name.startswith("_")}


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("verb", VERBS)
def test_the_target_has_every_verb_as_the_protocol_says_it(verb: str) -> None:
    assert parameters(getattr(NumpyTarget, verb)) == parameters(VERBS[verb])


def test_the_target_has_no_verb_of_its_own() -> None:
    own = {name for name in dir(NumpyTarget) if not name.startswith("_")}
    assert own == VERBS.keys()


def test_functions_and_comparisons_are_those_of_the_protocol() -> None:
    assert FUNCTIONS.keys() == set(get_args(Function))
    assert COMPARISONS.keys() == set(get_args(Comparison))


class Counting:
    """A target that counts which verbs are spoken, functions by their names."""

    def __init__(self, spoken: Counter[str]) -> None:
        self._spoken = spoken
        self._target = NumpyTarget()

    def __getattr__(self, verb: str) -> Any:
        assert verb in VERBS, f"{verb} is no verb of the protocol"

        def speak(*operands: Any, **options: Any) -> Any:
            first = operands[0]
            self._spoken[f"{verb} {first}" if isinstance(first, str) else verb] += 1
            return getattr(self._target, verb)(*operands, **options)

        return speak


def spoken() -> Counter[str]:
    """What all ``lower`` rules say, on all samples."""
    counter: Counter[str] = Counter()
    target = Counting(counter)
    for primitive in registry.primitives().values():
        if isinstance(primitive.lower, NotYet):
            continue
        for case in cases(primitive):
            handles = [Handle(x) for x in case.operands]
            with np.errstate(all="ignore"):
                primitive.lower(target, *handles, **case.params)
    return counter


def test_every_verb_is_spoken_and_no_other() -> None:
    said = spoken()
    names = {name.split()[0] for name in said}
    unused = VERBS.keys() - names
    assert not unused, f"no operation needs {unused}: take them out of the protocol"
    for function in get_args(Function):
        assert said[f"function {function}"], f"no operation needs the function {function}"
    for relation in get_args(Comparison):
        assert said[f"compare {relation}"]


def test_verbs_insist_on_their_types() -> None:
    target = NumpyTarget()
    x, y = Handle(np.ones(2)), Handle(np.ones(2, np.float32))
    calls: list[Callable[[], Handle]] = [
        lambda: target.add(x, y),
        lambda: target.mul(x, Handle(np.ones(3))),
        lambda: target.select(x, x, x),
        lambda: target.function("exp", Handle(np.arange(3))),
        lambda: target.bit_and(x, x),
        lambda: target.gather(x, [Handle(np.array([2]))]),
        lambda: target.slice(x, (0,), (3,), (1,)),
    ]
    for call in calls:
        with pytest.raises(AssertionError):
            call()
    with pytest.raises(TypeError):
        x + x  # type: ignore[operator]


def test_a_graph_of_several_operations_is_run() -> None:
    primitive = registry.primitives()["hypot"]
    case = cases(primitive)[1]
    graph = operation(primitive, case)
    (result,) = NumpyTarget().inline(graph, [Handle(x) for x in case.operands])
    np.testing.assert_allclose(result.array, np.hypot(*case.operands), rtol=1e-6)
