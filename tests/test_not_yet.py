"""Every field of a declaration that is not filled, with its reason: one golden list.

The list shrinks as work goes on. A new line in it is a decision, seen in review. Write it anew with

    python -m tests.test_not_yet > tests/golden/not_yet.txt
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from catenary.core.primitive import NotYet
from tests import registry, source

GOLDEN = source.ROOT / "tests" / "golden" / "not_yet.txt"


def open_fields(declarations: Iterable[object]) -> list[str]:
    """``operation.field: reason`` for every field that opts out."""
    return sorted(
        f"{declaration.name}.{field.name}: {value.reason}"
        for declaration in declarations
        for field in dataclasses.fields(declaration)
        if isinstance(value := getattr(declaration, field.name), NotYet)
    )


def test_the_list_is_as_agreed() -> None:
    assert open_fields(registry.primitives().values()) == GOLDEN.read_text("utf-8").splitlines()


def test_every_reason_says_something() -> None:
    reasons = [line.partition(": ")[2] for line in open_fields(registry.primitives().values())]
    assert [reason for reason in reasons if len(reason.split()) < 3] == []


def test_an_open_field_is_listed() -> None:
    @dataclasses.dataclass(frozen=True)
    class Declaration:
        name: str
        batch: object
        lower: object

    declaration = Declaration("bessel", NotYet("no verb says it"), lower=len)
    assert open_fields([declaration]) == ["bessel.batch: no verb says it"]


if __name__ == "__main__":
    for line in open_fields(registry.primitives().values()):
        print(line)
