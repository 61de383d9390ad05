"""How good `catenary train` is with its defaults, on the real data sets, over five seeds.

Each row is the mean over seeds 0–4 of the test accuracy (classes) or R² (numbers). Beside it
stand linear models of scikit-learn on the same rows: trained on what we train and validate on,
tested on what we test on. Exits with 1 if a mean falls short of what we promise.

    python benchmarks/accuracy.py
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

from catenary.data import ClassTarget, builtin, prepare

SEEDS = range(5)
SECONDS = 60.0
PROMISED = {"digits": 0.97, "iris": 0.93, "wine": 0.95, "breast-cancer": 0.95, "diabetes": None}
RIDGE_MARGIN = 0.02


@dataclass(frozen=True)
class Outcome:
    """The test scores of one data set, one for each seed."""

    name: str
    ours: list[float]
    linear: list[float]
    seconds: list[float]

    @property
    def least(self) -> float:
        """What the mean has to reach: a number, or ridge's mean less a margin."""
        promised = PROMISED[self.name]
        return float(np.mean(self.linear)) - RIDGE_MARGIN if promised is None else promised

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return float(np.mean(self.ours)) >= self.least and max(self.seconds) < SECONDS


def ours(name: str, seed: int, folder: Path) -> tuple[float, float]:
    """The test score and the seconds of a run from the command line, as users start it."""
    command = [sys.executable, "-m", "catenary", "train", name, "--seed", str(seed)]
    command += ["--json", "--quiet", "--out", str(folder / f"{name}-{seed}")]
    result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    test = result["test"]
    return test.get("accuracy", test.get("r2")), result["seconds"]


def linear(name: str, seed: int) -> float:
    """The test score of a linear model on the same rows, encoded the same way."""
    dataset = prepare(builtin(name), seed=seed)
    x = np.concatenate([dataset.train[0], dataset.validation[0]])
    y = np.concatenate([dataset.train[1], dataset.validation[1]])
    classes = isinstance(dataset.encoding.target, ClassTarget)
    model = LogisticRegression(max_iter=1000) if classes else Ridge()
    return float(model.fit(x, y).score(*dataset.test))


def main() -> int:
    """Print the table; 0 if every promise is kept."""
    print("data set       ours    ± over seeds  promised  linear model  seconds")
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        for name in PROMISED:
            runs = [ours(name, seed, Path(folder)) for seed in SEEDS]
            scores, seconds = ([run[part] for run in runs] for part in (0, 1))
            found = Outcome(name, scores, [linear(name, seed) for seed in SEEDS], seconds)
            kept &= found.kept
            print(
                f"{name:13}  {np.mean(found.ours):.4f}  {np.std(found.ours):12.4f}  "
                f"{found.least:8.4f}  {np.mean(found.linear):12.4f}  {np.mean(found.seconds):7.1f}"
                f"{'' if found.kept else '  falls short'}",
                flush=True,
            )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
