"""How long an import takes in a fresh process, NumPy's own included."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.bound import Machine
from benchmarks.row import Goal, Row
from benchmarks.settings import Settings
from benchmarks.table import Section
from benchmarks.timing import ROOT, Measurement, environment

# Names are loaded on first use here: those that every program uses belong to the import.
IMPORTS = {
    "Catenary": "import catenary as cat; cat.jit; cat.grad; cat.nn.Dense; cat.optim.Adam",
    "JAX": "import jax, jax.numpy",
    "PyTorch": "import torch",
    "Autograd": "import autograd.numpy",
    "scikit-learn": "import sklearn.neural_network",
    "ONNX Runtime": "import onnxruntime",
}
PROGRAM = "from time import perf_counter as t; b = t(); {}; print(t() - b)"


def section(settings: Settings, machine: Machine) -> Section:
    """One line; all take turns."""
    del machine
    found = {label: Measurement(label, label == "Catenary") for label in IMPORTS}
    for _ in range(3 if settings.quick else 7):
        for label, line in IMPORTS.items():
            if not (settings.ours and label != "Catenary"):
                once(found[label], line)
    for m in found.values():
        m.minimum = min(m.rounds, default=None)
    measured = [m for m in found.values() if m.rounds or m.error]
    row = Row("import", "", measured, (Goal("within", 0.25),))
    return Section("import", "Import in a fresh process", [row])


def once(measured: Measurement, line: str) -> None:
    """One import more."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(line)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(),
    )
    if done.returncode:
        measured.error = done.stderr.strip().splitlines()[-1]
    else:
        measured.rounds.append(float(done.stdout))
