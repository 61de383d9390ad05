"""NumPy's protocols: how calls of NumPy on traced arrays arrive here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catenary.core import errors
from catenary.core.graph import Literal, Var
from catenary.core.primitive import Primitive
from catenary.trace import elementwise
from catenary.trace.array import TracedArray, innermost, wrap
from catenary.trace.recorder import user_line
from catenary.trace.table import FUNCTIONS, NOT_YET, SPECIAL, UFUNCS, VIEWS

METHODS: dict[str, Callable[..., Any]] = {}  # ufunc methods: "reduce", "accumulate", "outer", "at"


def array_ufunc(self: TracedArray, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    if any(isinstance(x, TracedArray) is False and hasattr(x, "__dataclass_fields__") for x in inputs):
        return NotImplemented
    try:
        return _call_ufunc(ufunc, method, inputs, options)
    except errors.CatenaryError as error:
        raise errors.located(error, user_line()) from None


def _call_ufunc(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    if method == "__call__" and not options:
        return _plain(ufunc, inputs, None)
    out = options.pop("out", None)
    if out is not None:
        out = out[0] if isinstance(out, tuple) and len(out) == 1 else out
        if isinstance(out, tuple) or not isinstance(out, TracedArray):
            raise errors.real_target(f"np.{ufunc.__name__} with out= (or an operator such as +=)", user_line())
    if method != "__call__":
        if method not in METHODS:
            raise errors.not_covered(f"np.{ufunc.__name__}.{method}", "", user_line())
        result = METHODS[method](ufunc, *inputs, **options)
        return result if out is None else _store(out, result, "same_kind")
    where = options.pop("where", True)
    dtype = options.pop("dtype", None)
    casting = options.pop("casting", "same_kind")
    options.pop("order", None)
    options.pop("subok", None)
    if options:
        raise errors.not_covered(f"np.{ufunc.__name__} with {', '.join(options)}=", "", user_line())
    if not any(isinstance(x, TracedArray) for x in (*inputs, where)) and out is not None:
        result = getattr(ufunc, method)(*inputs)
    else:
        result = _plain(ufunc, inputs, None if dtype is None else np.dtype(dtype))
    if where is not True:
        result = np.where(where, result, np.zeros_like(result) if out is None else out)
    return result if out is None else _store(out, result, casting)


def _plain(ufunc: Any, inputs: tuple[Any, ...], dtype: Any) -> Any:
    rule = UFUNCS.get(ufunc)
    if rule is None:
        rule = SPECIAL.get(ufunc.__name__)
        if rule is None:
            raise _not_covered(ufunc.__name__)
    if isinstance(rule, Primitive):
        return elementwise.apply(rule, ufunc, inputs, dtype)
    if dtype is not None:
        inputs = tuple(np.asarray(x).astype(dtype) if not isinstance(x, TracedArray) else x.astype(dtype)
                       for x in inputs)  # fmt: skip
    return rule(*inputs)


def _store(out: TracedArray, result: Any, casting: Any) -> TracedArray:
    given = result.dtype
    if not np.can_cast(given, out.dtype, casting):
        raise errors.operand_dtype("out=", f"a result that casts to {out.dtype}", str(given))
    out[...] = result
    return out


def _not_covered(name: str) -> errors.TraceError:
    reason = NOT_YET.get(name)
    advice = f": {reason}" if reason else " (see `catenary coverage` for what is)"
    return errors.not_covered(f"np.{name}", advice, user_line())


def array_function(
    self: TracedArray, function: Any, types: Any, args: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    implementation = FUNCTIONS.get(function)
    if implementation is None:
        raise _not_covered(getattr(function, "__name__", str(function)))
    try:
        return call(function, implementation, args, options)
    except errors.CatenaryError as error:
        raise errors.located(error, user_line()) from None


def call(function: Any, implementation: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    out = options.pop("out", None) if "out" in options else None
    if out is not None:
        out = out[0] if isinstance(out, tuple) else out
        if not isinstance(out, TracedArray):
            raise errors.real_target(f"np.{function.__name__} with out=", user_line())
    result = implementation(*args, **options)
    if function in VIEWS and isinstance(args[0], TracedArray):
        return _as_views(function, implementation, args, options, result)
    if isinstance(result, (Var, Literal)):
        recorder = innermost(_flat(args))
        result = wrap(result, recorder or args[0].recorder)
    return result if out is None else _store(out, result, "same_kind")


def _flat(args: Any) -> list[Any]:
    found: list[Any] = []
    for x in args:
        if isinstance(x, (list, tuple)):
            found.extend(_flat(x))
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

        return source.view(traced.value(), place, derive)

    if isinstance(moved, (list, tuple)):
        views = [
            view(value, place, lambda many, i=i: many[i])
            for i, (value, place) in enumerate(zip(result, moved, strict=True))
        ]
        return type(moved)(views)
    return view(result, moved, lambda one: one)


TracedArray.__array_ufunc__ = array_ufunc  # type: ignore[attr-defined]
TracedArray.__array_function__ = array_function  # type: ignore[attr-defined]
