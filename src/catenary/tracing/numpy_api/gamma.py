"""The gamma function and its kin, through log Γ: about 1e-13 of relative accuracy."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from catenary.core.errors import bad_argument
from catenary.ops.special import digamma, lgamma, polygamma
from catenary.tracing.array import wrap
from catenary.tracing.numpy_api.arguments import array, atom_of, float_type
from catenary.tracing.numpy_api.special import of_floats
from catenary.tracing.table import implements


def log_gamma(x: Any) -> Any:
    """log |Γ(x)|."""
    return wrap(lgamma(atom_of(x)), x.recorder)


@of_floats("gammasgn")
def gammasgn(x: Any) -> Any:
    """The sign of Γ(x), which changes at each pole."""
    below = np.floor(x)
    sign = 1 - 2 * np.remainder(below, 2)
    at_pole = (x <= 0) & (below == x)
    signed = np.where(x > 0, 1, np.where(at_pole, np.nan, sign))
    return np.where(x == 0, np.copysign(x.dtype.type(1), x), signed)


@of_floats("gamma")
def gamma(x: Any) -> Any:
    return gammasgn(x) * np.exp(log_gamma(x))


@of_floats("rgamma")
def rgamma(x: Any) -> Any:
    """1/Γ(x), 0 at the poles."""
    at_pole = (x <= 0) & (np.floor(x) == x)
    return np.where(at_pole, 0, gammasgn(x) * np.exp(-log_gamma(x)))


@of_floats("loggamma")
def loggamma(x: Any) -> Any:
    """log Γ(x) on the positive axis; complex, so NaN, below 0."""
    return np.where(x >= 0, log_gamma(x), np.nan)


@of_floats("betaln")
def betaln(a: Any, b: Any) -> Any:
    """log |Γ(a) Γ(b)/Γ(a + b)|."""
    value = log_gamma(a) + log_gamma(b) - log_gamma(a + b)
    return np.where((a == 0) | (b == 0), np.inf, value)


@of_floats("beta")
def beta(a: Any, b: Any) -> Any:
    sign = gammasgn(a) * gammasgn(b) * gammasgn(a + b)
    return sign * np.exp(betaln(a, b))


@of_floats("poch")
def poch(z: Any, m: Any) -> Any:
    """Γ(z + m)/Γ(z)."""
    ratio = gammasgn(z + m) * gammasgn(z) * np.exp(log_gamma(z + m) - log_gamma(z))
    return np.where(m == 0, 1, ratio)


@of_floats("binom")
def binom(x: Any, y: Any) -> Any:
    """Γ(x + 1)/(Γ(y + 1) Γ(x − y + 1))."""
    sign = gammasgn(x + 1) * gammasgn(y + 1) * gammasgn(x - y + 1)
    return sign * np.exp(log_gamma(x + 1) - log_gamma(y + 1) - log_gamma(x - y + 1))


# ---- of a whole order, which is part of the graph ------------------------------------------------


@implements("polygamma")
def polygamma_(n: Any, x: Any) -> Any:
    """The n-th derivative of digamma."""
    order = operator.index(n)
    if order < 0:
        raise bad_argument("polygamma", "an order that is not negative", n)
    x = array(x)
    atom = atom_of(x.astype(float_type(x)))
    return wrap(digamma(atom) if order == 0 else polygamma(atom, n=order), x.recorder)


@implements("multigammaln")
def multigammaln(a: Any, d: Any) -> Any:
    """log of the multivariate gamma function of dimension d."""
    dimension = operator.index(d)
    a = array(a)
    a = a.astype(float_type(a))
    total: Any = dimension * (dimension - 1) * 0.25 * np.log(np.pi)
    for j in range(dimension):
        total = log_gamma(a - 0.5 * j) + total
    return total
