"""Trees of arrays, and the vector space that they form.

A tree is any nesting of dicts, lists, tuples, named tuples and dataclasses. Its leaves fall in
three classes: *coordinates* (floating-point arrays and numbers: what derivatives are taken with
respect to), *passive* arrays (integers, booleans, and everything in a field marked
``field(passive=True)``: data, but not coordinates) and *static* values (strings, Python integers,
callables: part of the structure).
"""

from __future__ import annotations

import builtins
import dataclasses
import math
import operator
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Self, TypeAlias, TypeVar

import numpy as np
import optree

from catenary.core import errors

Leaf: TypeAlias = Any
Structure: TypeAlias = optree.PyTreeSpec
T = TypeVar("T")

NAMESPACE = "catenary"
_ROLE = "catenary"


class _Passive:
    """Marks, inside a flattened dataclass, the part that holds no coordinates."""

    __slots__ = ("content",)

    def __init__(self, content: Any) -> None:
        self.content = content


# optree's types ask for collections; any class may be a node.
_register_node: Any = optree.register_pytree_node
_register_node(
    _Passive,
    lambda box: ((box.content,), None, ("content",)),
    lambda _, children: _Passive(*children),
    path_entry_type=optree.GetAttrEntry,
    namespace=NAMESPACE,
)


def field(*, passive: bool = False, **options: Any) -> Any:
    """A dataclass field; ``passive=True`` keeps its arrays out of the coordinates.

    A passive array (a running mean, a frozen weight) travels with the tree as data, but no
    derivative is taken with respect to it and no optimizer moves it.

    >>> import dataclasses, numpy as np
    >>> @dataclasses.dataclass(frozen=True)
    ... class Shift:
    ...     by: np.ndarray
    ...     origin: np.ndarray = field(passive=True)
    >>> len(coordinates(Shift(np.ones(2), np.ones(2))))
    1
    """
    metadata = {**options.pop("metadata", {}), _ROLE: "passive" if passive else "coordinate"}
    return dataclasses.field(metadata=metadata, **options)


def _register(cls: type) -> None:
    """Make a dataclass a node of trees; instances are rebuilt without calling ``__init__``."""
    fields = dataclasses.fields(cls)
    names = tuple(f.name for f in fields)
    passive = tuple(f.metadata.get(_ROLE) == "passive" for f in fields)

    several = operator.attrgetter(*names) if len(names) > 1 and not any(passive) else None
    plain = has_dict(cls)

    def flatten_node(node: Any) -> tuple[tuple[Any, ...], None, tuple[str, ...]]:
        if several is not None:
            return several(node), None, names
        children = tuple([
            _Passive(getattr(node, name)) if box else getattr(node, name)
            for name, box in zip(names, passive, strict=True)
        ])  # fmt: skip
        return children, None, names

    def unflatten_node(_: None, children: Any) -> Any:
        node: Any = object.__new__(cls)
        if several is not None and plain:
            node.__dict__.update(zip(names, children, strict=True))
            return node
        for name, child in zip(names, children, strict=True):
            content = child.content if isinstance(child, _Passive) else child
            object.__setattr__(node, name, content)
        return node

    _register_node(
        cls,
        flatten_node,
        unflatten_node,
        path_entry_type=optree.GetAttrEntry,
        namespace=NAMESPACE,
    )


def has_dict(cls: type) -> bool:
    """Whether all that an instance holds is in its dictionary."""
    slots = any(vars(base).get("__slots__") for base in cls.__mro__[:-1])
    return cls.__dictoffset__ != 0 and not slots


def is_known(cls: type) -> bool:
    """Whether a class is a dataclass whose instances are nodes of trees."""
    return cls in _REGISTERED


_REGISTERED: set[type] = set()
_REGISTERING = Lock()  # two threads may meet a new class at once


