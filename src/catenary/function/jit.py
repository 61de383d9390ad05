"""jit: a function traced once for each kind of arguments, then run from its graph alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Sequence
from functools import update_wrapper
from types import MethodType
from typing import Any

import numpy as np

from catenary.backend.compile import Cache, Compiled
from catenary.core import errors
from catenary.core.graph import Var
from catenary.core.network_errors import not_finite_result
from catenary.function.again import Again, Traced, short_ways
from catenary.function.arguments import Split, check_transform, result, split_arrays
from catenary.function.captured import settled
from catenary.function.nan_check import all_finite, origin_in
from catenary.function.retrace import Retracing
from catenary.tracing import tree
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Recording, operand
from catenary.transform.simplify import simplify

_FLOAT64 = np.dtype(np.float64)


class Jitted:
    """A function behind :func:`jit`; calls like the function, runs from its graph."""

    def __init__(
        self,
        function: Callable[..., Any],
        static: tuple[int | str, ...],
        *,
        nan_check: bool = False,
        many: bool = False,
    ) -> None:
        """``many``: traces of many kinds are expected, and need no warning."""
        update_wrapper(self, function)
        self.function = function
        self.static = _places(function, static)
        self._programs = Cache(limit=256)
        self._last: Callable[..., Any] | None = None
        self._again: Again | None = None
        self._nan_check = nan_check
        self._retracing = None if many else Retracing(name_of(function))

    def __call__(self, *args: Any, **options: Any) -> Any:
        if self._last is not None and not options:
            result = self._last(*args)
            if result is not NotImplemented:
                return result
        held, free_args, free_options = self._hold(args, options)
        if self._again is not None:
            result = self._again(held, free_args, free_options)
            if result is not NotImplemented:
                return result
        return self._general(args, options, held, tree.flatten((free_args, free_options)))

    def _general(self, args: Any, options: Any, held: Hashable, flat: Any) -> Any:
        """The call for arguments of any kind."""
        leaves, structure = flat
        positions: list[int] = []
        key: list[Hashable] = [structure, held]
        for i, leaf in enumerate(leaves):
            if tree.is_array(leaf):
                positions.append(i)
                weak = leaf.weak if isinstance(leaf, TracedArray) else type(leaf) is float
                dtype = _FLOAT64 if type(leaf) is float else leaf.dtype
                key.append((np.shape(leaf), dtype, weak))
            else:
                key.append(tree.static_key(leaf))
        operands = [operand(leaves[i]) for i in positions]
        arguments = Split(leaves, structure, positions, operands)
        traced = self._programs.get(
            tuple(key), lambda: self._trace(args, options, arguments, key), keep=_lasting
        )
        values = traced.compiled([*traced.captured, *[o.value for o in operands]])
        if self._nan_check:
            self._check(args, options, arguments, values)
        elif hasattr(traced.compiled.program, "function"):
            if traced.ways is None:
                bare = not (self.static or options) and len(args) == len(leaves) == len(operands)
                traced.ways = short_ways(traced, held, arguments, bare=bare)
            self._last, self._again = traced.ways
        return traced.recording.returned([result(v) for v in values])

    def _hold(self, args: Any, options: Any) -> tuple[Hashable, tuple[Any, ...], dict[str, Any]]:
        """Take the static arguments out of the tree: they are part of the key."""
        if not self.static:
            return (), args, options
        free, rest = list(args), dict(options)
        held: list[Hashable] = []
        for position, name in self.static:
            if position is not None and position < len(args):
                held.append((name, tree.static_key(args[position])))
                free[position] = None
            elif name in rest:
                held.append((name, tree.static_key(rest.pop(name))))
        return tuple(held), tuple(free), rest

    def _trace(self, args: Any, options: Any, arguments: Split, key: Sequence[Hashable]) -> Traced:
        if self._retracing is not None:
            self._retracing.traced(key)
        recording = self._record(args, options, arguments)
        graph, captured = settled(recording.graph(), recording.captured)
        return Traced(Compiled(simplify(graph), eager=True), captured, recording)

    def _record(self, args: Any, options: Any, arguments: Split) -> Recording:
        def call(filled: Any) -> Any:
            free_args, free_options = list(filled[0]), filled[1]
            for position, name in self.static:
                if position is not None and position < len(args):
                    free_args[position] = args[position]
                elif name in options:
                    free_options = {**free_options, name: options[name]}
            return self.function(*free_args, **free_options)

        return arguments.record(call, concrete=False, purpose="jit")

    def recorded(self, args: Any, options: Any) -> tuple[Split, Recording]:
        """The arguments of a call taken apart, and what the function does with them."""
        _, free_args, free_options = self._hold(args, options)
        arguments = split_arrays((free_args, free_options))
        return arguments, self._record(args, options, arguments)

    def _check(self, args: Any, options: Any, arguments: Split, values: Sequence[Any]) -> None:
        """Refuse results that are not finite, naming the first operation at fault."""
        if any(isinstance(v, Var) for v in values) or all_finite(values):
            return
        recording = self._record(args, options, arguments)
        found = origin_in(recording.graph(), [*recording.captured, *arguments.values])
        raise not_finite_result(name_of(self.function), str(found or "the compiled program alone"))

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As a method: called with the instance in front."""
        return self if instance is None else MethodType(self, instance)

    def clear(self) -> None:
        """Forget every traced program."""
        self._programs.clear()
        self._last = None
        self._again = None

    def __repr__(self) -> str:
        return f"<jit of {name_of(self.function)}>"


