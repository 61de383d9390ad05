"""Calls of scipy.special."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

from catenary.tracing.namespace import NAMESPACE
from tests.tracing.rows.row import EMPTY, FLOATS, Array, Given, Table

TABLE = Table()

# name → intervals of its arguments, the last one for every argument that follows
INTERVALS: dict[str, tuple[tuple[float, float], ...]] = {
    "beta": ((0.5, 4), (0.5, 4)), "betaln": ((0.5, 4), (0.5, 4)), "binom": ((3, 6), (0.5, 2)),
    "boxcox": ((0.2, 4), (-2, 2)), "boxcox1p": ((-0.5, 4), (-2, 2)), "cbrt": ((-3, 3),),
    "cosdg": ((-400, 400),), "cosm1": ((-3, 3),), "cotdg": ((10, 80),), "digamma": ((0.5, 4),),
    "entr": ((0.1, 3),), "erf": ((-3, 3),), "erfc": ((-3, 3),), "exp10": ((-3, 3),),
    "exp2": ((-3, 3),), "expit": ((-9, 9),), "expm1": ((-3, 3),), "exprel": ((-3, 3),),
    "gamma": ((0.5, 4),), "gammaln": ((0.5, 4),), "gammasgn": ((-3, 3),),
    "huber": ((0.5, 1.5), (-3, 3)), "inv_boxcox": ((0.1, 0.4), (-1, 2)),
    "inv_boxcox1p": ((0.1, 0.4), (-1, 2)), "kl_div": ((0.2, 3), (0.2, 3)), "log1p": ((-0.9, 3),),
    "log_expit": ((-9, 9),), "log_ndtr": ((-9, 4),), "loggamma": ((0.5, 4),),
    "logit": ((0.05, 0.95),),
    "ndtr": ((-3, 3),), "poch": ((0.5, 4), (0.5, 3)), "powm1": ((0.2, 3), (-2, 2)),
    "pseudo_huber": ((0.5, 1.5), (-3, 3)), "psi": ((0.5, 4),),
    "radian": ((0, 90), (0, 60), (0, 60)),
    "rel_entr": ((0.2, 3), (0.2, 3)), "rgamma": ((0.5, 4),), "round": ((-3, 3),),
    "sindg": ((-400, 400),), "softplus": ((-9, 9),), "tandg": ((-80, 80),),
    "xlog1py": ((0.2, 3), (-0.5, 3)), "xlogy": ((0.2, 3), (0.2, 3)),
}  # fmt: skip
EDGES = Given([0.0, -0.0, 0.5, 1.0, -1.0, 2.0, -2.5, 1e-9, 30.0, -30.0, np.inf, -np.inf, np.nan])
# Γ goes through its logarithm, and angles in degrees are folded: not to the last digit.
ULP = dict.fromkeys(("beta", "binom", "gamma", "poch", "rgamma"), 2048.0) | dict.fromkeys(
    ("cosdg", "sindg", "tandg", "cotdg", "logit", "boxcox", "boxcox1p", "inv_boxcox", "exprel"),
    256.0,
)
# at poles and far out they are not compared at the common edges, but at edges of their own below
OWN_EDGES = {
    "cosdg", "cotdg", "digamma", "gamma", "gammaln", "gammasgn", "loggamma", "psi", "rgamma",
    "sindg", "tandg",
}  # fmt: skip

for name, intervals in INTERVALS.items():
    function = getattr(scipy.special, name)
    ulp = ULP.get(name, 32.0)
    arrays = tuple(Array((2, 3), low, high) for low, high in intervals)
    vectors = tuple(Array((3,), low, high) for low, high in intervals)
    calls: list[Any] = [arrays, (EMPTY,) * len(arrays)]
    if len(arrays) > 1:
        middle = sum(intervals[-1]) / 2
        calls += [
            (arrays[0], *vectors[1:]),
            (*arrays[:-1], middle),
            (*arrays[:-1], np.float32(middle)),
        ]
    TABLE.add(name, *calls, by=function, ulp=ulp)
    if name not in OWN_EDGES and len(arrays) == 1:
        TABLE.add(name, EDGES, by=function, kinds=FLOATS, smooth=False, ulp=ulp)
TABLE.add(
    "logit",
    Given([0.0, 1.0, 0.5, 0.5 + 1e-12, 1e-300, -1.0]),
    by=scipy.special.logit,
    kinds=("float64",),
    smooth=False,
)
for name in ("rel_entr", "kl_div"):
    TABLE.add(name,
        (Given([0.0, 0.0, 1.0, -1.0, 1.0, np.nan]), Given([1.0, 0.0, 0.0, 1.0, -1.0, 1.0])),
        by=getattr(scipy.special, name), kinds=FLOATS, smooth=False)  # fmt: skip
for name in ("xlogy", "xlog1py"):
    TABLE.add(name,
        (Given([0.0, 0.0, 1.0, 0.0, np.nan, 0.0]), Given([0.0, -1.0, 0.0, np.nan, 0.0, -2.0])),
        by=getattr(scipy.special, name), kinds=FLOATS, smooth=False)  # fmt: skip
for name in ("boxcox", "boxcox1p", "inv_boxcox", "inv_boxcox1p"):
    TABLE.add(name, (Given([0.5, 2.0, 3.0, 0.5]), Given([0.0, 1e-9, 1.0, -1.0])),
              by=getattr(scipy.special, name), kinds=FLOATS, smooth=False, ulp=256)  # fmt: skip
TABLE.add(
    "huber",
    (Given([1.0, 1.0, 0.0, -1.0]), Given([1.0, -9.0, 3.0, 1.0])),
    by=scipy.special.huber,
    kinds=FLOATS,
    smooth=False,
)
TABLE.add(
    "pseudo_huber",
    (Given([1.0, 1.0, 0.0, -1.0, 2.0]), Given([1e-9, -9.0, 3.0, 1.0, 0.0])),
    by=scipy.special.pseudo_huber,
    kinds=FLOATS,
    smooth=False,
)
TABLE.add(
    "gammasgn", Given([0.5, -0.5, -1.5, -2.5, 3.0, np.inf]), by=scipy.special.gammasgn, kinds=FLOATS
)
TABLE.add(
    "gammaln",
    Given([0.5, -0.5, 30.0, 1e10, np.inf, 0.0]),
    by=scipy.special.gammaln,
    kinds=FLOATS,
    smooth=False,
)
TABLE.add(
    "gamma",
    Given([0.5, -0.5, -1.5, 5.0, 20.5]),
    by=scipy.special.gamma,
    kinds=("float64",),
    smooth=False,
    ulp=2048,
)


# ---- orthogonal polynomials at whole orders ------------------------------------------------------

X = Array((2, 3), -0.9, 0.9)
SHAPE_PARAMETERS = {"genlaguerre": (0.5,), "gegenbauer": (0.7,), "jacobi": (0.5, 1.5),
                    "sh_jacobi": (2.5, 1.5)}  # fmt: skip
for family in ("legendre", "chebyt", "chebyu", "chebyc", "chebys", "hermite", "hermitenorm",
               "laguerre", "genlaguerre", "gegenbauer", "jacobi", "sh_legendre", "sh_chebyt",
               "sh_chebyu", "sh_jacobi"):  # fmt: skip
    name = f"eval_{family}"
    parameters = SHAPE_PARAMETERS.get(family, ())
    for order in (0, 1, 2, 5):
        TABLE.add(name, (order, *parameters, X), by=getattr(scipy.special, name),
                  kinds=("float64",), ulp=512)  # fmt: skip
    if parameters:
        varied = tuple(Array((2, 3), p - 0.1, p + 0.1) for p in parameters)
        TABLE.add(name, (3, *varied, X), by=getattr(scipy.special, name), kinds=("float64",),
                  ulp=512)  # fmt: skip


# ---- through the array's namespace, as SciPy calls them in its array mode ------------------------


def through_namespace(name: str) -> Any:
    def call(*arguments: Any) -> Any:
        arrays = [
            a
            for a in arguments
            if hasattr(a, "__array_namespace__") and not isinstance(a, np.ndarray)
        ]
        where = getattr(NAMESPACE.special, name) if arrays else getattr(scipy.special, name)
        return where(*arguments)

    call.__name__ = name
    return call


A = Array((2, 3), 2.5, 5)
for order in (0, 1, 3):
    TABLE.add(
        "polygamma", (order, A), by=through_namespace("polygamma"), kinds=("float64",), ulp=64
    )
for dimension in (1, 3):
    TABLE.add(
        "multigammaln",
        (A, dimension),
        by=through_namespace("multigammaln"),
        kinds=("float64",),
        ulp=64,
    )
TABLE.add(
    "sinc",
    Array((2, 3)),
    Given([0.0, 1.0]),
    by=through_namespace("sinc"),
    kinds=("float64",),
    ulp=64,
)
