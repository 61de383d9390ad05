"""Errors to plant: for one operation, its declaration broken in every way that errors happen.

A plant is a copy of the declaration with one field changed; the registry is not touched. What
other declarations say of the operation stays right, so a plant is found by its own laws or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from catenary.core.derivative import Diagonal, Differential, Flow, Linear, Multilinear, Zero
from catenary.core.primitive import NotYet, Primitive
from catenary.core.structure import Composition, Scalar
from catenary.core.structure import Zero as ZeroMap
from catenary.core.types import FLOAT32, FLOAT64, ArrayType
from catenary.ops.elementwise import structure_rule
from tests.laws import LAWS
from tests.laws.law import cases, differentiable

Rule = Callable[..., Any]


# Errors that are none: what is planted means the same.
SAME_MEANING = {
    ("random_bits", "batch: as for one example"): "keys may have leading axes of their own",
    ("last_write", "algebra: involution"): "it inverts permutations; other places do not fit twice",
    ("position", "batch: examples in another order"): "positions are those of every example",
    ("constant", "batch: examples in another order"): "a constant is that of every example",
    ("checked", "algebra: idle"): "where nothing is bad it is its operand; errors have own tests",
}


@dataclass(frozen=True)
class Plant:
    """A broken declaration, and what is wrong with it."""

    error: str
    primitive: Primitive


def plants(primitive: Primitive) -> Iterator[Plant]:
    """Every error that can be planted into this declaration."""
    changes = [*_values(primitive), *_rules(primitive), *_algebra(primitive)]
    if has_slope(primitive):
        changes += _derivative(primitive)
        changes += [("derivative: declared zero", {"derivative": Zero()})]
        changes += _structure(primitive)
    elif _goes_through_floats(primitive):
        changes += [("derivative: declared the identity", {"derivative": _identity(primitive)})]
    for error, fields in changes:
        derivative = fields.get("derivative")
        if isinstance(derivative, Diagonal):  # such structures are computed from the partials
            fields["structure"] = structure_rule(derivative)
        if (primitive.name, error) not in SAME_MEANING:
            yield Plant(error, replace(primitive, **fields))


def killers(plant: Plant) -> Iterator[str]:
    """The names of the laws that a broken declaration breaks."""
    for law in LAWS.values():
        try:
            law(plant.primitive)
        except AssertionError:
            yield law.name


Change = tuple[str, dict[str, Any]]


def has_slope(primitive: Primitive) -> bool:
    """Whether anything answers to a small change: real in, real out, and not declared zero."""
    return not isinstance(primitive.derivative, Zero) and _goes_through_floats(primitive)


def _goes_through_floats(primitive: Primitive) -> bool:
    return any(
        differentiable(primitive, case) and case.operands[0].size for case in cases(primitive)
    )


# ---- values --------------------------------------------------------------------------------------


def _changed(rule: Rule, change: Callable[[Any], Any]) -> Rule:
    """A rule whose result, or each of its results, is changed."""

    def wrong(*operands: Any, **params: Any) -> Any:
        result = rule(*operands, **params)
        return tuple(map(change, result)) if type(result) is tuple else change(result)

    return wrong


def _other_number(x: Any) -> Any:
    x = np.asarray(x)
    return ~x if x.dtype.kind == "b" else x + x.dtype.type(1)


def _writing(evaluate: Rule) -> Rule:
    def wrong(*operands: Any, **params: Any) -> Any:
        result = evaluate(*operands, **params)
        operands[0][...] = 0
        return result

    return wrong


def _other_dtype(type: ArrayType) -> ArrayType:
    others = {FLOAT32: FLOAT64, FLOAT64: FLOAT32}
    return type.with_dtype(others.get(type.dtype, np.dtype(np.int16)))


def _values(primitive: Primitive) -> list[Change]:
    longer = _changed(primitive.shape, lambda type: type.with_shape((*type.shape, 1)))
    changes: list[Change] = [
        ("shape: one axis more", {"shape": longer}),
        ("shape: another dtype", {"shape": _changed(primitive.shape, _other_dtype)}),
        ("evaluate: off by one", {"evaluate": _changed(primitive.evaluate, _other_number)}),
        ("evaluate: writes to an operand", {"evaluate": _writing(primitive.evaluate)}),
    ]
    if not isinstance(primitive.lower, NotYet):
        changes.append(("lower: off by one", {"lower": _off_by_one(primitive.lower)}))
        if any(type.is_float for type in _result_types(primitive)):
            changes.append(("lower: NaN becomes 0", {"lower": _without_nan(primitive.lower)}))
        if len(_first(primitive).operands) == 2 and not primitive.algebra.commutative:
            changes.append(("lower: operands exchanged", {"lower": _exchanged(primitive.lower)}))
    return changes


def _first(primitive: Primitive) -> Any:
    return cases(primitive)[0]


def _off_by_one(lower: Rule) -> Rule:
    def wrong(t: Any, *operands: Any, **params: Any) -> Any:
        def plus_one(x: Any) -> Any:
            if t.dtype(x).kind == "b":
                return t.bit_not(x)
            return t.add(x, t.constant(1, t.shape(x), t.dtype(x)))

        return _changed(lower, plus_one)(t, *operands, **params)

    return wrong


def _result_types(primitive: Primitive) -> tuple[ArrayType, ...]:
    case = _first(primitive)
    return primitive.output_types(case.types, case.params)


def _without_nan(lower: Rule) -> Rule:
    def wrong(t: Any, *operands: Any, **params: Any) -> Any:
        def cleaned(x: Any) -> Any:
            zero = t.constant(0, t.shape(x), t.dtype(x))
            return t.select(t.compare("eq", x, x), x, zero)

        return _changed(lower, cleaned)(t, *operands, **params)

    return wrong


def _exchanged(lower: Rule) -> Rule:
    return lambda t, x, y, **params: lower(t, y, x, **params)


# ---- derivatives ---------------------------------------------------------------------------------


def _derivative(primitive: Primitive) -> list[Change]:
    kind = primitive.derivative
    if isinstance(kind, Diagonal):
        return _diagonal(kind)
    if isinstance(kind, Linear):
        return _linear(kind)
    if isinstance(kind, Multilinear):
        return _multilinear(primitive, kind)
    if isinstance(kind, Differential):
        return _differential(kind)
    if isinstance(kind, Flow):
        return _flow(kind)
    return []  # Nested: the graph inside has the rules


def _identity(primitive: Primitive) -> Linear:
    """Every operand that can be passes its tangent on."""
    count = len(_first(primitive).operands)
    return Linear(lambda y_bar, *operands, **params: (y_bar,) * count)


def _each(
    rules: Sequence[Rule], change: Callable[[Any], Any]
) -> Iterator[tuple[int, tuple[Rule, ...]]]:
    """The rules with one of them changed, each in turn."""
    for i, rule in enumerate(rules):
        yield i, (*rules[:i], _changed(rule, change), *rules[i + 1 :])


def _diagonal(kind: Diagonal) -> list[Change]:
    wrong = {
        "sign flipped": lambda p: -p,
        "one percent off": lambda p: p * 1.01,
        "a term more": lambda p: p + 1.0,
    }
    return [
        (f"partial {i}: {error}", {"derivative": Diagonal(partials)})
        for error, change in wrong.items()
        for i, partials in _each(kind.partials, change)
    ]


def _linear(kind: Linear) -> list[Change]:
    def of(change: Callable[[Any], Any]) -> Linear:
        return replace(kind, transpose=_changed(kind.transpose, change))

    def dropped(y_bar: Any, *operands: Any, **params: Any) -> Any:
        """The last cotangent that there is."""
        found = list(kind.transpose(y_bar, *operands, **params))
        last = max(i for i, x_bar in enumerate(found) if x_bar is not None)
        return tuple(None if i == last else x_bar for i, x_bar in enumerate(found))

    flipped = of(lambda x_bar: None if x_bar is None else -x_bar)
    doubled = of(lambda x_bar: None if x_bar is None else x_bar * 2.0)
    changes: list[Change] = [
        ("transpose: sign flipped", {"derivative": flipped}),
        ("transpose: doubled", {"derivative": doubled}),
        ("transpose: a cotangent dropped", {"derivative": replace(kind, transpose=dropped)}),
    ]
    if kind.operands is not None and len(kind.operands) > 1:
        fewer = replace(kind, operands=kind.operands[:-1])
        changes.append(("linear: an operand forgotten", {"derivative": fewer}))
    return changes


def _multilinear(primitive: Primitive, kind: Multilinear) -> list[Change]:
    changes: list[Change] = [
        (f"transpose {i}: {error}", {"derivative": replace(kind, transposes=transposes)})
        for error, change in {"sign flipped": lambda v: -v, "doubled": lambda v: v * 2.0}.items()
        for i, transposes in _each(kind.transposes, change)
    ]
    swapped = replace(kind, transposes=kind.transposes[::-1])
    tangent = replace(kind, tangent=_changed(kind.tangent or primitive, lambda v: v * 2.0))
    return [
        *changes,
        ("transposes: exchanged", {"derivative": swapped}),
        ("tangent: doubled", {"derivative": tangent}),
    ]


def _differential(kind: Differential) -> list[Change]:
    wrong = {
        "sign flipped": lambda v: None if v is None else -v,
        "doubled": lambda v: None if v is None else v * 2.0,
        "dropped": lambda v: None,
    }
    changes: list[Change] = [
        (f"rule: {error}", {"derivative": replace(kind, rule=_changed(kind.rule, change))})
        for error, change in wrong.items()
    ]
    if kind.transpose is not None:
        other = _changed(kind.transpose, lambda v: None if v is None else v * 2.0)
        changes.append(("transpose: doubled", {"derivative": replace(kind, transpose=other)}))
    return changes


def _flow(kind: Flow) -> list[Change]:
    """Each of the two rules with what it gives to others changed."""

    def tangents(change: Callable[[Any], Any]) -> Rule:
        def wrong(*arguments: Any, **params: Any) -> Any:
            outputs, pushed = kind.linearize(*arguments, **params)
            return outputs, [None if v is None else change(v) for v in pushed]

        return wrong

    def cotangents(change: Callable[[Any], Any]) -> Rule:
        def wrong(*arguments: Any, **params: Any) -> Any:
            pulled = kind.transpose(*arguments, **params)
            return [None if v is None else change(v) for v in pulled]

        return wrong

    wrong = {"sign flipped": lambda v: -v, "doubled": lambda v: v * 2.0, "dropped": lambda v: None}
    changes: list[Change] = []
    for error, change in wrong.items():
        pushed, pulled = tangents(change), cotangents(change)
        changes += [
            (f"tangents: {error}", {"derivative": replace(kind, linearize=pushed)}),
            (f"cotangents: {error}", {"derivative": replace(kind, transpose=pulled)}),
        ]
    return changes


# ---- structure, batch, algebra -------------------------------------------------------------------


def _structure(primitive: Primitive) -> list[Change]:
    if isinstance(primitive.structure, NotYet):
        return []
    stated = primitive.structure

    def negated(*arguments: Any, **params: Any) -> Any:
        map = stated(*arguments, **params)
        return Composition((Scalar(-1.0, map.shape[0]), map))

    return [
        ("structure: negated", {"structure": negated}),
        ("structure: transposed", {"structure": _changed(stated, lambda map: _bent(map.T))}),
        ("structure: zero", {"structure": _changed(stated, lambda map: ZeroMap(map.shape))}),
    ]


def _bent(map: Any) -> Any:
    """A map that differs from its transpose even where both are symmetric."""
    return Composition((Scalar(2.0, map.shape[0]), map))


def _rules(primitive: Primitive) -> list[Change]:
    if isinstance(primitive.batch, NotYet):
        return []
    right = primitive.batch

    def unchanged(size: int, operands: Any, batched: Any, **params: Any) -> Any:
        """As if parameters and operands were those of one example."""
        return primitive(*operands, **params)

    def exchanged(size: int, operands: Any, batched: Any, **params: Any) -> Any:
        """Examples come back in another order."""
        reverse = _reverse_first_axis
        result = right(size, operands, batched, **params)
        return tuple(map(reverse, result)) if primitive.multiple else reverse(result)

    changes: list[Change] = [("batch: examples in another order", {"batch": exchanged})]
    if not _is_blind_to_axes(primitive):
        changes.append(("batch: as for one example", {"batch": unchanged}))
    return changes


def _reverse_first_axis(x: Any) -> Any:
    from catenary.ops.arrange import reverse

    return reverse(x, axes=(0,))


def _is_blind_to_axes(primitive: Primitive) -> bool:
    """Whether a new leading axis changes nothing in the operation itself: it treats each element
    by itself, or each matrix of a stack.
    """
    treats_each = primitive.elementwise or primitive.batch.__qualname__.startswith("stacked.")  # type: ignore[union-attr]
    return treats_each and len(_first(primitive).operands) == 1


def _settles(primitive: Primitive) -> bool:
    """Whether twice is always once, so that the second time is known to be idle."""
    idle = primitive.algebra.idle
    return primitive.multiple or all(
        idle is not None and idle(*primitive.output_types(case.types, case.params), **case.params)
        for case in cases(primitive)
    )


def _algebra(primitive: Primitive) -> list[Change]:
    """Identities that the operation does not have."""
    algebra, count = primitive.algebra, len(_first(primitive).operands)
    wrong: dict[str, Any] = {}
    if not primitive.multiple:
        wrong["idle"] = {"idle": lambda *types, **params: True}
    if not algebra.involution and count == 1 and not _settles(primitive):
        wrong["involution"] = {"involution": True}
    if not algebra.fills and count == 1 and not primitive.elementwise and not primitive.multiple:
        wrong["fills"] = {"fills": True}
    if count == 2 and primitive.elementwise:
        if not algebra.commutative:
            wrong["commutative"] = {"commutative": True}
        if 2.0 not in algebra.neutral:
            wrong["neutral"] = {"neutral": (2.0, 2.0)}
        wrong["absorbing"] = {"absorbing": 2.0}
    return [
        (f"algebra: {name}", {"algebra": replace(algebra, **fields)})
        for name, fields in wrong.items()
    ]
