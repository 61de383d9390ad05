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


def environment(**more: str) -> dict[str, str]:
    """The variables of a contestant: the same number of threads under each of its names."""
    names = ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "CATENARY")
    counts = {f"{name}_NUM_THREADS": str(threads()) for name in names}
    path = os.pathsep.join(
        [str(ROOT / "src"), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu", "PYTHONWARNINGS": "ignore"}
    return {**os.environ, **counts, **quiet, "PYTHONPATH": path, **more}


def progress(line: str) -> None:
    """What is going on, for a person who looks on."""
    print(line, file=sys.stderr, flush=True)


class Process:
    """A worker, asked in lines; asleep between questions."""

    def __init__(self, contestant: Contestant, **variables: str) -> None:
        self.contestant = contestant
        self.measured = Measurement(contestant.label, contestant.ours)
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
        if self.measured.error:
            return {"error": self.measured.error}
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
        self.measured.error = answer.get("error", "")
        self._sleep()
        return answer

    def again(self) -> None:
        """Begin a new measurement in the same process, unless it has failed."""
        if not self.measured.error:
            self.measured = Measurement(self.contestant.label, self.contestant.ours)

    def build(self, **asked: Any) -> None:
        """Let it make what is to be timed."""
        begin = perf_counter()
        answer = self.ask(build={"mode": self.contestant.mode, **asked})
        for name in ("first", "value", "version"):
            setattr(self.measured, name, answer.get(name, getattr(self.measured, name)))
        told = self.measured.error or f"ready after {perf_counter() - begin:.1f} s"
        progress(f"  {self.contestant.label}: {told}")

    def round(self, seconds: float) -> None:
        """Let it measure for so long, once more."""
        found = self.ask(round=seconds).get("samples")
        if found:
            self.measured.rounds.append(median(found))
            before = self.measured.minimum
            self.measured.minimum = min([*found, *([] if before is None else [before])])

    def close(self) -> Measurement:
        """End the process; what was measured."""
        self.measured.memory = self.ask(memory=0).get("bytes")
        self._process.kill()
        self._process.communicate()
        self._errors.close()
        return self.measured

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
        build_all(processes, asked)
        take_turns(processes, rounds, seconds)
    finally:
        measured = [process.close() for process in processes]
    return measured


def build_all(processes: Sequence[Process], asked: dict[str, Any]) -> None:
    """All get ready, some at the same time: how long that takes says nothing here."""
    with ThreadPoolExecutor(threads()) as pool:
        list(pool.map(lambda process: process.build(**asked), processes))
    for process in processes:
        process.measured.first = None


def take_turns(processes: Sequence[Process], rounds: int, seconds: float) -> None:
    """Forwards, backwards, forwards, …; fewer rounds where they take far longer than asked."""
    begin = perf_counter()
    for number in range(rounds):
        for process in processes if number % 2 == 0 else reversed(processes):
            process.round(seconds)
        if perf_counter() - begin > OVERTIME * rounds * seconds * len(processes):
            break
    progress(f"  {number + 1} rounds in {perf_counter() - begin:.1f} s")
