"""JAX: whole steps inside jit, with the update, their buffers given back; and epochs in a scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

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
from benchmarks.problem import problem

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
# A call returns before the work is done: waiting once for many is how it is fastest.
CALLS = 50

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "leaky_relu": jax.nn.leaky_relu,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "identity": lambda x: x,
}


def version() -> str:
    return f"JAX {jax.__version__}"


def build(kind: str, mode: str, **asked: Any) -> Run:
    """Training ``step`` by step or as a ``scan``; a function; a network's outputs."""
    if kind == "train":
        return train(Case(**asked["case"]), mode)
    if kind == "inference":
        return inference(asked["batch"])
    jax.config.update("jax_enable_x64", True)
    if kind == "jacobian":
        return jacobian(asked["name"], mode)
    return derivative(asked["name"], asked["n"], mode)


def forward(case: Case, weights: Any, x: Any) -> Any:
    """The outputs of the network."""
    for w, b in weights[:-1]:
        x = ACTIVATIONS[case.activation](x @ w + b)
    w, b = weights[-1]
    return ACTIVATIONS[case.output](x @ w + b)


def cost(case: Case, weights: Any, x: Any, y: Any) -> Any:
    out = forward(case, weights, x)
    if case.loss == "cross_entropy":
        logarithms = jax.nn.log_softmax(out)
        # As a product with ones and zeros: faster on a CPU than a gather and its scatter.
        return -(logarithms * jax.nn.one_hot(y, out.shape[1], dtype=out.dtype)).sum(1).mean()
    if case.loss == "mse":
        return ((out - y) ** 2).mean()
    return ((out - y) ** 2).sum() / (2 * len(y))


def stepping(case: Case) -> Callable[..., Any]:
    """carry × rows × x × y → carry × cost."""

    def step(carry: Any, rows: Any, x: Any, y: Any) -> Any:
        weights, m, v, t = carry
        batch = (x, y) if case.full else (x[rows], y[rows])
        value, g = jax.value_and_grad(lambda w: cost(case, w, *batch))(weights)
        if case.optimizer == "descent":
            weights = jax.tree.map(lambda w, g: w - case.rate * g, weights, g)
            return (weights, m, v, t), value
        t = t + 1
        m = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, g)
        v = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, g)
        c1, c2 = 1 - BETA1**t, 1 - BETA2**t
        weights = jax.tree.map(
            lambda w, m, v: w - case.rate * (m / c1) / (jnp.sqrt(v / c2) + EPSILON), weights, m, v
        )
        return (weights, m, v, t), value

    return step


def train(case: Case, mode: str) -> Run:
    jax.config.update("jax_enable_x64", case.dtype == "float64")
    data = problem(case)
    x, y, last = jnp.asarray(data.x), jnp.asarray(data.y), jnp.asarray(data.last)
    order = jnp.zeros(case.steps, jnp.int32) if case.full else jnp.asarray(data.order)
    step = stepping(case)

    def start() -> Any:
        weights = [(jnp.array(w), jnp.array(b)) for w, b in data.weights]
        adam = case.optimizer == "adam"
        moments = [jax.tree.map(jnp.zeros_like, weights) if adam else () for _ in range(2)]
        return weights, *moments, jnp.zeros((), case.dtype)

    def epoch(carry: Any, order: Any, last: Any, x: Any, y: Any) -> Any:
        carry, costs = jax.lax.scan(lambda c, rows: step(c, rows, x, y), carry, order)
        if case.short:
            carry, _ = step(carry, last, x, y)
        return carry, costs

    whole = jax.jit(epoch, donate_argnums=0)
    one = jax.jit(step, donate_argnums=0)
    batches = [*order, *([last] if case.short else [])]
    jax.block_until_ready((start(), x, batches))
    if mode == "scan":
        return training(
            start, lambda c: jax.block_until_ready(whole(c, order, last, x, y)), case.calls
        )
    return stepwise(
        start, lambda c, rows: one(c, rows, x, y), batches, case.turn, jax.block_until_ready
    )


def repeated(f: Callable[..., Any], x: Any, tell: Callable[[Any], list[float]]) -> Run:
    """Many calls, and one wait for the last of them."""

    def call() -> Any:
        for _ in range(CALLS - 1):
            f(x)
        return jax.block_until_ready(f(x))

    return function(call, tell, CALLS)


def derivative(name: str, n: int, mode: str) -> Run:
    if name == "wave":
        slope = jax.jit(jax.grad(lambda x: wave(x, jnp)))
        return repeated(slope, 0.3 if mode == "float" else jnp.asarray(0.3), digest)
    x = jnp.asarray(point(n))
    if name == "hessian":
        return repeated(jax.jit(jax.hessian(rosenbrock)), x, digest)
    both = jax.jit(jax.value_and_grad(rosenbrock))
    return repeated(both, x, lambda pair: [float(pair[0]), *digest(pair[1])])


def jacobian(name: str, mode: str) -> Run:
    write = {"forward": jax.jacfwd, "reverse": jax.jacrev}[mode]
    if name == "roe":
        return repeated(jax.jit(write(lambda u: roe_flux(u, jnp))), jnp.asarray(GAS), digest)
    weights = [jnp.asarray(w) for w in matrices(CHAINS[name])]
    x = jnp.linspace(-1, 1, CHAINS[name][0])
    written = jax.jit(write(lambda x, w: chain(x, w, jnp)))
    return function(lambda: jax.block_until_ready(written(x, weights)), digest)


def inference(batch: int) -> Run:
    data = problem(INFERENCE)
    weights = [(jnp.asarray(w), jnp.asarray(b)) for w, b in data.weights]
    net = jax.jit(lambda x: forward(INFERENCE, weights, x))
    return repeated(net, jnp.asarray(np.resize(data.x, (batch, data.x.shape[1]))), digest)
