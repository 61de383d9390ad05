"""Links and chains: a network is a chain of functions, a⁰ = x, aˡ = fₗ(aˡ⁻¹).

A link is a function that carries its parameters: a frozen dataclass whose fields are arrays, so
links and chains are trees and vectors (``net - 0.1 * gradient`` is a net). The protocol:

    link(x, *, key=None, train=False)          →  y
    link.forward(x, *, key=None, train=False)  →  y, link after the call

``key`` is the source of randomness for links that draw (dropout), ``train`` says that weights
are being fitted. Nothing is ever changed in place: a link with state (running statistics) comes
back from ``forward`` as a new link. A stateless link defines ``__call__`` and gets ``forward``
from :class:`Link`; a stateful one defines ``forward`` and gets ``__call__`` from
:class:`StatefulLink`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self, overload

import numpy as np

from catenary.core import network_errors
from catenary.nn.activations import ACTIVATIONS, activation, identity
from catenary.nn.arrays import Array, Key
from catenary.nn.keywords import tolerant
from catenary.nn.table import table
from catenary.tracing import random, tree

Affine = tuple[Array, Array]


class Link(tree.Vector, ABC):
    """A function with parameters: subclass it as a frozen dataclass and define ``__call__``.

    Write ``@dataclass(frozen=True, eq=False)``: two links are equal when they are the same
    object. Fields that are floating-point arrays or floats are parameters; mark others with
    ``tree.field(passive=True)``. A link that neither draws nor cares whether it is trained may
    leave out ``key`` and ``train``.

    >>> @dataclass(frozen=True, eq=False)
    ... class Scale(Link):
    ...     by: np.ndarray
    ...
    ...     def __call__(self, x):
    ...         return self.by * x
    >>> (0.5 * Scale(np.array([2.0, 4.0])))(np.ones(2))
    array([1., 2.])
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in ("__call__", "forward"):
            if name in vars(cls):
                setattr(cls, name, tolerant(vars(cls)[name]))

    @abstractmethod
    def __call__(self, x: Array, *, key: Key = None, train: bool = False) -> Array:
        """The value at ``x``, whose last axis holds the features and whose others count rows."""

    def forward(self, x: Array, *, key: Key = None, train: bool = False) -> tuple[Array, Self]:
        """The value at ``x``, and the link after the call: itself, where there is no state."""
        return self(x, key=key, train=train), self

    def signals(self, x: Array, *, key: Key = None, train: bool = False) -> dict[str, Array]:
        """The values inside the link by name: its output ``"a"``, and more where it says so."""
        return {"a": self(x, key=key, train=train)}

    def after_affine(self, weight: Array, bias: Array) -> Affine | None:
        """Weight and bias of x ↦ self(x @ weight + bias); None where that is not affine."""
        del weight, bias
        return None

    @property
    def inputs(self) -> int | None:
        """How many features the link takes, where its parameters say so."""
        return None

    def width_after(self, width: int | None) -> int | None:
        """How many features come out when this many go in, where that is known."""
        del width
        return None

    @property
    def parameter_count(self) -> int:
        """How many numbers training can change."""
        return tree.size(self)

    def __matmul__(self, first: Link | Callable[[Any], Any]) -> Chain:
        """The composition self ∘ first: ``(g @ f)(x) == g(f(x))``."""
        return Chain((as_link(first), self))

    def __rmatmul__(self, then: Callable[[Any], Any]) -> Chain:
        return Chain((self, as_link(then)))


class StatefulLink(Link):
    """A link with memory: define ``forward``, which returns the value and the next link.

    >>> from dataclasses import dataclass, replace
    >>> @dataclass(frozen=True, eq=False)
    ... class Counting(StatefulLink):
    ...     calls: np.ndarray
    ...
    ...     def forward(self, x, *, key=None, train=False):
    ...         return x, replace(self, calls=self.calls + 1)
    >>> value, after = Counting(np.array(0)).forward(1.5)
    >>> value, int(after.calls)
    (1.5, 1)
    """

    @abstractmethod
    def forward(self, x: Array, *, key: Key = None, train: bool = False) -> tuple[Array, Self]:
        """The value at ``x``, and the link after the call, with its new state."""

    def __call__(self, x: Array, *, key: Key = None, train: bool = False) -> Array:
        """The value at ``x``; the new state is dropped."""
        return self.forward(x, key=key, train=train)[0]


