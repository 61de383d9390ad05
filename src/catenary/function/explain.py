"""explain: what became of a function when it was compiled, for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from catenary.backend import native
from catenary.backend.facts import Code
from catenary.core import machine_errors
from catenary.core.graph import Graph, Literal, Var
from catenary.function.arguments import check_callable
from catenary.function.explain_text import text
from catenary.function.jit import Jitted, name_of
from catenary.transform.simplify import simplify


@dataclass(frozen=True, repr=False)
class Explanation:
    """What a function computes, and how the compiler does it. Its repr says it all.

    ``graph``: the operations; ``code``: kernels, memory and machine code, or None where the graph
    runs on the reference backend, operation by operation.

    >>> import numpy as np
    >>> found = explain(lambda x: np.sum(x * x), np.ones(1000))
    >>> found.code.work.flops
    1999
    """

    name: str
    graph: Graph
    code: Code | None

    @property
    def data(self) -> dict[str, Any]:
        """The facts as plain values: dictionaries, lists, numbers and texts."""
        code = None if self.code is None else asdict(self.code)
        if self.code is not None and code is not None:
            code["work"] = asdict(self.code.work)
            for step, plain in zip(self.code.steps, code["steps"], strict=True):
                plain["is"] = type(step).__name__.lower()
        return {
            "name": self.name,
            "operations": len(self.graph.nodes),
            "inputs": [str(type) for type in self.graph.input_types],
            "outputs": [str(type) for type in self.graph.output_types],
            "graph": str(self.graph),
            "code": code,
        }

    def __repr__(self) -> str:
        return text(self.name, self.graph, self.code)


def explain(
    f: Callable[..., Any],
    *args: Any,
    ir: bool = False,
    asm: bool = False,
    time: bool = False,
    **options: Any,
) -> Explanation:
    """What ``jit(f)`` makes of f for these arguments: operations, kernels, memory, code.

    f is traced by jit's rules and compiled, but not called, unless ``time`` asks for it. Functions
    that are jitted already, and derivatives (``explain(cat.grad(f), x)``), are as good as any.

    Each kernel is one nest of loops. Beside it stand its floating-point operations, how many
    values of functions such as exp it takes, the bytes that it reads and writes (counted from the
    types in the graph), and whether all threads share it; below it the operations that were fused
    into it, by the lines of your program that asked for them, and how a matrix product is cut.

    Args:
        f: the function.
        args: its arguments; arrays count by shape and dtype.
        ir: keep the LLVM code as text, in ``code.ir``, before LLVM's own passes.
        asm: keep the assembly of this processor as text, in ``code.assembly``.
        time: call the code for a fraction of a second, and say the share of each kernel.
        options: keyword arguments of f.

    Returns:
        An :class:`Explanation`; print it.

    Raises:
        InputError: if an argument is traced, for there is nothing to compile yet.

    >>> import numpy as np
    >>> def dense(W, b, x):
    ...     return np.tanh(x @ W + b)
    >>> found = explain(dense, np.ones((20, 30)), np.ones(30), np.ones((10, 20)))
    >>> [kernel.kind for kernel in found.code.kernels]  # tanh is fused into the product
    ['contract']
    >>> found.code.work.flops, found.code.work.functions
    (12300, 300)
    """
    check_callable(f, "explain", "cat.explain(f, x)")
    jitted = f if isinstance(f, Jitted) else Jitted(f, (), many=True)
    arguments, recording = jitted.recorded(args, options)
    values = [*recording.captured, *arguments.values]
    if any(isinstance(value, (Var, Literal)) for value in values):
        raise machine_errors.explained_while_traced(name_of(jitted.function))
    graph = simplify(recording.graph())
    code = native.report(graph, values if time else None, ir=ir, assembly=asm)
    return Explanation(name_of(jitted.function), graph, code)


__all__ = ["Explanation", "explain"]
