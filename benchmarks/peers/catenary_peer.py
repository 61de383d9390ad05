"""Catenary: our side of every measurement, written with the public names alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import catenary as cat
from benchmarks.case import Case, Run
from benchmarks.formulas import (
    CHAINS,
    GAS,
    INFERENCE,
    chain,
    digest,
    matrices,
    point,
    roe_flux,
    rosenbrock,
    wave,
)
from benchmarks.peers.epochs import function, stepwise, training
from benchmarks.problem import Problem, problem

LOSSES = {
    "cross_entropy": cat.nn.cross_entropy,
    "mse": cat.nn.mse,
    "quadratic": cat.nn.quadratic_cost,
}


def version() -> str:
    return cat.__version__


def build(kind: str, mode: str, **asked: Any) -> Run:
    """Training ``step`` by step or as a ``scan``; a function; a network's outputs."""
    if kind == "train":
        return train(Case(**asked["case"]), mode)
    if kind == "inference":
        return inference(asked["batch"])
    if kind == "jacobian":
        return jacobian(asked["name"], mode)
    return derivative(asked["name"], asked["n"])


def network(case: Case, data: Problem) -> Any:
    """A chain of dense links with the weights of the problem."""
    last = len(data.weights) - 1
    names = [case.output if k == last else case.activation for k in range(last + 1)]
    functions = [cat.nn.ACTIVATIONS[name] for name in names]
    pairs = zip(data.weights, functions, strict=True)
    return cat.nn.Chain(tuple(cat.nn.Dense(w, b, function) for (w, b), function in pairs))


def stepping(case: Case) -> Callable[..., Any]:
    """carry × rows × x × y → carry × cost; the carry is the net and the optimizer's memory."""
    loss = LOSSES[case.loss]
    rule = optimizer(case)

    def cost(net: Any, x: Any, y: Any) -> Any:
        return loss(net(x), y)

    def step(carry: Any, rows: Any, x: Any, y: Any) -> Any:
        net, memory = carry
        batch = (x, y) if case.full else (x[rows], y[rows])
        value, gradient = cat.value_and_grad(cost)(net, *batch)
        change, memory = rule.update(gradient, memory, net)
        return (net + change, memory), value

    return step


def optimizer(case: Case) -> Any:
    rules = {"adam": cat.optim.Adam, "descent": cat.optim.GradientDescent}
    return rules[case.optimizer](case.rate)


def train(case: Case, mode: str) -> Run:
    data = problem(case)
    net = network(case, data)
    step = stepping(case)
    order = np.zeros(case.steps, np.int32) if case.full else data.order

    def start() -> Any:
        return net, optimizer(case).init(net)

    if mode == "scan":
        return training(start, scanned(case, step, data, order), case.calls)
    compiled = cat.jit(step)
    batches = [*order, *([data.last] if case.short else [])]
    return stepwise(
        start, lambda carry, rows: compiled(carry, rows, data.x, data.y), batches, case.turn
    )


def scanned(case: Case, step: Callable[..., Any], data: Problem, order: Any) -> Callable[..., Any]:
    """A whole epoch in one call, the short step at its end included."""

    @cat.jit
    def epoch(carry: Any, order: Any, last: Any, x: Any, y: Any) -> Any:
        carry, costs = cat.scan(lambda c, rows: step(c, rows, x, y), carry, order)
        if case.short:
            carry, _ = step(carry, last, x, y)
        return carry, costs

    return lambda carry: epoch(carry, order, data.last, data.x, data.y)


def derivative(name: str, n: int) -> Run:
    if name == "wave":
        slope = cat.jit(cat.grad(lambda x: wave(x, np)))
        return function(lambda: slope(0.3), digest)
    x = point(n)
    if name == "hessian":
        hessian = cat.jit(cat.hessian(rosenbrock))
        return function(lambda: hessian(x), digest)
    both = cat.jit(cat.value_and_grad(rosenbrock))
    return function(lambda: both(x), lambda pair: [float(pair[0]), *digest(pair[1])])


def jacobian(name: str, mode: Any) -> Run:
    if name == "roe":
        written, x = cat.jit(cat.jacobian(lambda u: roe_flux(u, np), mode=mode)), np.array(GAS)
        return function(lambda: written(x), digest)
    weights = matrices(CHAINS[name])
    x = np.linspace(-1, 1, CHAINS[name][0])
    # the weights are arguments: nobody may fold them into constants
    written = cat.jit(cat.jacobian(lambda x, w: chain(x, w, np), mode=mode))
    return function(lambda: written(x, weights), digest)


def inference(batch: int) -> Run:
    data = problem(INFERENCE)
    net = cat.jit(network(INFERENCE, data))
    x = np.resize(data.x, (batch, data.x.shape[1]))
    return function(lambda: net(x), digest)
