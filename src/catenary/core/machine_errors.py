"""What is said when the machine cannot do what the library would like of it."""

from __future__ import annotations

from collections.abc import Sequence

from catenary.core.errors import InputError
from catenary.core.input_errors import near


def unknown_backend(name: str, known: Sequence[str]) -> InputError:
    hint = near(name, known)
    return InputError(
        f"CATENARY_BACKEND is {name!r}, and there is no such backend{hint or '.'}\n"
        f"  known: {', '.join(known)}; without the variable it is {known[0]}."
    )


def no_compiler(reason: str) -> str:
    return (
        f"there is no compiler for this machine: {reason}.\n"
        "  Everything runs on the reference backend, which gives the same results, slowly. "
        "CATENARY_BACKEND=reference says that this is meant."
    )


def other_integers(routine: str, signature: str) -> InputError:
    return InputError(
        f"SciPy's {routine} takes integers that are not of 32 bits, which machine code here cannot "
        f"call.\n  expected: int * among its arguments\n  got:      {signature}\n"
        "  Install SciPy's ordinary build, or set CATENARY_BACKEND=reference."
    )


def explained_while_traced(name: str) -> InputError:
    return InputError(
        f"explain({name}, …) was given a traced value, so there is nothing to compile yet.\n"
        "  Call explain outside of jit, grad and vmap; to see their work, explain what they "
        "return: cat.explain(cat.grad(f), x)."
    )
