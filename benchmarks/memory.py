"""How large a process becomes that trains the wide network."""

from __future__ import annotations

from dataclasses import asdict

from benchmarks.bound import Machine
from benchmarks.case import BY_NAME
from benchmarks.row import Goal, Row
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.timing import Measurement, Process

CONTESTANTS = (
    ours("step"),
    ours("scan"),
    peer("JAX step", "jax", "step"),
    peer("JAX scan", "jax", "scan"),
    peer("PyTorch eager", "torch", "eager"),
    peer("PyTorch compiled", "torch", "compile"),
)
SHARE = 0.7


def section(settings: Settings, machine: Machine) -> Section:
    """One line: the peak of the resident size, interpreter and libraries included."""
    del machine
    case = BY_NAME["wide"]
    measured = []
    for contestant in settings.chosen(CONTESTANTS):
        process = Process(contestant)
        process.build(kind="train", case=asdict(case))
        process.round(0.0)
        measured.append(as_bytes(process.close()))
    detail = f"{case.sizes}, ≥ {1 / SHARE:.2f}× is at most {SHARE}×"
    row = Row(case.name, detail, measured, (Goal("faster", 1 / SHARE, "JAX"),), unit="B")
    return Section("memory", "Peak of the resident memory of a training process", [row])


def as_bytes(measured: Measurement) -> Measurement:
    """Its memory in the place of its times."""
    size = [] if measured.memory is None or measured.error else [float(measured.memory)]
    measured.rounds, measured.minimum = size, min(size, default=None)
    return measured
