"""Matrix products are right for every shape, layout, split over threads and place in memory."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest
from llvmlite import binding, ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.contract import product as contract
from catenary.backend.llvm.machine import Machine, host, of

HERE = host()
_LIBC = ctypes.CDLL(None)
_KEPT: list[Any] = []  # engines own the code

Layout = tuple[Literal["rows", "columns", "gaps"], Literal["rows", "columns", "gaps"]]


def strides(layout: str, rows: int, columns: int) -> tuple[int, int]:
    return {"rows": (columns, 1), "columns": (1, rows), "gaps": (2 * columns + 1, 2)}[layout]


def extent(layout: str, rows: int, columns: int) -> int:
    """Elements from the first to one past the last."""
    if rows * columns == 0:
        return 0
    r, c = strides(layout, rows, columns)
    return (rows - 1) * r + (columns - 1) * c + 1


def view(buffer: np.ndarray, layout: str, rows: int, columns: int) -> np.ndarray:
    steps = [s * buffer.itemsize for s in strides(layout, rows, columns)]
    return np.lib.stride_tricks.as_strided(buffer, (rows, columns), steps)


class Dear:
    """A matrix that is computed when it is read: twice what lies in memory."""

    cheap = False

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.contiguous = inner.contiguous

    def scalar(self, b: Any, r: Any, c: Any) -> Any:
        x = self.inner.scalar(b, r, c)
        return b.fadd(x, x)

    def vector(self, b: Any, r: Any, c: Any, lanes: int, mask: Any = None) -> Any:
        x = self.inner.vector(b, r, c, lanes, mask)
        return b.fadd(x, x)


class Code:
    """A compiled product with the sizes of what it reads and writes."""

    def __init__(
        self,
        m: int,
        n: int,
        k: int,
        dtype: Any = np.float32,
        layout: Layout = ("rows", "rows"),
        *,
        along: str = "column",
        machine: Machine = HERE,
        dear: tuple[bool, bool] = (False, False),
        long_store: bool = False,
        adding: bool = False,
    ) -> None:
        self.dtype, self.layout, self.along = np.dtype(dtype), layout, along
        self.shapes = (m, k), (k, n), ((m, n) if along == "column" else (n, m))
        module = ir.Module()
        module.triple = machine.triple
        kinds = [emit.POINTER] * 5 + [emit.I64] * 2
        function = ir.Function(module, ir.FunctionType(emit.VOID, kinds), "product")
        b = ir.IRBuilder(function.append_basic_block())
        left, right, out, scratch, counter, thread, threads = function.args
        operands = [
            contract.Strided(base, *strides(kind, *shape), self.dtype)
            for base, kind, shape in zip((left, right), layout, self.shapes)
        ]
        operands = [Dear(x) if is_ else x for x, is_ in zip(operands, dear)]
        how = {"store_along": along, "long_store": long_store}
        self.product = contract.Product(m, n, k, self.dtype, *operands, **how)
        result = contract.Strided(out, self.shapes[2][1], 1, self.dtype)

        def store(b: Any, row: Any, column: Any, x: Any, mask: Any) -> None:
            place = result.place(b, *((row, column) if along == "column" else (column, row)))
            if adding:
                x = b.fadd(x, emit.load(b, place, self.dtype, emit.lanes_of(x.type), mask))
            emit.store(b, x, place, self.dtype, mask)

        contract.emit(
            b,
            self.product,
            store,
            machine,
            thread=thread,
            threads=threads,
            scratch=scratch,
            barrier=lambda b: spin(b, counter, threads),
        )
        b.ret_void()
        parsed = binding.parse_assembly(str(module))
        parsed.verify()
        engine = binding.create_mcjit_compiler(parsed, machine.target_machine())
        engine.finalize_object()
        _KEPT.append(engine)
        kind = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 5, *[ctypes.c_int64] * 2)
        self.call = kind(engine.get_function_address("product"))
        self.machine = machine

    def __call__(
        self, left: np.ndarray, right: np.ndarray, threads: int = 1, out: Any = None
    ) -> np.ndarray:
        """The result, from buffers whose elements lie as the layouts say."""
        import threading

        if out is None:
            out = np.full(int(np.prod(self.shapes[2])), np.nan, self.dtype)
        size = contract.scratch_bytes(self.product, self.machine, threads)
        scratch = np.full(size + 128, 255, np.uint8)  # NaN wherever nothing was written
        aligned = -(-scratch.ctypes.data // 64) * 64
        counter = np.zeros(16, np.int64)
        places = [x.ctypes.data for x in (left, right, out)]
        runs = [
            threading.Thread(
                target=self.call, args=(*places, aligned, counter.ctypes.data, t, threads)
            )
            for t in range(threads)
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert np.all(scratch[aligned - scratch.ctypes.data + size :] == 255)
        result = out.reshape(self.shapes[2])
        return result if self.along == "column" else result.T


def spin(b: Any, counter: Any, threads: Any) -> None:
    """All threads wait for each other: each adds one and waits for a whole round of them."""
    one = emit.index(1)
    before = b.atomic_rmw("add", counter, one, "seq_cst")
    target = b.mul(b.add(b.udiv(before, threads), one), threads)
    wait, on = b.append_basic_block("wait"), b.append_basic_block("on")
    b.branch(wait)
    b.position_at_end(wait)
    now = b.load_atomic(counter, "seq_cst", 8, typ=emit.I64)
    b.cbranch(b.icmp_signed("<", now, target), wait, on)
    b.position_at_end(on)


def numbers(code: Code, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = [extent(kind, *shape) for kind, shape in zip(code.layout, code.shapes)]
    return [rng.standard_normal(max(size, 1)).astype(code.dtype) for size in sizes]


def matrices(code: Code, buffers: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [view(x, kind, *shape) for x, kind, shape in zip(buffers, code.layout, code.shapes)]


def assert_right(code: Code, got: np.ndarray, buffers: Sequence[np.ndarray], by: float = 1) -> None:
    """Within the bound of an inner product: k·eps·Σ|terms|, of which rounding uses little."""
    A, B = (x.astype(np.float64) for x in matrices(code, buffers))
    bound = (np.abs(A) @ np.abs(B)) * np.finfo(code.dtype).eps * max(code.shapes[0][1], 1) ** 0.5
    wanted = (A.astype(np.longdouble) @ B.astype(np.longdouble)) * by
    assert np.all(np.abs(got - wanted) <= 4 * by * bound)


SHAPES = [
    (1, 1, 1),
    (1, 1, 37),
    (1, 37, 1),
    (37, 1, 1),
    (1, 50, 70),
    (50, 1, 70),
    (3, 5, 7),
    (13, 17, 19),
    (31, 67, 5),
    (64, 10, 33),
    (33, 3, 129),
    (97, 101, 103),
    (16, 48, 1100),
    (5, 4, 3001),
    (130, 40, 1500),
    (300, 300, 300),
    (1, 1, 20000),
    (2, 70, 9000),
    (3, 700, 600),
    (1, 1030, 300),
    (1000, 70, 700),
    (900, 90, 1300),
    (4, 5, 0),
    (0, 5, 4),
    (5, 0, 4),
]
LAYOUTS: list[Layout] = [(x, y) for x in ("rows", "columns") for y in ("rows", "columns")]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape(shape: tuple[int, int, int], layout: Layout) -> None:
    code = Code(*shape, layout=layout)
    buffers = numbers(code)
    assert_right(code, code(*buffers), buffers)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("along", ["row", "column"])
@pytest.mark.parametrize("layout", [*LAYOUTS, ("gaps", "gaps")], ids=str)
@pytest.mark.parametrize("shape", [(19, 29, 23), (70, 9, 130), (9, 70, 1050)], ids=str)
def test_result_either_way(
    shape: tuple[int, int, int], layout: Layout, along: str, dtype: Any
) -> None:
    code = Code(*shape, dtype, layout, along=along)
    buffers = numbers(code)
    assert_right(code, code(*buffers), buffers)


@pytest.mark.parametrize("along", ["row", "column"])
@pytest.mark.parametrize("layout", [("rows", "rows"), ("columns", "columns")], ids=str)
@pytest.mark.parametrize("shape", [(45, 46, 47), (9, 90, 1300), (40, 1, 50)], ids=str)
def test_long_code_behind_a_product(
    shape: tuple[int, int, int], layout: Layout, along: str
) -> None:
    code = Code(*shape, layout=layout, along=along, long_store=True)
    buffers = numbers(code)
    assert code(*buffers).tobytes() == Code(*shape, layout=layout, along=along)(*buffers).tobytes()
    assert_right(code, code(*buffers), buffers)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("dear", [(True, False), (False, True), (True, True)], ids=str)
def test_operands_that_are_computed(dear: tuple[bool, bool], layout: Layout) -> None:
    code = Code(41, 53, 77, layout=layout, dear=dear)
    buffers = numbers(code)
    for threads in (1, 2):
        assert_right(code, code(*buffers, threads=threads), buffers, by=2 ** sum(dear))


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize(
    "shape",
    [(64, 128, 90), (7, 5, 2000), (3, 1, 700), (2, 1, 20000), (40, 600, 1100), (700, 40, 30)],
    ids=str,
)
def test_threads_do_not_change_a_bit(shape: tuple[int, int, int], layout: Layout) -> None:
    code = Code(*shape, layout=layout)
    buffers = numbers(code)
    alone = code(*buffers)
    for threads in (2, 3, 5):
        assert code(*buffers, threads=threads).tobytes() == alone.tobytes()


class Guarded:
    """An array that ends where memory ends: one byte further is a crash."""

    def __init__(self, size: int, dtype: Any) -> None:
        page, wanted = mmap.PAGESIZE, max(size, 1) * np.dtype(dtype).itemsize
        pages = -(-wanted // page)
        self.memory = mmap.mmap(-1, (pages + 1) * page)
        whole = np.frombuffer(self.memory, np.uint8)
        protect = _LIBC.mprotect
        protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        assert protect(whole.ctypes.data + pages * page, page, 0) == 0
        self.array = whole[pages * page - wanted : pages * page].view(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize(
    "shape", [(13, 17, 19), (1, 37, 70), (37, 1, 70), (5, 3, 1030), (130, 97, 33)], ids=str
)
def test_nothing_is_touched_past_the_end(
    shape: tuple[int, int, int], layout: Layout, dtype: Any
) -> None:
    code = Code(*shape, dtype, layout)
    buffers = numbers(code)
    guarded = [Guarded(x.size, dtype) for x in (*buffers, np.empty(shape[0] * shape[1]))]
    for guard, buffer in zip(guarded, buffers):
        guard.array[:] = buffer
    left, right, out = (guard.array for guard in guarded)
    assert_right(code, code(left, right, out=out), buffers)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_not_a_number_stays_where_it_belongs(layout: Layout) -> None:
    code = Code(21, 19, 37, layout=layout)
    buffers = numbers(code)
    A, B = matrices(code, buffers)
    A[4, 5], B[6, 18] = np.nan, np.inf
    got = code(*buffers)
    expected = np.zeros((21, 19), bool)
    expected[4], expected[:, 18] = True, True
    assert np.array_equal(~np.isfinite(got), expected)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_a_row_does_not_depend_on_its_neighbours(layout: Layout) -> None:
    code = Code(45, 67, 89, layout=layout)
    buffers = numbers(code)
    before = code(*buffers)
    A, _ = matrices(code, buffers)
    A[:13], A[14:] = 1e30, -3
    assert code(*buffers)[13].tobytes() == before[13].tobytes()


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_processors_without_wide_vectors(layout: Layout) -> None:
    narrow = replace(HERE, vector_bytes=32, registers=16)
    bare = replace(HERE, vector_bytes=16, registers=16, masked=False)
    for machine in (narrow, bare):
        code = Code(29, 31, 43, layout=layout, machine=machine)
        buffers = numbers(code)
        assert_right(code, code(*buffers), buffers)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_element_is_stored_once(layout: Layout) -> None:
    """A store that adds to what is there would notice a second visit."""
    ones = [np.ones(33 * 50, np.float32), np.ones(50 * 61, np.float32)]
    code = Code(33, 61, 50, layout=layout, adding=True)
    out = np.zeros(33 * 61, np.float32)
    for threads in (1, 2):
        code(*ones, threads=threads, out=out)
    assert np.all(out == 100)


def test_plans_are_readable() -> None:
    text = str(contract.explain(Code(64, 128, 784).product, HERE))
    assert "64×784 @ 784×128" in text
    assert "12,845,056 flops" in text


def strided_plan(cpu: str, m: int, k: int, n: int) -> Any:
    dtype = np.dtype(np.float32)
    left, right = contract.Strided(None, k, 1, dtype), contract.Strided(None, n, 1, dtype)
    machine = of(cpu, "x86_64-unknown-linux-gnu")
    return contract.explain(contract.Product(m, n, k, dtype, left, right), machine)


def test_few_registers_copy_a_panel_that_the_first_cache_does_not_keep() -> None:
    assert strided_plan("znver3", 64, 784, 128).pack_right  # rows 512 bytes apart
    assert not strided_plan("znver3", 64, 24, 128).pack_right
    assert not strided_plan("znver4", 64, 784, 128).pack_right


def test_few_registers_avoid_more_than_four_rows_on_the_same_places() -> None:
    assert strided_plan("znver3", 256, 1024, 1024).cut.rows <= 4  # rows 4096 bytes apart
    assert strided_plan("znver3", 256, 1000, 1024).cut.rows == 6
