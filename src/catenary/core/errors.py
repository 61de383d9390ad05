"""Every error of the library: one constructor for one message.

A message says what happened, where (the user's own line when it is known), what was expected,
what came, and what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from catenary.core.rewrites import rewrites


class CatenaryError(Exception):
    """The root of all errors that Catenary raises on purpose."""


class ShapeError(CatenaryError, ValueError):
    """Shapes that do not fit together."""


class DTypeError(CatenaryError, TypeError):
    """An element type that an operation does not take."""


# TraceError must not be a TypeError: NumPy replaces TypeErrors that rise out of its protocols.
class TraceError(CatenaryError, RuntimeError):
    """Something that plain NumPy allows and a traced value cannot do."""


class DerivativeError(CatenaryError, ValueError):
    """A derivative that does not exist or was asked for in the wrong way."""


class GraphError(CatenaryError, AssertionError):
    """A graph that violates its own rules: a defect of the library."""


class InputError(CatenaryError, ValueError):
    """Input from outside (a file, an option, a value) that cannot be used.

    options: how the command line spells what the message advises, such as "--ignore date". They
             are no part of the message, which a program may get that has no command line.
    """

    def __init__(self, message: str, *options: str) -> None:
        super().__init__(message)
        self.options = options


class MissingExtra(CatenaryError, ImportError):
    """An optional dependency is not installed."""


def at(where: str | None) -> str:
    """The tail of a message that names the user's line."""
    return f"\n  at {where}" if where else ""


# ---- types and graphs ---------------------------------------------------------------------------


def unsupported_dtype(dtype: Any) -> DTypeError:
    advice = {
        "c": "complex numbers are not supported yet: keep real and imaginary parts apart",
        "O": "give arrays of numbers, not of Python objects",
        "U": "strings are not numbers: encode them first",
        "S": "strings are not numbers: encode them first",
        "f": "convert with x.astype(np.float32) or np.float64",
    }.get(dtype.kind, "convert to a float, integer or boolean dtype")
    return DTypeError(
        f"arrays of dtype {dtype} cannot be traced.\n"
        f"  expected: bool, int8…int64, uint8…uint64, float32 or float64\n  {advice}."
    )


def operand_shapes(name: str, expected: str, got: Any) -> ShapeError:
    return ShapeError(f"{name}: expected {expected}, got {got}.")


def operand_dtype(name: str, expected: str, got: Any) -> DTypeError:
    return DTypeError(f"{name}: expected {expected}, got {got}.")


class IndexOutOfBounds(CatenaryError, IndexError):
    """A position outside an array."""


def index_out_of_bounds(index: Any, axis: int, n: int) -> IndexOutOfBounds:
    bad = index[(index < 0) | (index >= n)].flat[0]
    return IndexOutOfBounds(f"index {bad} is out of bounds for axis {axis} of length {n}.")


def declared_twice(name: str) -> GraphError:
    return GraphError(f"an operation named {name!r} is declared twice.")


def bad_graph(graph: Any, reason: str) -> GraphError:
    return GraphError(f"a graph breaks its rules: {reason}.\n{graph}")


# ---- trees --------------------------------------------------------------------------------------


def tree_mismatch(expected: str, got: str) -> ShapeError:
    return ShapeError(
        f"two trees of different structure cannot be combined.\n  expected: {expected}\n"
        f"  got:      {got}\n  Give both the same keys, lengths and classes."
    )


def unhashable_static(leaf: Any) -> DTypeError:
    return DTypeError(
        f"an argument of type {type(leaf).__name__} is neither an array nor hashable.\n"
        "  Arrays, floats, and hashable Python values (int, str, functions) can be arguments; "
        "lists, dicts, tuples and dataclasses of them too."
    )


# ---- optional dependencies ----------------------------------------------------------------------


def missing_extra(package: str, extra: str, purpose: str) -> MissingExtra:
    return MissingExtra(
        f"{purpose} needs the package {package}, which is not installed.\n"
        f"  Install it with: pip install 'catenary[{extra}]'"
    )


# ---- names chosen by the user -------------------------------------------------------------------


_SHORT = {"eps": "epsilon", "lr": "learning_rate"}


