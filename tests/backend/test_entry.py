"""Compiled programs as builtins: what they take, what they give, what they keep."""

from __future__ import annotations

import gc
import resource
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenary.backend.llvm import cpython, entry
from tests.backend import bodies

F8, F4, I8 = (np.dtype(name) for name in ("f8", "f4", "i8"))

STATM = Path("/proc/self/statm")

Make = Callable[..., Any]


def refuse(code: int, detail: int, args: tuple[Any, ...]) -> Any:
    raise AssertionError((code, detail, args))


@pytest.fixture(params=[entry.make, entry.slow], ids=["native", "slow"])
def make(request: pytest.FixtureRequest) -> Make:
    """Both ways of calling: they behave alike."""
    return request.param


def program(make: Make, body: str, parameters: Any, results: Any, **options: Any) -> Any:
    options = {"on_status": refuse, "single": True, "arena_bytes": 512, **options}
    return make(bodies.address(body), parameters, results, **options)


def idle(make: Make, *parameters: Any, **options: Any) -> Any:
    return program(make, "idle", parameters, [], single=False, **options)


def test_this_interpreter_is_known() -> None:
    assert cpython.known()
    assert type(program(entry.make, "twice", [(F8, (), True)], [(F8, ())])) is type(len)


def test_the_slow_way_is_taken_where_the_interpreter_is_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cpython, "known", lambda: False)
    made = program(entry.make, "twice", [(F8, (), True)], [(F8, (), "float")])
    assert type(made) is type(refuse)
    assert made(1.5) == 3.0


@pytest.mark.parametrize("how", ["array", "number", "float"])
def test_a_number_comes_back_as_asked(make: Make, how: str) -> None:
    y = program(make, "twice", [(F8, (), True)], [(F8, (), how)])(1.5)
    kinds = {"array": np.ndarray, "number": np.float64, "float": float}
    assert type(y) is kinds[how]
    assert y == 3.0


@pytest.mark.parametrize("how", ["array", "number"])
@pytest.mark.parametrize("dtype", ["?", "i1", "i4", "i8", "u1", "u8", "f4", "f8"])
def test_results_have_their_dtype(make: Make, dtype: str, how: str) -> None:
    y = idle(make)
    y = program(make, "idle", [], [(np.dtype(dtype), (), how)])()
    assert y.dtype == dtype
    assert y.shape == ()


def test_a_float32_becomes_a_float(make: Make) -> None:
    """The bits of the double 2 · x end where those of a float32 begin: 2.0 after 1.0."""
    both = np.array([1.5, -2.25], F4).view(F8)[0]
    assert program(make, "twice", [(F8, (), True)], [(F4, (), "float")])(float(both) / 2) == 1.5


def test_several_results_are_a_tuple_of_new_arrays(make: Make) -> None:
    sums = program(make, "sums", [(I8, (1000,))], [(I8, (1000,)), (I8, (10, 100))], single=False)
    x = np.arange(1000)
    first, second = sums(x), sums(x)
    assert type(first) is tuple
    assert np.array_equal(first[0], np.cumsum(2 * x))
    assert first[1].shape == (10, 100)
    assert np.all(first[1] == 999_000)
    assert all(a.flags.owndata and a.flags.writeable and a.flags.c_contiguous for a in first)
    assert not any(np.shares_memory(a, b) for a, b in zip(first, second))


def test_no_parameters_no_results(make: Make) -> None:
    assert idle(make)() == ()


# ---- what fits ----------------------------------------------------------------------------------

SHAPE = (2, 3)
FITTING = {
    "plain": np.zeros(SHAPE),
    "part": np.zeros((4, 3))[1:3],
    "read only": np.frombuffer(bytes(48)).reshape(SHAPE),
    "other dtype object": np.zeros(SHAPE, np.dtype("f8", metadata={"unit": "m"})),
}
UNFIT = {
    "dtype": np.zeros(SHAPE, F4),
    "integers of that width": np.zeros(SHAPE, I8),
    "byte order": np.zeros(SHAPE, ">f8"),
    "rank": np.zeros(6),
    "shape": np.zeros((3, 2)),
    "longer": np.zeros((2, 4)),
    "column order": np.zeros(SHAPE, order="F"),
    "steps": np.zeros((2, 6))[:, ::2],
    "alignment": np.zeros(49, np.uint8)[1:].view(F8).reshape(SHAPE),
    "subclass": np.zeros(SHAPE).view(np.recarray),
    "masked": np.ma.zeros(SHAPE),
    "list": [[0.0] * 3] * 2,
    "number": 1.0,
    "nothing": None,
}


