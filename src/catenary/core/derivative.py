"""The kinds of derivative: how an operation answers to a small change of its operands.

A kind says which linear map the derivative is, in one of seven ways, and nothing about modes:
forward mode, reverse mode and every higher order are computed from it by the transforms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Linear:
    """Jointly linear in some operands: the derivative is the operation itself.

    ``transpose(y_bar, *operands, **params)`` gives one cotangent for each operand, ``None`` for
    those it is not linear in; linear operands come as values of which only the type is known.
    """

    transpose: Callable[..., tuple[Any, ...]]
    operands: tuple[int, ...] | None = None  # None: all of them


@dataclass(frozen=True)
class Multilinear:
    """Linear in each operand while the others are held: d(x·y) = dx·y + x·dy.

    ``transposes[i](y_bar, *operands, **params)`` is the cotangent of operand i. ``tangent`` is
    the operation to use on tangents where it differs from the operation itself.
    """

    transposes: tuple[Callable[..., Any], ...]
    tangent: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Diagonal:
    """Elementwise: ``partials[i](*operands, output, **params)`` is ∂y/∂xᵢ at each element."""

    partials: tuple[Callable[..., Any], ...]


@dataclass(frozen=True)
class Zero:
    """Piecewise constant, or not of real numbers: no change answers to a small change."""


@dataclass(frozen=True)
class Differential:
    """A forward rule made of operations that are linear in the tangents.

    ``rule(primals, tangents, outputs, **params)`` gives the tangents of the outputs; a tangent
    is ``None`` where it is zero. Where the operation is itself linear in some operands while the
    others are held, those are ``linear``, and ``transpose`` is as for ``Linear``.
    """

    rule: Callable[..., Any]
    transpose: Callable[..., tuple[Any, ...]] | None = None
    linear: tuple[int, ...] = ()


@dataclass(frozen=True)
class Nested:
    """An operation that runs the graph in its parameter ``graph``.

    Its derivative is the same operation on the derivative of that graph; ``linear`` among its
    parameters marks the operands in which the graph is linear.
    """


@dataclass(frozen=True)
class Flow:
    """An operation that decides how often, or which of, the graphs in its parameters are run.

    ``linearize(builder, operands, tangents, **params)`` records the operation in the builder, so
    that it keeps what its derivative needs, and an operation of the same kind on the tangents. It
    gives the outputs, and their tangents.

    ``transpose(builder, arriving, operands, moving, **params)`` gives the cotangent of each
    operand, from those of the outputs; ``moving`` marks the operands that it is linear in, whose
    values are not known. ``None`` stands for a tangent or cotangent that is zero.
    """

    linearize: Callable[..., tuple[Any, Any]]
    transpose: Callable[..., Any]


@dataclass(frozen=True)
class Undefined:
    """No derivative is offered, for a reason that the user is told."""

    reason: str


Kind: TypeAlias = Linear | Multilinear | Diagonal | Zero | Differential | Nested | Flow | Undefined
