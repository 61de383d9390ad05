"""Contestants in turns: each in a process of its own, only one of them awake at a time.

Rounds go through all contestants forwards, then backwards, so that noise of the machine and its
slow changes hit all alike. A process whose turn it is not is stopped by a signal: threads that
wait by spinning take nothing from the others.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Timer
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# Seconds for an answer; how many times longer than asked rounds may take before some are left out.
PATIENCE, OVERTIME = 300.0, 4


@dataclass(frozen=True)
class Contestant:
    """Who (the module that can build it), how (``mode``), and what it is called in tables."""

    label: str
    module: str
    mode: str
    ours: bool = False


@dataclass
class Measurement:
    """What one contestant took for one unit of work, in seconds.

    ``rounds``: the median of each round; ``minimum`` over all. ``error`` says why there is nothing.
    """

    label: str
    ours: bool = False
    rounds: list[float] = field(default_factory=list)
    minimum: float | None = None
    first: float | None = None
    value: Any = None
    memory: int | None = None
    version: str = ""
    error: str = ""

    @property
    def median(self) -> float | None:
        """The median of the rounds' medians."""
        return median(self.rounds) if self.rounds else None


def threads() -> int:
    """How many processors this process may use; every contestant gets as many threads."""
    has = getattr(os, "sched_getaffinity", None)
    return int(os.environ.get("BENCHMARK_THREADS") or (len(has(0)) if has else os.cpu_count() or 1))


# Libraries that were installed have their modules compiled to byte code; so let ours be.
UNINSTALLED = {"PYTHONDONTWRITEBYTECODE"}


def environment(**more: str) -> dict[str, str]:
    """The variables of a contestant: the same number of threads under each of its names."""
    names = ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "CATENARY")
    counts = {f"{name}_NUM_THREADS": str(threads()) for name in names}
    path = os.pathsep.join(
        [str(ROOT / "src"), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu", "PYTHONWARNINGS": "ignore"}
    given = {name: value for name, value in os.environ.items() if name not in UNINSTALLED}
    return {**given, **counts, **quiet, "PYTHONPATH": path, **more}


def progress(line: str) -> None:
    """What is going on, for a person who looks on."""
    print(line, file=sys.stderr, flush=True)


class Process:
    """A worker, asked in lines; asleep between questions."""

    def __init__(self, contestant: Contestant, **variables: str) -> None:
        self.contestant = contestant
        self.slots: dict[str, Measurement] = {}
        self._failed = ""
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in close()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", contestant.module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=ROOT,
            env=environment(**variables),
        )
        self._sleep()

    def ask(self, **question: Any) -> dict[str, Any]:
        """The answer; after the first error, nothing but it."""
        if self._failed:
            return {"error": self._failed}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._signal("SIGCONT")
        timer = Timer(PATIENCE, self._process.kill)
        timer.start()
        try:
            print(json.dumps(question), file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        answer: dict[str, Any] = json.loads(line) if line else {"error": self._last_words()}
        self._failed = answer.get("error", "")
        self._sleep()
        return answer

    def of(self, slot: str = "") -> Measurement:
        """What was measured of one of the things that this process has built."""
        known = self.slots.setdefault(
            slot, Measurement(self.contestant.label, self.contestant.ours)
        )
        known.error = known.error or self._failed
        return known

    def build(self, slot: str = "", **asked: Any) -> None:
        """Let it make what is to be timed."""
        begin = perf_counter()
        answer = self.ask(build={"mode": self.contestant.mode, "slot": slot, **asked})
        known = self.of(slot)
        for name in ("first", "value", "version"):
            setattr(known, name, answer.get(name, getattr(known, name)))
        told = known.error or f"ready after {perf_counter() - begin:.1f} s"
        progress(f"  {self.contestant.label}{slot and f' {slot}'}: {told}")

    def round(self, seconds: float, slot: str = "") -> None:
        """Let it measure for so long, once more."""
        found = self.ask(round={"slot": slot, "seconds": seconds}).get("samples")
        known = self.of(slot)
        if found:
            known.rounds.append(median(found))
            before = [] if known.minimum is None else [known.minimum]
            known.minimum = min([*found, *before])

    def close(self) -> Measurement:
        """End the process; what was measured."""
        known = self.of()
        known.memory = self.ask(memory=0).get("bytes")
        self._process.kill()
        self._process.communicate()
        self._errors.close()
        return known

    def _sleep(self) -> None:
        self._signal("SIGSTOP")

    def _signal(self, name: str) -> None:
        if self._process.poll() is None and hasattr(signal, name):
            self._process.send_signal(getattr(signal, name))

    def _last_words(self) -> str:
        code = self._process.wait()
        self._errors.seek(0)
        told = self._errors.read().strip().splitlines()
        return f"ended with {code}{': ' + told[-1][:200] if told else ''}"


def race(
    contestants: Iterable[Contestant], asked: dict[str, Any], *, rounds: int, seconds: float
) -> list[Measurement]:
    """Build all, then let them measure in turns."""
    processes = [Process(contestant) for contestant in contestants]
    try:
        build_all(processes, {"": asked})
        take_turns(processes, rounds, seconds)
    finally:
        measured = [process.close() for process in processes]
    return measured


def build_all(processes: Sequence[Process], asked: dict[str, dict[str, Any]]) -> None:
    """All get ready, slot by slot; some at the same time: how long it takes says nothing here."""

    def build(process: Process) -> None:
        for slot, task in asked.items():
            process.build(slot, **task)
            process.of(slot).first = None

    with ThreadPoolExecutor(threads()) as pool:
        list(pool.map(build, processes))


def take_turns(
    processes: Sequence[Process], rounds: int, seconds: float, slots: Sequence[str] = ("",)
) -> None:
    """Forwards, backwards, forwards, …; fewer rounds where they take far longer than asked."""
    begin = perf_counter()
    turns = [(process, slot) for slot in slots for process in processes]
    for number in range(rounds):
        for process, slot in turns if number % 2 == 0 else reversed(turns):
            process.round(seconds, slot)
        if perf_counter() - begin > OVERTIME * rounds * seconds * len(turns):
            break
    progress(f"  {number + 1} rounds in {perf_counter() - begin:.1f} s")