@pytest.mark.parametrize("x", FITTING.values(), ids=FITTING)
def test_fitting_arrays(make: Make, x: Any) -> None:
    assert idle(make, (F8, SHAPE))(x) == ()


@pytest.mark.parametrize("x", UNFIT.values(), ids=UNFIT)
def test_unfit_arrays(make: Make, x: Any) -> None:
    assert idle(make, (F8, SHAPE))(x) is NotImplemented
    assert idle(make, (F8, SHAPE), (F8, SHAPE))(FITTING["plain"], x) is NotImplemented


@pytest.mark.parametrize("shape", [(0,), (0, 3), (1, 1, 1), (2,) * 20])
def test_odd_shapes(make: Make, shape: tuple[int, ...]) -> None:
    copy = program(make, "idle", [(F4, shape)], [(F4, shape)])
    assert copy(np.zeros(shape, F4)).shape == shape
    assert copy(np.zeros((*shape, 1), F4)) is NotImplemented


def test_numbers_of_python_and_of_numpy_are_kept_apart(make: Make) -> None:
    weak, strong = idle(make, (F8, (), True)), idle(make, (F8, ()))
    single, narrow = idle(make, (F4, ())), idle(make, (F4, (), True))

    class Meters(float):
        pass

    cases: list[tuple[Any, tuple[bool, ...]]] = [
        (1.0, (True, False, False, False)),
        (np.float64(1), (False, True, False, False)),
        (np.array(1.0), (False, True, False, False)),
        (np.float32(1), (False, False, True, False)),
        (np.array(1.0, F4), (False, False, True, False)),
        (1, (False,) * 4),
        (True, (False,) * 4),
        (Meters(1), (False,) * 4),
        (np.array([1.0]), (False,) * 4),
        ("1", (False,) * 4),
    ]
    for x, fits in cases:
        assert tuple(f(x) == () for f in (weak, strong, single, narrow)) == fits, x


@pytest.mark.parametrize("x", [1.5, np.float64(1.5), np.array(1.5)], ids=str)
def test_numbers_are_read(make: Make, x: Any) -> None:
    twice = program(make, "twice", [(F8, (), type(x) is float)], [(F8, (), "float")])
    assert twice(x) == 3.0


def test_the_number_of_arguments(make: Make) -> None:
    twice = program(make, "twice", [(F8, (), True)], [(F8, (), "float")])
    assert twice() is NotImplemented
    assert twice(1.0, 2.0) is NotImplemented
    with pytest.raises(TypeError):
        twice(x=1.0)


def test_the_name(make: Make) -> None:
    assert idle(make, name="rosenbrock").__name__ == "rosenbrock"


# ---- status -------------------------------------------------------------------------------------


def test_a_status_calls_back(make: Make) -> None:
    """The answer replaces the result; the next call without a status is an ordinary one."""
    asked: list[Any] = []

    def answer(code: int, detail: int, args: tuple[Any, ...]) -> str:
        asked.append((code, detail, args))
        return "instead"

    spoil = program(make, "spoil", [(I8, (2,))], [(F8, (3,))], on_status=answer)
    x = np.array([7, -(2**62)])
    assert spoil(x) == "instead"
    assert asked[0][:2] == (7, -(2**62))
    assert asked[0][2] == (x,) or asked[0][2][0] is x
    assert spoil(np.zeros(2, int)).shape == (3,)
    assert len(asked) == 1


def test_a_status_raises(make: Make) -> None:
    def fail(code: int, detail: int, args: tuple[Any, ...]) -> Any:
        raise IndexError(detail)

    spoil = program(make, "spoil", [(I8, (2,))], [(F8, (3,))], on_status=fail)
    for _ in range(3):
        with pytest.raises(IndexError, match="12"):
            spoil(np.array([1, 12]))


def test_a_callback_may_call_the_program(make: Make) -> None:
    def again(code: int, detail: int, args: tuple[Any, ...]) -> Any:
        return spoil(args[0] - 1)

    spoil = program(make, "spoil", [(I8, (2,))], [(F8, (3,))], on_status=again)
    assert spoil(np.array([5, 0])).shape == (3,)


def test_no_memory_for_a_result(make: Make) -> None:
    huge = program(make, "idle", [], [(F8, (3,)), (F8, (2**58,))], single=False)
    with pytest.raises(MemoryError):
        huge()


def test_no_memory_for_the_arena() -> None:
    with pytest.raises(MemoryError):
        idle(entry.make, arena_bytes=2**60)()


