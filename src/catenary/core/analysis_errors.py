"""The messages about analyses of networks."""

from __future__ import annotations

from typing import Any

from catenary.core.errors import InputError


def not_a_chain(name: str, net: Any) -> InputError:
    return InputError(
        f"{name} looks into a net link by link, and {type(net).__name__} is no chain.\n"
        "  expected: a chain of two links or more\n"
        "  Make one of the parts: cat.nn.Chain([first, second, …])."
    )


def bad_batch_size(got: Any, count: int) -> InputError:
    return InputError(
        f"batch_size={got!r} cannot be.\n  expected: a whole number from 1 to {count}, "
        "the number of examples"
    )


def too_few_examples(name: str, count: int) -> InputError:
    return InputError(
        f"{name} compares examples, and there {'is one' if count == 1 else f'are {count}'}.\n"
        "  expected: two or more"
    )
