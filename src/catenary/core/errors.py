"""Every error of the library: one constructor for one message.

A message says what happened, where (the user's own line when it is known), what was expected,
what came, and what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class CatenaryError(Exception):
    """The root of all errors that Catenary raises on purpose."""


class ShapeError(CatenaryError, ValueError):
    """Shapes that do not fit together."""


class DTypeError(CatenaryError, TypeError):
    """An element type that an operation does not take."""


# TraceError must not be a TypeError: NumPy replaces TypeErrors that rise out of its protocols.
class TraceError(CatenaryError, RuntimeError):
    """Something that plain NumPy allows and a traced value cannot do."""


class DerivativeError(CatenaryError, ValueError):
    """A derivative that does not exist or was asked for in the wrong way."""


class GraphError(CatenaryError, AssertionError):
    """A graph that violates its own rules: a defect of the library."""


class InputError(CatenaryError, ValueError):
    """Input from outside (a file, an option, a value) that cannot be used."""


class MissingExtra(CatenaryError, ImportError):
    """An optional dependency is not installed."""


def at(where: str | None) -> str:
    """The tail of a message that names the user's line."""
    return f"\n  at {where}" if where else ""


# ---- types and graphs ---------------------------------------------------------------------------


def unsupported_dtype(dtype: Any) -> DTypeError:
    advice = {
        "c": "complex numbers are not supported yet: keep real and imaginary parts apart",
        "O": "give arrays of numbers, not of Python objects",
        "U": "strings are not numbers: encode them first",
        "S": "strings are not numbers: encode them first",
        "f": "convert with x.astype(np.float32) or np.float64",
    }.get(dtype.kind, "convert to a float, integer or boolean dtype")
    return DTypeError(
        f"arrays of dtype {dtype} cannot be traced.\n"
        f"  expected: bool, int8…int64, uint8…uint64, float32 or float64\n  {advice}."
    )


def operand_shapes(name: str, expected: str, got: Any) -> ShapeError:
    return ShapeError(f"{name}: expected {expected}, got {got}.")


def operand_dtype(name: str, expected: str, got: Any) -> DTypeError:
    return DTypeError(f"{name}: expected {expected}, got {got}.")


def declared_twice(name: str) -> GraphError:
    return GraphError(f"an operation named {name!r} is declared twice.")


def bad_graph(graph: Any, reason: str) -> GraphError:
    return GraphError(f"a graph breaks its rules: {reason}.\n{graph}")


# ---- trees ------------------------------------------------------------------------------------


def tree_mismatch(expected: str, got: str) -> ShapeError:
    return ShapeError(
        f"two trees of different structure cannot be combined.\n  expected: {expected}\n"
        f"  got:      {got}\n  Give both the same keys, lengths and classes."
    )


def unhashable_static(leaf: Any) -> DTypeError:
    return DTypeError(
        f"an argument of type {type(leaf).__name__} is neither an array nor hashable.\n"
        "  Arrays, floats, and hashable Python values (int, str, functions) can be arguments; "
        "lists, dicts, tuples and dataclasses of them too."
    )


# ---- optional dependencies ----------------------------------------------------------------------


def missing_extra(package: str, extra: str, purpose: str) -> MissingExtra:
    return MissingExtra(
        f"{purpose} needs the package {package}, which is not installed.\n"
        f"  Install it with: pip install 'catenary[{extra}]'"
    )


# ---- descent ------------------------------------------------------------------------------------


def bad_setting(name: str, expected: str, got: Any) -> InputError:
    return InputError(f"{name}={got!r} cannot be.\n  expected: {expected}.")


# ---- names chosen by the user -------------------------------------------------------------------


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    names = sorted(known)
    near = difflib.get_close_matches(str(name).lower(), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return InputError(f"there is no {kind} called {name!r}.{hint}\n  known: {', '.join(names)}.")
