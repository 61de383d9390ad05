"""scikit-learn: MLPClassifier with Adam; a call of ``partial_fit`` is an epoch."""

from __future__ import annotations

import math
from time import perf_counter
from typing import Any

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

from benchmarks.case import STEPS_TO_COMPARE, Case, Run
from benchmarks.formulas import INFERENCE
from benchmarks.problem import Problem, problem

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def version() -> str:
    return f"scikit-learn {sklearn.__version__}"


def build(kind: str, mode: str, **asked: Any) -> Run:
    """Networks of relu and classes, trained with Adam."""
    del mode
    if kind == "inference":
        return inference(asked["batch"])
    return train(Case(**asked["case"]))


class Adam(AdamOptimizer):  # type: ignore[misc]
    """ε as in the paper, beside √v̂; scikit-learn has it beside √v, which is another step."""

    def _get_updates(self, gradients: Any) -> Any:
        self.epsilon = EPSILON * math.sqrt(1 - BETA2 ** (self.t + 1))
        return super()._get_updates(gradients)


def classifier(case: Case, data: Problem) -> Any:
    """A classifier that has not begun, with the weights of the problem."""
    model = MLPClassifier(
        hidden_layer_sizes=case.widths[1:-1],
        activation=case.activation,
        solver="adam",
        alpha=0.0,
        batch_size=case.batch,
        learning_rate_init=case.rate,
        shuffle=False,
    )
    few = data.order[0]
    model.partial_fit(data.x[few], data.y[few], classes=np.arange(case.widths[-1]))
    model.coefs_ = [w.copy() for w, _ in data.weights]
    model.intercepts_ = [b.copy() for _, b in data.weights]
    parameters = model.coefs_ + model.intercepts_
    model._optimizer = Adam(parameters, case.rate, BETA1, BETA2, EPSILON)
    return model


def train(case: Case) -> Run:
    data = problem(case)
    if not (case.classes and case.activation == "relu" and not case.short and not case.full):
        raise NotImplementedError("no such training")
    rows = data.order.ravel()
    x, y = data.x[rows], data.y[rows]
    cut = (STEPS_TO_COMPARE - 1) * case.batch
    begin = perf_counter()
    model = classifier(case, data)
    model.partial_fit(x[: case.batch], y[: case.batch])
    first = perf_counter() - begin
    model = classifier(case, data)
    model.partial_fit(x[:cut], y[:cut])
    model.partial_fit(x[cut : cut + case.batch], y[cut : cut + case.batch])
    value = [float(model.loss_)]
    state = [model]

    def reset() -> None:
        state[0] = classifier(case, data)

    return Run(lambda: state[0].partial_fit(x, y), case.steps, reset, value, first)


def inference(batch: int) -> Run:
    data = problem(INFERENCE)
    model = classifier(INFERENCE, data)
    x = np.resize(data.x, (batch, data.x.shape[1]))
    return Run(lambda: model.predict_proba(x))
