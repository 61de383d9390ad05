"""Derivatives as linear maps: structured maps, their algebra, and what solves and measures them.

>>> import numpy as np
>>> from catenary import linear
>>> D = linear.Diagonal([1.0, 2.0]) + linear.LowRank([[1.0], [1.0]])
>>> D.solve(D @ np.array([3.0, 4.0]))
array([3., 4.])
"""

from catenary.core.linear_map_errors import SolveError
from catenary.linear import from_graph, products, solvers  # noqa: F401 - they fill the tables
from catenary.linear.block import Block, block_diagonal
from catenary.linear.combination import Composition, Sum
from catenary.linear.dense import BlockDiagonal, Dense, LowRank
from catenary.linear.diagonal import Diagonal, Identity, Scalar, Zero
from catenary.linear.graph_map import GraphMap
from catenary.linear.jacobian import jacobian_plan
from catenary.linear.kronecker import Kronecker
from catenary.linear.plan.report import JacobianPlan
from catenary.linear.running_sum import RunningSum
from catenary.linear.selection import Permutation, Scatter, Selection
from catenary.linear.space import Space, space_of
from catenary.linear.sparse import Operator, Sparse, from_scipy
from catenary.linear.spectrum import SVD, Eigh

__all__ = [
    "SVD",
    "Block",
    "BlockDiagonal",
    "Composition",
    "Dense",
    "Diagonal",
    "Eigh",
    "GraphMap",
    "Identity",
    "JacobianPlan",
    "Kronecker",
    "LowRank",
    "Operator",
    "Permutation",
    "RunningSum",
    "Scalar",
    "Scatter",
    "Selection",
    "SolveError",
    "Space",
    "Sparse",
    "Sum",
    "Zero",
    "block_diagonal",
    "from_scipy",
    "jacobian_plan",
    "space_of",
]
