"""Outputs of a trained network: 784-128-10, for batches of 1, 64 and 1024."""

from __future__ import annotations

from benchmarks import bound
from benchmarks.bound import Machine
from benchmarks.formulas import INFERENCE
from benchmarks.row import Goal, Row
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.timing import race

CONTESTANTS = (
    ours("jit"),
    peer("ONNX Runtime", "onnx", "run"),
    peer("ONNX Runtime, bound", "onnx", "bound"),
    peer("JAX", "jax", "jit"),
    peer("PyTorch eager", "torch", "eager"),
    peer("PyTorch compiled", "torch", "compile"),
    peer("scikit-learn", "sklearn"),
)
BATCHES = (1, 64, 1024)


def section(settings: Settings, machine: Machine) -> Section:
    """A line for each batch; the goals are against ONNX Runtime in its better form."""
    rows = []
    for batch in BATCHES:
        if not settings.wants(str(batch)):
            continue
        measured = race(
            settings.chosen(CONTESTANTS),
            {"kind": "inference", "batch": batch},
            rounds=settings.rounds,
            seconds=settings.seconds,
        )
        rows.append(
            Row(
                f"batch {batch}",
                "-".join(map(str, INFERENCE.widths)),
                measured,
                (Goal("faster", 1.3, "ONNX Runtime"),),
                work=bound.inference(INFERENCE, batch),
                machine=machine,
            )
        )
    return Section("inference", "Inference, time per batch", rows)
