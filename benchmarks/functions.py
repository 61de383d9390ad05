"""Derivatives of plain functions: Rosenbrock's value with its gradient, and its Hessian."""

from __future__ import annotations

from benchmarks.bound import Machine
from benchmarks.row import Goal, Row
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.timing import race

CONTESTANTS = (
    ours("jit"),
    peer("JAX", "jax", "array"),
    peer("PyTorch eager", "torch", "eager"),
    peer("Autograd", "autograd"),
)
CASES = (
    ("value and gradient", "rosenbrock", 2, 3.0),
    ("value and gradient", "rosenbrock", 100, 3.0),
    ("value and gradient", "rosenbrock", 10_000, 3.0),
    ("Hessian", "hessian", 100, 10.0),
)


def section(settings: Settings, machine: Machine) -> Section:
    """A line for each size; the goals are against JAX."""
    del machine
    rows = []
    for title, name, n, goal in CASES:
        if not (settings.wants(name) or settings.wants(f"{name}-{n}")):
            continue
        measured = race(
            settings.chosen(CONTESTANTS),
            {"kind": "function", "name": name, "n": n},
            rounds=settings.rounds,
            seconds=settings.seconds,
        )
        goals = (Goal("faster", goal, "JAX"),)
        rows.append(Row(title, f"n = {n:,}", measured, goals, agree=1e-10))
    return Section("functions", "Rosenbrock's function, float64, time per call", rows)
