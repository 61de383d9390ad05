"""What a point of a function is, and the certificate of it, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

Kind: TypeAlias = Literal["minimum", "maximum", "saddle", "degenerate", "flat", "not critical"]


@dataclass(frozen=True)
class Bound:
    """A number that was found, and the interval in which the true one lies.

    >>> Bound(2.0, 1.5, 2.5)
    2 (from 1.5 to 2.5)
    """

    value: float
    low: float
    high: float

    def __repr__(self) -> str:
        if self.high - self.low <= 1e-6 * max(abs(self.low), abs(self.high)):
            return f"{self.value:.6g} ± {(self.high - self.low) / 2:.0e}"
        return f"{self.value:.4g} (from {self.low:.4g} to {self.high:.4g})"


@dataclass(frozen=True)
class DeterminantRule:
    """The textbook's rule for two variables: D = f_xx f_yy − f_xy², and the sign of f_xx.

    D > 0 is a minimum where f_xx > 0 and a maximum where f_xx < 0; D < 0 is a saddle; D = 0 (here:
    |D| within ``tolerance``) decides nothing, and ``kind`` is None.

    >>> DeterminantRule(4.0, 2.0, 1e-12).kind
    'minimum'
    """

    determinant: float
    f_xx: float
    tolerance: float

    @property
    def kind(self) -> Literal["minimum", "maximum", "saddle"] | None:
        """What the rule says."""
        if not abs(self.determinant) > self.tolerance:
            return None
        if self.determinant < 0:
            return "saddle"
        return "minimum" if self.f_xx > 0 else "maximum"

    def __repr__(self) -> str:
        says = self.kind or "nothing"
        return f"D = {self.determinant:.4g}, f_xx = {self.f_xx:.4g}: {says}"


@dataclass(frozen=True)
class HigherOrder:
    """What derivatives of third and fourth order say where the second ones do not decide.

    >>> HigherOrder("minimum", 4, "along the flat direction the fourth derivative is 24").kind
    'minimum'
    """

    kind: Literal["minimum", "maximum", "saddle"]
    order: int
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Classification:
    """What a point is, and why one may believe it.

    ``kind`` is one of

    - ``"minimum"``, ``"maximum"``: all eigenvalues λ of the Hessian are positive, or negative;
    - ``"saddle"``: some are positive and some negative; ``index`` is the number of negative ones
      (a lower bound of it where ``counted`` is false);
    - ``"degenerate"``: some are 0 within ``threshold`` and the second derivatives do not decide;
      ``hint`` says what those of third and fourth order do;
    - ``"flat"``: all are, and the third and fourth derivatives too;
    - ``"not critical"``: ``gradient_norm`` is above ``tolerance``. ``distance`` is then the length
      of the Newton step, about how far the next critical point is.

    ``smallest`` and ``largest`` eigenvalue come with the interval in which they lie with
    probability ``confidence`` (1: for certain, up to rounding); ``method`` says how they were
    found. ``negative``, ``zero``, ``positive`` count the eigenvalues, or are None where only the
    ends of the spectrum are known. ``determinant`` is the rule for two variables, else None.
    """

    kind: Kind
    index: int | None
    counted: bool
    value: float
    gradient_norm: float
    tolerance: float
    distance: float
    dimension: int
    smallest: Bound
    largest: Bound
    threshold: float
    negative: int | None
    zero: int | None
    positive: int | None
    method: str
    confidence: float
    determinant: DeterminantRule | None
    hint: HigherOrder | None
    reason: str

    @property
    def critical(self) -> bool:
        """Whether the gradient vanishes within the tolerance."""
        return self.kind != "not critical"

    @property
    def title(self) -> str:
        """The kind in a few words: "saddle of index 2", "degenerate (a minimum by order 4)"."""
        if self.kind == "saddle":
            least = "" if self.counted else "at least "
            return f"saddle of index {least}{self.index}"
        if self.hint is not None:
            return f"degenerate ({self.hint.kind} by order {self.hint.order})"
        return self.kind

    def __repr__(self) -> str:
        compared = "≤" if self.critical else ">"
        lines = [
            f"{self.title}: {self.reason}",
            f"  value          {self.value:.9g}",
            f"  gradient norm  {self.gradient_norm:.3g} {compared} {self.tolerance:.2g}",
        ]
        if not self.critical and np.isfinite(self.distance):
            lines.append(f"  Newton step    of length {self.distance:.2g}")
        lines.append(f"  eigenvalues    {self._spectrum()}")
        lines.append(f"  found by       {self.method}{self._certainty()}")
        if self.determinant is not None:
            lines.append(f"  determinant    {self.determinant!r}")
        if self.hint is not None:
            lines.append(f"  higher order   {self.hint.reason}")
        return "\n".join(lines)

    def _spectrum(self) -> str:
        if self.dimension == 1:
            return repr(self.smallest)
        ends = f"{self.smallest!r} … {self.largest!r}"
        if self.negative is None:
            return ends
        return f"{ends}; {self.negative} negative, {self.zero} zero, {self.positive} positive"

    def _certainty(self) -> str:
        return "" if self.confidence == 1 else f", with probability {100 * self.confidence:g} %"