def flatten(tree: Any) -> tuple[list[Leaf], Structure]:
    """The leaves of a tree from left to right, and the structure that puts them back.

    >>> leaves, structure = flatten({"a": 1.0, "b": (2.0, 3.0)})
    >>> leaves, unflatten(structure, leaves)
    ([1.0, 2.0, 3.0], {'a': 1.0, 'b': (2.0, 3.0)})
    """
    while True:
        leaves, structure = optree.tree_flatten(tree, namespace=NAMESPACE)
        kinds = set(builtins.map(type, leaves))
        strangers = {kind for kind in kinds if hasattr(kind, "__dataclass_fields__")}
        if not strangers:
            return leaves, structure
        with _REGISTERING:
            for cls in strangers - _REGISTERED:
                _register(cls)
                _REGISTERED.add(cls)


def unflatten(structure: Structure, leaves: list[Leaf]) -> Any:
    """The tree of this structure with these leaves: the inverse of :func:`flatten`."""
    return optree.tree_unflatten(structure, leaves)


_PASSIVE_POSITIONS: dict[Structure, frozenset[int]] = {}


def passive_positions(structure: Structure) -> frozenset[int]:
    """The positions of the leaves that lie in a field marked passive."""
    known = _PASSIVE_POSITIONS.get(structure)
    if known is None:
        # Number the leaves, then flatten again without looking into the boxes.
        numbered = unflatten(structure, list(range(structure.num_leaves)))
        nodes = optree.tree_leaves(
            numbered, is_leaf=lambda n: isinstance(n, _Passive), namespace=NAMESPACE
        )
        boxes = [node for node in nodes if isinstance(node, _Passive)]
        known = frozenset(i for box in boxes for i in flatten(box.content)[0])
        _PASSIVE_POSITIONS[structure] = known
    return known


def is_array(leaf: Leaf) -> bool:
    """Whether a leaf is runtime data: an array, a NumPy scalar or a Python float."""
    # the class np.float32 has an attribute dtype too
    return (hasattr(leaf, "dtype") and not isinstance(leaf, type)) or type(leaf) is float


def is_float(leaf: Leaf) -> bool:
    """Whether a leaf is a floating-point array or number."""
    return type(leaf) is float or (hasattr(leaf, "dtype") and leaf.dtype.kind == "f")


def coordinate_positions(leaves: list[Leaf], structure: Structure) -> list[int]:
    """The positions, among the leaves, of the coordinates."""
    passive = passive_positions(structure)
    return [i for i, leaf in enumerate(leaves) if is_float(leaf) and i not in passive]


def coordinates(tree: Any) -> list[Leaf]:
    """The coordinates of a tree: its floating-point leaves outside passive fields."""
    leaves, structure = flatten(tree)
    return [leaves[i] for i in coordinate_positions(leaves, structure)]


def paths(tree: Any, *, passive: bool = False) -> list[str]:
    """The name of each coordinate, as one would write it after the tree.

    With ``passive`` also those of the arrays that are no coordinates, in the order of the leaves.

    >>> paths({"a": 1.0, "b": (2.0, 3.0)})
    ["['a']", "['b'][0]", "['b'][1]"]
    """
    leaves, structure = flatten(tree)
    positions = coordinate_positions(leaves, structure)
    if passive:
        positions = [i for i, leaf in enumerate(leaves) if is_array(leaf)]
    names = leaf_names(structure)
    return [names[i].removeprefix(".") for i in positions]


def leaf_names(structure: Structure) -> list[str]:
    """What to write after a tree of this structure to get each of its leaves."""
    return [
        "".join(entry.codify("") for entry in accessor if entry.type is not _Passive)
        for accessor in structure.accessors()
    ]


