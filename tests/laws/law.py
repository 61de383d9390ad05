"""Laws: what must hold for every operation of the registry, at every point where it is tried.

A law is a plain function of an operation and a case; it returns nothing, or raises. The tests run
all of them; ``scripts/planted_errors.py`` runs them on operations that were broken on purpose.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import numpy as np

from catenary.core.primitive import Primitive, Sample, Samples
from catenary.core.types import ArrayType

Place = Literal["interior", "edge"]
LANES = 3  # a case knows its likes: other interior points of equal types and parameters


@dataclass(frozen=True, eq=False)
class Case:
    """One point at which an operation is tried. Its arrays are read-only."""

    place: Place
    number: int
    dtype: np.dtype[Any]
    operands: tuple[Any, ...]
    params: dict[str, Any]
    likes: tuple[tuple[Any, ...], ...] = ()

    @property
    def types(self) -> tuple[ArrayType, ...]:
        return tuple(ArrayType(x.shape, x.dtype) for x in self.operands)

    @property
    def floats(self) -> tuple[int, ...]:
        """The operands that are real numbers."""
        return tuple(i for i, x in enumerate(self.operands) if x.dtype.kind == "f")

    def rng(self) -> np.random.Generator:
        """Numbers that are the same each time."""
        return np.random.default_rng([self.number, self.dtype.num])

    def __str__(self) -> str:
        types = ", ".join(map(str, self.types))
        params = "".join(f" {k}={v}" for k, v in self.params.items())
        return f"{self.place} point {self.number} ({types};{params})"


def _frozen(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    arrays = tuple(np.array(x) for x in operands)
    for array in arrays:
        array.flags.writeable = False
    return arrays


def _interior(name: str, samples: Samples, dtype: Any) -> Iterator[Case]:
    seed = zlib.crc32(f"{name} {dtype}".encode())
    draws: list[list[Sample]] = [
        list(samples.interior(np.random.default_rng([seed, lane]), dtype)) for lane in range(LANES)
    ]
    for number, lanes in enumerate(zip(*draws, strict=True)):
        likes = tuple(_frozen(sample.operands) for sample in lanes)
        yield Case("interior", number, dtype, likes[0], lanes[0].params, likes)


def _edge(samples: Samples, dtype: Any) -> Iterator[Case]:
    for number, sample in enumerate(samples.edge(dtype)):
        yield Case("edge", number, dtype, _frozen(sample.operands), sample.params)


@cache
def _cases(name: str, samples: Samples) -> tuple[Case, ...]:
    found: list[Case] = []
    for dtype in samples.dtypes:
        found += _interior(name, samples, dtype)
        found += _edge(samples, dtype)
    return tuple(found)


def cases(primitive: Primitive) -> tuple[Case, ...]:
    """All points at which an operation is tried."""
    assert isinstance(primitive.samples, Samples)
    return _cases(primitive.name, primitive.samples)


@dataclass(frozen=True, eq=False)
class Law:
    """A statement about any operation at any point of a kind."""

    name: str
    check: Callable[[Primitive, Case], None]
    places: tuple[Place, ...]
    applies: Callable[[Primitive, Case], bool]
    exempt: dict[str, str] = field(default_factory=dict)  # operation → why

    def covers(self, primitive: Primitive) -> bool:
        """Whether the law speaks of the operation at all."""
        return any(self.applies(primitive, case) for case in self._cases(primitive))

    def _cases(self, primitive: Primitive) -> Iterator[Case]:
        if primitive.name not in self.exempt:
            yield from (case for case in cases(primitive) if case.place in self.places)

    def __call__(self, primitive: Primitive) -> None:
        for case in self._cases(primitive):
            try:
                with np.errstate(all="ignore"):
                    if self.applies(primitive, case):
                        self.check(primitive, case)
            except Exception as error:
                raise AssertionError(
                    f"{primitive.name} breaks the law {self.name!r} at {case}:\n{error}"
                ) from error

    def __str__(self) -> str:
        return self.name


LAWS: dict[str, Law] = {}


def always(primitive: Primitive, case: Case) -> bool:
    return True


def differentiable(primitive: Primitive, case: Case) -> bool:
    """Whether a real number goes in and a real number comes out."""
    types = primitive.output_types(case.types, case.params)
    return bool(case.floats) and any(type.is_float for type in types)


def law(
    name: str,
    *places: Place,
    applies: Callable[[Primitive, Case], bool] = always,
    exempt: dict[str, str] | None = None,
) -> Callable[[Callable[[Primitive, Case], None]], Callable[[Primitive, Case], None]]:
    """Enter a function among the laws; without places it holds at interior and edge points."""

    def enter(check: Callable[[Primitive, Case], None]) -> Callable[[Primitive, Case], None]:
        LAWS[name] = Law(name, check, places or ("interior", "edge"), applies, exempt or {})
        return check

    return enter
