"""Elementwise calls: NumPy's dtypes and broadcasting made explicit, then one operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Literal, Var
from catenary.core.primitive import Primitive
from catenary.core.types import SUPPORTED, Shape
from catenary.ops.additive import convert
from catenary.ops.arrange import reshape
from catenary.ops.replicate import broadcast
from catenary.tracing.array import TracedArray, innermost
from catenary.tracing.recorder import Recorder

_RESOLVED: dict[Any, tuple[Any, ...]] = {}


def kind(x: Any) -> Any:
    """The dtype of an operand, or the Python type of a number without one."""
    if isinstance(x, TracedArray):
        return float if x.weak else x.dtype
    if isinstance(x, (bool, np.bool_)):
        return np.dtype(bool)
    if isinstance(x, (int, float)) and not isinstance(x, np.generic):
        return type(x)
    return x.dtype


def resolve(ufunc: Any, kinds: tuple[Any, ...], dtype: Any = None) -> tuple[Any, ...]:
    """The dtypes of the loop that NumPy would run: operands, then results."""
    key = (ufunc, kinds, dtype)
    known = _RESOLVED.get(key)
    if known is None:
        if all(isinstance(kind, type) for kind in kinds):  # only Python numbers: as NumPy's own
            kinds = tuple(np.dtype(k) for k in kinds)
        for k in kinds:
            if not isinstance(k, type) and k not in SUPPORTED:
                raise errors.unsupported_dtype(k)
        asked = (*kinds, *([None] * ufunc.nout))
        signature = (None,) * ufunc.nin + (dtype,) * ufunc.nout
        known = (
            ufunc.resolve_dtypes(asked)
            if dtype is None
            else ufunc.resolve_dtypes(asked, signature=signature)
        )
        for resolved in known:
            if resolved not in SUPPORTED:
                raise errors.unsupported_dtype(resolved)
        _RESOLVED[key] = known
    return known


def normalize(x: Any) -> Any:
    """An operand as a traced array, an ndarray, a NumPy scalar or a Python number."""
    return (
        x
        if isinstance(x, (TracedArray, np.ndarray, np.generic, bool, int, float))
        else np.asarray(x)
    )


def extent(x: Any) -> Shape:
    """The shape of an operand, without asking NumPy to hand the question over."""
    return () if isinstance(x, (int, float)) else x.shape


def common_shape(shapes: Sequence[Shape]) -> Shape:
    arrays = [shape for shape in shapes if shape] or [()]  # numbers fit everything
    first = arrays[0]
    for shape in arrays:
        if shape != first:
            try:
                return np.broadcast_shapes(*shapes)
            except ValueError:
                listed = ", ".join(map(str, shapes))
                raise errors.operand_shapes("broadcasting", "shapes that fit", listed) from None
    return first


def as_atom(x: Any, dtype: Any, recorder: Recorder) -> Any:
    """An operand as an atom of this dtype."""
    if isinstance(x, TracedArray):
        value = x.value()
        if not isinstance(value, (Var, Literal)):
            value = recorder.lift(value)
        return value if value.type.dtype == dtype else convert(value, dtype=dtype)
    if isinstance(x, (int, float)) and not isinstance(x, np.generic):
        return recorder.scalar(x, dtype)
    return recorder.lift(x if x.dtype == dtype else np.asarray(x).astype(dtype))


def spread(atom: Any, shape: Shape) -> Any:
    """An atom broadcast to a shape; the same one twice is the same value."""
    type = atom.type
    if type.shape == shape:
        return atom
    if isinstance(atom, Literal):
        return Literal(atom.value, type.with_shape(shape))
    memo = atom.builder.memo
    key = (id(atom), shape)
    known = memo.get(key)
    if known is None:
        lead = len(shape) - type.ndim
        if lead < 0:
            raise errors.operand_shapes("broadcasting", f"a shape that fits {shape}", type)
        dims = tuple(lead + i for i, n in enumerate(type.shape) if n == shape[lead + i])
        kept = tuple(shape[d] for d in dims)
        if any(n not in (1, shape[lead + i]) for i, n in enumerate(type.shape)):
            raise errors.operand_shapes("broadcasting", f"a shape that fits {shape}", type)
        squeezed = atom if kept == type.shape else reshape(atom, shape=kept)
        known = broadcast(squeezed, shape=shape, dims=dims)
        memo[key] = known
        memo["alive", id(atom)] = atom  # keeps its identity from being taken again
        if ("number", id(atom)) in memo:
            memo["number", id(known)] = memo["number", id(atom)]
    return known


def _alike(ufunc: Any, inputs: Sequence[Any]) -> bool:
    """Whether the operands are traced arrays of one type, which is that of NumPy's loop too."""
    first = inputs[0]
    if type(first) is not TracedArray:
        return False
    own = first._type
    for x in inputs:
        if type(x) is not TracedArray or x.weak or x._type != own:
            return False
        if not isinstance(x.value(), Var):
            return False
    loop = resolve(ufunc, (own.dtype,) * len(inputs))
    return all(d == own.dtype for d in loop[: len(inputs)])


def apply(primitive: Primitive, ufunc: Any, inputs: Sequence[Any], dtype: Any = None) -> Any:
    """A NumPy ufunc as one operation on traced arrays."""
    if dtype is None and _alike(ufunc, inputs):  # the common case, without detours
        values = [x.value() for x in inputs]
        result = primitive(*values)
        if isinstance(result, Var):
            return TracedArray(result, result.builder)  # type: ignore[arg-type]
    operands = [normalize(x) for x in inputs]
    recorder = innermost(operands)
    assert recorder is not None
    kinds = tuple([kind(x) for x in operands])
    dtypes = resolve(ufunc, kinds, dtype)
    shape = common_shape([extent(x) for x in operands])
    atoms = [spread(as_atom(x, d, recorder), shape) for x, d in zip(operands, dtypes, strict=False)]
    result = primitive(*atoms)
    weak = all(isinstance(k, type) for k in kinds)  # not `in`: np.dtype("float64") == float
    owner: Any = result.builder if isinstance(result, Var) else recorder
    return TracedArray(result, owner, weak=weak and dtypes[-1].kind == "f")


def loop_operands(ufunc: Any, inputs: Sequence[Any], dtype: Any = None) -> list[TracedArray]:
    """The operands of a ufunc as traced arrays of the dtypes of the loop that NumPy would run."""
    operands = [normalize(x) for x in inputs]
    recorder = innermost(operands)
    assert recorder is not None
    dtypes = resolve(ufunc, tuple([kind(x) for x in operands]), dtype)
    return [
        TracedArray(as_atom(x, d, recorder), recorder)
        for x, d in zip(operands, dtypes, strict=False)
    ]


def all_weak(inputs: Sequence[Any]) -> bool:
    """Whether only Python numbers meet, traced or not, so that the result is one."""
    return all(x.weak if isinstance(x, TracedArray) else type(x) in {int, float} for x in inputs)


def to_dtype(x: TracedArray, dtype: Any) -> Any:
    """The value of a traced array in another dtype."""
    dtype = np.dtype(dtype)
    if dtype not in SUPPORTED:
        raise errors.unsupported_dtype(dtype)
    value = x.value()
    if not isinstance(value, (Var, Literal)):
        value = x.recorder.lift(value)
    return value if value.type.dtype == dtype else convert(value, dtype=dtype)
