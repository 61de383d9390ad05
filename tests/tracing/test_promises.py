"""What tracing promises, one test each: see docs/semantics.md."""

from __future__ import annotations

import dataclasses
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import catenary as cat
from catenary.core.errors import CatenaryError, TraceError
from catenary.function import modes
from catenary.tracing import tree
from catenary.tracing.trace import trace

X = np.array([0.5, -1.5, 2.5])


# ---- values at hand -----------------------------------------------------------------------------


def test_python_branches_on_values() -> None:
    def f(x: Any) -> Any:
        return np.sum(x**2) if x[0] > 0 else np.sum(x)

    assert np.array_equal(cat.grad(f)(X), 2 * X)
    assert np.array_equal(cat.grad(f)(-X), np.ones(3))


def test_a_loop_of_as_many_rounds_as_a_value_says() -> None:
    def f(x: Any, n: Any) -> Any:
        while np.sum(x) > n:
            x = x / 2
        return np.sum(x)

    assert np.allclose(cat.grad(f)(np.array([3.0, 5.0]), 3.0), 0.25)


def test_a_traced_integer_is_an_index_and_a_number() -> None:
    def f(x: Any) -> Any:
        i = np.argmax(x)
        rows = [10.0, 20.0, 30.0]
        return x[i] * rows[i] + x[int(i)] * len(range(i))

    assert np.array_equal(cat.grad(f)(X), [0, 0, 32.0])


def test_repr_and_format_show_the_value() -> None:
    seen = []

    def f(x: Any) -> Any:
        seen.extend([repr(x), f"{x[0]:.2f}", f"{x}"])
        return np.sum(x)

    cat.grad(f)(X)
    assert "0.5" in seen[0]
    assert "float64[3]" in seen[0]
    assert seen[1] == "0.50"
    assert "2.5" in seen[2]
    cat.jit(f)(X)
    assert "float64[3]" in seen[3]


# ---- jit ----------------------------------------------------------------------------------------


def test_jit_traces_once_for_one_kind_of_arguments() -> None:
    calls = []

    @cat.jit
    def f(x: Any, n: int) -> Any:
        calls.append(n)
        return x**n

    for _ in range(3):
        f(X, 2)
        f(X + 1, 2)
    assert calls == [2]
    f(X, 3)
    f(X.astype(np.float32), 3)
    f(X[:2], 3)
    assert calls == [2, 3, 3, 3]


def test_a_branch_under_jit_names_the_line_and_the_way_out() -> None:
    def f(x: Any) -> Any:
        if x > 0:
            return x
        return -x

    with pytest.raises(TraceError, match=r"np\.where") as caught:
        cat.jit(f)(1.0)
    assert f"{__file__}:{f.__code__.co_firstlineno + 1}" in str(caught.value)


def test_jit_takes_what_is_around_it_once() -> None:
    factor = np.array([2.0])
    f = cat.jit(lambda x: x * factor)
    assert f(X)[0] == 1.0
    factor[:] = 100
    assert f(X)[0] == 1.0


def test_static_arguments_by_name_and_position() -> None:
    def f(x: Any, how: Any, scale: Any = 1) -> Any:
        return np.sum(x) * scale if how == ("a", 1) else np.max(x)

    jitted = cat.jit(f, static=(1, "scale"))
    assert jitted(X, ("a", 1), scale=2) == 3.0
    assert jitted(X, ("b", 1), scale=2) == 2.5


def test_jit_gives_what_the_function_gives_without_it() -> None:
    def f(tree_of: Any) -> Any:
        return {"sum": tree_of["x"] + tree_of["y"], "name": tree_of["name"]}

    given = {"x": X, "y": 2.0, "name": "n"}
    result = cat.jit(f)(given)
    assert np.array_equal(result["sum"], X + 2)
    assert result["name"] == "n"


# ---- cost of un-jitted calls --------------------------------------------------------------------


