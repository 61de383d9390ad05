"""NumPy's protocols: how calls of NumPy on traced arrays arrive here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Literal, Var
from catenary.core.primitive import Primitive
from catenary.tracing import elementwise
from catenary.tracing.array import TracedArray, innermost, wrap
from catenary.tracing.recorder import user_line
from catenary.tracing.table import (
    FUNCTIONS,
    NOT_YET,
    OUT,
    RAW,
    SPECIAL,
    UFUNCS,
    VIEWS,
    full_name,
    is_scipys,
)

# A composition's parts may warn where the whole has nothing to warn of.
_QUIET = partial(np.errstate, all="ignore")

METHODS: dict[str, Callable[..., Any]] = {}  # ufunc methods: "reduce", "accumulate", "outer", "at"


def array_ufunc(self: TracedArray, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    if any(
        isinstance(x, TracedArray) is False and hasattr(x, "__dataclass_fields__") for x in inputs
    ):
        return NotImplemented
    try:
        return _call_ufunc(ufunc, method, inputs, options)
    except errors.CatenaryError as error:
        raise errors.located(error, user_line()) from None


def _call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    if method == "__call__" and not options:
        return _plain(ufunc, inputs, None)
    targets = _targets(ufunc, options.pop("out", None))
    if method != "__call__":
        if method not in METHODS:
            raise errors.not_covered(f"np.{ufunc.__name__}.{method}", "", user_line())
        with _QUIET():
            result = METHODS[method](ufunc, *inputs, **options)
        return result if targets is None else _store(targets[0], result, "same_kind")
    where, casting = options.pop("where", True), options.pop("casting", "same_kind")
    results = _chosen(ufunc, inputs, options, where, targets)
    if targets is not None:
        pairs = zip(targets, results, strict=True)
        results = tuple([r if t is None else _store(t, r, casting) for t, r in pairs])
    return results if ufunc.nout > 1 else results[0]


def _targets(ufunc: Any, out: Any) -> tuple[Any, ...] | None:
    """The arrays of ``out=``, which must be traced to hold what is written."""
    if out is None:
        return None
    targets = out if isinstance(out, tuple) else (out,)
    if any(t is not None and not isinstance(t, TracedArray) for t in targets):
        name = f"np.{ufunc.__name__} with out= (or an operator such as +=)"
        raise errors.real_target(name, user_line())
    return targets


def _chosen(
    ufunc: Any, inputs: tuple[Any, ...], options: dict[str, Any], where: Any, targets: Any
) -> tuple[Any, ...]:
    """The results of a ufunc; where ``where`` does not hold, what the target holds, or 0."""
    dtype = options.pop("dtype", None)
    for ignored in ("order", "subok"):
        options.pop(ignored, None)
    if options and ufunc.signature is None:
        raise errors.not_covered(f"np.{ufunc.__name__} with {', '.join(options)}=", "", user_line())
    if any(isinstance(x, TracedArray) for x in inputs):
        results = _plain(ufunc, inputs, None if dtype is None else np.dtype(dtype), **options)
    else:
        results = ufunc(*inputs, dtype=dtype, **options)
    results = results if isinstance(results, tuple) else (results,)
    if where is True:
        return results
    kept = targets or (None,) * len(results)
    pairs = zip(results, kept, strict=True)
    return tuple([np.where(where, r, np.zeros_like(r) if k is None else k) for r, k in pairs])


def _plain(ufunc: Any, inputs: tuple[Any, ...], dtype: Any, **options: Any) -> Any:
    rule = UFUNCS.get(ufunc)
    if rule is None:
        rule = SPECIAL.get(ufunc.__name__) if is_scipys(ufunc) else None
        if rule is None:
            raise _not_covered(ufunc)
    if isinstance(rule, Primitive):
        return elementwise.apply(rule, ufunc, inputs, dtype)
    if ufunc.signature is not None:
        cast = inputs if dtype is None else [np.astype(x, dtype) for x in inputs]
        return rule(*cast, **options)
    raw = (ufunc in RAW or (ufunc not in UFUNCS and ufunc.__name__ in RAW)) and dtype is None
    operands = inputs if raw else elementwise.loop_operands(ufunc, inputs, dtype)
    with _QUIET():
        results = rule(*operands)
    if elementwise.all_weak(inputs):
        for result in results if isinstance(results, tuple) else (results,):
            result.weak = result.dtype.kind == "f"
    return results


def _store(out: TracedArray, result: Any, casting: Any) -> TracedArray:
    given = result.dtype
    if not np.can_cast(given, out.dtype, casting):
        raise errors.operand_dtype("out=", f"a result that casts to {out.dtype}", str(given))
    if result.ndim > out.ndim:
        raise errors.operand_shapes("out=", f"a result of shape {out.shape}", result.shape)
    out[...] = result
    return out


def _not_covered(callable: Any) -> errors.TraceError:
    name = full_name(callable)
    reason = NOT_YET.get(name)
    advice = f": {reason}" if reason else " (see `catenary coverage` for what is)"
    return errors.not_covered(name.replace("numpy.", "np.", 1), advice, user_line())


def array_function(
    self: TracedArray, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    implementation = FUNCTIONS.get(function)
    if implementation is None:
        raise _not_covered(function)
    try:
        return call(function, implementation, args, options)
    except errors.CatenaryError as error:
        raise errors.located(error, user_line()) from None


def call(function: Any, implementation: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """One of NumPy's functions, as it is said here; its result in ``out``, if that is given."""
    out, args, options = _out_of(function, args, options)
    if out is not None and not isinstance(out, TracedArray):
        raise errors.real_target(f"np.{function.__name__} with out=", user_line())
    with _QUIET():
        result = implementation(*args, **options)
    if function in VIEWS and isinstance(args[0], TracedArray):
        return _as_views(function, implementation, args, options, result)
    if isinstance(result, (Var, Literal)):
        recorder = innermost(flat(args))
        result = wrap(result, recorder or args[0].recorder)
    return result if out is None else _store(out, result, "same_kind")


