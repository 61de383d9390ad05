"""Plants errors into the declarations of operations and tells which law finds each.

    python scripts/planted_errors.py [OPERATION …]

For each operation its declaration is broken in one field at a time, and all laws are run on it. A
line is an error and the laws that it breaks. Ends with 1 if an error breaks no law.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import registry
from tests.laws.plants import killers, plants

Found = tuple[str, list[str]]  # an error, and the laws that it breaks


def findings(name: str) -> list[Found]:
    """What the laws find of the errors planted into one operation."""
    primitive = registry.primitives()[name]
    return [(plant.error, list(killers(plant))) for plant in plants(primitive)]


def main(chosen: Sequence[str]) -> int:
    known = registry.primitives()
    unknown = set(chosen) - known.keys()
    if unknown:
        print(f"no operation is called {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    names = list(chosen or known)
    planted = survived = 0
    with ProcessPoolExecutor() as pool:
        for name, found in zip(names, pool.map(findings, names), strict=True):
            for error, laws in found:
                planted += 1
                survived += not laws
                print(f"{name:16} {error:34} {', '.join(laws) or 'SURVIVED'}", flush=True)
    print(f"\n{planted} errors planted, {survived} survived")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
