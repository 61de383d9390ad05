"""The message about a name that a module does not have."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence


def absent_name(
    module: str, name: str, known: Sequence[str], elsewhere: Mapping[str, str]
) -> AttributeError:
    """``elsewhere``: names that other libraries have, and what is written here instead."""
    message = f"{module} has no {name!r}"
    here = elsewhere.get(name) or _near(name, known)
    return AttributeError(f"{message}; write {here}." if here else f"{message}.")


def _near(name: str, known: Sequence[str]) -> str:
    """The known name that differs least, in capitals and underlines if possible; or nothing."""
    if name.startswith("__"):
        return ""
    bare = {candidate.lower().replace("_", ""): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower().replace("_", ""), bare, n=1, cutoff=0.8)
    return bare[found[0]] if found else ""
