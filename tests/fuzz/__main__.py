"""Draws graphs at random and holds their machine code against the reference.

    python -m tests.fuzz --count 10000 --seed 0

Prints what fails, made as small as can be. Ends with 1 if anything did.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.fuzz.check import Example, example, fault
from tests.fuzz.shrink import shrunk


def told(one: Example, found: str, seed: int, number: int) -> str:
    """A failing example, with all that is needed to see it again."""
    small = shrunk(one)
    lines = [f"seed {seed}, graph {number}: {found}", f"smaller: {fault(small)}", str(small.graph)]
    for var, x in zip(small.graph.inputs, small.arrays, strict=True):
        lines.append(f"  {var.type} = {x.tolist() if x.size < 20 else '…'}")
    if small.seed is not None:
        lie = [f"{x.dtype.str} strides {x.strides}" for x in small.laid()]
        lines.append(f"  lying {', '.join(lie)}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.fuzz")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=int, default=0, help="number of the first graph")
    chosen = parser.parse_args()
    began, failed = time.monotonic(), 0
    for number in range(chosen.start, chosen.start + chosen.count):
        one = example(chosen.seed, number)
        found = fault(one)
        if found is not None:
            failed += 1
            print(told(one, found, chosen.seed, number), end="\n\n", flush=True)
        if (number + 1) % 500 == 0:
            took = time.monotonic() - began
            print(f"{number + 1} graphs, {failed} failed, {took:.0f} s", flush=True)
    print(f"{chosen.count} graphs of seed {chosen.seed}: {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
