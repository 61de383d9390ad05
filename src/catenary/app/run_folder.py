"""The folder of a run: what is kept of it, and how it is found again.

config.json          what was asked: the data, how it was read, the recipe
encoding.json        how rows become inputs, and outputs become predictions
weights.safetensors  the weights and biases, by their place in the chain
history.csv          the costs of each epoch
result.json          what came of it: metrics, seconds, how it ended
cost.png             the picture of the history, where Matplotlib is installed
training.safetensors where a training stands that was stopped, or is still under way

Nothing in it is ever executed: names of functions are looked up in the library's own tables.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from catenary import __version__
from catenary.app.options import ACTIVATIONS, LOSSES
from catenary.app.recipe import MOST_WEIGHTS, Recipe, outputs_of
from catenary.app.terminal import finite
from catenary.core import input_errors
from catenary.data.encoding import Encoding
from catenary.data.encoding_json import from_json, to_json
from catenary.data.text_file import TextFormat
from catenary.nn import Chain, weights

FORMAT = 1
CONFIG, ENCODING, WEIGHTS = "config.json", "encoding.json", "weights.safetensors"
HISTORY, RESULT, PICTURE = "history.csv", "result.json", "cost.png"
CHECKPOINT = "training.safetensors"


@dataclass(frozen=True)
class Plan:
    """What a run is to do.

    data: where the data came from, and how it was divided
    form: how its text file was written
    """

    recipe: Recipe
    encoding: Encoding
    data: Mapping[str, Any]
    form: TextFormat


@dataclass(frozen=True)
class Run(Plan):
    """A kept run.

    history: one row for each epoch
    result:  what came of it, as in result.json
    """

    net: Chain
    history: Sequence[Mapping[str, float]]
    result: Mapping[str, Any]


def claim(asked: str | None, name: str, resume: bool = False) -> Path:
    """Make the folder of a new run: the one asked for, or runs/NAME-1, -2, …

    resume: the folder may be that of a training that was stopped

    Raises `InputError` where the folder exists and is not empty, or cannot be written.
    """
    if resume and asked is None:
        raise input_errors.option_does_not_fit("--resume", "name the folder of the run with --out")
    if resume and asked and (Path(asked) / CHECKPOINT).is_file():
        return Path(asked)
    if resume and asked and (Path(asked) / RESULT).is_file():
        raise input_errors.nothing_to_resume(asked)
    if asked is None:
        for number in count(1):
            folder = Path("runs", f"{name}-{number}")
            if not folder.exists():
                break
    else:
        folder = Path(asked)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise input_errors.folder_exists(asked)
    try:
        folder.mkdir(parents=True, exist_ok=asked is not None)
        probe = folder / CONFIG
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise input_errors.folder_not_writable(str(folder), reason) from error
    return folder


def begin(folder: Path, plan: Plan) -> None:
    """Keep what a training is to do; `InputError` if it goes on with one that did otherwise."""
    if (folder / CHECKPOINT).is_file():
        known = _read_json(folder / CONFIG).get("recipe", {})
        for name, value in asdict(plan.recipe).items():
            now = list(value) if name == "layers" else value
            if known.get(name) != now:
                raise input_errors.other_run(str(folder), name, known.get(name), now)
        if from_json(_read_json(folder / ENCODING), str(folder / ENCODING)) != plan.encoding:
            raise input_errors.other_run(str(folder), "data", "of its own", "these")
    _write_json(folder / ENCODING, to_json(plan.encoding))
    config = {"data": plan.data, "reading": asdict(plan.form), "recipe": asdict(plan.recipe)}
    _write_json(folder / CONFIG, {"format": FORMAT, "catenary": __version__} | config)


def release(folder: Path) -> None:
    """Take a claimed folder away again, if no training has begun in it."""
    if (folder / CHECKPOINT).is_file():
        return
    for name in (CONFIG, ENCODING):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def save(folder: Path, run: Run, *, ended: bool) -> None:
    """Keep in its folder what came of a run; each file appears whole or not at all.

    ended: the training cannot go on, so that its checkpoint is of no more use
    """
    weights.save(run.net, folder / WEIGHTS)
    _write_json(folder / RESULT, run.result)
    if run.history:
        with (folder / HISTORY).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(run.history[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(run.history)
    if ended:
        (folder / CHECKPOINT).unlink(missing_ok=True)


def load(asked: str) -> Run:
    """The run kept in a folder; `InputError` if there is none, or if a file of it is damaged."""
    folder = Path(asked)
    if not (folder / CONFIG).is_file():
        raise input_errors.no_run(asked, _neighbours(folder))
    if (folder / CHECKPOINT).is_file() and not (folder / RESULT).is_file():
        raise input_errors.run_cut_off(asked)
    config = _read_json(folder / CONFIG)
    encoding = from_json(_read_json(folder / ENCODING), str(folder / ENCODING))
    try:
        if config["format"] != FORMAT:
            raise ValueError(f"format {config['format']} is not {FORMAT}")
        recipe = _recipe(config["recipe"])
        form = TextFormat(**config["reading"])
        if (recipe.layers[0], recipe.layers[-1]) != (
            len(encoding.names),
            outputs_of(encoding.target),
        ):
            raise ValueError("the layers do not fit the encoding")
    except (KeyError, TypeError, ValueError) as error:
        raise input_errors.damaged_file(str(folder / CONFIG), str(error)) from error
    return Run(
        recipe,
        encoding,
        config["data"],
        form,
        weights.load(folder / WEIGHTS, like=recipe.net()),
        _read_history(folder / HISTORY),
        _read_json(folder / RESULT),
    )


def _recipe(found: Mapping[str, Any]) -> Recipe:
    recipe = Recipe(**(dict(found) | {"layers": tuple(found["layers"])}))
    for number in (recipe.learning_rate, recipe.weight_decay, recipe.epochs, recipe.seed):
        if not isinstance(number, int | float):
            raise TypeError(f"{number!r} is no number")
    if not all(type(width) is int and width > 0 for width in recipe.layers):
        raise ValueError("layers are no widths")
    if len(recipe.layers) < 2 or recipe.weights > MOST_WEIGHTS:
        raise ValueError("layers make no chain")
    for name, known in ((recipe.activation, ACTIVATIONS), (recipe.loss, LOSSES)):
        if name not in known:
            raise ValueError(f"there is no {name!r}")
    return recipe


def _write(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(content)
    draft.replace(path)


def _write_json(path: Path, content: Any) -> None:
    text = json.dumps(finite(content), indent=2, ensure_ascii=False) + "\n"
    _write(path, text.encode("utf-8"))


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise input_errors.damaged_file(str(path), str(error)) from error


def _read_history(path: Path) -> list[dict[str, float]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                {name: float(value or "nan") for name, value in row.items()}
                for row in csv.DictReader(file)
            ]
    except (OSError, ValueError, TypeError):
        # A run without its history still predicts.
        return []


def _neighbours(folder: Path) -> list[str]:
    """The runs that lie beside a folder that is none, and those in ./runs."""
    beside = [path for place in (folder.parent, Path("runs")) for path in place.glob("*/" + CONFIG)]
    return [str(path.parent) for path in beside]