def test_derivatives_are_made_once_for_equal_recordings() -> None:
    def f(x: Any, c: float) -> Any:
        return np.sum(np.sin(x) * c + 0.5)

    cat.grad(f)(X, 2.0)
    before = len(modes._CACHE)
    for c in (3.0, 4.0, 0.0, 1.0):
        assert np.allclose(cat.grad(f)(X + c, c), np.cos(X + c) * c)
    assert len(modes._CACHE) == before


# ---- closures and mutation ----------------------------------------------------------------------


def test_what_is_written_after_use_does_not_count() -> None:
    a = np.array([1.0, 2.0, 3.0])

    def f(x: Any) -> Any:
        y = x * a
        a[:] = 0
        z = x * a
        return np.sum(y) + np.sum(z)

    assert np.array_equal(cat.grad(f)(X), [1.0, 2.0, 3.0])


def test_the_arrays_of_the_caller_are_never_written() -> None:
    given = X.copy()

    def f(x: Any) -> Any:
        x[0] = 7.0
        x *= 2
        return np.sum(x**2)

    assert np.array_equal(cat.grad(f)(given), [0, 8 * X[1], 8 * X[2]])
    assert np.array_equal(given, X)


def test_results_own_their_memory() -> None:
    f = cat.jit(lambda x: (x, x.T, x + 0))
    first = f(X)
    for result in first:
        result[:] = -1
    assert np.array_equal(X, [0.5, -1.5, 2.5])


# ---- nesting ------------------------------------------------------------------------------------


def test_levels_are_kept_apart() -> None:
    assert cat.grad(lambda x: x * cat.grad(lambda y: x + y)(1.0))(1.0) == 1.0


def test_nesting_to_depth_five() -> None:
    f: Any = lambda x: np.sin(x)  # noqa: E731
    for _ in range(5):
        f = cat.grad(f)
    assert np.isclose(f(0.3), np.cos(0.3))


def test_every_transform_inside_every_other() -> None:
    def cube(x: Any) -> Any:
        return np.sum(x**3)

    inner = {
        "grad": lambda x: cat.grad(cube)(x),
        "jit grad": lambda x: cat.jit(cat.grad(cube))(x),
        "jvp": lambda x: np.stack([cat.jvp(cube, (x,), (e,))[1] for e in np.eye(3)]),
        "vjp": lambda x: cat.vjp(cube, x)[1](1.0)[0],
        "vmap": lambda x: cat.vmap(cat.grad(lambda v: v**3))(x),
        "linearize": lambda x: cat.linearize(cube, x)[1].T @ np.float64(1.0),
        "jacobian": lambda x: cat.jacobian(cube)(x),
        "checkpoint": lambda x: cat.grad(cat.checkpoint(cube))(x),
    }
    outer = {
        "jacobian": lambda f: np.diag(cat.jacobian(f)(X)),
        "forward": lambda f: np.diag(cat.jacobian(f, mode="forward")(X)),
        "reverse": lambda f: np.diag(cat.jacobian(f, mode="reverse")(X)),
        "jit": lambda f: np.diag(cat.jit(cat.jacobian(f))(X)),
        "grad": lambda f: cat.grad(lambda x: np.sum(f(x)))(X),
        "vmap": lambda f: np.diag(cat.vmap(cat.jacobian(f))(np.stack([X, X]))[1]),
        "jvp": lambda f: cat.jvp(f, (X,), (np.ones(3),))[1],
    }
    for inner_name, f in inner.items():
        for outer_name, g in outer.items():
            assert np.allclose(g(f), 6 * X), f"{outer_name} of {inner_name}"


# ---- assignment ---------------------------------------------------------------------------------


def test_assignment_loops_and_fancy_indices() -> None:
    def f(x: Any) -> Any:
        table = np.zeros_like(x, shape=(3, 2))
        for i in range(3):
            table[i, 0] = x[i] ** 2
            table[i, 1] = x[i] if x[i] > 0 else -x[i]
        chosen = table[np.array([0, 2, 2]), np.array([0, 1, 0])]
        return np.sum(chosen * np.array([1.0, 10.0, 100.0]))

    assert np.allclose(cat.grad(f)(X), [2 * 0.5, 0, 10 + 200 * 2.5])