def _out_of(
    function: Any, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """What is to hold the result, and the arguments for an implementation.

    One that has an argument ``out`` of its own sees it, for its dtype.
    """
    place = OUT.get(function)
    out = args[place] if place is not None and place < len(args) else options.get("out")
    if function not in OUT and "out" in options:
        options = {key: value for key, value in options.items() if key != "out"}
    return (out[0] if isinstance(out, tuple) else out), args, options


def flat(args: Any) -> list[Any]:
    """The arrays among arguments, nested in lists and tuples or not."""
    found: list[Any] = []
    for x in args:
        if isinstance(x, (list, tuple)):
            found.extend(flat(x))
        else:
            found.append(x)
    return found


def _as_views(
    function: Any, implementation: Any, args: tuple[Any, ...], options: dict[str, Any], result: Any
) -> Any:
    """Make the result share the storage of its argument where NumPy's would share memory."""
    source, rest = args[0], args[1:]
    shadow = source.shadow()
    moved = function(shadow, *rest, **options)

    def view(value: Any, place: Any, pick: Callable[[Any], Any]) -> Any:
        traced = value if isinstance(value, TracedArray) else wrap(value, source.recorder)
        if traced is source or not np.may_share_memory(place, shadow):
            return traced

        def derive(parent: Any) -> Any:
            again = pick(implementation(wrap(parent, source.recorder), *rest, **options))
            return again.value() if isinstance(again, TracedArray) else again

        return source.derived(traced.value(), place, derive)

    if isinstance(moved, (list, tuple)):
        pairs = enumerate(zip(result, moved, strict=True))
        views = [view(value, place, itemgetter(i)) for i, (value, place) in pairs]
        return type(moved)(views)
    return view(result, moved, lambda one: one)


TracedArray.__array_ufunc__ = array_ufunc  # type: ignore[attr-defined]
TracedArray.__array_function__ = array_function  # type: ignore[attr-defined]
