"""LAPACK's library works on one thread while a program of ours is in it, and on its own after."""

from __future__ import annotations

import ctypes
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.linalg import cython_blas

import catenary as cat
from catenary.backend.llvm import library

LIBRARY = ctypes.CDLL(cython_blas.__file__)
GET = getattr(LIBRARY, "scipy_openblas_get_num_threads", None)
SET = getattr(LIBRARY, "scipy_openblas_set_num_threads", None)
needs_openblas = pytest.mark.skipif(GET is None, reason="SciPy's LAPACK here is not OpenBLAS")


def test_a_library_of_other_integers_is_refused() -> None:
    library.check("dpotrf", "void (char *, int *, d *, int *)")
    with pytest.raises(cat.errors.InputError, match=r"dpotrf takes integers .* not of 32 bits"):
        library.check("dpotrf", "void (char *, int64_t *, d *, int64_t *)")


@needs_openblas
def test_the_library_keeps_its_number_of_threads() -> None:
    assert GET is not None
    assert SET is not None
    invert = cat.jit(np.linalg.inv)
    a = np.random.default_rng(0).normal(size=(60, 60)) + 20 * np.eye(60)
    invert(a)
    before = GET()
    SET(3)
    try:
        with ThreadPoolExecutor(4) as pool:
            for found in pool.map(invert, [a] * 200):
                assert found.tobytes() == invert(a).tobytes()
        assert GET() == 3
    finally:
        SET(before)


@needs_openblas
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork on Windows")
def test_a_forked_process_enters_anew() -> None:
    invert = cat.jit(np.linalg.inv)
    expected = invert(2 * np.eye(3))
    child = os.fork()
    if child == 0:
        os._exit(int(not np.array_equal(invert(2 * np.eye(3)), expected)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
