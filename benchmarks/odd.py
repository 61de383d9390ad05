"""Odd sizes: primes, batches that divide nothing, a last short batch, float64, other activations.

Each is compared with the round case next to it: time per operation (transcendentals counted as
in ``bound``; a float64 operation as two, for a vector holds half as many) at most 1.5 times as
much, by our smallest times, as for the widths: medians of two cases differ by what else the
machine did meanwhile.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.bound import Machine, training
from benchmarks.case import BY_NAME, Case
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.train import raced_together

CONTESTANTS = (ours("step"), ours("scan"), peer("JAX scan", "jax", "scan"))
ALLOWED = 1.5

TINY, ANCHOR, DIGITS, SMALL, MIDDLE = (
    replace(BY_NAME[name], goal=None) for name in ("tiny", "anchor", "digits", "small", "middle")
)
ODD = (
    (replace(TINY, name="tiny, odd", widths=(3, 17, 1), batch=199), TINY),
    (replace(ANCHOR, name="anchor, primes", widths=(5, 31, 17, 3), batch=9973), ANCHOR),
    (replace(DIGITS, name="digits, primes", widths=(61, 127, 67, 11), batch=31), DIGITS),
    (replace(SMALL, name="small, primes", widths=(787, 131, 11), batch=67), SMALL),
    (replace(MIDDLE, name="middle, primes", widths=(787, 509, 521, 11), batch=127), MIDDLE),
    (replace(DIGITS, name="digits, short last batch", short=5), DIGITS),
    (replace(DIGITS, name="digits, float64", dtype="float64"), DIGITS),
    (replace(SMALL, name="small, float64", dtype="float64"), SMALL),
    (replace(DIGITS, name="digits, leaky_relu", activation="leaky_relu"), DIGITS),
    (replace(DIGITS, name="digits, gelu", activation="gelu"), DIGITS),
    (replace(DIGITS, name="digits, sigmoid", activation="sigmoid"), DIGITS),
)


def weight(case: Case) -> float:
    """Operations of a step, those in float64 twice."""
    return training(case).operations * (2 if case.dtype == "float64" else 1)


def factor(odd: tuple[Case, float], even: tuple[Case, float]) -> float:
    """How much longer an operation takes in the odd case than in the round one."""
    (case, seconds), (near, near_seconds) = odd, even
    return (seconds / weight(case)) / (near_seconds / weight(near))


def section(settings: Settings, machine: Machine) -> Section:
    """The round cases, then the odd ones with their factors below."""
    chosen = [(odd, near) for odd, near in ODD if wants(settings, odd, near)]
    contestants = settings.chosen(CONTESTANTS)
    cases = dict.fromkeys([near for _, near in chosen] + [odd for odd, _ in chosen])
    rows = {row.name: row for row in raced_together(cases, contestants, settings, machine)}
    remarks, failures = [], []
    for odd, near in chosen:
        times = [rows[case.name].best(True, least=True) for case in (odd, near)]
        if times[0] is None or times[1] is None:
            continue
        found = factor((odd, times[0]), (near, times[1]))
        told = f"{odd.name}: {found:.2f}× the time per operation of {near.name}"
        remarks.append(told)
        if found > ALLOWED:
            failures.append(f"{told}, at most {ALLOWED}× promised")
    title = "Odd sizes, time per training step"
    return Section("odd", title, list(rows.values()), tuple(remarks), tuple(failures))


def wants(settings: Settings, odd: Case, near: Case) -> bool:
    """Cases are asked for by their own name, by the round one's, or by a word of it."""
    words = {odd.name, near.name, odd.name.partition(", ")[2]}
    return not settings.only or not words.isdisjoint(settings.only)
