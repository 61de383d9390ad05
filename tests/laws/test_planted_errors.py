"""Laws can fail: errors planted into declarations are found, each by the laws that it breaks.

All errors in all operations: ``python scripts/planted_errors.py``.
"""

from __future__ import annotations

import pytest

from tests import registry
from tests.laws.plants import SAME_MEANING, Plant, killers, plants

PRIMITIVES = registry.primitives()
SOME = (
    "abs", "cond", "convert", "cumprod", "gather", "lt", "mul", "pad", "reduce_max", "sum", "tanh",
)  # fmt: skip
SLOPES = {"central difference", "complex step", "difference of derivative", "mixed modes"}
TRANSPOSES = {"adjoint", "columns are rows", "transposed twice", "transpose of itself"}


def planted(name: str, error: str) -> Plant:
    (found,) = [plant for plant in plants(PRIMITIVES[name]) if plant.error == error]
    return found


@pytest.mark.parametrize("name", SOME)
def test_every_error_is_found(name: str) -> None:
    survivors = [p.error for p in plants(PRIMITIVES[name]) if not any(killers(p))]
    assert survivors == []


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("tanh", "partial 0: sign flipped"),
        ("log", "partial 0: one percent off"),
        ("arctan2", "partial 1: sign flipped"),
        ("abs", "partial 0: a term more"),
    ],
)
def test_a_wrong_partial_breaks_exactly_the_laws_of_slopes(name: str, error: str) -> None:
    broken = set(killers(planted(name, error)))
    assert "central difference" in broken
    assert broken <= SLOPES


@pytest.mark.parametrize(
    ("name", "error"),
    [("reshape", "transpose: sign flipped"), ("gather", "transpose: doubled")],
)
def test_a_wrong_transpose_breaks_exactly_the_laws_of_transposes(name: str, error: str) -> None:
    assert set(killers(planted(name, error))) == TRANSPOSES


@pytest.mark.parametrize(
    ("error", "laws"),
    [
        ("lower: off by one", ["backends agree", "lower agrees"]),
        ("batch: examples in another order", ["batch"]),
        ("structure: negated", ["structure"]),
        ("algebra: neutral", ["simplify"]),
    ],
)
def test_an_error_in_one_field_breaks_the_laws_of_that_field(error: str, laws: list[str]) -> None:
    assert list(killers(planted("div", error))) == laws


def test_errors_of_the_same_meaning_are_of_operations_and_have_a_reason() -> None:
    for (name, _), reason in SAME_MEANING.items():
        assert name in PRIMITIVES
        assert len(reason.split()) > 3
