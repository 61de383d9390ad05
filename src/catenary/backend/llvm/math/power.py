"""x to the power of y as exp(y·log x), the logarithm with eleven digits more than float64 has."""

from __future__ import annotations

from catenary.backend.llvm.math.exponential import grown, reduced, scaled
from catenary.backend.llvm.math.lanes import (
    Lanes,
    fast_two_sum,
    fitted,
    fma,
    two_product,
    where,
)
from catenary.backend.llvm.math.logarithm import INFINITY, LN2, NAN, combined, split

TWO_THIRDS = (0.6666666666666666, 3.700743415417188e-17)
FAR = 800.0  # e to that is infinite


def _precise_log(k: Lanes, f: Lanes) -> tuple[Lanes, Lanes]:
    """k·log 2 + log(1 + f) in two pieces: log(1 + f) = s·(2 + t), s = f/(2 + f), t of s²."""
    bottom, bottom_low = fast_two_sum(f.constant(2.0), f)
    s = f / bottom
    s_low = fma(-s, bottom_low, fma(-s, bottom, f)) / bottom
    z, z_low = two_product(s, s)
    z_low = fma(s + s, s_low, z_low)
    v, v_low = two_product(z, TWO_THIRDS[0])
    v_low = fma(z_low, TWO_THIRDS[0], fma(z, TWO_THIRDS[1], v_low))
    t, t_low = fast_two_sum(v, z * z * fitted("log_tail", z))
    t_low = t_low + v_low
    w, w_low = two_product(s, t)
    w_low = fma(s, t_low, fma(s_low, t, w_low))
    total, left = fast_two_sum(s + s, w)
    left = left + fma(s_low, 2.0, w_low)
    high, low = LN2[64]
    result, rest = fast_two_sum(k * high, total)
    return result, rest + fma(k, low, left)


def _magnitude(size: Lanes, y: Lanes, single: bool) -> Lanes:
    """sizeʸ for a finite size > 0; a float32 result needs no second piece."""
    k, m = split(size)
    f = m - 1.0
    if single:
        r, n = reduced((y * combined(k, f)).at_most(FAR).at_least(-FAR))
        return scaled(grown(r), n)
    log, log_low = _precise_log(k, f)
    exponent, low = two_product(y, log)
    low = fma(y, log_low, low)
    low = where(abs(exponent) < FAR, low, 0.0)
    r, n = reduced(exponent.at_most(FAR).at_least(-FAR), low)
    return scaled(grown(r), n)


def power(x: Lanes, y: Lanes, single: bool = False) -> Lanes:
    """x to the power of y in float64, with every special case of C99 (annex F.10.4.4)."""
    size = abs(x)
    r = _magnitude(size, y, single)
    growing = y > 0.0
    r = where(size.equals(0.0), where(growing, r.constant(0.0), INFINITY), r)
    r = where(size.equals(INFINITY), where(growing, r.constant(INFINITY), 0.0), r)
    whole = y.intrinsic("trunc").equals(y)
    half = y * 0.5
    odd = whole & half.intrinsic("trunc").differs(half)
    r = where(x.sign_bit() & odd, -r, r)
    undefined = (x < 0.0) & (x > -INFINITY) & ~whole
    r = where(undefined, NAN, r)
    r = where(x.differs(x) | y.differs(y), x + y, r)
    minus_one = x.equals(-1.0) & abs(y).equals(INFINITY)
    return where(x.equals(1.0) | y.equals(0.0) | minus_one, 1.0, r)