@dataclass(frozen=True, eq=False, repr=False)
class Function(Link):
    """Any NumPy function as a link. Chains wrap functions by themselves.

    >>> Function(np.tanh)
    Function(tanh)
    >>> float(Function(np.tanh)(0.0))
    0.0
    """

    function: Callable[[Any], Any]

    def __call__(self, x: Array, *, key: Key = None, train: bool = False) -> Array:
        """The function's value at ``x``; a function knows neither keys nor training."""
        del key, train
        return self.function(x)

    def after_affine(self, weight: Array, bias: Array) -> Affine | None:
        """Only the identity is known to be affine."""
        return (weight, bias) if self.function is identity else None

    def width_after(self, width: int | None) -> int | None:
        """Activations keep it."""
        return width if self.function in ACTIVATIONS.values() else None

    def __repr__(self) -> str:
        return f"Function({name_of(self.function)})"


@dataclass(frozen=True, eq=False, repr=False)
class Chain(StatefulLink):
    """Links applied one after the other: f(x) = f_L(… f₂(f₁(x)) …).

    ``links``: links, NumPy functions and names of activations, first one first. Chains among
    them are spliced in, for composition is associative. ``net[0]`` is a link, ``net[:2]`` a
    chain, ``g @ f`` the chain that applies f and then g, so ``net[2:] @ net[:2]`` is ``net``.
    The chain of no links is the identity. Links that cannot follow one another because of their
    widths raise :class:`~catenary.core.errors.ShapeError`.

    Each link gets its own randomness, ``random.fold_in(key, position)``.

    >>> net = Chain([lambda x: 2 * x, np.sqrt])
    >>> net(np.array([2.0, 8.0]))
    array([2., 4.])
    >>> (np.negative @ net)(np.array([2.0, 8.0]))
    array([-2., -4.])
    """

    links: tuple[Link, ...]

    def __new__(cls, links: Any = (), *more: Any) -> Self:
        """Refuse links that are no sequence: ``Chain(f, g)`` is a habit from elsewhere."""
        if more or isinstance(links, str) or (callable(links) and not isinstance(links, Chain)):
            raise network_errors.not_a_sequence()
        return super().__new__(cls)

    def __post_init__(self) -> None:
        spliced: list[Link] = []
        for link in map(as_link, self.links):
            spliced.extend(link.links if type(link) is Chain else (link,))
        object.__setattr__(self, "links", tuple(spliced))
        width: int | None = None
        for position, link in enumerate(spliced):
            if None not in {width, link.inputs} and width != link.inputs:
                raise network_errors.widths_apart(position, link, width, link.inputs)
            width = link.width_after(width)

    def forward(self, x: Array, *, key: Key = None, train: bool = False) -> tuple[Array, Self]:
        """The value at ``x``, and the chain of the links after the call."""
        after: list[Link] = []
        for link, own_key in self._keyed(key):
            with _naming(len(after), link):
                x, link = link.forward(x, key=own_key, train=train)
            after.append(link)
        changed = any(new is not old for new, old in zip(after, self.links, strict=True))
        return x, replace(self, links=tuple(after)) if changed else self

    def activations(self, x: Array, *, key: Key = None, train: bool = False) -> dict[str, Array]:
        """Every value on the way, by name and in order: a0 = x, then zˡ and aˡ of link l.

        A link of affine map and activation gives z (before) and a (after the activation), any
        other link gives a only. l counts links from 1.

        >>> list(Chain([np.sin, np.cos]).activations(np.zeros(1)))
        ['a0', 'a1', 'a2']
        """
        values = {"a0": x}
        for number, (link, own_key) in enumerate(self._keyed(key), start=1):
            with _naming(number - 1, link):
                inside = link.signals(values[f"a{number - 1}"], key=own_key, train=train)
            values.update({f"{name}{number}": value for name, value in inside.items()})
        return values

    def after_affine(self, weight: Array, bias: Array) -> Affine | None:
        """Affine when every link is."""
        affine: Affine | None = (weight, bias)
        for link in self.links:
            affine = affine and link.after_affine(*affine)
        return affine

    @property
    def inputs(self) -> int | None:
        """How many features the first link takes that knows it."""
        return next((link.inputs for link in self.links if link.inputs is not None), None)

    def summary(self, example: Array | None = None) -> str:
        """The chain as a text table: each link's output shape, parameters and dtype.

        Shapes are found by running on one row of zeros, or on ``example``, an input with a
        leading axis of rows; that axis is printed as n.

        >>> print(Chain([np.tanh]).summary(np.zeros((1, 3))))
           link            output  parameters    dtype
        -  --------------  ------  ----------  -------
        0  Function(tanh)  (n, 3)           0  float64
           total                            0
        """
        if example is None:
            if self.inputs is None:
                raise network_errors.unknown_inputs(self)
            dtypes = [leaf.dtype for leaf in tree.coordinates(self) if hasattr(leaf, "dtype")]
            example = np.zeros((1, self.inputs), dtypes[0] if dtypes else np.float32)
        rows = []
        values = self.activations(example)
        for number, link in enumerate(self.links):
            value = values[f"a{number + 1}"]
            shape = ", ".join(["n", *map(str, np.shape(value)[1:])])
            count = f"{link.parameter_count:,}"
            rows.append([str(number), repr(link), f"({shape})", count, str(value.dtype)])
        rows.append(["", "total", "", f"{self.parameter_count:,}", ""])
        return table(["", "link", "output", "parameters", "dtype"], rows, left=2)

    def __len__(self) -> int:
        return len(self.links)

    def __iter__(self) -> Iterator[Link]:
        return iter(self.links)

    @overload
    def __getitem__(self, index: int) -> Link: ...
    @overload
    def __getitem__(self, index: slice) -> Chain: ...
    def __getitem__(self, index: int | slice) -> Link | Chain:
        found = self.links[index]
        return Chain(found) if isinstance(found, tuple) else found

    def __repr__(self) -> str:
        parts = [repr(link) for link in self.links]
        line = f"Chain({', '.join(parts)})"
        return line if len(line) <= 88 else "Chain(\n  " + ",\n  ".join(parts) + ",\n)"

    def _keyed(self, key: Key) -> Iterator[tuple[Link, Key]]:
        for position, link in enumerate(self.links):
            yield link, None if key is None else random.fold_in(key, position)


def as_link(link: Link | Callable[[Any], Any] | str) -> Link:
    """A link as it is; a function, or the name of an activation, as a link.

    >>> as_link("relu")
    Function(relu)
    """
    if isinstance(link, Link):
        return link
    if not callable(link) and not isinstance(link, str):
        raise network_errors.not_a_link(link)
    return Function(activation(link))


def name_of(function: Callable[..., Any]) -> str:
    """What a function is called in print.

    >>> name_of(partial(np.clip, a_min=0))
    'clip(a_min=0)'
    """
    if isinstance(function, partial):
        given = [*map(repr, function.args), *(f"{k}={v!r}" for k, v in function.keywords.items())]
        return f"{name_of(function.func)}({', '.join(given)})"
    return getattr(function, "__name__", None) or repr(function)


@contextmanager
def _naming(position: int, link: Link) -> Iterator[None]:
    """Errors that rise out of a link say which one it was."""
    try:
        yield
    except Exception as error:
        error.add_note(f"  in link {position} of the chain: {link!r}")
        raise
