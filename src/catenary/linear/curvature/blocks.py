"""Diagonal blocks of a symmetric map: what is left when links do not see each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from catenary.linear.map import LinearMap
from catenary.linear.space import Space
from catenary.tracing import tree


class Restriction(LinearMap):
    """The part of a map that goes from some coordinates to the same coordinates."""

    def __init__(self, whole: LinearMap, chosen: Sequence[int], name: str) -> None:
        """``chosen``: positions among the arrays of the domain."""
        self.whole = whole
        self.chosen = tuple(chosen)
        self.title = name
        self.assumed: Any = frozenset(("symmetric",))
        types = tuple(whole.domain.types[i] for i in self.chosen)
        example = [whole.domain.leaves[whole.domain.positions[i]] for i in self.chosen]
        leaves, structure = tree.flatten(example)
        self.domain = self.codomain = Space(
            tuple(leaves), structure, tuple(range(len(leaves))), types
        )

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        filled: list[Any] = [np.zeros(t.shape, t.dtype) for t in self.whole.domain.types]
        for i, array in zip(self.chosen, arrays, strict=True):
            filled[i] = array
        image = self.whole.apply(filled)
        return [image[i] for i in self.chosen]

    def _transposed(self) -> LinearMap:
        return self

    def __repr__(self) -> str:
        return f"<Restriction {self.title} {self.shape[0]}×{self.shape[1]} of {self.whole!r}>"


class LinkBlocks(LinearMap):
    """A map of a space of trees that sends each group of arrays to itself.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> H = hessian(lambda w: (w["a"] * w["b"]) ** 2, {"a": 1.0, "b": 2.0})
    >>> B = link_blocks(H, {"first": [0], "second": [1]})
    >>> float(B["first"].matrix()[0, 0])
    8.0
    """

    def __init__(self, domain: Space, blocks: Mapping[str, LinearMap],
                 groups: Mapping[str, Sequence[int]]) -> None:  # fmt: skip
        self.domain = self.codomain = domain
        self.assumed: Any = frozenset(("symmetric",))
        self.blocks = dict(blocks)
        self.groups = {name: tuple(chosen) for name, chosen in groups.items()}

    def apply(self, arrays: Sequence[Any]) -> list[Any]:
        image: list[Any] = [np.zeros(t.shape, t.dtype) for t in self.domain.types]
        for name, chosen in self.groups.items():
            parts = self.blocks[name].apply([arrays[i] for i in chosen])
            for i, part in zip(chosen, parts, strict=True):
                image[i] = part
        return image

    def _transposed(self) -> LinearMap:
        return self

    def __getitem__(self, name: str) -> LinearMap:
        return self.blocks[name]

    def __repr__(self) -> str:
        rows = self.shape[0]
        return f"<{type(self).__name__} {rows}×{rows}: {', '.join(self.groups)}>"


def link_groups(space: Space) -> dict[str, tuple[int, ...]]:
    """The arrays of a tree by the node that holds them: weight and bias of one link together.

    >>> from catenary.linear.space import space_of
    >>> from catenary.nn import mlp
    >>> link_groups(space_of(mlp([2, 3, 1])))
    {'links[0]': (0, 1), 'links[1]': (2, 3)}
    """
    groups: dict[str, list[int]] = {}
    for number, position in enumerate(space.positions):
        entries = space.structure.accessors()[position]
        name = "".join(e.codify("") for e in entries[:-1]).removeprefix(".") or "x"
        groups.setdefault(name, []).append(number)
    return {name: tuple(chosen) for name, chosen in groups.items()}


def link_blocks(A: LinearMap, groups: Mapping[str, Sequence[int]] | None = None) -> LinkBlocks:
    """The diagonal blocks of a symmetric map, one for each link of a network.

    ``A_block[name]`` is the block of one link; ``groups`` names other groups by the positions of
    their arrays. A product takes one product of A for each block.

    >>> import numpy as np
    >>> from catenary.linear.curvature import hessian
    >>> H = hessian(lambda w: w["a"][0] ** 2 * w["b"][0], {"a": np.ones(1), "b": np.ones(1)})
    >>> link_blocks(H, {"a": [0], "b": [1]}).matrix()
    array([[2., 0.],
           [0., 0.]])
    """
    named = link_groups(A.domain) if groups is None else groups
    made = {name: Restriction(A, chosen, name) for name, chosen in named.items()}
    return LinkBlocks(A.domain, made, named)
