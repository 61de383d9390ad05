"""`catenary show`: what a run was and how it ended."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from catenary.app.describe import chain_table, data_line, descent_line, many
from catenary.app.report import PARTS, confusion_text, metrics_table
from catenary.app.run_folder import CONFIG, PICTURE, RESULT, Run, load
from catenary.app.terminal import Terminal, paragraph
from catenary.core import input_errors
from catenary.data.encoding import ClassTarget


def run(options: Namespace) -> int:
    """Print the data, the chain, the descent, and the metrics of a kept run."""
    terminal = Terminal(options.quiet, options.json)
    kept = load(options.run)
    if options.json:
        terminal.object(
            {"run": options.run, "data": kept.data, "recipe": asdict(kept.recipe)}
            | dict(kept.result)
        )
        return 0
    try:
        text = _text(kept)
    except (KeyError, TypeError, ValueError) as error:
        source = f"{CONFIG} or {RESULT} in {options.run}"
        raise input_errors.damaged_file(source, str(error)) from error
    terminal.result(text)
    picture = Path(options.run) / PICTURE
    if picture.exists():
        terminal.result(f"\ncost of each epoch: {picture}")
    return 0


def _end(kept: Run) -> str:
    result = kept.result
    end = f"{result['end']} after {many(result['epochs'], 'epoch')} and {result['seconds']:.1f} s"
    verdict = paragraph(result.get("verdict", {}).get("sentence", ""), sys.stdout)
    lines = [end, result["message"], verdict]
    return "\n".join(line for line in lines if line)


def _text(kept: Run) -> str:
    target = kept.encoding.target
    judged = {part: kept.result[part] for part in PARTS if part in kept.result}
    blocks = [
        data_line(kept.data, kept.encoding),
        chain_table(kept.recipe, sys.stdout),
        descent_line(kept.recipe),
        _end(kept),
        metrics_table(judged),
    ]
    if isinstance(target, ClassTarget) and "test" in judged:
        blocks.append(confusion_text(judged["test"]["confusion"], target.classes, sys.stdout))
    return "\n\n".join(blocks)
