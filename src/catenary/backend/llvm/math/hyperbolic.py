"""Hyperbolic functions from exponentials, their inverses from logarithms."""

from __future__ import annotations

from catenary.backend.llvm.math.exponential import TINY, half_exp, half_expm1
from catenary.backend.llvm.math.lanes import Lanes, fitted, fma, where
from catenary.backend.llvm.math.logarithm import NAN, log, log1p

LOG_TWO = 0.6931471805599453


def sinh(x: Lanes) -> Lanes:
    """A series up to 1; eˣ/2 − e⁻ˣ/2 beyond."""
    size = abs(x)
    half = half_exp(size)
    z = x * x
    near = fma(x * z, fitted("sinh", z), x)
    far = (half - 0.25 / half).with_sign_of(x)
    return where(size < 1.0, where(size < TINY[x.bits], x, near), far)


def cosh(x: Lanes) -> Lanes:
    """eˣ/2 + e⁻ˣ/2."""
    half = half_exp(abs(x))
    return half + 0.25 / half


def tanh(x: Lanes) -> Lanes:
    """h/(1 + h), h = (e²ˣ − 1)/2; less what the rounding of 1 + h left out."""
    size = abs(x)
    h = half_expm1((size + size).at_most(45.0))
    bottom = h + 1.0
    missing = where(h < 1.0, h - (bottom - 1.0), 0.0)  # of no weight further out
    y = h / bottom
    return fma(y, -missing, y).with_sign_of(x)


def arcsinh(x: Lanes) -> Lanes:
    """log(1 + t), t = |x| + x²/(1 + √(1 + x²)); log 2|x| far out."""
    size = abs(x)
    inner = size.at_most(2.0**30)
    square = inner * inner
    near = log1p(inner + square / ((square + 1.0).sqrt() + 1.0))
    far = log(size) + LOG_TWO
    return where(size < 2.0**-28, x, where(size > 2.0**28, far, near).with_sign_of(x))


def arccosh(x: Lanes) -> Lanes:
    """log(1 + t), t = (x − 1) + √((x − 1)·(x + 1)); log 2x far out."""
    t = x.at_most(2.0**30) - 1.0
    near = log1p(t + fma(t, t, 2.0 * t).sqrt())
    y = where(x > 2.0**28, log(x) + LOG_TWO, near)
    return where(x < 1.0, NAN, y)


def arctanh(x: Lanes) -> Lanes:
    """½·log(1 + 2|x|/(1 − |x|))."""
    size = abs(x)
    y = 0.5 * log1p(2.0 * size / (1.0 - size))
    return where(size < 2.0**-28, x, y.with_sign_of(x))
