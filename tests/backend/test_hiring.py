"""Workers that are slow to begin: nobody waits for them with the interpreter's lock in hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

_SLOW_TO_BEGIN = """
import threading, time
from tests.fuzz.check import example
from tests.fuzz import threads
from catenary.backend.llvm import pool


class Slow(threading.Thread):
    def run(self):
        time.sleep(0.1)
        super().run()


def light(number):
    # for several threads, and too short to let others run Python meanwhile
    one = example(0, number)
    program = threads.compile_graph(one.graph, 2)
    return program.code.threads == 2 and not program.code.heavy


one = example(0, next(filter(light, range(100))))
pool.threading.Thread = Slow
for count in (2, 3, 4):
    threads.compile_graph(one.graph, count)(one.arrays)
print("done")
"""


def test_a_call_waits_for_new_workers_before_it_holds_the_lock() -> None:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SLOW_TO_BEGIN],
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.stdout.strip() == "done", ran.stderr