def test_views_share_their_storage() -> None:
    def f(x: Any) -> Any:
        table = np.zeros_like(x, shape=(2, 3))
        row, flat, turned = table[1], table.reshape(-1), table.T
        row[:] = x
        flat[3] = flat[3] * 10
        turned[2, 1] += x[0]
        copied = table.flatten()
        copied[:] = 0
        return np.sum(table * np.arange(6.0).reshape(2, 3)) + np.sum(row)

    def by_hand(x: Any) -> Any:
        row = np.stack([x[0] * 10, x[1], x[2] + x[0]])
        return np.sum(row * np.arange(3.0, 6.0)) + np.sum(row)

    assert np.allclose(cat.grad(f)(X), cat.grad(by_hand)(X))


def test_overlaps_are_read_before_they_are_written() -> None:
    def f(x: Any) -> Any:
        y = x.copy()
        y[1:] = y[:-1]
        y[::-1] = y
        return np.sum(y * np.array([1.0, 10.0, 100.0]))

    assert np.array_equal(cat.grad(f)(X), [110.0, 1.0, 0.0])


def test_the_last_of_several_writes_wins() -> None:
    def f(x: Any) -> Any:
        y = np.zeros_like(x, shape=2)
        y[np.array([0, 0, 1])] = x
        return y[0] * 3 + y[1] * 5

    assert np.array_equal(cat.grad(f)(X), [0.0, 3.0, 5.0])


def test_what_is_overwritten_leaves_no_trace() -> None:
    def f(x: Any) -> Any:
        y = np.zeros_like(x)
        y[0] = np.log(x[0] * 0)  # −inf, and an infinite derivative
        y[0] = x[0]
        return np.sum(y)

    with np.errstate(divide="ignore"):
        assert np.array_equal(cat.grad(f)(X), [1.0, 0.0, 0.0])


def test_assignment_casts_to_the_dtype_of_the_target() -> None:
    def f(x: Any) -> Any:
        y = np.zeros_like(x, dtype=np.float32)
        y[:] = x
        return y

    assert cat.jit(f)(X).dtype == np.float32


def test_an_inner_value_cannot_be_written_outside() -> None:
    def f(x: Any) -> Any:
        table = np.zeros_like(x)

        def inner(y: Any) -> Any:
            table[0] = y
            return y

        return cat.grad(inner)(x[0]) + np.sum(table)

    with pytest.raises(TraceError, match="outer"):
        cat.grad(f)(X)


# ---- dtypes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_derivatives_have_the_dtype_of_their_argument(dtype: Any) -> None:
    def f(x: Any) -> Any:
        return np.mean(np.tanh(x * 2.0 + 1) ** 2) / 3.0

    x = X.astype(dtype)
    assert cat.grad(f)(x).dtype == dtype
    assert cat.jit(cat.grad(f))(x).dtype == dtype
    assert cat.hessian(f)(x).dtype == dtype
    assert cat.jvp(f, (x,), (x,))[1].dtype == dtype


def test_python_numbers_are_weak_and_numpys_are_not() -> None:
    x = X.astype(np.float32)
    f = cat.jit(lambda x, c: x * c)
    assert f(x, 2.0).dtype == np.float32
    assert f(x, np.float64(2.0)).dtype == np.float64
    assert cat.jit(lambda x: x * 2.0 + 1)(x).dtype == np.float32


def test_an_integer_argument_is_refused() -> None:
    with pytest.raises(CatenaryError, match=r"Write 1\.0 for 1"):
        cat.grad(lambda x: x * 2)(1)


# ---- trees --------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Point:
    x: Any
    name: str
    fixed: Any = tree.field(passive=True, default=0.0)


def test_gradients_have_the_structure_of_their_argument() -> None:
    point = {"p": Point(X, "here", np.array(2.0)), "q": [1.5, (X, 3)]}

    def f(given: Any) -> Any:
        p = given["p"]
        return (
            np.sum(p.x**2) * p.fixed + given["q"][0] * np.sum(given["q"][1][0]) * given["q"][1][1]
        )

    g = cat.grad(f)(point)
    assert np.allclose(g["p"].x, 4 * X)
    assert g["p"].name == "here"
    assert g["p"].fixed == 2.0
    assert np.isclose(g["q"][0], 3 * X.sum())
    assert np.allclose(g["q"][1][0], 4.5)
    assert g["q"][1][1] == 3


