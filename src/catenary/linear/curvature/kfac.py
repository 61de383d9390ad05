"""KFAC: blocks of the Gauss–Newton matrix as Kronecker products, for any traced model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.backend.compile import Compiled
from catenary.core import curvature_errors
from catenary.core.graph import Builder, Graph, Var
from catenary.function.arguments import check_transform, split
from catenary.function.modes import follow, grad, jvp
from catenary.linear.curvature.affine import Affine, affine_parts, evaluated
from catenary.linear.curvature.blocks import LinkBlocks, Restriction
from catenary.linear.curvature.data_map import batches, checked_size, count_examples
from catenary.linear.curvature.gauss_newton import Loss, Model, gauss_newton
from catenary.linear.kronecker import Kronecker
from catenary.linear.map import LinearMap
from catenary.linear.space import Space, space_of
from catenary.tracing import tree
from catenary.tracing.recorder import user_line
from catenary.transform.modes import pullback

Array = np.ndarray[Any, Any]


class KroneckerFactors(LinkBlocks):
    """A block-diagonal map whose blocks are A ⊗ G where ``factors[name]`` = (A, G) is known.

    ``inverse(damping)`` is the map whose blocks are (A + π√λ I)⁻¹ ⊗ (G + √λ/π I)⁻¹, with π² the
    ratio of the mean eigenvalues of A and G.

    >>> import numpy as np
    >>> from catenary.nn import mlp, mse
    >>> net = mlp([2, 1], dtype=np.float64)
    >>> K = kfac(lambda net, x: net(x), mse, net, (np.ones((1, 2)), np.ones((1, 1))))
    >>> A, G = K.factors["links[0].weight"]
    >>> A.shape, G
    ((3, 3), array([[2.]]))
    """

    def __init__(
        self,
        domain: Space,
        blocks: dict[str, LinearMap],
        groups: dict[str, Sequence[int]],
        factors: dict[str, tuple[Array, Array]],
    ) -> None:
        super().__init__(domain, blocks, groups)
        self.factors = factors

    def inverse(self, damping: float) -> LinkBlocks:
        """The inverse of the damped blocks; blocks without factors are left out, as 0."""
        made = {}
        for name, (A, G) in self.factors.items():
            first = math.sqrt(max(float(np.trace(A)) / len(A), 1e-30))
            second = math.sqrt(max(float(np.trace(G)) / len(G), 1e-30))
            pi, root = first / second, math.sqrt(damping)
            left = np.linalg.inv(A + pi * root * np.eye(len(A), dtype=A.dtype))
            right = np.linalg.inv(G + root / pi * np.eye(len(G), dtype=G.dtype))
            space = self.blocks[name].domain
            made[name] = Kronecker(left.astype(A.dtype), right.astype(G.dtype), space, space)
        return LinkBlocks(self.domain, made, {name: self.groups[name] for name in made})


def kfac(
    model: Model, loss: Loss, net: Any, data: Sequence[Any], *, batch_size: int | None = None
) -> KroneckerFactors:
    """The Gauss–Newton matrix in blocks A ⊗ G, one for each weight that multiplies rows.

    For z = a W + b with one row a for each of n examples, the block of (W, b) is approximated by
    A ⊗ G with A = Σ ãᵢãᵢᵀ/n, ã = (a, 1), and G = Σ gᵢgᵢᵀ/n, the mean Gauss–Newton matrix of the
    loss seen from z. Exact for one example, and for a model that is linear in W with a curvature
    of the loss that is the same for all examples.

    Which parameters multiply rows is read from the traced model: from the structure of each
    operation's derivative, not from a list of layers. A parameter that enters otherwise keeps its
    exact Gauss–Newton block. The loss must be a mean over the rows of the prediction. Arguments as
    in :func:`gauss_newton`; ``DerivativeError`` if no parameter multiplies rows.

    >>> import numpy as np
    >>> from catenary.nn import mlp, mse
    >>> net, data = mlp([3, 2], dtype=np.float64), (np.eye(3)[:1], np.ones((1, 2)))
    >>> K = kfac(lambda net, x: net(x), mse, net, data)
    >>> G = gauss_newton(lambda net, x: net(x), mse, net, data)
    >>> bool(np.allclose(K.matrix(), G.matrix()))
    True

    Source: Martens & Grosse, Optimizing neural networks with Kronecker-factored approximate
    curvature, ICML 2015.
    """
    for function in (model, loss):
        check_transform(function, 0, "kfac")
    examples = count_examples(data)
    size = checked_size(batch_size, examples)
    total: dict[str, tuple[Array, Array]] = {}
    parts: list[Affine] = []
    for share, batch in batches(tuple(data), examples, size):
        parts, found = _factors(model, loss, net, batch)
        for name, (A, G) in found.items():
            before = total.get(name, (0.0, 0.0))
            total[name] = before[0] + share * A, before[1] + share * G
    return _assembled(model, loss, net, data, (batch_size, parts, total))


def _assembled(
    model: Model, loss: Loss, net: Any, data: Sequence[Any], made: tuple[Any, ...]
) -> KroneckerFactors:
    batch_size, parts, total = made
    domain, names = space_of(net), tree.paths(net)
    blocks: dict[str, LinearMap] = {}
    groups: dict[str, Sequence[int]] = {}
    factors = {}
    for part in parts:
        name = names[part.weight]
        A, G = (m.astype(domain.types[part.weight].dtype) for m in total[name])
        groups[name] = [part.weight] if part.bias is None else [part.weight, part.bias]
        space = space_of([domain.leaves[domain.positions[i]] for i in groups[name]])
        left, right = (G, A) if part.outputs_first else (A, G)
        blocks[name] = Kronecker(left, right, space, space)
        factors[name] = (left, right)
    covered = {i for chosen in groups.values() for i in chosen}
    rest = [i for i in range(len(names)) if i not in covered]
    if rest:
        whole = gauss_newton(model, loss, net, data, batch_size=batch_size)
        for i in rest:
            blocks[names[i]], groups[names[i]] = Restriction(whole, [i], names[i]), [i]
    return KroneckerFactors(domain, blocks, groups, factors)


def _factors(
    model: Model, loss: Loss, net: Any, batch: tuple[Any, ...]
) -> tuple[list[Affine], dict[str, tuple[Array, Array]]]:
    """A and G of each product, over one batch."""
    inputs, *targets = batch
    recording = follow(lambda w: model(w, inputs), split(net, "kfac"))
    graph, given = recording.graph(), [*recording.captured]
    held = len(given)
    given += [np.asarray(a) for a in tree.coordinates(net)]
    values = evaluated(graph, given)
    parts = affine_parts(graph, graph.inputs[held:], values)
    if not parts:
        raise curvature_errors.no_kronecker(", ".join(tree.paths(net)), user_line())
    prediction = values[graph.outputs[0]]
    cotangents = _curvature_roots(lambda z: loss(z, *targets), prediction)
    seen = _seen_from(graph, given, [p.output for p in parts], cotangents)
    names, found = tree.paths(net), {}
    for part, G in zip(parts, seen, strict=True):
        a = part.rows
        if part.bias is not None:
            a = np.concatenate([a, np.ones((len(a), 1), a.dtype)], axis=1)
        found[names[part.weight]] = (a.T @ a / len(a), G)
    return parts, found


def _curvature_roots(cost: Any, prediction: Array) -> list[Array]:
    """Arrays U_c like the prediction with Σ_c U_c[i] U_c[i]ᵀ = n ∇²ℓ in row i.

    The loss is a mean over rows, so that one product with a vector that is 1 in column c of every
    row gives that column of all n small Hessians.
    """
    n, k = len(prediction), prediction[0].size
    slope = grad(cost)
    columns = []
    for c in range(k):
        unit = np.zeros((n, k), prediction.dtype)
        unit[:, c] = 1
        image = jvp(slope, (prediction,), (unit.reshape(prediction.shape),))[1]
        columns.append(n * np.reshape(image, (n, k)))
    H = np.stack(columns, axis=2)
    values, Q = np.linalg.eigh((H + H.swapaxes(1, 2)) / 2)
    roots = Q * np.sqrt(np.maximum(values, 0))[:, None, :]
    return [np.reshape(roots[:, :, c], prediction.shape) for c in range(k)]


def _seen_from(
    graph: Graph, given: Sequence[Any], outputs: Sequence[Var], cotangents: Sequence[Array]
) -> list[Array]:
    """Σ_c gᵀg/n at each of some values of a graph, g the cotangents pulled back to it."""
    moved = _with_offsets(graph, outputs)
    places = range(len(given), len(moved.inputs))
    value, backward = (Compiled(g) for g in pullback(moved, places))
    zeros = [np.zeros(v.type.shape, v.type.dtype) for v in outputs]
    residuals = value([*given, *zeros])[len(moved.outputs) :]
    totals: list[Any] = [0.0] * len(outputs)
    for u in cotangents:
        for i, g in enumerate(backward([*residuals, u])):
            rows = np.reshape(np.asarray(g), (len(g), -1))
            totals[i] = totals[i] + rows.T @ rows / len(rows)
    return totals


def _with_offsets(graph: Graph, outputs: Sequence[Var]) -> Graph:
    """The graph with one more input for each of some values, which is added to it."""
    builder = Builder()
    env: dict[Any, Any] = {v: builder.input(v.type) for v in graph.inputs}
    offsets = {v: builder.input(v.type) for v in outputs}
    for node in graph.nodes:
        operands = [env.get(a, a) for a in node.operands]
        results = builder.emit(node.primitive, operands, dict(node.params))
        env.update(zip(node.outputs, results if node.primitive.multiple else (results,)))
        for v in node.outputs:
            if v in offsets:
                env[v] = env[v] + offsets[v]
    return builder.close([env.get(graph.outputs[0], graph.outputs[0])])
