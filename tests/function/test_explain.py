"""explain: its facts against known counts, its text in lines that fit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import InputError
from catenary.core.machine_errors import explained_while_traced
from catenary.function.explain_text import WIDTH

M, K, N = 32, 48, 80
W, B, X = (np.ones(shape, np.float32) for shape in ((K, N), (N,), (M, K)))


def dense(W: Any, b: Any, x: Any) -> Any:
    return np.tanh(x @ W + b)


def scanned(h: Any, rows: Any) -> Any:
    def cell(h: Any, x: Any) -> Any:
        new = np.tanh(h + x)
        return new, np.sum(new)

    return cat.scan(cell, h, rows)


def test_a_dense_layer_is_one_product_with_known_work() -> None:
    (kernel,) = cat.explain(dense, W, B, X).code.kernels
    assert kernel.kind == "contract"
    assert kernel.shape == (M, N)
    assert kernel.makes == (f"float32[{M},{N}]",)
    assert kernel.work.flops == 2 * M * K * N + M * N  # the product, the bias
    assert kernel.work.functions == M * N
    assert kernel.work.read == 4 * (M * K + K * N + N)
    assert kernel.work.written == 4 * M * N
    as_it_stands, turned = f"{M}×{K} @ {K}×{N}", f"{N}×{K} @ {K}×{M} (transposed)"
    assert kernel.plan is not None
    assert as_it_stands in kernel.plan or turned in kernel.plan


def test_fused_operations_are_named_with_their_line() -> None:
    (kernel,) = cat.explain(dense, W, B, X).code.kernels
    (source,) = kernel.fused
    assert source.file == __file__
    assert source.line == dense.__code__.co_firstlineno + 1
    assert source.operations == ("contract", "broadcast", "add", "tanh")


def test_elements_and_sums() -> None:
    x = np.ones((100, 10))
    code = cat.explain(lambda x: np.sum(np.exp(x) * x, axis=0), x).code
    assert code.work.flops == 1000 + 990
    assert code.work.functions == 1000
    assert code.work.bytes == 8 * (1000 + 10)
    assert code.arena_bytes == 64  # nothing lies between the two
    assert code.blocks == ()


def test_of_what_is_cut_out_only_the_cut_is_read() -> None:
    x = np.ones((100, 10))
    assert cat.explain(lambda x: x[:7] + 1.0, x).code.work.read == 8 * 70
    rows = np.array([3, 1, 2])
    assert cat.explain(lambda x, i: x[i] * 2.0, x, rows).code.work.read == 8 * 30 + 8 * 3


def test_square_roots_are_single_instructions_and_integers_no_flops() -> None:
    code = cat.explain(lambda x, n: (np.sqrt(x), n + n), np.ones(10), np.ones(10, int)).code
    assert code.work.flops == 10
    assert code.work.functions == 0


def test_rounds_of_a_scan_multiply_its_work() -> None:
    code = cat.explain(scanned, np.zeros(20), np.ones((50, 20))).code
    (loop,) = [step for step in code.steps if not hasattr(step, "work")]
    assert (loop.kind, loop.rounds, loop.carries) == ("scan", 50, 1)
    assert loop.in_place + loop.moved == 1
    inside = [kernel for kernel in code.kernels if kernel.depth]
    assert {kernel.times for kernel in inside} == {50}
    assert code.work.functions == 50 * 20
    assert code.work.flops == 50 * (20 + 19)


def test_a_carry_that_nobody_needs_again_is_written_in_place() -> None:
    code = cat.explain(lambda x: cat.fori(0, 9, lambda i, x: np.sin(x) + 1.0, x), np.ones(50)).code
    (loop,) = [step for step in code.steps if not hasattr(step, "work")]
    assert loop.in_place >= 1


def test_rounds_that_values_decide_are_counted_once() -> None:
    def grow(x: Any) -> Any:
        return cat.while_loop(lambda x: np.sum(x) < 100, lambda x: 2.0 * x, x)

    found = cat.explain(grow, np.ones(10))
    assert None in {kernel.times for kernel in found.code.kernels}
    assert "as long as it takes" in repr(found)
    assert "at least" in repr(found)


def test_jitted_functions_and_derivatives_are_as_good_as_any() -> None:
    def cost(x: Any) -> Any:
        return np.sum(np.sin(x))

    x = np.ones(10)
    assert cat.explain(cat.jit(cost), x).graph == cat.explain(cost, x).graph
    assert cat.explain(cat.jit(cost), x).name == "cost"
    assert cat.explain(cat.grad(cost), x).code.work.functions == 10  # the cosines alone


def test_static_arguments_and_keywords() -> None:
    f = cat.jit(lambda x, n=1, scale=1.0: scale * x**n, static="n")
    assert "integer_power" in repr(cat.explain(f, np.ones(3), n=3, scale=2.0))


def test_blocks_lie_within_the_arena() -> None:
    gradient = cat.grad(lambda W, b, x: np.sum(dense(W, b, x) ** 2))
    code = cat.explain(gradient, W, B, X).code
    assert code.blocks
    assert all(64 <= b.begin and b.begin + b.size <= code.arena_bytes for b in code.blocks)


def test_texts_of_the_code_come_on_request() -> None:
    found = cat.explain(dense, W, B, X, ir=True, asm=True)
    assert 'define void @"body"' in (found.code.ir or "")
    assert "body:" in (found.code.assembly or "")
    plain = cat.explain(dense, W, B, X)
    assert plain.code.ir is None
    assert plain.code.assembly is None


def test_shares_of_time_add_up() -> None:
    code = cat.explain(scanned, np.zeros(20), np.ones((50, 20)), time=True).code
    assert code.call > 0
    assert sum(kernel.share for kernel in code.kernels) == pytest.approx(1)


def test_the_second_time_it_comes_from_disk(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATENARY_CACHE_DIR", str(tmp_path / "cache"))
    assert not cat.explain(dense, W, B, X).code.from_disk
    assert cat.explain(dense, W, B, X).code.from_disk


def test_every_line_of_the_text_fits() -> None:
    net = cat.nn.mlp([20, 300, 7], "gelu", seed=0)

    def cost(net: Any, x: Any, y: Any) -> Any:
        return cat.nn.losses.cross_entropy(net(x), y)

    arguments = net, np.ones((33, 20), np.float32), np.zeros(33, int)
    told = repr(cat.explain(cat.grad(cost), *arguments, time=True))
    assert max(map(len, told.splitlines())) <= WIDTH
    assert "test_explain.py:" in told
    assert "\u00a0" not in told


def test_the_facts_are_plain_values() -> None:
    found = cat.explain(scanned, np.zeros(20), np.ones((50, 20)))
    plain = json.loads(json.dumps(found.data))
    assert [step["is"] for step in plain["code"]["steps"]].count("loop") == 1
    assert plain["code"]["work"]["functions"] == 1000
    assert plain["outputs"] == ["float64[20]", "float64[50]"]


def test_on_the_reference_backend_there_is_only_a_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATENARY_BACKEND", "reference")
    found = cat.explain(dense, W, B, X)
    assert found.code is None
    assert found.data["code"] is None
    assert "reference backend" in repr(found)


def test_traced_arguments_are_refused() -> None:
    def inner(x: Any) -> Any:
        cat.explain(np.sin, x)
        return x

    with pytest.raises(InputError, match="nothing to compile yet") as caught:
        cat.jit(inner)(np.ones(3))
    assert str(explained_while_traced("sin")).splitlines()[0] in str(caught.value)


def test_rows_that_threads_have_of_their_own_are_said() -> None:
    first, second, x = (np.ones(shape, np.float32) for shape in ((64, 128), (128, 64), (256, 64)))
    code = cat.explain(lambda V, W, x: np.tanh(x @ V) @ W, first, second, x).code
    rows = [kernel.plan for kernel in code.kernels if "blocks of" in (kernel.plan or "")]
    assert len(rows) == 2
    assert all(" rows, each " in (plan or "") for plan in rows)
