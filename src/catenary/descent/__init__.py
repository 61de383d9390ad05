"""Descent: optimizers, schedules, and the minima and maxima of any function.

Reachable as ``cat.optim``; ``cat.minimize`` and ``cat.maximize``.
"""

from typing import TYPE_CHECKING, NoReturn

from catenary.core import name_errors
from catenary.descent.accumulate import Accumulate
from catenary.descent.adam import Adam, AdamDirection, AdamW, AMSGrad
from catenary.descent.adamax import Adamax, AdamaxDirection
from catenary.descent.adaptive import (
    Adadelta,
    AdadeltaDirection,
    Adagrad,
    AdagradDirection,
    RmsDirection,
    RMSprop,
)
from catenary.descent.average import AverageWeights, average_weights
from catenary.descent.clip import ClipGlobalNorm, ClipNorm, ClipValue
from catenary.descent.conjugate_gradient import ConjugateGradient
from catenary.descent.decay import WeightDecay
from catenary.descent.finite import SkipNotFinite
from catenary.descent.gauss_newton import GaussNewton
from catenary.descent.kfac import KFAC
from catenary.descent.lbfgs import LBFGS
from catenary.descent.least_squares import least_squares
from catenary.descent.levenberg_marquardt import LevenbergMarquardt
from catenary.descent.minimize import maximize, minimize
from catenary.descent.momentum import GradientDescent, Momentum, Nesterov, Velocity
from catenary.descent.nadam import Nadam, NadamDirection
from catenary.descent.names import (
    get,
    get_schedule,
    method_names,
    optimizer_names,
    schedule_names,
)
from catenary.descent.newton import Newton, NewtonCG
from catenary.descent.optimizer import Chain, Descend, Optimizer, apply, chain
from catenary.descent.plateau import Plateau
from catenary.descent.quasi_newton import BFGS
from catenary.descent.radam import RAdam, RadamDirection
from catenary.descent.result import DescentResult, Evaluations, StepLog
from catenary.descent.saddle_free import SaddleFreeNewton
from catenary.descent.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    OneCycle,
    Piecewise,
    PolynomialDecay,
    StepDecay,
    WarmUp,
)
from catenary.descent.second_order import Method
from catenary.descent.signs import Lion, LionDirection, Rprop
from catenary.descent.trust_region import TrustRegion

SGD = GradientDescent

__all__ = [
    "BFGS",
    "KFAC",
    "LBFGS",
    "SGD",
    "AMSGrad",
    "Accumulate",
    "Adadelta",
    "AdadeltaDirection",
    "Adagrad",
    "AdagradDirection",
    "Adam",
    "AdamDirection",
    "AdamW",
    "Adamax",
    "AdamaxDirection",
    "AverageWeights",
    "Chain",
    "ClipGlobalNorm",
    "ClipNorm",
    "ClipValue",
    "ConjugateGradient",
    "Constant",
    "CosineDecay",
    "CosineRestarts",
    "Descend",
    "DescentResult",
    "Evaluations",
    "ExponentialDecay",
    "GaussNewton",
    "GradientDescent",
    "LevenbergMarquardt",
    "Lion",
    "LionDirection",
    "Method",
    "Momentum",
    "Nadam",
    "NadamDirection",
    "Nesterov",
    "Newton",
    "NewtonCG",
    "OneCycle",
    "Optimizer",
    "Piecewise",
    "Plateau",
    "PolynomialDecay",
    "RAdam",
    "RMSprop",
    "RadamDirection",
    "RmsDirection",
    "Rprop",
    "SaddleFreeNewton",
    "SkipNotFinite",
    "StepDecay",
    "StepLog",
    "TrustRegion",
    "Velocity",
    "WarmUp",
    "WeightDecay",
    "apply",
    "average_weights",
    "chain",
    "get",
    "get_schedule",
    "least_squares",
    "maximize",
    "method_names",
    "minimize",
    "optimizer_names",
    "schedule_names",
]

# The files adam.py and its like are no part of this face, or `optim.adam(0.1)` would say that a
# module cannot be called.
for _file in ("adam", "adamax", "kfac", "lbfgs", "momentum", "nadam", "newton", "radam"):
    globals().pop(_file, None)

if not TYPE_CHECKING:  # type checkers report absent names themselves

    def __getattr__(name: str) -> NoReturn:
        raise name_errors.absent_name("cat.optim", name, __all__, {})