def unknown_name(kind: str, name: str, known: Iterable[str]) -> InputError:
    names = sorted(known)
    near = difflib.get_close_matches(_SHORT.get(name, str(name).lower()), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return InputError(f"there is no {kind} called {name!r}.{hint}\n  known: {', '.join(names)}.")


# ---- transforms ---------------------------------------------------------------------------------


def no_derivative(name: str, reason: str) -> DerivativeError:
    return DerivativeError(f"{name} has no derivative: {reason}.")


def place(where: tuple[str, int] | None) -> str:
    return at(f"{where[0]}:{where[1]}" if where else None)


def not_linear(name: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"{name} is not linear in what should be a linear map, so it has no transpose.\n"
        "  A custom rule must be linear in its tangents: sums, and products with values that do "
        f"not depend on the tangents.{place(where)}"
    )


def not_batched(name: str, reason: str, where: tuple[str, int] | None) -> TraceError:
    return TraceError(f"{name} cannot be batched yet: {reason}.{place(where)}")


# ---- tracing ------------------------------------------------------------------------------------


def leaked(purpose: str, where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        f"a traced array was used after the call that it was traced for ({purpose}) had ended.\n"
        "  It was kept in a variable, attribute or list outside the traced function; return it "
        f"from the function instead.{place(where)}"
    )


def value_unknown(what: str, got: str, purpose: str, where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        f"{what} needs the value of a traced array ({got}), but under {purpose} only shapes and "
        "dtypes are known.\n"
        "  Choose between values with np.where(condition, a, b), between computations with "
        "cat.cond;\n  pass whole numbers that decide what is done as Python ints, which are known "
        f"while tracing;\n  or call without {purpose}, where Python's own branches work."
        f"{place(where)}"
    )


def derivative_dropped(what: str, where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        f"{what} would drop the derivative of a traced array.\n{rewrites(where)}{place(where)}"
    )


def not_an_ndarray(where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        "a traced array cannot become a plain ndarray: its derivative would be lost.\n"
        f"{rewrites(where)}{place(where)}"
    )


def outer_write(where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        "an array of an outer function is written to, inside an inner transformed function, with "
        "a value that only exists there.\n"
        f"  Return the value from the inner function and write it outside.{place(where)}"
    )


def real_target(what: str, where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        f"{what} would write a traced value into a real ndarray, which cannot hold its "
        "derivative.\n"
        "  Make the target with np.zeros_like(x, shape=…) from a traced x, or write "
        f"y = y + x instead of y += x.{place(where)}"
    )


def pickled(where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        "a traced array cannot be copied or pickled: it is part of a recording.\n"
        f"  Use x.copy() for a copy that is traced too.{place(where)}"
    )


def not_covered(name: str, advice: str, where: tuple[str, int] | None) -> TraceError:
    return TraceError(f"{name} is not covered for traced arrays{advice}.{place(where)}")


def located(error: CatenaryError, where: tuple[str, int] | None) -> CatenaryError:
    """The same error, with the user's line if it does not carry one yet."""
    message = str(error)
    if where and "\n  at " not in message:
        error.args = (message + place(where), *error.args[1:])
    return error


def too_many_indices(ndim: int, used: int) -> IndexOutOfBounds:
    return IndexOutOfBounds(f"too many indices: the array has {ndim} axes, the index names {used}.")


def bad_index(reason: str) -> IndexOutOfBounds:
    return IndexOutOfBounds(f"an index does not fit: {reason}.")


def mask_unknown(where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        "the shape of x[mask] depends on the values of a traced mask, which are not known here.\n"
        f"  Use np.where(mask, x, 0), or call without jit or vmap.{place(where)}"
    )


# ---- derivatives of functions -------------------------------------------------------------------


def nothing_to_differentiate(name: str, got: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"{name}: the argument to differentiate by holds no floating-point number.\n"
        f"  expected: float32 or float64 arrays, or Python floats\n  got:      {got}\n"
        "  Write 1.0 for 1 or convert integers with x.astype(float); complex numbers are not "
        f"supported yet.{place(where)}"
    )


def argnums_out_of_range(
    name: str, argnum: int, count: int, where: tuple[str, int] | None
) -> DerivativeError:
    return DerivativeError(
        f"{name}: argnums names argument {argnum}, but the call has {count} positional "
        f"argument(s).\n  Pass the argument by position, or change argnums.{place(where)}"
    )


def no_real_result(name: str, got: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"{name} needs a function with a floating-point result; got {got}.\n"
        "  Whole numbers and truth values do not answer to small changes: their derivative is zero "
        f"or does not exist.{place(where)}"
    )


def argnums_twice(name: str, argnums: Any, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(f"{name}: argnums={argnums} names an argument twice.{place(where)}")


def argnums_expected(name: str, got: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"{name}: argnums must be an int or a tuple of ints, got {got}.\n"
        f"  A transform takes the function alone: write cat.{name}(f)(x), not cat.{name}(f, x)."
        f"{place(where)}"
    )


def function_expected(
    name: str, got: str, where: tuple[str, int] | None, call: str | None = None
) -> DerivativeError:
    advice = (
        f"Write cat.{name}(f)(x): pass the function itself, and its arguments to what comes back."
        if call is None
        else f"Write {call}: pass the function itself, not what it returns."
    )
    return DerivativeError(f"{name} takes a function, got {got}.\n  {advice}{place(where)}")


def unknown_static(name: Any, known: str, where: tuple[str, int] | None) -> InputError:
    return InputError(
        f"jit: static names {name!r}, which the function does not have; its arguments are {known}."
        f"{place(where)}"
    )


def primals_expected(where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        "jvp takes the arguments of f and their tangents as tuples.\n"
        f"  Write cat.jvp(f, (x,), (v,)).{place(where)}"
    )


def not_a_number(got: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        "grad (and hessian, hvp) need a function that returns one real number.\n"
        f"  expected: a float of shape ()\n  got:      {got}\n"
        "  Sum it (np.sum), or use jacobian for a function with many results; with has_aux=True "
        f"return (number, anything).{place(where)}"
    )


def aux_expected(where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"with has_aux=True the function must return a pair: (number, anything).{place(where)}"
    )


def bad_seed(seed: Any) -> InputError:
    return InputError(f"a seed is an integer from 0 to 2**64 - 1, got {seed!r}.")


def axes_mismatch(name: str, axes: Any, where: tuple[str, int] | None) -> ShapeError:
    return ShapeError(
        f"vmap: {name}={axes!r} does not fit the structure of the values.\n"
        "  expected: an int, None, or a tuple (or tree) of them with one for each argument"
        f"{place(where)}"
    )


def axis_sizes(sizes: list[int], where: tuple[str, int] | None) -> ShapeError:
    got = "none" if not sizes else ", ".join(map(str, sizes))
    return ShapeError(
        "vmap needs one number of examples, the same along every mapped axis.\n"
        f"  got: {got}\n  Give in_axes=None to arguments that all examples share.{place(where)}"
    )


def custom_capture(name: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"{name} or its rule takes a traced value from around it, whose derivative its rule does "
        f"not give.\n  Make it an argument of {name}.{place(where)}"
    )


def rule_not_linear(name: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"the rule of {name} is not linear in what it is given (tangents, or the cotangent).\n"
        f"  Use sums of them and products with values that do not depend on them.{place(where)}"
    )


def rule_missing(name: str, mode: str, where: tuple[str, int] | None) -> DerivativeError:
    return DerivativeError(
        f"{name} was declared with custom_{mode}, but has no rule yet.\n"
        f"  Give it one with @{name}.def{mode}.{place(where)}"
    )


# ---- linear maps --------------------------------------------------------------------------------


def unknown_option(name: str, got: str, known: tuple[str, ...]) -> InputError:
    return InputError(f"{name} must be one of {', '.join(map(repr, known))}; got {got!r}.")


def gradient_check(
    bad: dict[str, float], bound: float, where: tuple[str, int] | None
) -> DerivativeError:
    lines = "\n".join(f"  {name}: relative error {error:.1e}" for name, error in bad.items())
    return DerivativeError(
        f"derivatives differ from what they should be by more than {bound:.0e}:\n{lines}\n"
        "  Look for a kink at the point, a custom rule, or a function that is not deterministic."
        f"{place(where)}"
    )


# ---- NumPy's functions on traced arrays ---------------------------------------------------------


def read_only(where: tuple[str, int] | None) -> ShapeError:
    return ShapeError(
        "assignment into a read-only view (of np.broadcast_to, np.diagonal, …), as in NumPy.\n"
        f"  Write into a copy: x = x.copy().{place(where)}"
    )


def bad_axis(ndim: int, axis: Any) -> ShapeError:
    return ShapeError(f"axis=: expected different axes of an array with {ndim}, got {axis}.")


def bad_argument(name: str, expected: str, got: Any) -> ShapeError:
    return ShapeError(f"{name}: expected {expected}, got {got}.")


def inside_masks(where: tuple[str, int] | None) -> TraceError:
    return TraceError(
        "the number of values that x[mask] = values takes depends on a traced mask, which is not "
        "known here.\n"
        "  Assign one value, or values that broadcast over the axes behind the mask; or use "
        f"np.where(mask, values, x).{place(where)}"
    )


# ---- drawings -----------------------------------------------------------------------------------


def too_many_names(kind: str, expected: int, got: int) -> InputError:
    return InputError(
        f"a drawing has {got} names for {kind}, but the graph has {expected}.\n"
        f"  Give at most one name for each, in their order; print the graph to see them."
    )


def bad_highlight(position: int, count: int) -> InputError:
    return InputError(f"highlight names input {position}; the graph has inputs 0 to {count - 1}.")


# ---- jit ----------------------------------------------------------------------------------------


def traced_often(name: str, times: int, changes: str, where: tuple[str, int] | None) -> str:
    return (
        f"{name}, a function under jit, was traced and compiled {times} times within a short "
        f"time.\n  What changed last: {changes}.\n"
        "  Every new shape, dtype or static value compiles anew. Pad arrays to a few shapes, pass "
        "numbers that change as NumPy numbers (np.int64(n)), and define functions and classes "
        f"once, outside the loop.{place(where)}"
    )


# ---- threads ------------------------------------------------------------------------------------


def bad_thread_count(variable: str, got: str) -> InputError:
    return InputError(
        f"the environment variable {variable} is {got!r}; expected a number of threads, 1 or more."
    )
