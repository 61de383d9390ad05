"""Calls of products of arrays, norms, polynomials, and what is made of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.tracing.rows.row import (
    A0,
    A3,
    A4,
    A23,
    A33,
    A34,
    A234,
    EMPTY,
    EMPTY03,
    EMPTY30,
    FEW,
    FLOATS,
    KINDS,
    Array,
    Given,
    Real,
    Table,
)

TABLE = Table({"ulp": 32})
add = TABLE.add


A2, A5 = Array((2,)), Array((5,))
A43 = Array((4, 3))
A243, A143 = Array((2, 4, 3)), Array((1, 4, 3))
F32_34 = Array((3, 4), dtype="float32")

for function in (np.matmul, np.linalg.matmul):
    add(function, (A34, A43), (A34, A4), (A3, A34), (A3, A3), (A234, A243), (A234, A43),
        (A34, A243), (A234, A4), (A3, A243.__class__((2, 3, 4))), (A34, A34), (A0, A34),
        (EMPTY03, EMPTY30), (EMPTY30, EMPTY03), (A43, F32_34), (A234, A143))  # fmt: skip
add(
    np.matmul,
    (A34, Array((3, 4)), {"axes": [(0, 1), (1, 0), (0, 1)]}),
    (A34, A43, {"dtype": np.float64}),
)


def matmul_into(x: Any, y: Any) -> Any:
    out = np.zeros_like(x, shape=(3, 3))
    np.matmul(x, y, out=out)
    return out


add(np.matmul, (A34, A43), by=matmul_into, alone=False)
add(
    np.vecdot,
    (A3, A3),
    (A23, A3),
    (A234, A234),
    (A23, A23, {"axis": 0}),
    (A23, A23, {"keepdims": True}),
    (A3, A4),
)
add(np.matvec, (A34, A4), (A234, A4), (A234, Array((2, 4))), (A34, A3))
add(np.vecmat, (A3, A34), (A3, A234), (Array((2, 3)), A234), (A4, A34))
add(np.linalg.vecdot, (A3, A3), (A23, A23, {"axis": 0}))
add(
    np.dot,
    (A3, A3),
    (A34, A43),
    (A34, A4),
    (A234, A43),
    (A234, A243),
    (A0, A34),
    (A34, 2.0),
    (A34, A34),
    (2, A3),
)
add(np.inner, (A3, A3), (A23, A3), (A23, A33), (A234, Array((5, 4))), (A0, A3), (A3, A4), (A3, 2.0))
add(np.vdot, (A3, A3), (A23, A23), (A23, Array((3, 2))), (A3, A4))
add(np.outer, (A3, A4), (A23, A4), (A0, A3))
add(np.linalg.outer, (A3, A4), (A23, A4))
for function in (np.tensordot, np.linalg.tensordot):
    add(function, (A34, A43, {"axes": 1}), (A34, A34), (A234, A34, {"axes": ([1, 2], [0, 1])}),
        (A3, A4, {"axes": 0}), (A234, A243, {"axes": (1, 2)}), (A34, A34, {"axes": 1}),
        (A34, A34, {"axes": (-1, 1)}), (A34, A34, {"axes": 3}))  # fmt: skip
add(np.kron, (A3, A4), (A23, A34), (A3, A23), (A234, A3), (A0, A3))
V3, M43 = Array((3,)), Array((4, 3))
add(np.cross, (V3, V3), (M43, M43), (M43, V3), (Array((3, 4)), Array((3, 4)), {"axis": 0}),
    (Array((3, 4)), M43, 0, 1), (M43, M43, {"axisc": 0}), (A4, A4), kinds=KINDS[:4])  # fmt: skip
add(np.linalg.cross, (V3, V3), (Array((3, 4)), Array((3, 4)), {"axis": 0}), kinds=KINDS[:4])

# ---- einsum --------------------------------------------------------------------------------------

add(np.einsum, ("ij,jk->ik", A34, A43), ("ij,jk", A34, A43), ("ii", A33), ("ii->i", A33),
    ("ij->ji", A34), ("ij->", A34), ("i,i", A3, A3), ("i,j->ij", A3, A4),
    ("bij,bjk->bik", A234, A243), ("...ij,...jk->...ik", A234, A43),
    ("ij,kj,kl->il", A34, Array((5, 4)), Array((5, 2))), ("ijk->kij", A234),
    ("ij,ij->j", A34, A34), ("...i->...", A234), ("i...->i", A234), ("iij->j", Array((3, 3, 2))),
    ("ij,jk->ik", A34, A34), ("ij", A3), (A34, [0, 1], A43, [1, 2], [0, 2]), (A34, [0, 1]),
    ("ij,jk->ki", A34, A43, {"optimize": True}), ("ij , jk -> ik", A34, A43), ("i->ii", A3),
    (A234, [..., 1], [...]), ("ij,jk->ik", A34, A43, {"dtype": np.float64}),
    ("i,ij,j->", A3, A34, A4), ("ab,bc,cd,de->ae", A23, A34, Array((4, 2)), A23))  # fmt: skip
add(np.einsum, ("ij,ij->ij", A34, Array((1, 4))), ("...j,j->...j", A34, A1 := Array((1,))))
add(np.einsum_path, ("ij,jk,kl->il", A34, A43, A34), kinds=FLOATS, alone=False)


def einsum_into(x: Any, y: Any) -> Any:
    out = np.zeros_like(x, shape=(3, 3))
    np.einsum("ij,jk->ik", x, y, out=out)
    return out


add(np.einsum, (A34, A43), by=einsum_into, alone=False)

# ---- sliding -------------------------------------------------------------------------------------

for function in (np.convolve, np.correlate):
    for mode in ("full", "same", "valid"):
        add(
            function,
            (A5, A3, mode),
            (A3, A5, mode),
            (A4, A4, mode),
            (A5, A2, mode),
            (A2, A5, mode),
            (A5, 2.0, mode),
        )
    add(function, (A5, A3), (EMPTY, A3), (A23, A3), (A5, A3, "other"))

# ---- linear algebra without factorizations -------------------------------------------------------

add(
    np.linalg.multi_dot,
    ([A34, A43],),
    ([A3, A34, A43],),
    ([A34, A43, A34, A4],),
    ([A3, A34, A4],),
    ([A34],),
    ([A34, A34],),
)
add(
    np.linalg.matrix_power,
    (A33, 0),
    (A33, 1),
    (A33, 3),
    (A33, 6),
    (Array((2, 3, 3)), 2),
    (A34, 2),
    ulp=64,
)
norm = np.linalg.norm
add(norm, A3, A34, A234, (A34, {"axis": 0}), (A34, {"axis": -1, "keepdims": True}), (A34, "fro"),
    (A34, 1), (A34, -1), (A34, np.inf), (A34, -np.inf), (A3, 1), (A3, np.inf), (A3, -np.inf),
    (A3, 0), (A3, 3), (A3, 2.5), (A3, -1), (A34, 1, {"axis": 1}), (A234, {"axis": (0, 2)}),
    (A234, "fro", (2, 0)), (A234, 1, (0, 2)), (A234, np.inf, (2, 0), True),
    (A34, {"keepdims": True}), (A234, 1), (A3, "fro"), A0, (A34, 3, 0), kinds=FEW,
    ulp=64)  # fmt: skip
add(np.linalg.vector_norm, A3, A34, (A34, {"axis": 0}), (A234, {"axis": (0, 2), "ord": 1}),
    (A34, {"ord": 3}), (A34, {"keepdims": True}), kinds=FEW, ulp=64)  # fmt: skip
add(
    np.linalg.matrix_norm,
    A34,
    A234,
    (A34, {"ord": 1}),
    (A234, {"ord": np.inf, "keepdims": True}),
    A3,
    kinds=FEW,
    ulp=64,
)

# ---- polynomials ---------------------------------------------------------------------------------

add(np.polyval, (A4, A3), (A4, A23), (A4, 2.0), (Real([1.0, 2, 3]), A3), (A1, A3), kinds=FEW)
for function in (np.polyadd, np.polysub, np.polymul):
    add(function, (A4, A3), (A3, A4), (A3, A3), kinds=FEW)
add(np.polyder, A4, (A4, 2), (A4, 0), (A4, -1), kinds=FEW)
add(np.polyint, A4, (A4, 2), (A4, {"k": 3.0}), (A4, 2, [1.0, 2.0]), (A4, 0), kinds=FEW)
add(np.poly, A3, A1, EMPTY, kinds=FEW)
add(np.polyval, (Given([1.0, 2.0]), A3), kinds=FLOATS)
