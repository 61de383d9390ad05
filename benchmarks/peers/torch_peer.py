"""PyTorch: eager with its fused optimizer, and the whole step with update under torch.compile."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from benchmarks.case import Case, Run
from benchmarks.formulas import INFERENCE, digest, point, rosenbrock, wave
from benchmarks.peers.epochs import function, stepwise
from benchmarks.problem import problem

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "leaky_relu": functional.leaky_relu,
    "gelu": functional.gelu,
    "identity": lambda x: x,
}


def version() -> str:
    return f"PyTorch {torch.__version__}"


def build(kind: str, mode: str, **asked: Any) -> Run:
    """``eager`` or ``compile``."""
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    if kind == "train":
        return train(Case(**asked["case"]), mode)
    if kind == "inference":
        return inference(asked["batch"], mode)
    return derivative(asked["name"], asked["n"])


def forward(case: Case, weights: Any, x: Any) -> Any:
    """The outputs of the network; matrices are (outputs, inputs), as PyTorch keeps them."""
    for w, b in weights[:-1]:
        x = ACTIVATIONS[case.activation](functional.linear(x, w, b))
    w, b = weights[-1]
    return ACTIVATIONS[case.output](functional.linear(x, w, b))


def cost(case: Case, weights: Any, x: Any, y: Any) -> Any:
    out = forward(case, weights, x)
    if case.loss == "cross_entropy":
        return functional.cross_entropy(out, y)
    if case.loss == "mse":
        return functional.mse_loss(out, y)
    return ((out - y) ** 2).sum() / (2 * len(y))


def tensors(case: Case) -> tuple[Any, ...]:
    """x, y, the rows of each step with the short one last, the weights."""
    data = problem(case)
    y = torch.tensor(data.y.astype(np.int64) if case.classes else data.y)
    order = [None] * case.steps if case.full else list(torch.tensor(data.order).long())
    if case.short:
        order.append(torch.tensor(data.last).long())
    weights = [(torch.tensor(w.T.copy()), torch.tensor(b)) for w, b in data.weights]
    return torch.tensor(data.x), y, order, weights


def train(case: Case, mode: str) -> Run:
    return compiled(case) if mode == "compile" else eager(case)


def eager(case: Case) -> Run:
    x, y, order, initial = tensors(case)

    def start() -> Any:
        weights = [tuple(p.clone().requires_grad_() for p in pair) for pair in initial]
        leaves = [p for pair in weights for p in pair]
        if case.optimizer == "descent":
            return weights, torch.optim.SGD(leaves, case.rate, fused=True)
        return weights, torch.optim.Adam(leaves, case.rate, (BETA1, BETA2), EPSILON, fused=True)

    def one(state: Any, rows: Any) -> Any:
        weights, rule = state
        batch = (x, y) if rows is None else (x[rows], y[rows])
        value = cost(case, weights, *batch)
        rule.zero_grad(set_to_none=True)
        value.backward()
        rule.step()
        return state, value.detach()

    return stepwise(start, one, order, case.turn)


def compiled(case: Case) -> Run:
    x, y, order, initial = tensors(case)

    def update(w: Any, m: Any, v: Any, g: Any, t: Any) -> None:
        if case.optimizer == "descent":
            w.sub_(case.rate * g)
            return
        m.copy_(BETA1 * m + (1 - BETA1) * g)
        v.copy_(BETA2 * v + (1 - BETA2) * g * g)
        root = torch.sqrt(v / (1 - BETA2**t)) + EPSILON
        w.sub_(case.rate * (m / (1 - BETA1**t)) / root)

    @torch.compile(dynamic=False, fullgraph=True)  # type: ignore[untyped-decorator]
    def step(state: Any, rows: Any, x: Any, y: Any) -> Any:
        weights, means, squares, t = state
        batch = (x, y) if rows is None else (x[rows], y[rows])
        t.add_(1)
        gradients, value = torch.func.grad_and_value(lambda w: cost(case, w, *batch))(weights)
        for link in zip(weights, means, squares, gradients, strict=True):
            for w, m, v, g in zip(*link, strict=True):
                update(w, m, v, g, t)
        return value

    def start() -> Any:
        copies = [[tuple(f(p) for p in pair) for pair in initial]
                  for f in (torch.clone, torch.zeros_like, torch.zeros_like)]  # fmt: skip
        return *copies, torch.zeros((), dtype=x.dtype)

    guard = torch.no_grad()
    guard.__enter__()
    return stepwise(start, lambda s, rows: (s, step(s, rows, x, y)), order, case.turn)


def derivative(name: str, n: int) -> Run:
    x = torch.tensor(0.3 if name == "wave" else point(n), dtype=torch.float64)
    if name == "hessian":
        hessian = torch.func.hessian(rosenbrock)
        return function(lambda: hessian(x), digest)
    x.requires_grad_()

    def both() -> Any:
        value = wave(x, torch) if name == "wave" else rosenbrock(x)
        return value, torch.autograd.grad(value, x)[0]

    if name == "wave":
        return function(both, lambda pair: digest(pair[1]))
    return function(both, lambda pair: [float(pair[0]), *digest(pair[1])])


def inference(batch: int, mode: str) -> Run:
    x, _, _, weights = tensors(INFERENCE)
    x = torch.tensor(np.resize(x.numpy(), (batch, x.shape[1])))
    net: Callable[[Any], Any] = lambda x: forward(INFERENCE, weights, x)  # noqa: E731
    if mode == "compile":
        net = torch.compile(net, dynamic=False)
    guard = torch.inference_mode()
    guard.__enter__()
    return function(lambda: net(x), digest)
