"""`catenary explain`: how the step of a training is compiled."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace

import numpy as np

from catenary.app.describe import chain_table, data_line, data_of, descent_line
from catenary.app.recipe import Recipe, settle, targets_for
from catenary.app.tables import dataset_of
from catenary.app.terminal import Terminal
from catenary.backend.facts import Code, Kernel, Loop
from catenary.data.prepare import Dataset
from catenary.function.explain import Explanation, explain
from catenary.nn.losses import loss
from catenary.tracing import random
from catenary.train.examples import Examples
from catenary.train.step import step


def run(options: Namespace) -> int:
    """Explain one step on a full batch."""
    terminal = Terminal(options.quiet, options.json)
    dataset = dataset_of(options)
    recipe = settle(options, dataset)
    for note in dataset.notes:
        terminal.note(note)
    terminal.say(data_line(data_of(dataset), dataset.encoding))
    terminal.say(f"\n{chain_table(recipe, sys.stderr)}\n\n{descent_line(recipe)}\n")
    found = _explained(recipe, dataset, options)
    if terminal.as_json:
        terminal.object(found.data)
    else:
        terminal.result(repr(found))
    return 0


def _explained(recipe: Recipe, dataset: Dataset, options: Namespace) -> Explanation:
    inputs, targets = dataset.train
    rows = min(recipe.batch_size or len(inputs), len(inputs))
    batch = Examples(
        inputs[:rows], targets_for(recipe.loss, dataset.encoding.target, targets[:rows])
    )
    net, rule = recipe.net(), recipe.rule()
    found = explain(
        step,
        net,
        rule.init(net),
        (loss(recipe.loss), rule),
        batch,
        (random.key(recipe.seed), np.int64(0)),
        ir=options.ir,
        asm=options.asm,
        time=options.time,
    )
    widths = "-".join(map(str, recipe.layers))
    name = f"a step of training {widths} on {rows} rows"
    code = None if found.code is None else _without_lines(found.code)
    return replace(found, name=name, code=code)


def _without_lines(code: Code) -> Code:
    """Without the lines of the user's program, for here there is none."""
    steps: list[Kernel | Loop] = []
    for part in code.steps:
        if isinstance(part, Kernel):
            fused = tuple([replace(source, file=None) for source in part.fused])
            steps.append(replace(part, fused=fused))
        else:
            steps.append(part)
    return replace(code, steps=tuple(steps))
