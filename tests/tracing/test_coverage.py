"""The report of what is covered: every name has a status, and every status is true."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.special

import catenary as cat
from catenary.core import errors
from catenary.tracing import coverage, table
from catenary.tracing.coverage import report

REPORT = report()
MODULES = {
    "numpy": np,
    "numpy.linalg": np.linalg,
    "numpy.fft": np.fft,
    "scipy.special": scipy.special,
}


def callable_of(entry: coverage.Entry) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(MODULES[entry.namespace], entry.name)


def test_every_public_callable_is_there_once() -> None:
    listed = [(e.namespace, e.name) for e in REPORT]
    assert len(set(listed)) == len(listed) == len(REPORT)
    for space, module in MODULES.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            public = {n for n in dir(module) if n[0] != "_" and callable(getattr(module, n))}
        assert {name for found, name in listed if found == space} == public


def test_every_name_has_a_status_or_a_reason() -> None:
    unexplained = [
        f"{e.namespace}.{e.name}" for e in REPORT if e.kind != "covered" and not e.reason
    ]
    assert not unexplained, f"say in numpy_api/open_*.py why these are not covered: {unexplained}"
    assert {e.kind for e in REPORT} == {
        "covered",
        "values at hand only",
        "not yet",
        "not applicable",
    }


def test_no_reason_is_left_for_what_is_covered_or_gone() -> None:
    listed = {f"{e.namespace}.{e.name}": e for e in REPORT}
    excused = {**table.NOT_YET, **table.NOT_APPLICABLE}
    assert [name for name in excused if name not in listed] == []
    assert [name for name in excused if listed[name].covered] == []
    assert not set(table.NOT_YET) & set(table.NOT_APPLICABLE)


UFUNCS_TO_COME = [e for e in REPORT if e.kind == "not yet" and isinstance(callable_of(e), np.ufunc)]


@pytest.mark.parametrize("entry", UFUNCS_TO_COME, ids=lambda e: f"{e.namespace}.{e.name}")
def test_a_ufunc_that_is_not_covered_says_why(entry: coverage.Entry) -> None:
    ufunc = callable_of(entry)
    name = f"{entry.namespace}.{entry.name}".replace("numpy.", "np.")
    aliases = {name, f"{name.rpartition('.')[0]}.{ufunc.__name__}"}  # jn is called jv, say
    with pytest.raises(errors.TraceError) as caught:
        cat.jit(lambda x: ufunc(*[x] * ufunc.nin))(np.ones(2))
    message = str(caught.value)
    assert message.split(" is not covered", maxsplit=1)[0] in aliases
    assert "test_coverage.py" in message
    assert entry.reason in message or ufunc.__name__ != entry.name


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.linalg.eig(np.diag(x)), "np.linalg.eig .* complex numbers"),
        (lambda x: np.fft.fft(x), "np.fft.fft .* complex numbers"),
        (lambda x: np.roots(x), "np.roots .* complex numbers"),
        (lambda x: np.pad(x, 1, lambda *a: None), "function as mode"),
    ],
)
def test_a_function_that_is_not_covered_says_why(call: Any, message: str) -> None:
    with pytest.raises(errors.TraceError, match=message):
        cat.jit(call)(np.ones(2))


def test_the_counts_add_up() -> None:
    for space in MODULES:
        counted = REPORT.count(space)
        assert sum(counted.values()) == sum(e.namespace == space for e in REPORT)
    assert f"numpy: {REPORT.count('numpy')['covered']} covered" in repr(REPORT)
