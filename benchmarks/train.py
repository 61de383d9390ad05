"""Training steps: ours, step by step and whole epochs in one call, beside every peer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from benchmarks import bound
from benchmarks.bound import Machine
from benchmarks.case import STEPS_TO_COMPARE, TRAINING, Case, wanted
from benchmarks.machine import peak_process, with_peak
from benchmarks.row import Goal, Row
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.timing import Contestant, Process, build_all, progress, take_turns

CONTESTANTS = (
    ours("step"),
    ours("scan"),
    peer("JAX step", "jax", "step"),
    peer("JAX scan", "jax", "scan"),
    peer("PyTorch eager", "torch", "eager"),
    peer("PyTorch compiled", "torch", "compile"),
    peer("scikit-learn", "sklearn"),
)


def raced(case: Case, contestants: list[Contestant], settings: Settings, machine: Machine) -> Row:
    """One case, everybody in turns, the machine's peak among them."""
    progress(f"{case.name}, {case.sizes}")
    processes = [Process(contestant) for contestant in contestants]
    peak = peak_process(case.dtype)
    build_all(processes, {"": {"kind": "train", "case": asdict(case)}})
    take_turns([*processes, peak], settings.rounds, settings.seconds)
    measured = [process.close() for process in processes]
    now = with_peak(machine, case.dtype, peak)
    goals = () if case.goal is None else (Goal("faster", case.goal),)
    return Row(case.name, case.sizes, measured, goals, work=bound.training(case), machine=now)


def raced_together(
    cases: Iterable[Case], contestants: list[Contestant], settings: Settings, machine: Machine
) -> list[Row]:
    """Cases that are to be compared with one another: all of them take turns in each round.

    A contestant has one process for all.
    """
    by_name = {case.name: case for case in cases}
    processes = [Process(contestant) for contestant in contestants]
    asked = {name: {"kind": "train", "case": asdict(case)} for name, case in by_name.items()}
    build_all(processes, asked)
    take_turns(processes, settings.rounds, settings.seconds / 3, list(by_name))
    rows = [
        Row(
            name,
            case.sizes,
            [process.of(name) for process in processes],
            work=bound.training(case),
            machine=machine,
        )
        for name, case in by_name.items()
    ]
    for process in processes:
        process.close()
    return rows


def section(settings: Settings, machine: Machine) -> Section:
    """The table of training."""
    rows = [
        raced(case, settings.chosen(CONTESTANTS), settings, machine)
        for case in wanted(TRAINING, list(settings.only))
    ]
    told = (
        f"Time of one step; 'differ' is of the costs in step {STEPS_TO_COMPARE}, 'of peak' counts "
        "products alone."
    )
    left = "torch.compile is left out of quick runs: it takes up to half a minute for a case."
    remarks = [told, left] if settings.quick and not settings.ours else [told]
    return Section("train", "Training, time per step", rows, tuple(remarks))
