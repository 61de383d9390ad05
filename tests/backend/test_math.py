"""The elementary functions in machine code: exact where it matters, close everywhere."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest
from llvmlite import ir

from catenary.backend.llvm import emit, math
from catenary.core.target import Function
from tests.backend.elementwise import Compiled
from tests.backend.samples import (
    ACTIVATIONS,
    BY_MPMATH,
    ELEMENTARY,
    EXACT_ENOUGH,
    ROUNDING,
    Wide,
    edges,
    points,
    reference,
    ulps,
)

NAMES = (*ROUNDING, *ELEMENTARY, *ACTIVATIONS, *BY_MPMATH)
DTYPES = (np.float32, np.float64)
BOUND = {np.float32: 2.0, np.float64: 4.0}
pytestmark = [pytest.mark.filterwarnings("ignore::RuntimeWarning")]


@cache
def compiled(name: str, dtype: Any, lanes: int | None) -> Compiled:
    if name == "arctan2":
        return Compiled(math.arctan2, dtype, lanes, 2)
    if name == "power":
        return Compiled(math.power, dtype, lanes, 2)
    if name.startswith("polygamma"):
        return Compiled(lambda b, x: math.polygamma(b, int(name[9:]), x), dtype, lanes)
    return Compiled(lambda b, x: math.function(b, name, x), dtype, lanes)


def widest(dtype: Any) -> int:
    return 64 // np.dtype(dtype).itemsize


def signs(x: Any) -> Any:
    return np.where(np.isnan(x), 0, np.copysign(1, x))


def agree(got: Any, right: Any, bound: float, *where: Any) -> None:
    """Close in value, and NaN, infinite, zero, negative in the same places."""
    error = ulps(got, right)
    k = int(np.argmax(error))
    at = [w[k] for w in where]
    assert error[k] <= bound, f"{float(error[k])} at {at}: {got[k]!r}, not {right[k]!r}"
    other = np.flatnonzero(signs(got) != signs(right))
    assert not other.size, f"sign at {[w[other[0]] for w in where]}: {got[other[0]]!r}"


def test_every_function_of_the_target_is_here() -> None:
    assert set(Function.__args__) <= set(NAMES)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_edges(name: str, dtype: Any) -> None:
    x = edges(dtype)
    if name in {"lgamma", "digamma"}:
        x = x[(x > 0) | (x == np.floor(x)) | np.isnan(x)]
    agree(compiled(name, dtype, widest(dtype))(x), reference(name)(x), BOUND[dtype], x)


@pytest.mark.skipif(not EXACT_ENOUGH, reason="no type of this machine is wider than float64")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*ROUNDING, *ELEMENTARY, *ACTIVATIONS])
def test_everywhere(name: str, dtype: Any) -> None:
    x = points(3000, dtype)
    agree(compiled(name, dtype, widest(dtype))(x), reference(name)(x), BOUND[dtype], x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BY_MPMATH)
def test_special_functions_everywhere(name: str, dtype: Any) -> None:
    x = points(100, dtype)
    if name in {"digamma", "lgamma"}:
        x = abs(x)  # on the left see below: what is small there is a difference
    agree(compiled(name, dtype, widest(dtype))(x), reference(name)(x), BOUND[dtype], x)


@pytest.mark.parametrize("name", ["digamma", "lgamma", "polygamma1", "polygamma2", "polygamma4"])
def test_left_of_zero(name: str) -> None:
    import scipy.special

    x = np.random.default_rng(0).uniform(-20, 0, 1000)
    got = compiled(name, np.float64, 8)(x)
    if name.startswith("polygamma"):
        right = scipy.special.polygamma(int(name[9:]), x)
    else:
        right = reference(name)(x).astype(float)
    np.testing.assert_allclose(got, right, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_polygamma(n: int, dtype: Any) -> None:
    import scipy.special

    x = np.concatenate([np.random.default_rng(n).uniform(0, 40, 500), [1e-3, 1e6, 0.0, -3.0]])
    x = np.concatenate([x, [np.inf, -np.inf, np.nan]]).astype(dtype)
    right = np.asarray(scipy.special.polygamma(n, x.astype(np.float64)))
    got = compiled(f"polygamma{n}", dtype, widest(dtype))(x)
    agree(got, right.astype(Wide), 64 if dtype == np.float64 else 1, x)


PAIRS = (
    0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 0.5, -0.5, 2.5, -2.5, 1e9, 1e30, -1e30, np.inf,
    -np.inf, np.nan, 1e38, 1e-38, 1e-45, -1e-45, 16777215.0, -16777215.0, 0.999999, 1.000001,
)  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["power", "arctan2"])
def test_edges_of_two(name: str, dtype: Any) -> None:
    more = [1e308, 1e-308, 5e-324, 2.0**53 - 1] if dtype == np.float64 else []
    x, y = (a.ravel() for a in np.meshgrid(*[np.array([*PAIRS, *more], dtype)] * 2))
    wide = Wide if EXACT_ENOUGH else np.float64
    right = getattr(np, name)(x.astype(wide), y.astype(wide))
    agree(compiled(name, dtype, widest(dtype))(x, y), right, BOUND[dtype], x, y)


@pytest.mark.skipif(not EXACT_ENOUGH, reason="no type of this machine is wider than float64")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["power", "arctan2"])
def test_two_everywhere(name: str, dtype: Any) -> None:
    random = np.random.default_rng(1)
    x = np.concatenate([points(2000, dtype), np.exp(random.uniform(-5, 5, 20000)).astype(dtype)])
    y = np.resize(np.concatenate([points(1000, dtype), random.uniform(-99, 99, 9999)]), x.shape)
    y = random.permutation(y).astype(dtype)
    right = getattr(np, name)(x.astype(Wide), y.astype(Wide))
    agree(compiled(name, dtype, widest(dtype))(x, y), right, BOUND[dtype], x, y)


def all_names() -> list[str]:
    return [*NAMES, "power", "arctan2", "polygamma1"]


def sample(dtype: Any) -> Any:
    return np.concatenate([edges(dtype), points(40, dtype, seed=3)])


def bits(name: str, dtype: Any, lanes: int | None) -> bytes:
    """What comes out, NaN of whatever sign."""
    x = sample(dtype)
    run = compiled(name, dtype, lanes)
    y = run(x, x[::-1]) if run.operands == 2 else run(x)
    return bytes(np.where(np.isnan(y), dtype(np.nan), y).tobytes())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", all_names())
def test_a_lane_does_not_know_its_neighbours(name: str, dtype: Any) -> None:
    alone = bits(name, dtype, None)
    for lanes in (widest(dtype), 2, 3):
        assert bits(name, dtype, lanes) == alone, lanes


@pytest.mark.parametrize("name", ["exp", "log", "sin", "cbrt", "power"])
@pytest.mark.parametrize("lanes", [1, 4, 16, 32])
def test_any_number_of_lanes(name: str, lanes: int) -> None:
    assert bits(name, np.float64, lanes) == bits(name, np.float64, None)


def digest() -> str:
    total = hashlib.sha256()
    for name in all_names():
        for dtype in DTYPES:
            total.update(bits(name, dtype, widest(dtype)))
    return total.hexdigest()


def test_another_processor_computes_the_same() -> None:
    script = "import warnings; warnings.simplefilter('ignore'); "
    script += "from tests.backend.test_math import digest; print(digest())"
    found = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "CATENARY_CPU": "haswell"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == digest()


def test_a_function_is_written_once() -> None:
    module = ir.Module()
    type = ir.VectorType(emit.F32, 16)
    entry = ir.Function(module, ir.FunctionType(type, [type]), "entry")
    b = ir.IRBuilder(entry.append_basic_block())
    b.ret(math.function(b, "exp", math.function(b, "exp", entry.args[0])))
    assert str(module).count("define internal") == 1
