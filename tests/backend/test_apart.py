"""Numbers that lie apart: read one by one, written by columns, taken out of no sum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.backend.llvm.native import compile_graph
from catenary.core.graph import Builder
from catenary.core.types import ArrayType
from catenary.ops.product import contract
from catenary.ops.window import pad


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float64"])
@pytest.mark.parametrize("columns", [2, 4, 5, 7])
def test_narrow_numbers_are_read_where_a_mask_wants_them(dtype: str, columns: int) -> None:
    # LLVM's own way through such a mask reads nothing at all on AVX-512
    builder = Builder()
    x = builder.input(ArrayType((2, columns), np.dtype(dtype)))
    y = builder.input(ArrayType((1, 5, 3), np.dtype(dtype)))
    spread = pad(x, low=(3, 0), high=(0, 0), interior=(0, 2))
    graph = builder.close([contract(y, spread, spec="uav,ab->uvb")])
    rng = np.random.default_rng(0)
    arrays = [rng.integers(1, 5, type.shape).astype(dtype) for type in graph.input_types]
    wide = np.zeros((5, 3 * columns - 2), dtype)
    wide[3:, ::3] = arrays[0]
    assert np.array_equal(
        compile_graph(graph)(arrays)[0], np.einsum("uav,ab->uvb", arrays[1], wide)
    )


THIN = {
    "many": lambda a, b: np.stack([a[:, 0] * k + 1 for k in range(18)], -1),
    "costly": lambda a, b: np.stack([np.sin(a[:, 0]), np.cos(a[:, 1])], -1),
    "of two widths": lambda a, b: np.concatenate([2 * a, b + 1, np.exp(a)], -1),
    "in three axes": lambda a, b: np.stack([np.exp(a), a / (b[:, :2] + 9)], -1),
    "padded": lambda a, b: np.pad(np.tanh(a), ((0, 0), (1, 2))),
}


@pytest.mark.parametrize("rows", [16, 37, 1000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", THIN)
def test_thin_pieces_side_by_side(name: str, dtype: Any, rows: int) -> None:
    rng = np.random.default_rng(rows)
    a, b = rng.normal(size=(rows, 2)).astype(dtype), rng.normal(size=(rows, 3)).astype(dtype)
    got, expected = cat.jit(THIN[name])(a, b), THIN[name](a, b)
    assert got.dtype == expected.dtype
    np.testing.assert_allclose(got, expected, rtol=1e-5 if dtype == np.float32 else 1e-13)


def test_a_repeated_infinity_stays_in_the_sum() -> None:
    x = np.broadcast_to(np.inf, (33, 2, 16))
    y = np.where(np.arange(32).reshape(16, 2) % 3, -1.0, 1.0)
    with np.errstate(invalid="ignore"):
        for spec in ("uba,ab->u", "uba,ab->ub"):
            assert np.all(np.isnan(contract(x, y, spec=spec)))
