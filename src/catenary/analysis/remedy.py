"""What to do about gradients that vanish or explode: advice that was tried before it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catenary.nn.activations import identity
from catenary.nn.chain import Chain, Link, name_of
from catenary.nn.dense import Dense, dense
from catenary.nn.initializers import initializer_for
from catenary.tracing import random


@dataclass(frozen=True)
class Remedy:
    """Fresh weights for every dense link, and another activation where one is named.

    ``weights`` is the name of an initializer, ``activation`` of an activation for all dense links
    that have one; None keeps each link's own. The last link keeps its activation.

    >>> from catenary.nn import mlp
    >>> Remedy(weights="he_normal", activation="relu")(mlp([2, 3, 1], activation="sigmoid"))
    Chain(Dense(2 -> 3, relu), Dense(3 -> 1))
    """

    weights: str | None
    activation: str | None = None

    def __call__(self, net: Chain, *, seed: int = 0) -> Chain:
        """The net with the remedy applied."""
        key = random.key(seed)
        last = len(net) - 1
        return Chain(
            tuple(
                self._renewed(link, random.fold_in(key, number), keep=number == last)
                for number, link in enumerate(net)
            )
        )

    def _renewed(self, link: Link, key: object, *, keep: bool) -> Link:
        if not isinstance(link, Dense):
            return link
        own = link.activation
        new = own if keep or own is identity or self.activation is None else self.activation
        return dense(
            link.weight.shape[0],
            link.weight.shape[1],
            new,
            key=key,
            weights=self.weights,
            bias=link.bias is not None,
            dtype=link.weight.dtype,
        )

    def __str__(self) -> str:
        drawn = f"draw the weights anew by {self.weights}" if self.weights else (
            "draw the weights anew, by the initializer that suits the activation"
        )  # fmt: skip
        change = f"take {self.activation} as the activation and " if self.activation else ""
        return change + drawn


def remedies(net: Chain) -> Iterator[Remedy]:
    """What to try, the smallest change first."""
    own = {link.activation for link in net[:-1] if isinstance(link, Dense)} - {identity}
    yield Remedy(name_of(initializer_for(own.pop())) if len(own) == 1 else None)
    yield Remedy("orthogonal")
    yield Remedy("orthogonal", "tanh")
    yield Remedy("he_normal", "relu")


def first_that_helps(net: Chain, healthy: Callable[[Chain], bool]) -> Remedy | None:
    """The smallest change after which the net was found healthy."""
    if not any(isinstance(link, Dense) for link in net):
        return None
    return next((remedy for remedy in remedies(net) if healthy(remedy(net))), None)
