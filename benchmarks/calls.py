"""The call of a compiled derivative of a scalar function: what a call costs by itself."""

from __future__ import annotations

from benchmarks.bound import Machine
from benchmarks.row import Goal, Row
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.timing import race

CONTESTANTS = (
    ours("jit"),
    peer("JAX", "jax", "array"),
    peer("JAX, given a float", "jax", "float"),
    peer("PyTorch eager", "torch", "eager"),
    peer("Autograd", "autograd"),
)
GOAL = Goal("within", 1e-6)


def section(settings: Settings, machine: Machine) -> Section:
    """One line."""
    del machine
    asked = {"kind": "function", "name": "wave", "n": 1}
    measured = race(
        settings.chosen(CONTESTANTS), asked, rounds=settings.rounds, seconds=settings.seconds
    )
    row = Row("derivative of a scalar function", "1 number", measured, (GOAL,), agree=1e-10)
    return Section("calls", "A call of a compiled derivative, float64", [row])
