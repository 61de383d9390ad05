"""The first call of a training step in a fresh process: trace, differentiate, compile, run.

Measured after the import and with the data at hand; ours includes the loading of the compiler.
Our second process finds what the first one compiled; it may also be the first of a pair that
keeps its cache in a folder made for it.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace

from benchmarks.bound import Machine
from benchmarks.case import TRAINING, Case, wanted
from benchmarks.row import Goal, Row
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.timing import Contestant, Measurement, Process, progress

SECOND = 0.050
CATENARY = ours("step", "first call")
AGAIN = ours("step", "second process")
PEERS = (
    peer("JAX", "jax", "step"),
    peer("PyTorch eager", "torch", "eager"),
    peer("PyTorch compiled", "torch", "compile"),
)


def first_call(contestant: Contestant, case: Case, folder: str) -> tuple[float | None, str]:
    """Seconds of the first call in a process of its own, with caches in a folder."""
    process = Process(
        contestant, CATENARY_CACHE_DIR=folder, XDG_CACHE_HOME=folder, TORCHINDUCTOR_CACHE_DIR=folder
    )
    # One step a call: the rest of an epoch is no part of the first call.
    process.build(kind="train", case=asdict(replace(case, steps=1)))
    measured = process.close()
    return measured.first, measured.error


def measured(contestant: Contestant, case: Case, times: int, twice: bool) -> Measurement:
    """The first call several times, each from empty caches or, ``twice``, from filled ones."""
    found = Measurement(contestant.label, contestant.ours)
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            seconds, error = first_call(contestant, case, folder)
            if twice and not error:
                seconds, error = first_call(contestant, case, folder)
        if seconds is None:
            found.error = error
            break
        found.rounds.append(seconds)
    found.minimum = min(found.rounds, default=None)
    return found


def section(settings: Settings, machine: Machine) -> Section:
    """Two lines for each case: the first process against JAX, and ours with a filled cache."""
    del machine
    rows = []
    times = 1 if settings.quick or settings.ours else 3
    for case in wanted(TRAINING, list(settings.only)):
        progress(f"first call, {case.name}")
        found = [measured(CATENARY, case, times, twice=False)]
        for contestant in settings.chosen(PEERS):
            slow = contestant.mode == "compile"
            found.append(measured(contestant, case, 1 if slow else times, twice=False))
        rows.append(Row(case.name, case.sizes, found, (Goal("faster", 1.0, "JAX"),)))
        again = [measured(AGAIN, case, times, twice=True)]
        rows.append(Row(f"{case.name}, again", case.sizes, again, (Goal("within", SECOND),)))
    return Section("compile", "First call of a training step in a fresh process", rows)
