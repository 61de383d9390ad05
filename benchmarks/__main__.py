"""Speed against every peer: ``python -m benchmarks``, or a part of it.

    python -m benchmarks                          everything
    python -m benchmarks train --quick            training only, under a minute
    python -m benchmarks train --only digits --ours   one case without peers
    python -m benchmarks --readme                 everything, into README's table

The exit status is 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import readme
from benchmarks.bound import Machine
from benchmarks.machine import described, measured, sentence
from benchmarks.settings import Settings
from benchmarks.table import Section, terminal
from benchmarks.timing import ROOT

SECTIONS = {
    "train": "benchmarks.train",
    "calls": "benchmarks.calls",
    "functions": "benchmarks.functions",
    "jacobians": "benchmarks.jacobians",
    "inference": "benchmarks.inference",
    "compile": "benchmarks.compile_time",
    "import": "benchmarks.import_time",
    "memory": "benchmarks.memory",
    "sweep": "benchmarks.widths",
    "odd": "benchmarks.odd",
}
BUSY = 0.5
RESULTS = ROOT / "benchmarks" / "results" / "latest.json"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=(__doc__ or "").partition("\n")[0],
        epilog="The exit status is 1 if a goal is missed.",
    )
    made.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    made.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    made.add_argument("--only", action="append", default=[], metavar="CASE", help="by name")
    made.add_argument("--ours", action="store_true", help="without peers")
    made.add_argument("--rounds", type=int, help="turns that each takes")
    made.add_argument("--seconds", type=float, help="length of a turn")
    made.add_argument("--json", type=Path, default=RESULTS, help="where the results go")
    made.add_argument("--readme", action="store_true", help="put the tables into README.md")
    return made


def settings_of(options: argparse.Namespace) -> Settings:
    rounds, seconds = (3, 0.1) if options.quick or options.ours else (7, 0.3)
    return Settings(
        quick=options.quick,
        ours=options.ours,
        only=tuple(name for given in options.only for name in given.split(",")),
        rounds=options.rounds or rounds,
        seconds=options.seconds or seconds,
    )


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    unknown = sorted(set(options.sections) - set(SECTIONS))
    if unknown:
        parser().error(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    settings = settings_of(options)
    about, machine = described(), measured(settings.seconds)
    print(sentence(about, machine), flush=True)
    if about["load"] and about["load"] > BUSY:
        print(f"others keep this machine busy (load {about['load']:.1f}): times will be too long")
    sections = []
    for name in options.sections or SECTIONS:
        make: Callable[[Settings, Machine], Section] = import_module(SECTIONS[name]).section
        sections.append(make(settings, machine))
        print("\n" + terminal(sections[-1]), flush=True)
    write(options.json, {"machine": about, "peaks": machine.__dict__}, sections)
    if options.readme:
        readme.rewrite(sections, sentence(about, machine))
    return verdict(sections)


def write(path: Path, about: dict[str, Any], sections: list[Section]) -> None:
    """All that was measured, as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**about, "sections": [section.told() for section in sections]}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def verdict(sections: list[Section]) -> int:
    """Say what is missed; the exit status."""
    missed = [f"{section.name}, {told}" for section in sections for told in section.missed]
    print(
        "\nmissed:\n  " + "\n  ".join(missed)
        if missed
        else "\nevery goal that was measured is reached"
    )
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
