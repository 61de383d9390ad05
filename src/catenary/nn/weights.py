"""Weights in files: safetensors, which hold arrays by name and no code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from catenary.core import errors, network_errors
from catenary.tracing import tree

Net = TypeVar("Net")


def save(net: Any, path: str | Path, note: Mapping[str, str] | None = None) -> None:
    """Write every array of a net (or of any tree) to a safetensors file, all or nothing.

    Parameters and running statistics are kept under the names they have in the net
    (``links[0].weight``); functions and sizes are not, so loading takes a net of the same
    structure. ``note`` is kept with them, as text. The file is complete at every moment: the
    new one is written beside the old one and then put into its place.

    A path that ends like a file of another kind (``net.npz``) raises
    :class:`~catenary.core.errors.InputError`. Without the package safetensors this
    raises :class:`~catenary.core.errors.MissingExtra`.

    >>> import tempfile
    >>> from catenary.nn import mlp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(mlp([2, 1], seed=0), f"{folder}/net.safetensors")
    ...     net = load(f"{folder}/net.safetensors", like=mlp([2, 1], seed=1))
    >>> bool((net[0].weight == mlp([2, 1], seed=0)[0].weight).all())
    True
    """
    if Path(path).suffix not in {"", ".safetensors"}:
        raise network_errors.other_ending(Path(path))
    content = {
        name: np.ascontiguousarray(array).reshape(np.shape(array))
        for name, array in zip(tree.paths(net, passive=True), _arrays(net), strict=True)
    }
    data = _safetensors().numpy.save(content, metadata=dict(note) if note else None)
    _replace(Path(path), data)


def load(path: str | Path, like: Net) -> Net:
    """A net with the structure of ``like`` and the arrays that :func:`save` wrote.

    A file that is none of that kind, or whose names, shapes or dtypes are not those of
    ``like``, raises :class:`~catenary.core.errors.InputError`.

    >>> load("nowhere.safetensors", like={})
    Traceback (most recent call last):
        ...
    catenary.core.errors.InputError: nowhere.safetensors cannot be read: ...
    """
    return read(path, like)[0]


def read(path: str | Path, like: Net) -> tuple[Net, dict[str, str]]:
    """What :func:`load` gives, and the note that was kept with it."""
    content, note = _content(Path(path))
    names = tree.paths(like, passive=True)
    for name, array in zip(names, _arrays(like), strict=True):
        expected = f"{np.asarray(array).dtype}{list(np.shape(array))}"
        found = content.get(name)
        got = "nothing" if found is None else f"{found.dtype}{list(found.shape)}"
        if got != expected:
            raise network_errors.other_weights(path, name, expected, got)
    if extra := content.keys() - set(names):
        raise network_errors.other_weights(path, min(extra), "nothing", "an array")
    arrays = iter([content[name] for name in names])
    return tree.map_arrays(lambda leaf: _restored(leaf, next(arrays)), like), note


def _restored(leaf: Any, array: Any) -> Any:
    return float(array) if type(leaf) is float else array


def _arrays(content: Any) -> list[Any]:
    """All arrays of a tree, in the order of :func:`tree.paths`."""
    return [leaf for leaf in tree.flatten(content)[0] if tree.is_array(leaf)]


def _content(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    safetensors = _safetensors()
    try:
        with safetensors.safe_open(path, framework="np") as file:
            names = file.keys()
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
    except (OSError, safetensors.SafetensorError) as error:
        raise network_errors.unreadable_weights(path, error) from None


def _safetensors() -> ModuleType:
    try:
        import safetensors.numpy
    except ImportError:
        raise errors.missing_extra("safetensors", "app", "keeping weights in a file") from None
    return safetensors


def _replace(path: Path, data: bytes) -> None:
    """Put data in a file so that a reader, or a crash, finds the old file or the new one."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
