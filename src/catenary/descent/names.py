"""Optimizers and schedules by name, as a command line or a configuration file has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, TypeVar

from catenary.core import descent_errors, errors
from catenary.descent.adam import Adam, AdamW, AMSGrad
from catenary.descent.adamax import Adamax
from catenary.descent.adaptive import Adadelta, Adagrad, RMSprop
from catenary.descent.conjugate_gradient import ConjugateGradient
from catenary.descent.gauss_newton import GaussNewton
from catenary.descent.kfac import KFAC
from catenary.descent.lbfgs import LBFGS
from catenary.descent.levenberg_marquardt import LevenbergMarquardt
from catenary.descent.momentum import GradientDescent, Momentum, Nesterov
from catenary.descent.nadam import Nadam
from catenary.descent.newton import Newton, NewtonCG
from catenary.descent.optimizer import Optimizer, Rate, Schedule, chain
from catenary.descent.plateau import Plateau
from catenary.descent.quasi_newton import BFGS
from catenary.descent.radam import RAdam
from catenary.descent.saddle_free import SaddleFreeNewton
from catenary.descent.schedules import (
    Constant,
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    OneCycle,
    PolynomialDecay,
    StepDecay,
    WarmUp,
)
from catenary.descent.second_order import Method
from catenary.descent.signs import Lion, Rprop
from catenary.descent.trust_region import TrustRegion

T = TypeVar("T")

OPTIMIZERS: Mapping[str, Callable[..., Optimizer]] = MappingProxyType(
    {
        "adadelta": Adadelta,
        "adagrad": Adagrad,
        "adam": Adam,
        "adamax": Adamax,
        "adamw": AdamW,
        "amsgrad": AMSGrad,
        "gradient-descent": GradientDescent,
        "lion": Lion,
        "momentum": Momentum,
        "nadam": Nadam,
        "nesterov": Nesterov,
        "radam": RAdam,
        "rmsprop": RMSprop,
        "rprop": Rprop,
        "sgd": GradientDescent,
    }
)
"""Every optimizer by its name; ``sgd`` is gradient descent, on batches."""

METHODS: Mapping[str, Callable[..., Method]] = MappingProxyType(
    {
        "bfgs": BFGS,
        "conjugate-gradient": ConjugateGradient,
        "gauss-newton": GaussNewton,
        "kfac": KFAC,
        "l-bfgs": LBFGS,
        "levenberg-marquardt": LevenbergMarquardt,
        "newton": Newton,
        "newton-cg": NewtonCG,
        "saddle-free-newton": SaddleFreeNewton,
        "trust-region": TrustRegion,
    }
)
"""Every method of second order by its name."""

ALSO = MappingProxyType(
    {
        "cg": "conjugate-gradient",
        "lm": "levenberg-marquardt",
        "saddle-free": "saddle-free-newton",
        "trust-exact": "trust-region",
    }
)
"""What they are called elsewhere."""

SCHEDULES: Mapping[str, Callable[[float, int], Schedule]] = MappingProxyType(
    {
        "constant": lambda rate, _: Constant(rate),
        "step": lambda rate, steps: StepDecay(rate, every=_part(steps, 3)),
        "exponential": lambda rate, steps: ExponentialDecay(rate, factor=0.01, every=steps),
        "polynomial": lambda rate, steps: PolynomialDecay(rate, steps),
        "cosine": lambda rate, steps: CosineDecay(rate, steps),
        "cosine-restarts": lambda rate, steps: CosineRestarts(rate, _part(steps, 7), growth=2),
        "one-cycle": lambda rate, steps: OneCycle(rate, steps),
        "warm-up": lambda rate, steps: WarmUp(rate, _part(steps, 10)),
        "warm-up-cosine": lambda rate, steps: WarmUp(
            CosineDecay(rate, max(1, steps - _part(steps, 10))), _part(steps, 10)
        ),
    }
)
"""Every schedule by its name, as a function of the largest rate and the steps of the whole run.