def name_of(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", function))


def _lasting(traced: Traced) -> bool:
    """Whether a program may serve another call: what it took from an outer recording may not."""
    return not any(isinstance(value, Var) for value in traced.captured)


def _places(
    function: Callable[..., Any], static: tuple[int | str, ...]
) -> list[tuple[int | None, str]]:
    """Position and name of each static argument, however it was named."""
    if not static:
        return []
    parameters = inspect.signature(function).parameters.values()
    positional = [
        p.name for p in parameters if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}
    ]
    places: list[tuple[int | None, str]] = []
    for which in static:
        name = positional[which] if isinstance(which, int) and which < len(positional) else which
        if name not in {p.name for p in parameters}:
            raise errors.unknown_static(which, ", ".join(p.name for p in parameters), user_line())
        places.append((positional.index(name) if name in positional else None, str(name)))
    return places


def jit(
    f: Callable[..., Any] | None = None,
    *,
    static: int | str | Sequence[int | str] = (),
    nan_check: bool = False,
) -> Any:
    """f, traced once for each kind of arguments and run from its graph from then on.

    Arguments and results are trees. Arrays, NumPy numbers and Python floats are data: their
    shapes and dtypes count, their values do not. Python ints, bools, strings, functions and the
    arguments named in ``static`` (positions or names; hashable) are part of the program: another
    value traces anew. Values that f takes from around it are taken once, when it is traced.

    A function that is traced and compiled many times within a minute gets a RuntimeWarning, once,
    that says what keeps changing.

    With ``nan_check`` results that are not finite raise
    :class:`~catenary.core.network_errors.NotFinite`, which names the first operation that gave
    such a number and its line: the call is repeated on NumPy to find it.

    Under jit a Python ``if`` on a traced value is an error; choose with ``np.where``. Usable as
    ``jit(f)``, ``@jit`` and ``@jit(static="n")``.

    >>> import numpy as np
    >>> f = jit(lambda x, n: x**n)
    >>> f(np.array([1.0, 2.0]), 3)
    array([1., 8.])
    """
    names = (static,) if isinstance(static, (int, str)) else tuple(static)
    if f is not None:
        check_transform(f, 0, "jit")
    if f is None:
        return lambda function: Jitted(function, names, nan_check=nan_check)
    return Jitted(f, names, nan_check=nan_check)


__all__ = ["Jitted", "jit"]
