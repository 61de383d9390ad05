"""The logarithm of the gamma function and its derivatives."""

from __future__ import annotations

import math
from fractions import Fraction

from llvmlite import ir

from catenary.backend.llvm import emit
from catenary.backend.llvm.math.lanes import Lanes, fitted, fma, polynomial, where
from catenary.backend.llvm.math.logarithm import INFINITY, NAN, log
from catenary.backend.llvm.math.trigonometric import cosine, each_lane, sine

ROOT, ROOT_LOW = 1.4616321449683622, 9.549995429965697e-17  # of ψ
STEPS = 9  # from 10 down to the interval of the polynomial


def bernoulli(count: int) -> list[Fraction]:
    """B₂, B₄, … by the recurrence Σ binom(m + 1, j)·Bⱼ = 0."""
    known = [Fraction(1)]
    for m in range(1, 2 * count + 1):
        total = sum((math.comb(m + 1, j) * known[j] for j in range(m)), Fraction(0))
        known.append(-total / (m + 1))
    return known[2::2]


def lgamma(x: Lanes) -> Lanes:
    """log |Γ(x)|, lane by lane, by the system's library."""
    b = x.b
    with b.goto_entry_block():
        sign = b.alloca(emit.I32)
    library = emit.declared(b.module, "lgamma_r", emit.F64, [emit.F64, ir.PointerType()])
    y = each_lane(x, lambda v: b.call(library, [v, sign]))
    return where(x.equals(-INFINITY), x, y)  # as in SciPy


def _cotangent(x: Lanes) -> Lanes:
    """cot πx."""
    part = x - x.intrinsic("rint")
    size = abs(part)
    outer = size > 0.25
    r = where(outer, 0.5 - size, size) * math.pi
    zero = r.constant(0.0)
    s, c = sine(r, zero), cosine(r, zero)
    return (where(outer, s, c) / where(outer, c, s)).with_sign_of(part)


def digamma(x: Lanes) -> Lanes:
    """ψ(x): a polynomial from 1 to 2, recurrence to 10, a series beyond, reflection left of 0."""
    negative = x < 0.0
    z = where(negative, 1.0 - x, x)
    below = z < 1.0
    start = where(below, -1.0 / z, 0.0)
    z = where(below, z + 1.0, z)
    w, total = z, start
    for _ in range(STEPS):
        above = w > 2.0
        w = where(above, w - 1.0, w)
        total = where(above, total + 1.0 / w, total)
    near = fma((w - ROOT) - ROOT_LOW, fitted("digamma", w - 1.5), total)
    # ψ(z) ~ log z − 1/2z − Σ B₂ₖ/(2k·z²ᵏ)
    inverse = 1.0 / z
    square = inverse * inverse
    terms = [float(-c / (2 * k)) for k, c in enumerate(bernoulli(9), 1)]
    far = log(z) + fma(square, polynomial(terms, square), inverse * -0.5)
    y = where(z < 10.0, near, far)
    reflected = fma(_cotangent(x), -math.pi, y)
    y = where(negative, reflected, y)
    y = where(x.equals(0.0), (-x.constant(INFINITY)).with_sign_of(-x), y)
    return where(negative & x.intrinsic("floor").equals(x), NAN, y)


def _hurwitz(order: int, x: Lanes) -> Lanes:
    """Σ (x + k)⁻ᵒʳᵈᵉʳ for x > 0 by the sum of Euler and Maclaurin."""
    shift, count = 8 + order, 10
    total = x.constant(0.0)
    for k in reversed(range(shift)):
        total = total + _inverse_power(x + float(k), order)
    w = x + float(shift)
    inverse = 1.0 / w
    square = inverse * inverse
    terms = []
    for k, c in enumerate(bernoulli(count), 1):
        rising = math.prod(range(order, order + 2 * k - 1))
        terms.append(float(c * rising / math.factorial(2 * k)))
    tail = fma(square, polynomial(terms, square), fma(inverse, 0.5, 1.0 / (order - 1)))
    return total + tail * _inverse_power(w, order - 1)


def _inverse_power(x: Lanes, order: int) -> Lanes:
    """x⁻ᵒʳᵈᵉʳ by multiplication."""
    product = x
    for _ in range(order - 1):
        product = product * x
    return 1.0 / product


def _cotangent_derivative(n: int) -> list[float]:
    """Dⁿ cot as a polynomial in cot: D cot = −(1 + cot²)."""
    terms = [0, 1]
    for _ in range(n):
        slope = [k * c for k, c in enumerate(terms)][1:]
        terms = [0] * (len(slope) + 2)
        for k, c in enumerate(slope):
            terms[k] -= c
            terms[k + 2] -= c
    return [float(c) for c in terms]


def polygamma(n: int, x: Lanes) -> Lanes:
    """The n-th derivative of ψ: (−1)ⁿ⁺¹·n!·Σ (x + k)⁻ⁿ⁻¹, reflected left of 0."""
    if n == 0:
        return digamma(x)
    negative = x < 0.0
    z = where(negative, 1.0 - x, x)
    y = _hurwitz(n + 1, z) * float((-1) ** (n + 1) * math.factorial(n))
    slope = polynomial(_cotangent_derivative(n), _cotangent(x)) * -(math.pi ** (n + 1))
    y = where(negative, slope + y * (-1.0) ** n, y)
    y = where(x.equals(INFINITY), 0.0 if n % 2 else -0.0, y)
    pole = (x <= 0.0) & x.intrinsic("floor").equals(x)
    return where(pole, INFINITY if n % 2 else -INFINITY, y)
