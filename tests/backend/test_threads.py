"""Threads: how many, how they meet, one job at a time, fork, the end of the process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenary.backend.llvm import entry, pool, threads
from catenary.core.errors import InputError
from tests import source
from tests.backend import bodies

ARENA = 8 * (bodies.HEAD + 16)


def _relay(n: int, *, brief: bool = False) -> tuple[int, int]:
    result = np.full(2, -1)
    entry.run(bodies.address("relay"), [], [result], ARENA, n, brief=brief)
    return int(result[0]), int(result[1])


def _sums(n: int) -> tuple[Any, Any]:
    y, z = np.empty(1000, int), np.empty(1000, int)
    entry.run(bodies.address("sums"), [np.arange(1000)], [y, z], ARENA, n)
    return y, z


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_nobody_passes_a_barrier_before_all_have_come(n: int) -> None:
    for _ in range(20):
        assert _relay(n) == (0, n)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_stages_see_what_other_threads_wrote(n: int) -> None:
    for _ in range(20):
        y, z = _sums(n)
        assert np.array_equal(y, np.cumsum(2 * np.arange(1000)))
        assert np.all(z == y[-1])


def test_ten_thousand_jobs() -> None:
    for _ in range(10_000):
        y, _z = _sums(2)
        assert y[-1] == 999_000


def test_sleeping_workers_wake_for_the_next_job() -> None:
    for _ in range(20):
        time.sleep(0.001)
        assert _relay(2) == (0, 2)


def test_no_worker_misses_a_job_while_it_falls_asleep() -> None:
    """Pauses between jobs around the time after which a worker sleeps."""
    job = bodies.address("idle"), [], [], 64, 2
    for i in range(20_000):
        entry.run(*job)
        end = time.perf_counter() + (i % 400) * 0.2e-6
        while time.perf_counter() < end:
            pass


def test_a_brief_job_is_alone_while_workers_sleep() -> None:
    """But it wakes them: soon another is not alone."""
    assert _relay(2) == (0, 2)
    numbers = []
    for _ in range(5):
        time.sleep(0.02)
        numbers.append(_relay(2, brief=True))
    assert (0, 1) in numbers
    end = time.perf_counter() + 10
    while _relay(2, brief=True) != (0, 2):
        assert time.perf_counter() < end


def test_a_pool_serves_fewer_threads_than_it_has() -> None:
    for n in (4, 2, 3, 1, 4, 2):
        assert _relay(n) == (0, n)


def test_idle_workers_use_no_processor() -> None:
    _relay(4)
    time.sleep(0.05)
    before = time.process_time()
    time.sleep(0.2)
    assert time.process_time() - before < 0.05


def test_concurrent_callers_run_alone_and_get_the_same() -> None:
    wrong: list[Any] = []
    alone: list[int] = []

    def caller() -> None:
        for _ in range(500):
            errors, number = _relay(2)
            y, _z = _sums(2)
            alone.append(number)
            if errors or y[-1] != 999_000:
                wrong.append((errors, y[-1]))

    callers = [threading.Thread(target=caller) for _ in range(4)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join()
    assert not wrong
    assert set(alone) <= {1, 2}


def test_one_job_has_the_pool() -> None:
    """Of two long jobs at the same time one is alone, and neither waits for the other."""
    numbers: dict[str, list[int]] = {"there": [], "here": []}

    def work(where: str) -> None:
        number = np.zeros(1, int)
        entry.run(bodies.address("slow"), [], [number], ARENA, 2)
        numbers[where].append(int(number[0]))

    thread = threading.Thread(target=lambda: [work("there") for _ in range(20)])
    thread.start()
    while thread.is_alive():
        work("here")
    assert {1, 2} == {*numbers["there"], *numbers["here"]}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_makes_a_pool_of_its_own() -> None:
    assert _relay(2) == (0, 2)
    child = os.fork()
    if child == 0:
        fine = not pool.DOOR.pool and _relay(2) == (0, 2) and _relay(3) == (0, 3)
        os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert _relay(2) == (0, 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_while_a_pool_is_being_made() -> None:
    with pool._making:
        child = os.fork()
        if child == 0:
            os._exit(0 if not pool._making.locked() and _relay(2) == (0, 2) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_in_the_middle_of_a_job() -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            entry.run(bodies.address("slow"), [], [np.zeros(1, int)], ARENA, 2)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                os._exit(0 if _relay(2) == (0, 2) else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        thread.join()


def _run_python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(source.ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


PRELUDE = """
import threading, time
import numpy as np
from catenary.backend.llvm import entry
from tests.backend import bodies
def job(name, n):
    return entry.run(bodies.address(name), [], [np.zeros(2, int)], 512, n)
