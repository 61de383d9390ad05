"""A plan for people: which brackets, how many multiplications, how much memory."""

from __future__ import annotations

from dataclasses import dataclass

from catenary.linear.plan.plan import Plan
from catenary.linear.plan.term import Product, Step, Term, in_order

_MOST_MOVES, _LONGEST_BRACKETS = 24, 300


@dataclass(frozen=True)
class Move:
    """One product of the chain rule, and the multiplications it takes."""

    what: str
    multiplications: int


@dataclass(frozen=True, repr=False)
class JacobianPlan:
    """In which order a Jacobian is multiplied together. Its repr says it all.

    ``shape``: rows and columns of the Jacobian; ``order``: "brackets" (the optimum for a chain),
    "Markowitz", "forward" or "reverse"; ``multiplications`` in that order; ``forward`` and
    ``reverse``: what the two modes take; ``bytes``: the most that is held at a time, the result
    included; ``brackets``: the product, with f1, f2, … for the local Jacobians of ``steps``, or ""
    where it is long; ``moves``: the products one after the other.

    >>> import numpy as np
    >>> from catenary.linear.jacobian import jacobian_plan
    >>> W, V = np.ones((2, 50)), np.ones((50, 2))
    >>> found = jacobian_plan(lambda x: V @ np.tanh(W @ x))(np.ones(50))
    >>> print(found.brackets)
    f3·(f2·f1)
    >>> found.multiplications, found.forward, found.reverse
    (5100, 10100, 10100)
    """

    shape: tuple[int, int]
    order: str
    multiplications: int
    forward: int
    reverse: int
    bytes: int
    brackets: str
    steps: tuple[str, ...]
    moves: tuple[Move, ...]

    def __repr__(self) -> str:
        rows, columns = self.shape
        lines = [f"Jacobian of {rows}×{columns} numbers, in the order {self.order!r}"]
        lines.append(f"  multiplications {self.multiplications:>16,}")
        for name, count in (("forward mode", self.forward), ("reverse mode", self.reverse)):
            lines.append(f"  {name:<15} {count:>16,}{_times(count, self.multiplications)}")
        lines.append(f"  memory          {self.bytes:>16,} bytes at most")
        if self.brackets:
            lines += ["", f"  J = {self.brackets}"]
            lines += [f"    {step}" for step in self.steps]
        if self.moves:
            lines.append("")
        for number, move in enumerate(self.moves[:_MOST_MOVES], 1):
            lines.append(f"  {number:>4}  {move.multiplications:>14,}  {move.what}")
        if len(self.moves) > _MOST_MOVES:
            lines.append(f"        and {len(self.moves) - _MOST_MOVES:,} products more")
        return "\n".join(lines)


def _times(count: int, own: int) -> str:
    return f"   {count / own:.1f} times as many" if own and count != own else ""


def report(plan: Plan, itemsize: int) -> JacobianPlan:
    """What a plan says of itself."""
    found = {} if plan.found is None else plan.found
    terms = in_order(found.values())
    used = {id(term) for term in terms}
    steps = [step for step in plan.steps if id(step) in used]
    names = {id(step): f"f{i}" for i, step in enumerate(steps, 1)}
    alone = len(found) == 1 and 1 < len(steps) <= _MOST_MOVES
    brackets = _bracket(next(iter(found.values())), names) if alone else ""
    kept = len(brackets) <= _LONGEST_BRACKETS
    return JacobianPlan(
        (plan.rows, plan.columns), plan.order, plan.multiplications, plan.forward, plan.reverse,
        itemsize * (plan.numbers + (0 if found else plan.rows * plan.columns)),
        brackets if kept else "",
        tuple(f"{names[id(s)]}: {_shape(s)} {s.name}" for s in steps) if brackets and kept else (),
        tuple(Move(_words(t), t.own) for t in terms if isinstance(t, Product)),
    )  # fmt: skip


def _bracket(term: Term, names: dict[int, str]) -> str:
    if isinstance(term, Step):
        return names.get(id(term), "1")
    signs = "·" if isinstance(term, Product) else " + "
    return signs.join(_in_brackets(part, names) for part in term.parts)


def _in_brackets(term: Term, names: dict[int, str]) -> str:
    text = _bracket(term, names)
    return text if isinstance(term, Step) else f"({text})"


def _shape(term: Term) -> str:
    return f"{term.rows}×{term.columns}"


def _words(term: Product) -> str:
    """A product in words."""
    one, two = (_named(part) for part in term.parts)
    if term.how == "entries":
        return f"entries of {one} times entries of {two}"
    if term.how == "push":
        return f"{term.columns} columns of {two} through {one}"
    return f"{term.rows} rows of {one} through {two}"


def _named(term: Term) -> str:
    return f"{_shape(term)} {term.name}" if isinstance(term, Step) else _shape(term)
