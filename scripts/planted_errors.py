"""Plants errors into the declarations of operations and tells which law finds each.

    python scripts/planted_errors.py [OPERATION …]

For each operation, one at a time, its declaration is broken in one field and all laws are run on
it. A line is an error and the laws that it breaks. Ends with 1 if an error breaks no law.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import registry
from tests.laws.plants import killers, plants


def main(names: Iterable[str]) -> int:
    primitives = registry.primitives()
    unknown = set(names) - primitives.keys()
    if unknown:
        print(f"no operation is called {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    planted = survived = 0
    for name in names or primitives:
        for plant in plants(primitives[name]):
            laws = list(killers(plant))
            planted += 1
            survived += not laws
            print(f"{name:16} {plant.error:34} {', '.join(laws) or 'SURVIVED'}", flush=True)
    print(f"\n{planted} errors planted, {survived} survived")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
