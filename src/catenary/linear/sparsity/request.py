"""From a function and its arguments to a compiled program for its sparse derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np

from catenary.backend.compile import Cache, Compiled
from catenary.core import errors, sparsity_errors
from catenary.function.arguments import Split, result, split_arguments, with_arguments
from catenary.function.jit import Jitted
from catenary.function.modes import follow
from catenary.linear.sparsity.compressed import Derivative, derivative_of, entries_graph
from catenary.linear.sparsity.found import Sparsity, coloured, csr, pattern_given
from catenary.linear.sparsity.pattern import Array
from catenary.tracing.array import TracedArray
from catenary.tracing.recorder import user_line
from catenary.tracing.trace import Recording


@dataclass(frozen=True)
class Request:
    """What was asked for.

    ``differentiated`` is the function whose Jacobian is computed: for a Hessian the gradient.
    """

    name: str
    differentiated: Callable[..., Any]
    argnums: int | Sequence[int]
    pattern: Any
    colouring: str
    memory: int
    check: bool
    symmetric: bool = False

    def record(self, args: tuple[Any, ...], options: Any) -> tuple[Split, Recording]:
        """What the function does with its arguments."""
        arguments = split_arguments(args, self.argnums, self.name)

        def call(chosen: Any) -> Any:
            return self.differentiated(*with_arguments(args, self.argnums, chosen), **options)

        return arguments, follow(call, arguments)

    def derivative(self, arguments: Split, recording: Recording) -> Derivative:
        if not any(a.type.is_float for a in recording.outputs):
            kinds = ", ".join(str(a.type.dtype) for a in recording.outputs)
            raise errors.no_real_result(self.name, kinds, user_line())
        return derivative_of(recording.graph(), len(arguments.operands))

    def find(self, derivative: Derivative, values: Sequence[Any]) -> Sparsity:
        """Pattern and colouring, where the first inputs have these values, as far as known."""
        if self.pattern is not None:
            pattern = pattern_given(self.pattern, derivative.shape)
            if isinstance(self.pattern, Sparsity) and self.colouring == "auto":
                return self.pattern
        else:
            known = {
                i: np.asarray(v)
                for i, v in enumerate(values)
                if isinstance(v, (np.ndarray, np.generic))
            }
            pattern = derivative.pattern(known)
        if self.symmetric and pattern.shape[0] != pattern.shape[1]:
            raise sparsity_errors.not_symmetric(pattern.shape, user_line())
        return coloured(pattern, self.colouring, symmetric=self.symmetric)


# Patterns and colourings, for recordings that did the same with the same numbers from outside.
_FOUND = Cache(limit=64)


def _found(request: Request, derivative: Derivative, recording: Recording) -> Sparsity:
    if request.pattern is not None:
        return request.find(derivative, recording.captured)
    content = [
        (thing.shape, thing.dtype.str, thing.tobytes()) if hasattr(thing, "tobytes") else None
        for thing in recording.captured
    ]
    key = (request.colouring, request.symmetric, recording.key(), tuple(content))
    found: Sparsity = _FOUND.get(key, lambda: request.find(derivative, recording.captured))
    return found


@dataclass(frozen=True, eq=False)
class _Answer:
    """What a traced program knows beside its arrays."""

    found: Sparsity
    direction: Array | None


def sparse(f: Callable[..., Any], request: Request) -> Callable[..., Any]:
    """A function that gives the derivative asked for as a SciPy matrix."""

    @wraps(f)
    def traced(*args: Any, **options: Any) -> Any:
        arguments, recording = request.record(args, options)
        derivative = request.derivative(arguments, recording)
        found = _found(request, derivative, recording)
        program = entries_graph(derivative, found.pattern, found.colouring, request.memory)
        given = [*recording.captured, *arguments.values]
        (entries,) = Compiled(program.graph)([*given, *program.arrays])
        if not request.check:
            return result(entries), lambda: _Answer(found, None)
        direction = np.random.default_rng(0).uniform(1, 2, derivative.shape[1])
        images = Compiled(derivative.tangents)([*given, *_parts(derivative, direction)])
        image = np.concatenate([np.reshape(result(v), -1) for v in images])
        return result(entries), lambda: _Answer(found, direction), image

    program = Jitted(traced, ())

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        entries, answer, *image = program(*args, **options)
        if isinstance(entries, TracedArray):
            raise sparsity_errors.sparse_under_trace(request.name, user_line())
        matrix = csr(answer().found.pattern, entries)
        if image:
            _compare(matrix, answer().direction, image[0])
        return matrix

    return differentiated


def _parts(derivative: Derivative, direction: Array) -> list[Array]:
    """A vector taken apart into arrays shaped as the arguments are."""
    ends = np.cumsum([type.size for type in derivative.domain])
    return [
        part.reshape(type.shape).astype(type.dtype)
        for part, type in zip(np.split(direction, ends[:-1]), derivative.domain, strict=True)
    ]


def _compare(matrix: Any, direction: Any, expected: Array) -> None:
    """Refuse a matrix whose product with a vector is not that of the derivative."""
    got = matrix @ direction.astype(matrix.dtype)
    size = abs(matrix) @ direction + np.abs(expected)
    tolerance = np.sqrt(np.finfo(expected.dtype).eps)
    wrong = ~(np.abs(got - expected) <= tolerance * size) & np.isfinite(expected)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise sparsity_errors.pattern_misses(row, got[row], expected[row], user_line())