def _map(f: Callable[..., Any], positions: list[int], tree: T, *rest: Any) -> T:
    leaves, structure = flatten(tree)
    others = []
    for other in rest:
        other_leaves, other_structure = flatten(other)
        if other_structure.num_leaves != structure.num_leaves or (
            other_structure.paths() != structure.paths()
        ):
            raise errors.tree_mismatch(str(structure), str(other_structure))
        others.append(other_leaves)
    result = list(leaves)
    for i in positions:
        result[i] = f(leaves[i], *(other[i] for other in others))
    mapped: T = unflatten(structure, result)
    return mapped


def map(f: Callable[..., Any], tree: T, *rest: Any) -> T:
    """Apply ``f`` to each coordinate; every other leaf is taken from the first tree.

    >>> map(lambda a, b: a + 10 * b, {"w": 1.0, "name": "x"}, {"w": 2.0, "name": "y"})
    {'w': 21.0, 'name': 'x'}
    """
    leaves, structure = flatten(tree)
    return _map(f, coordinate_positions(leaves, structure), tree, *rest)


def map_arrays(f: Callable[..., Any], tree: T, *rest: Any) -> T:
    """Apply ``f`` to each array, coordinates and passive ones alike."""
    leaves, _ = flatten(tree)
    return _map(f, [i for i, leaf in enumerate(leaves) if is_array(leaf)], tree, *rest)


def zeros_like(tree: T) -> T:
    """The zero of the vector space: every coordinate 0, everything else as it is."""
    return map(lambda leaf: leaf * 0.0 if type(leaf) is float else np.zeros_like(leaf), tree)


def dot(a: Any, b: Any) -> Any:
    """The inner product Σ aᵢ bᵢ over the coordinates of two trees of one structure.

    >>> float(dot({"w": np.array([1.0, 2.0])}, {"w": np.array([3.0, 4.0])}))
    11.0
    """
    xs, ys = coordinates(a), coordinates(b)
    if len(xs) != len(ys):
        raise errors.tree_mismatch(f"{len(xs)} coordinates", f"{len(ys)} coordinates")
    total: Any = 0.0
    for x, y in zip(xs, ys, strict=True):
        total = total + np.sum(np.multiply(x, y))
    return total


def norm(tree: Any) -> Any:
    """The Euclidean length √Σ aᵢ² of a tree's coordinates.

    >>> float(norm([np.array([3.0]), 4.0]))
    5.0
    """
    return np.sqrt(dot(tree, tree))


def size(tree: Any) -> int:
    """How many numbers the coordinates of a tree hold: the dimension of the space."""
    return sum(math.prod(np.shape(leaf)) for leaf in coordinates(tree))


def static_key(leaf: Leaf) -> Hashable:
    """A leaf that is not an array, as part of a cache key; unhashable ones raise.

    Values that are equal and yet differ for a program are told apart: 1, True and 1.0, 0.0 and
    −0.0, also inside tuples and sets.
    """
    try:
        hash(leaf)
    except TypeError:
        raise errors.unhashable_static(leaf) from None
    if isinstance(leaf, float):
        return type(leaf), leaf.hex()
    if isinstance(leaf, tuple):
        return type(leaf), tuple([static_key(part) for part in leaf])
    if isinstance(leaf, frozenset):
        return type(leaf), frozenset([static_key(part) for part in leaf])
    return type(leaf), leaf


class Vector:
    """Adds vector arithmetic to a dataclass whose fields hold arrays.

    Sums and scalar multiples act on the coordinates; everything else comes from the left side.
    """

    __slots__ = ()
    __array_priority__ = 1000.0
    __array_ufunc__ = None

    def __add__(self, other: Any) -> Self:
        return map(lambda a, b: a + b, self, other)

    def __sub__(self, other: Any) -> Self:
        return map(lambda a, b: a - b, self, other)

    def __mul__(self, scalar: Any) -> Self:
        return map(lambda a: a * scalar, self)

    __rmul__ = __mul__

    def __truediv__(self, scalar: Any) -> Self:
        return map(lambda a: a / scalar, self)

    def __neg__(self) -> Self:
        return map(lambda a: -a, self)
