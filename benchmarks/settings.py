"""How long and against whom: what the command line says, for every section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.timing import Contestant

CATENARY = "benchmarks.peers.catenary_peer"


@dataclass(frozen=True)
class Settings:
    """``only``: names of cases; ``ours``: without peers; ``rounds`` of ``seconds`` for each."""

    quick: bool = False
    ours: bool = False
    only: tuple[str, ...] = ()
    rounds: int = 7
    seconds: float = 0.3

    def chosen(self, contestants: Sequence[Contestant]) -> list[Contestant]:
        """Who takes part: the quick run leaves out compilers that take half a minute a case."""
        return [
            c
            for c in contestants
            if c.ours or not (self.ours or (self.quick and c.mode == "compile"))
        ]

    def wants(self, name: str) -> bool:
        """Whether a case is to be measured."""
        return not self.only or name in self.only


def ours(mode: str, label: str = "") -> Contestant:
    """Catenary in one of its forms."""
    return Contestant(f"Catenary {label or mode}".strip(), CATENARY, mode, ours=True)


def peer(label: str, name: str, mode: str = "") -> Contestant:
    """Another library in one of its forms."""
    return Contestant(label, f"benchmarks.peers.{name}_peer", mode)
