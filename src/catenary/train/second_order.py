"""Training by methods of second order: the cost of a batch as an oracle, and the steps on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from catenary.core.graph import dependent
from catenary.descent import kronecker
from catenary.descent.coordinates import Coordinates, Matrix, Vector
from catenary.descent.kronecker import Factors
from catenary.descent.objective import Point
from catenary.descent.oracle import Oracle
from catenary.descent.second_order import Method
from catenary.function.jit import Jitted
from catenary.function.modes import jvp, value_and_grad, vjp
from catenary.linear.hessian import hvp
from catenary.nn.losses import Loss
from catenary.tracing import random, tree
from catenary.tracing.trace import trace
from catenary.train.examples import Examples
from catenary.train.plan import Plan
from catenary.train.runner import Runner, Stretch
from catenary.train.state import Net, State
from catenary.train.step import batch_cost, forward, training_cost

Randomness = tuple[Any, Any]
Batch = tuple[Loss, Examples, Randomness]


def _both(net: Any, loss: Loss, examples: Examples, randomness: Randomness) -> Any:
    return value_and_grad(training_cost, has_aux=True)(net, loss, examples, randomness)


def _hessian_times(net: Any, loss: Loss, examples: Examples, randomness: Randomness, v: Any) -> Any:
    return hvp(lambda net: training_cost(net, loss, examples, randomness)[0], net, v)


def _gauss_newton_times(
    net: Any, loss: Loss, examples: Examples, randomness: Randomness, v: Any
) -> Any:
    def predict(net: Any) -> Any:
        key = random.fold_in(*randomness)
        return forward(net, examples.inputs, key=key, train=True)[0]

    prediction, moved = jvp(predict, (net,), (v,))
    bent = hvp(lambda z: batch_cost(loss, z, examples), prediction, moved)
    return vjp(predict, net)[1](bent)[0]


def _curvature(net: Any, loss: Loss, examples: Examples, randomness: Randomness) -> Any:
    key = random.fold_in(*randomness)
    return kronecker.curvature(net, lambda z: batch_cost(loss, z, examples), examples.inputs, key)


def _backward(net: Any, examples: Examples, randomness: Randomness, roots: Any) -> Any:
    return kronecker.backward(net, examples.inputs, random.fold_in(*randomness), roots)


class Programs:
    """What is asked of every batch, compiled once for a training."""

    def __init__(self) -> None:
        self.both = Jitted(_both, (), many=True)
        self.hessian_times = Jitted(_hessian_times, (), many=True)
        self.gauss_newton_times = Jitted(_gauss_newton_times, (), many=True)
        self.curvature = Jitted(_curvature, (), many=True)
        self.backward = Jitted(_backward, (), many=True)


class BatchOracle(Oracle):
    """Answers about the cost of one batch, as a function of the parameters of a net."""

    def __init__(
        self,
        programs: Programs,
        coordinates: Coordinates,
        net: Any,
        batch: Batch,
    ) -> None:
        super().__init__(coordinates)
        self._programs = programs
        self._net = net
        self._batch = batch
        self.after: Any = None

    def net(self, x: Vector) -> Any:
        """The net with these parameters."""
        return self.coordinates.tree(x, self._net)

    def _value_and_gradient(self, x: Vector) -> tuple[float, Vector]:
        (cost, after), gradient = self._programs.both(self.net(x), *self._batch)
        # The state of the links is that of the first look: one step, one pass over the batch.
        self.after = after if self.after is None else self.after
        return float(cost), self.coordinates.vector(gradient)

    def _hessian_times(self, x: Vector, v: Vector) -> Vector:
        product = self._programs.hessian_times(self.net(x), *self._batch, self.net(v))
        return self.coordinates.vector(product)

    def _hessian(self, x: Vector) -> Matrix:
        return np.stack([self._hessian_times(x, unit) for unit in np.eye(x.size, dtype=x.dtype)])

    def _gauss_newton_times(self, x: Vector, v: Vector) -> Vector:
        product = self._programs.gauss_newton_times(self.net(x), *self._batch, self.net(v))
        return self.coordinates.vector(product)

    def kronecker(self, x: Vector) -> list[Factors]:
        """Kronecker factors of the Gauss–Newton matrix, one pair for each dense link."""
        self.matrices += 1
        _, examples, randomness = self._batch
        net = self.net(x)
        hessians, seen = self._programs.curvature(net, *self._batch)
        roots = kronecker.roots_of(hessians)
        pulled = self._programs.backward(net, examples, randomness, roots)
        return kronecker.factors(seen, pulled)


class MethodRunner(Runner[Net]):
    """Runs the steps of a method, one batch after the other."""

    def __init__(self, plan: Plan, method: Method) -> None:
        super().__init__(plan)
        self._method = method
        self._programs = Programs()
        self._repeats: bool | None = None
        self._known: tuple[Any, Point] | None = None  # the net that the last step led to

    def run(self, state: State[Net], steps: int) -> Stretch[Net]:
        """So many steps, or until a cost is not finite."""
        before, cost, done = state, float("nan"), 0
        while done < steps:
            state, cost = self._step(state)
            done += 1
            if not np.isfinite(cost):
                break
        return Stretch(before, state, done, cost, [])

    def _step(self, state: State[Net]) -> tuple[State[Net], float]:
        coordinates = Coordinates.of(state.net)
        examples = self.batch(state)
        batch = (self.plan.loss, examples, self.randomness(state))
        oracle = BatchOracle(self._programs, coordinates, state.net, batch)
        net, memory = state.net, state.memory
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            point = self._point(state.net, oracle, batch)
            if point.finite:
                after, memory = self._method.move(oracle, point, memory)
                net = coordinates.tree((after or point).x, oracle.after)
                self._known = (net, after or point)
        counted = replace(
            state,
            net=net,
            memory=memory,
            steps=state.steps + 1,
            batches=state.batches + 1,
            total=state.total + point.value * len(examples),
        )
        return counted, point.value

    def _point(self, net: Net, oracle: BatchOracle, batch: Batch) -> Point:
        """Value and gradient before a step; known from the last one where all see one cost."""
        if self._repeats is None:
            self._repeats = not self._shuffled and _repeats(net, batch)
        if self._repeats and self._known is not None and self._known[0] is net:
            return self._known[1]
        return oracle.at(oracle.coordinates.vector(net))


def _repeats(net: Any, batch: Batch) -> bool:
    """Whether the cost of a batch depends on the parameters alone: no state, no randomness."""
    loss, examples, randomness = batch
    leaves = tree.flatten(net)[0]
    if sum(map(tree.is_array, leaves)) > len(tree.coordinates(net)):
        return False
    graph = trace(lambda *drawn: training_cost(net, loss, examples, drawn)[0], *randomness)
    captured = len(graph.inputs) - len(randomness)
    return not any(dependent(graph, [i >= captured for i in range(len(graph.inputs))]))
