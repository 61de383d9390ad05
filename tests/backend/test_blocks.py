"""Memory of large results: of their own, kept when they die, given to who asks for its size."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.backend.llvm import blocks

pytestmark = pytest.mark.skipif(not blocks.handler(), reason="this system gives no such memory")

LARGE = np.ones((512, 1024), np.float32)  # 2 MiB


@cat.jit
def doubled(x: Any) -> Any:
    return 2 * x


def test_a_large_result_owns_its_memory_and_may_be_resized() -> None:
    y = doubled(LARGE)
    assert y.flags.owndata
    assert y.ctypes.data % 64 == 0
    y.resize((1024, 1024), refcheck=False)
    assert np.array_equal(y[:512], 2 * LARGE)


def test_memory_of_the_dead_serves_the_next_call_of_its_size() -> None:
    y = doubled(LARGE)
    place = y.ctypes.data
    kept = blocks.STORE.size
    del y
    gc.collect()
    assert blocks.STORE.size == kept + LARGE.nbytes
    y = doubled(LARGE)
    assert y.ctypes.data == place
    assert blocks.STORE.size == kept
    assert np.array_equal(y, 2 * LARGE)


def test_results_that_live_never_share_memory() -> None:
    results = [doubled(k * LARGE) for k in range(5)]
    for k, result in enumerate(results):
        assert np.array_equal(result, 2 * k * LARGE)
        assert not any(np.shares_memory(result, other) for other in results[:k])


def test_what_nobody_asks_for_is_let_go_when_another_size_is() -> None:
    del (y := [doubled(LARGE)])[:]
    assert blocks.STORE.size >= LARGE.nbytes
    kept_alive = doubled(np.ones((513, 1024), np.float32))
    assert blocks.STORE.size == 0
    assert kept_alive[-1, -1] == 2
    assert not y


def test_small_results_are_given_by_numpy() -> None:
    name = np._core.multiarray.get_handler_name  # type: ignore[attr-defined]
    assert name(doubled(np.ones(8))) == name(np.ones(8)) != name(doubled(LARGE))