"""


BUSY = """
threading.Thread(target=lambda: [job("slow", 2) for _ in range(9999)], daemon=True).start()
time.sleep(0.1)
"""


@pytest.mark.parametrize(
    "ending",
    ["job('relay', 3)", "job('relay', 3); time.sleep(0.01)", "job('idle', 2)", BUSY],
    ids=["watching", "asleep", "just done", "busy"],
)  # fmt: skip
def test_the_process_ends_cleanly(ending: str) -> None:
    result = _run_python(PRELUDE + ending)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_processes_of_a_fork_pool() -> None:
    result = _run_python(
        PRELUDE
        + """
import multiprocessing, warnings
warnings.simplefilter("ignore")
def child(i):
    y = np.zeros(2, int)
    entry.run(bodies.address("relay"), [], [y], 512, 2)
    return y.tolist()
job("relay", 2)
with multiprocessing.get_context("fork").Pool(2) as processes:
    assert processes.map(child, range(20)) == [[0, 2]] * 20
"""
    )
    assert (result.returncode, result.stderr) == (0, "")


# ---- how many -----------------------------------------------------------------------------------


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    for variable in ("CATENARY_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(threads, "_SYSTEM", Path("/nowhere"))
    threads.count.cache_clear()
    yield monkeypatch
    threads.count.cache_clear()


def test_count_without_wishes(environment: Any) -> None:
    environment.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert threads.count() == 3


@pytest.mark.parametrize(("wish", "count"), [("2", 2), ("64", 3), ("2,4", 2), (" 1 ", 1), ("", 3)])
def test_openmp_lowers_the_count(environment: Any, wish: str, count: int) -> None:
    environment.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    environment.setenv("OMP_NUM_THREADS", wish)
    assert threads.count() == count


def test_our_own_variable_decides_alone(environment: Any) -> None:
    environment.setenv("OMP_NUM_THREADS", "1")
    environment.setenv("CATENARY_NUM_THREADS", "7")
    assert threads.count() == 7


@pytest.mark.parametrize("variable", ["CATENARY_NUM_THREADS", "OMP_NUM_THREADS"])
@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "²"])
def test_a_bad_number_names_its_variable(environment: Any, variable: str, text: str) -> None:
    environment.setenv(variable, text)
    with pytest.raises(InputError, match=f"{variable} is '{text}'"):
        threads.count()


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.mark.parametrize(
    ("membership", "files", "count"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n"}, None),
        ("0::/a/b\n", {"a/b/cpu.max": "250000 100000\n"}, 3),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000\n", "a/cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 1),
        ("0::/of/the/host\n", {"cpu.max": "400000 100000\n"}, 4),
        ("2:cpu,cpuacct:/a\n", {"cpu/a/cpu.cfs_quota_us": "150000\n",
                                "cpu/a/cpu.cfs_period_us": "50000\n"}, 3),
        ("2:cpu:/a\n", {"cpu/a/cpu.cfs_quota_us": "-1\n",
                        "cpu/a/cpu.cfs_period_us": "100000\n"}, None),
        ("2:memory:/a\n", {"cpu/a/cpu.cfs_quota_us": "100000\n",
                           "cpu/a/cpu.cfs_period_us": "100000\n"}, None),
    ],
    ids=["free", "version 2", "parent", "half", "container", "version 1", "none", "other"],
)  # fmt: skip
def test_quota(tmp_path: Path, membership: str, files: dict[str, str], count: int | None) -> None:
    _write(tmp_path, files)
    assert threads.quota(membership, tmp_path) == count