``step`` falls to a tenth after each third of the run, ``exponential`` to a hundredth in the end;
``cosine-restarts`` has periods of 1, 2 and 4 sevenths; ``warm-up`` takes the first tenth.
"""

PLATEAU = "plateau"


def get(
    name: str,
    learning_rate: Rate | None = None,
    *,
    schedule: str | None = None,
    steps: int | None = None,
    **settings: Any,
) -> Optimizer:
    """The optimizer of this name: ``get("adam", learning_rate=0.01)``.

    Upper case, ``_`` and ``-`` make no difference. ``learning_rate`` defaults to the optimizer's
    own. ``schedule`` names one of :func:`schedule_names`, stretched over ``steps``, the number of
    steps of the whole run; ``plateau`` needs no ``steps``. Further settings are those of the
    class.

    Raises :class:`InputError`, with the near match, for a name or a setting that does not exist.

    >>> get("adam", learning_rate=0.01, beta1=0.8)
    Adam(learning_rate=0.01, beta1=0.8, beta2=0.999, epsilon=1e-08)
    >>> get("sgd", 0.1, schedule="cosine", steps=100)
    GradientDescent(learning_rate=CosineDecay(rate=0.1, steps=100, final=0.0))
    """
    make = _look_up("optimizer", name, OPTIMIZERS)
    known = [field.name for field in fields(make)]  # type: ignore[arg-type]
    for setting in settings:
        if setting not in known:
            raise errors.unknown_name(f"setting of {name}", setting, known)
    if learning_rate is not None:
        settings["learning_rate"] = learning_rate
    if schedule is None:
        return make(**settings)
    if _same(schedule) == PLATEAU:
        return chain(make(**settings), Plateau())
    if make is Rprop:
        raise descent_errors.no_schedule(name)
    rate = settings.get("learning_rate", _default_rate(make))
    return make(**{**settings, "learning_rate": get_schedule(schedule, rate, steps)})


def as_optimizer(optimizer: Optimizer | str, learning_rate: Rate | None = None) -> Optimizer:
    """An optimizer as it is; the name of one, with its own or this learning rate, as one.

    >>> as_optimizer("sgd", 0.5)
    GradientDescent(learning_rate=0.5)
    """
    if isinstance(optimizer, str):
        return get(optimizer, learning_rate)
    if isinstance(optimizer, type):
        raise descent_errors.not_an_instance(optimizer)
    if not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise descent_errors.bad_setting(
            "optimizer", f"an optimizer, or a name: {', '.join(OPTIMIZERS)}", optimizer
        )
    if learning_rate is not None:
        raise descent_errors.rate_twice(optimizer)
    return optimizer


def as_method(method: Any) -> Method:
    """A method as it is; the name of one as one with its usual settings.

    >>> as_method("L-BFGS")
    LBFGS(memory=10)
    """
    if isinstance(method, Method):
        return method
    if isinstance(method, type):
        raise descent_errors.not_an_instance(
            method, "" if issubclass(method, Method) else "learning_rate=…"
        )
    if not isinstance(method, str):
        raise descent_errors.bad_setting(
            "method", f"a method, or a name: {', '.join(METHODS)}", method
        )
    if _knows(OPTIMIZERS, method):
        raise descent_errors.is_an_optimizer(method)
    return _look_up("method", ALSO.get(method.lower(), method), METHODS)()


def as_rule(rule: Any, learning_rate: Rate | None = None) -> Optimizer | Method:
    """An optimizer or a method as it is; the name of either as one."""
    named = isinstance(rule, str) and (rule.lower() in ALSO or _knows(METHODS, rule))
    if not named and not isinstance(rule, Method):
        return as_optimizer(rule, learning_rate)
    if learning_rate is not None:
        raise descent_errors.method_and_rate(rule)
    return as_method(rule)


def method_names() -> list[str]:
    """The names of methods that :func:`minimize` knows.

    >>> method_names()[:3]
    ['bfgs', 'conjugate-gradient', 'gauss-newton']
    """
    return list(METHODS)


def get_schedule(name: str, rate: float, steps: int | None = None) -> Schedule:
    """The schedule of this name, with this largest rate, over a run of so many steps.

    >>> get_schedule("one-cycle", 0.1, 1000)
    OneCycle(rate=0.1, steps=1000, rise=0.3, start=25.0, end=10000.0)
    """
    make = _look_up("schedule", name, SCHEDULES)
    if steps is None and make is not SCHEDULES["constant"]:
        raise descent_errors.schedule_without_steps(name)
    return make(rate, steps or 1)


def optimizer_names() -> list[str]:
    """The names that :func:`get` knows.

    >>> len(optimizer_names())
    15
    """
    return list(OPTIMIZERS)


def schedule_names() -> list[str]:
    """The names that ``get(…, schedule=…)`` knows.

    >>> schedule_names()[:3]
    ['constant', 'cosine', 'cosine-restarts']
    """
    return sorted([*SCHEDULES, PLATEAU])


def _look_up(kind: str, name: str, table: Mapping[str, T]) -> T:
    found = {_same(known): value for known, value in table.items()}.get(_same(name))
    if found is None:
        known = schedule_names() if kind == "schedule" else list(table)
        raise errors.unknown_name(kind, name, known)
    return found


def _knows(table: Mapping[str, Any], name: str) -> bool:
    return _same(name) in map(_same, table)


def _same(name: str) -> str:
    """A name without what makes no difference: ``one_cycle``, ``OneCycle`` and ``one-cycle``."""
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")


def _default_rate(make: Any) -> float:
    return float(make.learning_rate)  # a class attribute, as every field with a default is


def _part(steps: int, of: int) -> int:
    return max(1, math.ceil(steps / of))
