"""What is said when the machine cannot do what the library would like of it."""

from __future__ import annotations


def no_compiler(reason: str) -> str:
    return (
        f"there is no compiler for this machine: {reason}.\n"
        "  Everything runs on the reference backend, which gives the same results, slowly. "
        "CATENARY_BACKEND=reference says that this is meant."
    )
