"""Calls of what changes shapes: views, joining, splitting, repeating, padding."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.tracing.rows.row import (
    A0,
    A1,
    A3,
    A4,
    A23,
    A32,
    A33,
    A34,
    A234,
    EMPTY,
    EMPTY03,
    EMPTY30,
    EXACT,
    FEW,
    KINDS,
    Array,
    Given,
    Real,
    Table,
)

TABLE = Table(EXACT)
add = TABLE.add


A1313 = Array((1, 3, 1, 2))

# ---- views ---------------------------------------------------------------------------------------

add(np.reshape, (A234, (4, 6)), (A234, -1), (A234, (2, -1)), (A234, (4, 6), {"order": "F"}),
    (A23, (7,)), (A23, 6), (A23, (3, 2), "A"), (EMPTY, (0, 3)), (EMPTY30, (-1, 3)), (A0, (1, 1)),
    (A23, (-1, -1)))  # fmt: skip
add(np.ravel, A234, (A234, "F"), A0, EMPTY30)
add(
    np.transpose,
    A234,
    (A234, (1, 2, 0)),
    (A234, (-1, 0, 1)),
    A3,
    A0,
    (A23, (0, 0)),
    (A23, (0,)),
    (A23, [1, 0]),
)
add(np.permute_dims, A23, (A234, (2, 0, 1)))
add(np.matrix_transpose, A23, A234, A3)
add(np.linalg.matrix_transpose, A23, A234)
add(np.swapaxes, (A234, 0, 2), (A234, -1, 1), (A23, 0, 2))
add(np.moveaxis, (A234, 0, -1), (A234, (0, 1), (-1, 0)), (A234, [2, 0], [0, 1]), (A23, 0, 3),
    (A234, (0, 1), 0), (A234, (0, 0), (0, 1)))  # fmt: skip
add(np.rollaxis, (A234, 2), (A234, 0, 3), (A234, 1, -1), (A234, -1, 1), (A234, 3))
add(
    np.expand_dims,
    (A23, 0),
    (A23, -1),
    (A23, (0, 3)),
    (A23, (1, -1)),
    (A0, 0),
    (A23, 3),
    (A23, (0, 0)),
)
add(np.squeeze, A1313, (A1313, 0), (A1313, (0, 2)), (A1313, -2), (A1313, 1), A0, (A1, -1), A1)
add(np.flip, A234, (A234, 0), (A234, (0, -1)), A0, (A23, 2), EMPTY)
add(np.flipud, A23, A3, A0)
add(np.fliplr, A23, A234, A3)
add(
    np.rot90,
    A23,
    (A23, 2),
    (A23, -1),
    (A23, 4),
    (A234, 1, (1, 2)),
    (A234, 3, (2, 0)),
    (A3, 1),
    (A23, 1, (0, 0)),
)
add(
    np.broadcast_to,
    (A3, (2, 3)),
    (A23, (4, 2, 3)),
    (A0, (2, 2)),
    (A1, 5),
    (A3, (2,)),
    (A1, (0,)),
    (A23, (3,)),
)
add(np.broadcast_arrays, (A3, A23), (A0, A3), (A1, Array((2, 1))), (A3, A4), (A23,))
add(np.meshgrid, (A3, A4), (A3, A4, A0), (A3, A4, {"indexing": "ij"}), (A3, A4, {"sparse": True}),
    (A3,), (A3, A4, {"copy": False}), (A3, A4, {"indexing": "ab"}))  # fmt: skip
for function in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    add(function, A0, A3, A23, A234, (A0, A3), Array((1, 2, 3, 2)))
add(np.resize, (A23, (3, 3)), (A23, 4), (A3, (2, 5)), (EMPTY, (2,)), (A3, (0,)))
add(np.astype, (A23, np.float32), (A23, np.int64), (A23, bool), (A23, np.float64, {"copy": False}))
add(np.copy, A23, A0)
add(np.real, A23, A0)
add(np.real_if_close, A23)


# ---- joined --------------------------------------------------------------------------------------


def into(arrays: Any) -> Any:
    out = np.zeros_like(arrays[0], shape=(4, 3))
    np.concatenate(arrays, 0, out)
    return out


F32, I8, BOOL = (Array((2, 3), dtype=d) for d in ("float32", "int8", "bool"))
for function in (np.concatenate, np.concat):
    add(function, ([A23, A23],), ((A23, Array((1, 3))), {"axis": 0}), ([A23, A32], None),
        ([A23, A23], -1), ([A23, F32],), ([A23, I8],), ([A23, BOOL],), ([A23, EMPTY03],), ([A3],),
        ([A23, A3],), ([A0, A0],), ([A23, A32],), ([A23, A23], {"dtype": np.float64}),
        ([A23, A23], 2), ([A23, Real(np.ones((1, 3)))],), ([A23, A23], {"dtype": np.int8}),
        ([A23, A23], {"dtype": np.int8, "casting": "unsafe"}))  # fmt: skip
add(np.concatenate, ([A23, A23],), by=into, alone=False)
add(np.stack, ([A23, A23],), ([A23, A23, A23], 1), ([A3, A3], {"axis": -1}), ([A0, A0],),
    ([A23, A32],), ([A3, A3], 2), ([A3, A3], {"dtype": np.float64}), ([A23, F32],))  # fmt: skip
add(np.vstack, ([A3, A3],), ([A23, Array((1, 3))],), ([A0, A0],), ([A234, A234],), ([A3, A4],))
add(np.hstack, ([A3, A4],), ([A23, Array((2, 1))],), ([A0, A0],), ([A3, A4], {"dtype": np.float64}))
add(np.dstack, ([A3, A3],), ([A23, A23],), ([A234, A234],))
add(np.column_stack, ([A3, A3],), ([A3, A32],), ([A32, A32],))
add(np.append, (A23, A3), (A23, Array((1, 3)), 0), (A3, 2.0), (A23, A23, 1), (A23, A3, 0))
add(np.block, ([A3, A3],), ([[A23, Array((2, 1))], [Array((1, 3)), Array((1, 1))]],), ([A0, A3],),
    (A23,), ([[A3], [A3]],), ([[[A23]], [[A23]]],), ([[A3, A3], A3],),
    ([[A23, 1], [A3, 2]],))  # fmt: skip
add(np.insert, (A4, 1, 5.0), (A4, -1, A3), (A34, 1, A4, {"axis": 0}), (A34, 2, 7, {"axis": 1}),
    (A34, 1, A3, {"axis": 1}), (A4, Real([0, 2]), Array((2,))), (A34, Real([0, 3]), 9, 0),
    (A34, 2, 1), (A4, slice(1, 3), Array((2,))), (A34, Real([1]), Array((3, 2)), 1),
    (A34, 1, Array((3, 2)), 1), (A4, 9, 1), (A34, Real([2, 0]), Array((2, 4)), 0),
    (A4, Real([1, 1]), Array((2,))))  # fmt: skip

# ---- split ---------------------------------------------------------------------------------------

A6 = Array((6,))
A46 = Array((4, 6))
for function in (np.split, np.array_split):
    add(function, (A6, 3), (A46, 2, 1), (A6, [1, 4]), (A6, [4, 2]), (A46, [1, 9], {"axis": -1}),
        (A6, 4), (A6, Real([2])), (A6, 0), (A46, 2, 2))  # fmt: skip
add(np.hsplit, (A6, 2), (A46, 3), (A46, [1, 2]), (A0, 1))
add(np.vsplit, (A46, 2), (A46, [1]), (A6, 2))
add(np.dsplit, (A234, 2), (A46, 2))
add(np.unstack, A23, (A234, {"axis": 1}), (A234, {"axis": -1}), A0, EMPTY03)

# ---- repeated, moved -----------------------------------------------------------------------------

add(
    np.tile, (A23, 2), (A3, (2, 2)), (A23, (2, 1, 2)), (A234, (2,)), (A0, 3), (A3, 0), (A23, (1, 3))
)
add(np.repeat, (A23, 2), (A23, 2, 0), (A23, Real([1, 2, 0]), {"axis": 1}), (A0, 3),
    (A3, Real([2, 1, 3])), (A23, 2, {"axis": -1}), (A23, Real([1, 2]), 1))  # fmt: skip
add(np.roll, (A4, 1), (A34, 2), (A34, -1, 1), (A34, (1, 2), (0, 1)), (A34, 1, (0, 1)),
    (A34, 5, 0), (EMPTY, 1), (A34, 1, 2), (A34, (1, 1), 0), (A0, 1))  # fmt: skip
add(np.roll, (A34, Array((), 1, 3, "int64"), 0), alone=False)
for function in (np.fft.fftshift, np.fft.ifftshift):
    add(function, A4, Array((5,)), A34, (A34, 1), (A34, (0, 1)), (A33, -1))
add(np.delete, (A4, 1), (A34, 1, 0), (A34, Real([0, 2]), 1), (A34, slice(1, 3), {"axis": 1}),
    (A4, -1), (A4, Real([True, False, False, True])), (A4, 7), (A34, Real([0, 0]), 0),
    (A34, 2))  # fmt: skip

# ---- padded --------------------------------------------------------------------------------------

add(np.pad, (A4, 2), (A34, ((1, 2), (0, 1))), (A34, (1, 2)),
    (A34, 1, "constant", {"constant_values": 3}), (A34, 1, {"constant_values": (1, 2)}),
    (A34, 1, {"constant_values": ((1, 2), (3, 4))}), (A34, [1]), (A34, {1: (2, 1)}, "constant"),
    (A0, 1), (A34, -1), (EMPTY, 2), (A34, ((1, 2), (0, 1), (1, 1))),
    (A34, Real(np.array([[1, 0], [0, 2]]))), (A4, 2.5))  # fmt: skip
for mode in ("edge", "reflect", "symmetric", "wrap"):
    add(np.pad, (A4, 2, mode), (A34, ((1, 2), (0, 1)), mode), (A3, 7, mode), (A1, 2, mode),
        (A34, 5, {"mode": mode}), (EMPTY, 1, mode))  # fmt: skip
for mode in ("reflect", "symmetric"):
    add(np.pad, (A4, 2, mode, {"reflect_type": "odd"}),
        (A34, ((1, 2), (3, 0)), mode, {"reflect_type": "odd"}), kinds=FEW, ulp=16)  # fmt: skip
for mode in ("maximum", "minimum", "mean", "median"):
    add(np.pad, (A34, 2, mode), (A34, 2, mode, {"stat_length": 2}), (A34, ((1, 2), (3, 0)), mode),
        (A34, 1, mode, {"stat_length": ((1, 2), (2, 9))}), kinds=FEW, ulp=16)  # fmt: skip
add(np.pad, (A34, 2, "linear_ramp"),
    (A34, ((1, 2), (3, 1)), "linear_ramp", {"end_values": (4, -1)}),
    (A4, 3, "linear_ramp", {"end_values": 5}), kinds=FEW, ulp=32)  # fmt: skip
add(np.pad, (A34, 1, "nothing"), (A34, 1, "edge", {"stat_length": 1}))

# ---- made, triangles -----------------------------------------------------------------------------

for function in (np.zeros_like, np.ones_like):
    add(
        function,
        A23,
        (A23, np.float32),
        (A23, {"shape": 3}),
        (A23, {"shape": (2, 2), "dtype": int}),
        A0,
    )
add(np.empty_like, (A23, {"shape": (0, 2)}), (A23, {"shape": (0,), "dtype": bool}))
add(np.full_like, (A23, 2), (A23, 2.5), (A23, A3), (A23, 1, {"dtype": np.float32}),
    (A23, 1, {"shape": (4,)}), (A23, A23), (A0, 1), alone=False)  # fmt: skip
add(np.diag, A3, (A3, 1), (A3, -2), A33, (A34, 1), (A34, -1), (A34, 9), A234, EMPTY)
add(np.diagflat, A3, A23, (A3, 1), (A0, -1))
add(np.diagonal, A33, (A34, 1), (A34, -1), (A234, 0, 1, 2), (A234, {"axis1": -1, "axis2": 0}),
    (A34, 9), A3, (A34, 0, 0, 0))  # fmt: skip
add(np.linalg.diagonal, A33, A234, (A234, {"offset": 1}))
add(np.trace, A33, (A34, 1), (A234, 0, 1, 2), (A33, {"dtype": np.float32}), (A34, -1), A3, ulp=8)
add(np.linalg.trace, A33, A234, (A234, {"offset": 1}), ulp=8)
for function in (np.tril, np.triu):
    add(function, A34, (A34, 1), (A34, -1), A234, A3, (A33, 5), EMPTY30)
add(np.linspace, (A0, A0, 5), (A0, 3, 4), (A0, A3, 3), (1, A3, 5), (A3, A3, 4, {"axis": 1}),
    (A0, A0, 1), (A0, A0, 0), (A0, 2, 5, {"endpoint": False}), (A0, A0, 5, {"retstep": True}),
    (A0, 9, 4, {"dtype": int}), (A0, A0, -1), (A0, A0, 1, {"endpoint": False}),
    (A0, 2, 3, {"dtype": np.float32}), kinds=FEW, ulp=16)  # fmt: skip
add(np.logspace, (A0, A0, 4), (A0, 2, 3, {"base": 2.0}), (A3, A3, 3),
    (A0, 2, 3, {"endpoint": False}), (A0, 1, 3, {"dtype": np.float32}), (A3, A3, 4, {"axis": -1}),
    (0, 2, 3, {"base": Array((3,), 1, 3)}), (A0, 2, 3, {"base": Array((), 1, 3)}), kinds=FEW,
    ulp=64, alone=False)  # fmt: skip
P0, P3 = Array((), 1, 5), Array((3,), 1, 5)
add(np.geomspace, (P0, P0, 4), (P3, P3, 3), (P0, 8, 5, {"endpoint": False}),
    (P3, P3, 4, {"axis": -1}), (1, P0, 3), (Given(-1.0), Given(-8.0), 4), (P0, P0, 1),
    (P0, 3, 3, {"dtype": np.float32}), kinds=FEW, ulp=64)  # fmt: skip
add(np.vander, A3, (A3, 2), (A3, 4, True), (A3, 0), (A23,), (A3, 1), kinds=KINDS, ulp=16)

# ---- applied -------------------------------------------------------------------------------------

add(np.apply_along_axis, (np.sum, 0, A34), (np.cumsum, 1, A34), (np.diag, -1, A34),
    (np.max, 1, A234), (lambda row, k: row[::k], 1, A34, 2), kinds=FEW, ulp=8)  # fmt: skip
add(
    np.apply_over_axes,
    (np.sum, A234, (0, 2)),
    (np.sum, A234, 1),
    (np.max, A234, [0, -1]),
    kinds=FEW,
    ulp=8,
)
