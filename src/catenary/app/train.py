"""`catenary train`: from a table to a kept run."""

from __future__ import annotations

import sys
import warnings
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from time import perf_counter
from typing import Any

from catenary.app.cost_curve import draw_cost_curve
from catenary.app.describe import chain_table, data_line, data_of, descent_line, many
from catenary.app.recipe import Recipe, settle, targets_for
from catenary.app.report import PARTS, confusion_text, judge, metrics_table
from catenary.app.run_folder import CHECKPOINT, PICTURE, Plan, Run, begin, claim, release, save
from catenary.app.tables import dataset_of, text_format
from catenary.app.terminal import Terminal, paragraph
from catenary.core import errors
from catenary.core.errors import MissingExtra
from catenary.core.input_errors import one_line
from catenary.data.encoding import ClassTarget
from catenary.data.prepare import Dataset
from catenary.nn import Chain
from catenary.train import Checkpoint, FitResult, fit
from catenary.train.verdict import judge as judge_point

# A small table has a thousand epochs in a few seconds.
SECONDS_BETWEEN_CHECKPOINTS = 2.0

# How a training ended, in the words of the report, and the exit code that goes with it.
ENDS = {
    "done": ("done", 0),
    "interrupted": ("stopped", 130),
    "not finite": ("failed", 1),
}


@dataclass(frozen=True)
class Outcome:
    """What a training came to."""

    dataset: Dataset
    recipe: Recipe
    fitted: FitResult[Chain]
    seconds: float

    @property
    def best_epoch(self) -> int | None:
        """The epoch of least validation cost; None without validation or before the first."""
        return self.fitted.best_epoch or None if len(self.dataset.validation[0]) else None

    @property
    def net(self) -> Chain:
        """The net that is kept: that of the best epoch, else the last one."""
        return self.fitted.state.best if self.best_epoch else self.fitted.net

    @property
    def rows(self) -> list[dict[str, float]]:
        """The history as it is kept."""
        return [
            {
                "epoch": number,
                "cost": row.cost,
                "validation_cost": row.validation_cost,
                "seconds": round(row.seconds, 6),
            }
            for number, row in enumerate(self.fitted.history.rows(), start=1)
        ]

    def result(self, folder: Path) -> dict[str, Any]:
        """The end as plain values: how, when, where, and the metrics of each part."""
        return {
            "run": str(folder),
            "end": ENDS[self.fitted.stopped][0],
            "message": one_line(self.fitted.message),
            "epochs": len(self.fitted.history),
            "best_epoch": self.best_epoch,
            "seconds": round(self.seconds, 3),
            "verdict": judge_point(self.fitted.plan, self.net, self.fitted.state.steps).plain,
            **judge(self.net, self.dataset, self.recipe),
        }


def run(options: Namespace) -> int:
    """Train a network, keep the run, print its metrics."""
    terminal = Terminal(options.quiet, options.json)
    if find_spec("safetensors") is None:
        # Not after an hour of training.
        raise errors.missing_extra("safetensors", "app", "keeping the weights")
    dataset = dataset_of(options)
    recipe = settle(options, dataset)
    plan = Plan(recipe, dataset.encoding, data_of(dataset), text_format(options))
    folder = claim(options.out, Path(dataset.table.source).stem, options.resume)
    try:
        begin(folder, plan)
        _announce(terminal, dataset, recipe)
        began = perf_counter()
        fitted = _descend(dataset, recipe, terminal, folder / CHECKPOINT)
        outcome = Outcome(dataset, recipe, fitted, perf_counter() - began)
        result = outcome.result(folder)
        kept = Run(**vars(plan), net=outcome.net, history=outcome.rows, result=result)
        save(folder, kept, ended=fitted.stopped != "interrupted")
    except BaseException:
        release(folder)
        raise
    _draw(folder, outcome, terminal)
    _tell(terminal, result, dataset)
    _, code = ENDS[fitted.stopped]
    if code:
        told = one_line(fitted.message) or _how_to_go_on(fitted, folder)
        print(f"catenary train: {told}", file=sys.stderr)
    return code


def _announce(terminal: Terminal, dataset: Dataset, recipe: Recipe) -> None:
    for note in dataset.notes:
        terminal.note(note)
    terminal.say(data_line(data_of(dataset), dataset.encoding))
    terminal.say(f"\n{chain_table(recipe, sys.stderr)}\n")
    terminal.say(f"{descent_line(recipe)}\n")


def _descend(
    dataset: Dataset, recipe: Recipe, terminal: Terminal, checkpoint: Path
) -> FitResult[Chain]:
    def examples(part: tuple[Any, Any]) -> tuple[Any, Any]:
        return part[0], targets_for(recipe.loss, dataset.encoding.target, part[1])

    with warnings.catch_warnings():
        # A cost that is not finite is told by the report.
        warnings.simplefilter("ignore", RuntimeWarning)
        return fit(
            recipe.net(),
            recipe.loss,
            examples(dataset.train),
            optimizer=recipe.rule(),
            batch_size=recipe.batch_size,
            epochs=recipe.epochs,
            validation=examples(dataset.validation) if len(dataset.validation[0]) else None,
            seed=recipe.seed,
            checkpoint=Checkpoint(checkpoint, SECONDS_BETWEEN_CHECKPOINTS),
            resume=True,
            verbose=not terminal.quiet,
        )


def _how_to_go_on(fitted: FitResult[Chain], folder: Path) -> str:
    return (
        f"stopped after {many(len(fitted.history), 'epoch')}; to go on, give the same command with "
        f"--out {quote(str(folder))} --resume"
    )


def _draw(folder: Path, outcome: Outcome, terminal: Terminal) -> None:
    history = outcome.fitted.history
    if not len(history):
        return
    widths = "-".join(map(str, outcome.recipe.layers))
    validated = len(outcome.dataset.validation[0]) > 0
    try:
        draw_cost_curve(
            folder / PICTURE,
            f"{outcome.dataset.table.source}: {widths}",
            history.cost.tolist(),
            history.validation_cost.tolist() if validated else (),
            outcome.best_epoch,
        )
    except MissingExtra as error:
        terminal.note(f"no picture: {one_line(str(error))}")


def _tell(terminal: Terminal, result: Mapping[str, Any], dataset: Dataset) -> None:
    if terminal.as_json:
        terminal.object(result)
        return
    judged = {part: result[part] for part in PARTS if part in result}
    target = dataset.encoding.target
    terminal.say("")
    terminal.result(metrics_table(judged))
    if isinstance(target, ClassTarget) and "test" in judged:
        text = confusion_text(judged["test"]["confusion"], target.classes, sys.stdout)
        terminal.result(f"\n{text}")
    reached = f"the point reached: {result['verdict']['sentence']}"
    terminal.result(f"\n{paragraph(reached, sys.stdout)}")
    kept = f" (weights of epoch {result['best_epoch']})" if result["best_epoch"] else ""
    terminal.result(f"\nkept in {result['run']}{kept}, {result['seconds']:.1f} s")