# ---- lines --------------------------------------------------------------------------------------


def test_nodes_remember_the_line_of_the_user() -> None:
    def f(x: Any) -> Any:
        y = np.sin(x)
        return np.sum(y)

    graph = trace(f, X)
    first = f.__code__.co_firstlineno
    assert [node.where for node in graph.nodes] == [(__file__, first + 1), (__file__, first + 2)]


# ---- randomness ---------------------------------------------------------------------------------


def test_random_numbers_are_the_same_with_and_without_jit() -> None:
    key = cat.random.key(3)

    def f(key: Any) -> Any:
        first, second = cat.random.split(key)
        return cat.random.normal(first, 5), cat.random.permutation(second, 6)

    for a, b in zip(f(key), cat.jit(f)(key), strict=True):
        assert np.array_equal(a, b)


def test_philox_gives_the_numbers_of_its_paper() -> None:
    # Random123's known answers for philox4x32-10 with counter 0, key 0
    words = cat.random.bits(np.zeros(2, np.uint32), 4)
    assert [hex(w) for w in words] == ["0x6627e8d5", "0xe169c58d", "0xbc57ac4c", "0x9b00dbd8"]


def test_keys_under_vmap_are_lanes_of_their_own() -> None:
    keys = cat.random.split(cat.random.key(0), 4)
    lanes = cat.vmap(lambda k: cat.random.uniform(k, 3))(keys)
    assert np.array_equal(lanes, np.stack([cat.random.uniform(k, 3) for k in keys]))


def test_an_ndarray_of_traced_integers_is_a_copy() -> None:
    def f(x: Any) -> Any:
        order = np.argsort(x)
        np.array(order)[:] = 0
        np.asarray(order)[:] = 0
        return np.sum(x) * int(order[1])

    assert np.all(cat.grad(f)(np.array([1.0, 3.0, 2.0])) == 2)


def test_a_captured_zero_that_changes_its_sign_is_captured_again() -> None:
    def f(x: Any) -> Any:
        factor = np.zeros(1)
        positive = x * factor
        factor[:] = -0.0
        return np.sum(x * np.copysign(1.0, positive)) + np.sum(x * np.copysign(2.0, x * factor))

    assert cat.grad(f)(np.ones(1)) == -1


def test_threads_may_meet_a_new_class_at_once() -> None:
    classes = [dataclasses.make_dataclass(f"Pair{i}", ["a", "b"]) for i in range(50)]
    together = threading.Barrier(2, timeout=20)

    def flatten_all() -> None:
        for cls in classes:
            together.wait()
            tree.flatten(cls(1.0, 2.0))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(flatten_all) for _ in range(2)]:
                done.result(timeout=30)
    finally:
        sys.setswitchinterval(interval)


def test_an_array_made_inside_of_outer_values_can_be_written_to() -> None:
    def f(x: Any) -> Any:
        def inner(y: Any) -> Any:
            table = np.zeros_like(x)
            table[0] = y
            copied = x * 1.0
            copied[1:] = y
            return np.sum(table * x) + np.sum(copied * x)

        return cat.grad(inner)(2.0)

    assert np.isclose(cat.grad(f)(X) @ np.ones(3), 3.0)

    def lane(i: Any) -> Any:
        scaled = X * i
        scaled[1:] = i
        return scaled

    lanes = cat.vmap(lane)(X)
    assert np.allclose(lanes, [[x * X[0], x, x] for x in X])


def test_a_long_chain_of_views_is_no_recursion() -> None:
    def f(x: Any) -> Any:
        view = table = x * 1.0
        for _ in range(2000):
            view = view[::-1]
        table[0] = 5.0
        return np.sum(view * np.arange(3.0))

    assert np.array_equal(cat.grad(f)(X), [0.0, 1.0, 2.0])