# ---- threads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("release", [False, True], ids=["holding", "released"])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_programs_on_several_threads(make: Make, threads: int, release: bool) -> None:
    options = {"single": False, "threads": threads, "release_gil": release}
    relay = program(make, "relay", [], [(I8, (2,))], **{**options, "single": True})
    assert relay().tolist() == [0, threads]
    sums = program(make, "sums", [(I8, (1000,))], [(I8, (1000,))] * 2, **options)
    for _ in range(100):
        y, z = sums(np.arange(1000))
        assert y[-1] == z[0] == 999_000


def test_concurrent_callers(make: Make) -> None:
    """The frames of calls at the same time are not shared."""
    options = {"single": False, "threads": 2, "release_gil": True}
    sums = program(make, "sums", [(I8, (1000,))], [(I8, (1000,))] * 2, **options)
    relay = program(make, "relay", [], [(I8, (2,))], **{**options, "single": True})
    wrong: list[Any] = []

    def caller(scale: int) -> None:
        x = scale * np.arange(1000)
        want = np.cumsum(2 * x)
        for _ in range(300):
            y, _z = sums(x)
            if not np.array_equal(y, want) or relay()[0]:
                wrong.append(y)

    callers = [threading.Thread(target=caller, args=(i,)) for i in range(1, 5)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join()
    assert not wrong


# ---- lives --------------------------------------------------------------------------------------


class Owner:
    """Something that code belongs to."""


def test_a_program_keeps_its_owner_and_lets_go(make: Make) -> None:
    owner = Owner()
    gone = weakref.ref(owner)
    made = idle(make, keep=owner)
    made()
    del owner
    gc.collect()
    assert gone() is not None
    del made
    gc.collect()
    assert gone() is None


def test_a_cycle_through_the_callback_is_found(make: Make) -> None:
    def cycle() -> weakref.ref[Owner]:
        owner: Any = Owner()
        owner.made = idle(make, on_status=lambda *status: owner, keep=owner)
        return weakref.ref(owner)

    gone = cycle()
    gc.collect()
    assert gone() is None


def _resident() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_nothing_leaks() -> None:
    def fail(code: int, detail: int, args: tuple[Any, ...]) -> Any:
        raise IndexError

    array, number, flag = np.zeros(64), np.float64(2), np.array([2**40, 2**50])
    mixed = [(F8, (64,)), (F8, (), "number"), (F8, (), "float")]
    many = program(entry.make, "idle", [(F8, (64,)), (F8, ())], mixed, single=False)
    spoil = program(entry.make, "spoil", [(I8, (2,))], mixed, on_status=fail)
    huge = program(entry.make, "idle", [(F8, (64,))], [(F8, (3,)), (F8, (2**58,))], single=False)

    def calls(n: int) -> None:
        for _ in range(n):
            many(array, number)
            many(number, number)
        for _ in range(n // 100):
            with pytest.raises(IndexError):
                spoil(flag)
            with pytest.raises(MemoryError):
                huge(array)

    calls(1000)
    things = (array, number, flag, NotImplemented, F8, np.ndarray, float, fail)
    before, memory = [sys.getrefcount(thing) for thing in things], _resident()
    gc.collect()
    blocks = sys.getallocatedblocks()
    calls(50_000)
    gc.collect()
    after = [sys.getrefcount(thing) for thing in things]
    assert sys.getallocatedblocks() - blocks < 200
    assert np.abs(np.subtract(after, before)).max() < 10
    assert _resident() - memory < 4_000


@pytest.mark.skipif(not STATM.exists(), reason="the system does not tell how much is mapped")
def test_programs_give_back_their_frames() -> None:
    pages = int(STATM.read_text().split()[0])
    for _ in range(300):
        idle(entry.make, arena_bytes=2**22)()
    gc.collect()
    assert int(STATM.read_text().split()[0]) - pages < 30 * 2**10


@pytest.mark.skipif(not STATM.exists(), reason="the system does not tell how much is mapped")
def test_calls_inside_one_another_leave_one_frame() -> None:
    def again(code: int, detail: int, args: tuple[Any, ...]) -> Any:
        return spoil(args[0] - 1)

    options = {"on_status": again, "arena_bytes": 2**22}
    spoil = program(entry.make, "spoil", [(I8, (2,))], [(F8, (3,))], **options)
    pages = int(STATM.read_text().split()[0])
    for _ in range(100):
        spoil(np.array([3, 0]))
    assert int(STATM.read_text().split()[0]) - pages < 30 * 2**10
