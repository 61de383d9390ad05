"""A process that measures one thing: ``python -m benchmarks.worker MODULE``, spoken to in lines.

Reads one JSON object a line and answers with one. ``{"build": …}`` makes what is to be timed and
keeps it under the name of its slot, ``{"round": {"slot": …, "seconds": …}}`` times it,
``{"memory": 0}`` says how large the process has been. An error is an answer too:
``{"error": "…"}``.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.case import Run
from benchmarks.sample import samples


def peak_memory() -> int:
    """The largest resident size of this process so far, in bytes.

    Read from Linux itself: getrusage counts what the parent had before it started us.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii").splitlines():
            if line.startswith("VmHWM"):
                return 1024 * int(line.split()[1])
    import resource

    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else 1024 * size


class Worker:
    """Answers to what is asked."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.runs: dict[str, Run] = {}

    def build(self, asked: dict[str, Any]) -> dict[str, Any]:
        peer = importlib.import_module(self.module)
        slot = asked.pop("slot")
        run: Run = peer.build(**asked)
        self.runs[slot] = run
        return {"first": run.first, "value": run.value, "version": peer.version()}

    def round(self, asked: dict[str, Any]) -> dict[str, Any]:
        run = self.runs[asked["slot"]]
        run.reset()
        return {"samples": [s / run.count for s in samples(run.call, asked["seconds"])]}

    def memory(self, _: Any) -> dict[str, Any]:
        return {"bytes": peak_memory()}

    def answer(self, line: str) -> dict[str, Any]:
        (verb, content), *_ = json.loads(line).items()
        try:
            verbs: dict[str, Callable[[Any], dict[str, Any]]]
            verbs = {"build": self.build, "round": self.round, "memory": self.memory}
            return verbs[verb](content)
        except ModuleNotFoundError as error:
            return {"error": f"{error.name} is not installed"}
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is its result
            told = (str(error).strip() or type(error).__name__).splitlines()[0]
            return {"error": f"{type(error).__name__}: {told[:200]}"}


def pinned(count: int) -> None:
    """Keep this process on the first processors: the only count of threads that XLA obeys."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def main() -> None:
    # Whatever a library prints goes to stderr; the pipe is for answers alone.
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    pinned(int(os.environ["OMP_NUM_THREADS"]))
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(worker.answer(line)), file=pipe, flush=True)


if __name__ == "__main__":
    main()
