"""Whole Jacobians: chains with a bottleneck or without, and scalar code with shared values."""

from __future__ import annotations

import numpy as np

from benchmarks.bound import Machine
from benchmarks.formulas import CHAINS, GAS, chain, matrices, roe_flux
from benchmarks.row import Goal, Row
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section
from benchmarks.timing import race
from catenary.linear.jacobian import jacobian_plan
from catenary.linear.plan.report import JacobianPlan

CONTESTANTS = (
    ours("auto", "planned"),
    ours("forward"),
    ours("reverse"),
    peer("JAX jacfwd", "jax", "forward"),
    peer("JAX jacrev", "jax", "reverse"),
)
GOALS = {"bottleneck": 10.0}


def section(settings: Settings, machine: Machine) -> Section:
    """A line for each function; the goal is against the better of JAX's two modes."""
    del machine
    rows = []
    for name in (*CHAINS, "roe"):
        if not settings.wants(name):
            continue
        measured = race(
            settings.chosen(CONTESTANTS),
            {"kind": "jacobian", "name": name},
            rounds=settings.rounds,
            seconds=settings.seconds,
        )
        goals = (Goal("faster", GOALS[name], "JAX"),) if name in GOALS else ()
        rows.append(Row(name, detail(name), measured, goals, agree=1e-10, notes=[counted(name)]))
    return Section("jacobians", "Jacobians, float64, result in memory, time per call", rows)


def detail(name: str) -> str:
    """The sizes on the way."""
    return "-".join(map(str, CHAINS[name])) if name in CHAINS else "6 to 3 numbers"


def planned(name: str) -> JacobianPlan:
    """The order in which our Jacobian is multiplied."""
    if name not in CHAINS:
        return jacobian_plan(lambda u: roe_flux(u, np))(np.array(GAS))
    weights = matrices(CHAINS[name])
    return jacobian_plan(lambda x: chain(x, weights, np))(np.ones(CHAINS[name][0]))


def counted(name: str) -> str:
    """Multiplications of the planned order beside those of both modes."""
    found = planned(name)
    return (
        f"{found.multiplications:,} multiplications in the order {found.order!r}; "
        f"forward {found.forward:,}, reverse {found.reverse:,}"
    )
