"""The registry of operations, complete: every module of ``ops/`` is loaded first."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from catenary.core.primitive import REGISTRY, Primitive
from tests import source


def primitives() -> Mapping[str, Primitive]:
    for module in source.read().values():
        if module.room == "ops":
            importlib.import_module(module.name)
    return REGISTRY
