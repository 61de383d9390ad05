"""Descent: optimizers, schedules, and the minima and maxima of any function.

Reachable as ``cat.optim``; ``cat.minimize`` and ``cat.maximize``. Names are loaded when they are
first used: a program that wants Adam does not wait for the methods of second order.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from catenary.core import name_errors

if TYPE_CHECKING:
    from catenary.descent.accumulate import Accumulate as Accumulate
    from catenary.descent.adam import Adam as Adam
    from catenary.descent.adam import AdamDirection as AdamDirection
    from catenary.descent.adam import AdamW as AdamW
    from catenary.descent.adam import AMSGrad as AMSGrad
    from catenary.descent.adamax import Adamax as Adamax
    from catenary.descent.adamax import AdamaxDirection as AdamaxDirection
    from catenary.descent.adaptive import Adadelta as Adadelta
    from catenary.descent.adaptive import AdadeltaDirection as AdadeltaDirection
    from catenary.descent.adaptive import Adagrad as Adagrad
    from catenary.descent.adaptive import AdagradDirection as AdagradDirection
    from catenary.descent.adaptive import RmsDirection as RmsDirection
    from catenary.descent.adaptive import RMSprop as RMSprop
    from catenary.descent.average import AverageWeights as AverageWeights
    from catenary.descent.average import average_weights as average_weights
    from catenary.descent.clip import ClipGlobalNorm as ClipGlobalNorm
    from catenary.descent.clip import ClipNorm as ClipNorm
    from catenary.descent.clip import ClipValue as ClipValue
    from catenary.descent.conjugate_gradient import ConjugateGradient as ConjugateGradient
    from catenary.descent.decay import WeightDecay as WeightDecay
    from catenary.descent.finite import SkipNotFinite as SkipNotFinite
    from catenary.descent.gauss_newton import GaussNewton as GaussNewton
    from catenary.descent.kfac import KFAC as KFAC
    from catenary.descent.lbfgs import LBFGS as LBFGS
    from catenary.descent.least_squares import least_squares as least_squares
    from catenary.descent.levenberg_marquardt import LevenbergMarquardt as LevenbergMarquardt
    from catenary.descent.minimize import maximize as maximize
    from catenary.descent.minimize import minimize as minimize
    from catenary.descent.momentum import GradientDescent as GradientDescent
    from catenary.descent.momentum import Momentum as Momentum
    from catenary.descent.momentum import Nesterov as Nesterov
    from catenary.descent.momentum import Velocity as Velocity
    from catenary.descent.nadam import Nadam as Nadam
    from catenary.descent.nadam import NadamDirection as NadamDirection
    from catenary.descent.names import get as get
    from catenary.descent.names import get_schedule as get_schedule
    from catenary.descent.names import method_names as method_names
    from catenary.descent.names import optimizer_names as optimizer_names
    from catenary.descent.names import schedule_names as schedule_names
    from catenary.descent.newton import Newton as Newton
    from catenary.descent.newton import NewtonCG as NewtonCG
    from catenary.descent.optimizer import Chain as Chain
    from catenary.descent.optimizer import Descend as Descend
    from catenary.descent.optimizer import Optimizer as Optimizer
    from catenary.descent.optimizer import apply as apply
    from catenary.descent.optimizer import chain as chain
    from catenary.descent.plateau import Plateau as Plateau
    from catenary.descent.quasi_newton import BFGS as BFGS
    from catenary.descent.radam import RAdam as RAdam
    from catenary.descent.radam import RadamDirection as RadamDirection
    from catenary.descent.result import DescentResult as DescentResult
    from catenary.descent.result import Evaluations as Evaluations
    from catenary.descent.result import StepLog as StepLog
    from catenary.descent.saddle_free import SaddleFreeNewton as SaddleFreeNewton
    from catenary.descent.schedules import Constant as Constant
    from catenary.descent.schedules import CosineDecay as CosineDecay
    from catenary.descent.schedules import CosineRestarts as CosineRestarts
    from catenary.descent.schedules import ExponentialDecay as ExponentialDecay
    from catenary.descent.schedules import OneCycle as OneCycle
    from catenary.descent.schedules import Piecewise as Piecewise
    from catenary.descent.schedules import PolynomialDecay as PolynomialDecay
    from catenary.descent.schedules import StepDecay as StepDecay
    from catenary.descent.schedules import WarmUp as WarmUp
    from catenary.descent.second_order import Method as Method
    from catenary.descent.signs import Lion as Lion
    from catenary.descent.signs import LionDirection as LionDirection
    from catenary.descent.signs import Rprop as Rprop
    from catenary.descent.trust_region import TrustRegion as TrustRegion

    SGD = GradientDescent

# Where each name lives.
_NAMES = {
    "accumulate": ("Accumulate",),
    "adam": ("Adam", "AdamDirection", "AdamW", "AMSGrad"),
    "adamax": ("Adamax", "AdamaxDirection"),
    "adaptive": (
        "Adadelta",
        "AdadeltaDirection",
        "Adagrad",
        "AdagradDirection",
        "RmsDirection",
        "RMSprop",
    ),
    "average": ("AverageWeights", "average_weights"),
    "clip": ("ClipGlobalNorm", "ClipNorm", "ClipValue"),
    "conjugate_gradient": ("ConjugateGradient",),
    "decay": ("WeightDecay",),
    "finite": ("SkipNotFinite",),
    "gauss_newton": ("GaussNewton",),
    "kfac": ("KFAC",),
    "lbfgs": ("LBFGS",),
    "least_squares": ("least_squares",),
    "levenberg_marquardt": ("LevenbergMarquardt",),
    "minimize": ("maximize", "minimize"),
    "momentum": ("GradientDescent", "Momentum", "Nesterov", "Velocity"),
    "nadam": ("Nadam", "NadamDirection"),
    "names": ("get", "get_schedule", "method_names", "optimizer_names", "schedule_names"),
    "newton": ("Newton", "NewtonCG"),
    "optimizer": ("Chain", "Descend", "Optimizer", "apply", "chain"),
    "plateau": ("Plateau",),
    "quasi_newton": ("BFGS",),
    "radam": ("RAdam", "RadamDirection"),
    "result": ("DescentResult", "Evaluations", "StepLog"),
    "saddle_free": ("SaddleFreeNewton",),
    "schedules": (
        "Constant",
        "CosineDecay",
        "CosineRestarts",
        "ExponentialDecay",
        "OneCycle",
        "Piecewise",
        "PolynomialDecay",
        "StepDecay",
        "WarmUp",
    ),
    "second_order": ("Method",),
    "signs": ("Lion", "LionDirection", "Rprop"),
    "trust_region": ("TrustRegion",),
}
_HOME = {name: (module, name) for module, names in _NAMES.items() for name in names}
_HOME["SGD"] = "momentum", "GradientDescent"

__all__ = [*sorted(_HOME)]


class _Face(ModuleType):
    """The package without the files that are called like what is in them, or ``optim.adam(0.1)``
    would say that a module cannot be called.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _FILES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


_FILES = {name.lower() for name in _HOME}
sys.modules[__name__].__class__ = _Face


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


if not TYPE_CHECKING:  # type checkers report absent names themselves

    def __getattr__(name: str) -> Any:
        if name not in _HOME:
            raise name_errors.absent_name("cat.optim", name, __all__, {})
        module, own = _HOME[name]
        value = getattr(import_module(f"{__name__}.{module}"), own)
        globals()[name] = value
        return value
