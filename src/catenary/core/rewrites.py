"""What to write instead, where NumPy or Python would make a plain number of a traced array.

The user's own line decides which rewrites are named; where it gives no clue, all of them are.
"""

from __future__ import annotations

import linecache
import re

# (what the line looks like, what stands there, what to write)
_REWRITES = (
    (r"np\.v?array\(|asarray\(\[|np\.array\(", "np.array([a, b])", "np.stack([a, b])"),
    (r"asarray\((?!\[)", "np.asarray(x)", "x"),
    (r"np\.full\(", "np.full(n, s)", "np.full_like(s, s, shape=n)"),
    (r"np\.arange\(|range\(", "np.arange(s)", "np.arange(int(cat.stop_gradient(s)))"),
    (r"math\.\w+\(", "math.sin(x)", "np.sin(x)"),
    (r"float\(", "float(x)", "x"),
    (r"\]\s*=[^=]|\.fill\(", "B = np.zeros(n); B[i] = s", "B = np.zeros_like(s, shape=n)"),
    (
        r"[\w)]\[[a-z_]+\](?!\s*=[^=])",
        "A[i], where A is a plain array",
        "the same, with A an argument of what is traced (of jit; xs or carry of a loop)",
    ),
    (r"\.dot\(", "A.dot(x)", "np.dot(A, x) or A @ x"),
    (r"vectorize", "np.vectorize(f)(x)", "cat.vmap(f)(x)"),
    (r"expm\(", "scipy.linalg.expm(x)", "cat.linalg.expm(x)"),
    (
        r"solve_triangular\(",
        "scipy.linalg.solve_triangular(a, b)",
        "cat.linalg.solve_triangular(a, b)",
    ),
    (
        r"scipy|logsumexp|softmax|rosen",
        "a function of SciPy",
        "the same, with SCIPY_ARRAY_API=1 set before SciPy is imported",
    ),
    (r"np\.(?!v?array|asarray)\w+\(\[", "np.f([a, b])", "np.f(np.stack([a, b]))"),
)


def rewrites(where: tuple[str, int] | None) -> str:
    """Lines of advice for the user's line, most likely first."""
    line = linecache.getline(*where).strip() if where else ""
    fitting = [row for row in _REWRITES if re.search(row[0], line)] or list(_REWRITES)
    lines = [f"  {before}  →  {after}" for _, before, after in fitting]
    lines.append("  where a plain number or array is wanted, without a derivative:  "
                 "cat.stop_gradient(x)")  # fmt: skip
    return "\n".join(lines)
