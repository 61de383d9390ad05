"""Objects of machine code in memory, ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import binding

from catenary.backend.llvm import library
from catenary.backend.llvm.machine import Machine


def linked(objects: Sequence[bytes], machine: Machine, imports: Sequence[str] = ()) -> Any:
    """Objects in memory, ready to run: an engine that knows the addresses of their names, those
    of LAPACK too, where objects call it.
    """
    empty = binding.parse_assembly(f'target triple = "{machine.triple}"')
    engine = binding.create_mcjit_compiler(empty, machine.target_machine())
    library.provide(imports)
    for code in objects:
        engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine
