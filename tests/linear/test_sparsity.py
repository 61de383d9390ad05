"""Sparse Jacobians and Hessians: equal to dense ones, in few products, with errors that help."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse

import catenary as cat
from catenary.core.errors import CatenaryError, DerivativeError, InputError, ShapeError
from catenary.linear.sparsity.blocks import sparse_blocks

X = np.array([0.3, -1.2, 2.0, 0.7, -0.1])


def chain(x: Any) -> Any:
    """Each number with its neighbours."""
    inner = np.sin(x[1:-1]) * x[:-2] - x[2:] ** 2
    return np.concatenate([x[:1] * x[1:2], inner, x[-1:] * x[-2:-1]])


def arrow(x: Any) -> Any:
    return np.concatenate([np.sum(x**2)[None], x[0] * x[1:] ** 2])


def rosenbrock(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def hub(x: Any) -> Any:
    return np.sum(x[0] * x[1:] ** 2) + np.sum(np.exp(x))


def grid(u: Any) -> Any:
    """Δu + eᵘ on a square, zero around it."""
    u = u.reshape(int(np.sqrt(u.size)), -1)
    p = np.pad(u, 1)
    laplacian = p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2] - 4 * u
    return (laplacian + np.exp(u)).reshape(-1)


def loop(x: Any) -> Any:
    """Each round reads its own row and the one number that travels along."""
    return cat.scan(lambda c, row: (c * 0.5, row * c), x[0], x[1:])[1]


def repeated(x: Any) -> Any:
    return cat.fori(0, 3, lambda i, y: np.sin(y) * 2, x)


def chosen(x: Any) -> Any:
    return cat.cond(x[0] > 0, lambda y: y * y, lambda y: y * y[::-1], x)


FUNCTIONS = [chain, arrow, loop, repeated, chosen, np.cumsum, np.sort, lambda x: x[[3, 1]] ** 2]


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("colouring", ["auto", "column", "row", "two-sided"])
def test_a_sparse_jacobian_is_the_dense_one(f: Any, colouring: Any) -> None:
    jac = cat.sparse_jacobian(f, colouring=colouring, check=True)
    for x in (X, -X, 2 * X):
        found = jac(x)
        assert isinstance(found, scipy.sparse.csr_array)
        np.testing.assert_allclose(found.toarray(), cat.jacobian(f)(x), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("f", [rosenbrock, hub, lambda x: np.sum(np.cos(x)), lambda x: x @ x[::-1]])
@pytest.mark.parametrize("colouring", ["auto", "column"])
def test_a_sparse_hessian_is_the_dense_one(f: Any, colouring: Any) -> None:
    found = cat.sparse_hessian(f, colouring=colouring, check=True)(X)
    dense = cat.jacobian(cat.grad(f), mode="forward")(X)
    np.testing.assert_allclose(found.toarray(), dense, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("f", "n", "products", "nonzeros"),
    [
        (chain, 100_000, 3, 3 * 100_000 - 2),
        (arrow, 100_000, 3, 3 * 100_000 - 2),
        (grid, 10_000, 5, 5 * 10_000 - 400),
    ],
)
def test_products_of_large_jacobians(f: Any, n: int, products: int, nonzeros: int) -> None:
    x = np.linspace(-1, 1, n)
    found = cat.sparsity(f, x)
    assert (found.products, found.nonzeros, found.shape) == (products, nonzeros, (n, n))
    matrix = cat.sparse_jacobian(f, pattern=found)(x)
    v = np.cos(np.arange(n))
    np.testing.assert_allclose(matrix @ v, cat.jvp(f, (x,), (v,))[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("f", "products"), [(rosenbrock, 3), (hub, 2)])
def test_products_of_large_hessians(f: Any, products: int) -> None:
    x = np.linspace(-1, 1, 10_000)
    assert cat.sparsity(cat.grad(f), x, symmetric=True).products == products
    v = np.cos(np.arange(x.size))
    matrix = cat.sparse_hessian(f)(x)
    np.testing.assert_allclose(matrix @ v, cat.hvp(f, x, v), rtol=1e-9, atol=1e-9)


def test_a_pattern_holds_everywhere_and_one_at_a_point_there() -> None:
    def f(x: Any) -> Any:
        return np.where(x > 0, x[0], x) + np.maximum(x, 0) * x[::-1]

    everywhere, here = cat.sparsity(f, X), cat.sparsity(f, X, local=True)
    assert everywhere.pattern.contains(here.pattern)
    assert here.nonzeros < everywhere.nonzeros
    assert np.array_equal(here.matrix().toarray(), cat.jacobian(f)(X) != 0)
    assert everywhere.nonzeros == 5 + 4 + 3


def test_values_from_outside_count_where_they_are_fixed() -> None:
    mask = np.array([True, False, True, False, True])
    assert cat.sparsity(lambda x: np.where(mask, x, 0.0), X).nonzeros == 3
    assert cat.sparsity(lambda x: x[np.array([4, 4])], X).indices.tolist() == [4, 4]
    assert cat.sparsity(lambda x: np.diag([1.0, 2, 0, 3, 0]) @ x, X).nonzeros == 3


def test_loops_and_branches() -> None:
    assert cat.sparsity(repeated, X).nonzeros == 5
    assert cat.sparsity(loop, X).nonzeros == 8
    assert cat.sparsity(chosen, X).nonzeros == 9
    assert cat.sparsity(chosen, X, local=True).nonzeros == 5


def test_long_loops_are_looked_at_together() -> None:
    rows = np.ones((20_000, 2))
    found = cat.sparsity(lambda c: cat.scan(lambda y, r: (y * r, y), c, rows)[1], np.ones(2))
    assert found.nonzeros == 40_000
    bounded = cat.sparsity(
        lambda x: cat.while_loop(lambda y: y[0] < 9, lambda y: y[::-1] * 2, x), X
    )
    assert bounded.nonzeros == 9


def test_trees_are_flattened() -> None:
    def f(tree: Any, c: Any) -> Any:
        return {"a": tree["u"] * c, "b": [np.sum(tree["w"], 0)]}

    w = np.arange(6.0).reshape(2, 3)
    found = cat.sparse_jacobian(f, (0, 1))({"u": X, "w": w}, X).toarray()
    blocks = cat.jacobian(f, (0, 1))({"u": X, "w": w}, X)
    dense = np.block([
        [blocks["a"][0]["u"], blocks["a"][0]["w"].reshape(5, 6), blocks["a"][1]],
        [blocks["b"][0][0]["u"], blocks["b"][0][0]["w"].reshape(3, 6), blocks["b"][0][1]],
    ])  # fmt: skip
    np.testing.assert_array_equal(found, dense)
    hess = cat.sparse_hessian(lambda a, b: np.sum(a * b), (0, 1))(X, X).toarray()
    np.testing.assert_array_equal(hess, np.kron([[0, 1], [1, 0]], np.eye(5)))


def test_batches_of_bounded_memory() -> None:
    dense = cat.jacobian(np.cumsum)(X)
    for memory in (1, 100, 300, 2**20):
        np.testing.assert_array_equal(
            cat.sparse_jacobian(np.cumsum, memory=memory)(X).toarray(), dense
        )
        both = cat.sparse_jacobian(arrow, memory=memory, colouring="two-sided")
        np.testing.assert_allclose(both(X).toarray(), cat.jacobian(arrow)(X))


def test_float32_stays() -> None:
    assert cat.sparse_jacobian(chain)(X.astype(np.float32)).dtype == np.float32


def test_the_result_belongs_to_its_caller() -> None:
    jac = cat.sparse_jacobian(chain)
    first = jac(0 * X)
    first.eliminate_zeros()
    np.testing.assert_allclose(jac(X).toarray(), cat.jacobian(chain)(X))


def test_nothing_depends_on_anything() -> None:
    found = cat.sparse_jacobian(lambda x: np.sign(x))(X)
    assert found.shape == (5, 5)
    assert found.nnz == 0


def test_a_pattern_of_ones_own() -> None:
    dense = cat.jacobian(chain)(X)
    known = [dense != 0, scipy.sparse.coo_array(dense), cat.sparsity(chain, X), np.ones((5, 5))]
    for pattern in known:
        found = cat.sparse_jacobian(chain, pattern=pattern, check=True)(X)
        np.testing.assert_allclose(found.toarray(), dense)


def test_a_pattern_that_misses_an_entry_is_noticed() -> None:
    missing = cat.jacobian(chain)(X) != 0
    missing[2, 3] = False
    with pytest.raises(DerivativeError, match="misses entries of row 2"):
        cat.sparse_jacobian(chain, pattern=missing, check=True)(X)
    with pytest.raises(DerivativeError, match="misses"):
        cat.sparse_hessian(rosenbrock, pattern=np.eye(5), check=True)(X)


def test_a_pattern_of_another_shape() -> None:
    with pytest.raises(ShapeError, match=r"shape \(2, 2\).*5 × 5"):
        cat.sparse_jacobian(chain, pattern=np.eye(2))(X)
    with pytest.raises(ShapeError, match=r"shape \(4,\)"):
        cat.sparse_jacobian(chain, pattern=np.ones(4))(X)


def test_what_is_asked_for_must_exist() -> None:
    with pytest.raises(InputError, match="'two-sided'"):
        cat.sparse_jacobian(chain, colouring="rows")(X)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="'star'"):
        cat.sparse_hessian(rosenbrock, colouring="row")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="star colouring"):
        cat.sparsity(chain, X, colouring="star")
    with pytest.raises(ShapeError, match=r"symmetric matrix was asked for.*4 × 5"):
        cat.sparsity(lambda x: x[1:], X, symmetric=True)
    with pytest.raises(DerivativeError, match="int64"):
        cat.sparse_jacobian(lambda x: np.argmax(x))(X)
    with pytest.raises(CatenaryError, match="number"):
        cat.sparse_hessian(chain)(X)
    with pytest.raises(DerivativeError, match="function"):
        cat.sparse_jacobian(X)  # type: ignore[arg-type]


def test_a_scipy_matrix_cannot_be_traced() -> None:
    with pytest.raises(DerivativeError, match="cannot be traced"):
        cat.jit(lambda x: cat.sparse_jacobian(chain)(x))(X)


def test_what_is_known_is_printed() -> None:
    found = cat.sparsity(chain, X)
    assert repr(found) == ("5 × 5, 13 nonzeros (52 %), 3 products (3 forward): column colouring")
    assert str(found).splitlines()[1:] == [
        "× × · · ·", "× × × · ·", "· × × × ·", "· · × × ×", "· · · × ×",
    ]  # fmt: skip
    assert str(cat.sparsity(chain, np.ones(100))).count("\n") == 0
    assert found.indptr.tolist() == [0, 2, 5, 8, 11, 13]
    assert found.column_colours.tolist() == [0, 1, 2, 0, 1]
    assert found.row_colours.tolist() == [-1] * 5


def test_dense_hessians_of_sparse_functions_take_few_products() -> None:
    """The same numbers as by all columns, traced and not; of trees too."""
    x = np.linspace(-1, 2, 40)
    columns = cat.jacobian(cat.grad(rosenbrock), mode="forward")(x)
    np.testing.assert_allclose(cat.hessian(rosenbrock)(x), columns, rtol=1e-12)
    np.testing.assert_allclose(cat.jit(cat.hessian(rosenbrock))(x), columns, rtol=1e-12)
    last = cat.jit(cat.grad(lambda y: np.sum(cat.hessian(rosenbrock)(y)[0])))(x)
    assert np.isclose(last[0], 2400 * x[0] - 400)

    def energy(tree: Any) -> Any:
        return np.sum(tree["u"] ** 2 * tree["w"].reshape(-1) ** 3) * tree["n"]

    tree = {"u": x[:6], "w": x[6:12].reshape(2, 3), "n": 2}
    blocks = cat.hessian(energy)(tree)
    u, w = tree["u"], tree["w"].reshape(-1)
    np.testing.assert_allclose(blocks["u"]["u"], np.diag(4 * w**3))
    np.testing.assert_allclose(blocks["u"]["w"].reshape(6, 6), np.diag(12 * u * w**2))
    assert blocks["w"]["u"].shape == (2, 3, 6)


def test_sparse_hessians_inside_other_transforms() -> None:
    points = np.linspace(-1, 2, 60).reshape(3, 20)
    dense = cat.jacobian(cat.grad(rosenbrock), mode="forward")
    many = cat.vmap(cat.hessian(rosenbrock))(points)
    np.testing.assert_allclose(many, np.stack([dense(x) for x in points]), rtol=1e-12)
    third = cat.jacobian(cat.hessian(rosenbrock))(points[0])
    assert third.shape == (20, 20, 20)
    np.testing.assert_allclose(third, cat.jacobian(dense)(points[0]), atol=1e-9)


def test_which_hessians_are_followed_through_their_pattern() -> None:
    def found(f: Any, n: int, **known: Any) -> Any:
        graph = cat.trace(cat.grad(f), np.linspace(0.1, 1, n))
        held = {i: known["index"] for i, t in enumerate(graph.input_types) if not t.is_float}
        return sparse_blocks(graph, 1, held, 2**20, symmetric=True)

    assert found(rosenbrock, 40).colouring.products == 3
    assert found(hub, 40).colouring.products == 2
    assert found(lambda x: np.sum(x) ** 3, 40) is None
    assert found(rosenbrock, 4) is None
    index = np.arange(40)[::-1].copy()
    assert found(lambda x: np.sum(x * x[index]), 40, index=index).colouring.products == 1


def test_what_is_taken_from_outside_is_part_of_what_is_remembered() -> None:
    for index in ([0, 1], [3, 4]):
        chosen_rows = np.array(index)
        found = cat.sparse_jacobian(lambda x, rows=chosen_rows: x[rows])(X)
        assert found.indices.tolist() == index


def test_running_sums_are_triangles() -> None:
    assert cat.sparsity(np.cumsum, X).nonzeros == 15
    upper = cat.sparsity(lambda x: np.cumsum(x[::-1])[::-1], X)
    assert np.array_equal(upper.matrix().toarray(), np.triu(np.ones((5, 5), bool)))


def test_what_cannot_be_stored_is_refused_before_it_is_computed() -> None:
    x = np.broadcast_to(np.float32(1), (4_000_000,))
    with pytest.raises(ShapeError, match="4000000 × 4000000"):
        cat.sparsity(lambda y: y * np.sum(y), x)
