"""The modules that a function is written into: small ones, which LLVM can begin with early."""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir

_FULL = 1000  # instructions: translated in some 30 ms


class Modules:
    """Where kernels are written. The first module, which calls them, is finished last.

    ``full``: what is done with a module as soon as nothing more is written into it; ``little``:
    whether all kernels together are so little code that they may wait for the first.
    """

    def __init__(self, triple: str, full: Callable[[ir.Module], None], *, little: bool) -> None:
        self._triple, self._full = triple, full
        self.first = self._current = self._fresh()
        self.all = [self.first]
        self._weight = 0 if little else _FULL

    def open(self) -> ir.Module:
        """The module for the next kernel."""
        if self._weight >= _FULL:
            self._close()
            self._current, self._weight = self._fresh(), 0
            self.all.append(self._current)
        return self._current

    def wrote(self, function: ir.Function) -> None:
        """A kernel is finished."""
        self._weight += sum(len(block.instructions) for block in function.blocks)

    def finish(self) -> None:
        """Nothing more will be written."""
        self._close()
        self._full(self.first)

    def _close(self) -> None:
        if self._current is not self.first:
            self._full(self._current)

    def _fresh(self) -> ir.Module:
        module = ir.Module()
        module.triple = self._triple
        return module
