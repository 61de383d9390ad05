"""The bits of the results of graphs at random: ``python -m tests.fuzz.digest COUNT SHIFT``.

Two processes that say the same have computed the same. ``SHIFT``: how many bytes operands lie
behind the beginning of a cache line.
"""

from __future__ import annotations

import hashlib
import sys

import numpy as np

from catenary.backend import native
from tests.fuzz.check import bits, example
from tests.fuzz.known import Array
from tests.fuzz.threads import eager

LINE = 64


def shifted(x: Array, shift: int) -> Array:
    """An equal array that begins so many bytes behind a multiple of a cache line."""
    memory = np.zeros(x.nbytes + 2 * LINE, np.uint8)
    start = -memory.ctypes.data % LINE + shift
    view = memory[start : start + x.nbytes].view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


def main(count: int, shift: int) -> None:
    for number in range(count):
        one = example(5, number)
        with eager():
            program = native.compile_graph(one.graph)
        results = program([shifted(x, shift) for x in one.arrays])
        digest = hashlib.sha256(b"".join(map(bits, results))).hexdigest()
        print(number, digest, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
