"""The verbs of matrices as an expression: factors, of which each is an arrangement of one value."""

from __future__ import annotations

from typing import Any

from catenary.backend.llvm import factors
from catenary.backend.llvm.value import Value
from catenary.core.types import INT64


class MatrixVerbs:
    """The part of the protocol ``Target`` that speaks of factorizations."""

    def factor(self: Any, name: str, x: Value) -> tuple[Value, ...]:
        *stack, m, n = x.shape
        parts = factors.parts(name, m, n)
        type = x.type.with_shape((*stack, sum(part.size for part in parts)))
        whole = self.expression.new("factor", (x,), type, name=name)
        found, begin = [], 0
        for part in parts:
            end = begin + part.size
            ends = zip((*(0 for _ in stack), begin), (*stack, end), strict=True)
            found.append(self._part(whole, part, list(ends)))
            begin = end
        if name == "lu":
            found[1] = self.convert(found[1], INT64)
        return tuple(found)

    def _part(self: Any, whole: Value, part: factors.Part, ends: list[tuple[int, int]]) -> Value:
        """A factor, of what lies together."""
        start, stop = zip(*ends, strict=True)
        cut = self.slice(whole, start, stop, [1] * len(ends))
        stack, shape = whole.shape[:-1], part.shape
        if not part.by_columns:
            return self.reshape(cut, (*stack, *shape))  # type: ignore[no-any-return]
        axes = len(stack)
        laid = self.reshape(cut, (*stack, *shape[::-1]))
        return self.permute(laid, (*range(axes), axes + 1, axes))  # type: ignore[no-any-return]

    def triangular_solve(
        self: Any, a: Value, b: Value, *, lower: bool, transpose: bool, unit: bool
    ) -> Value:
        way = {"lower": lower, "transpose": transpose, "unit": unit}
        return self.expression.new("triangular_solve", (a, b), b.type, **way)  # type: ignore[no-any-return]
