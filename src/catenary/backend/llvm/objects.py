"""LLVM code as objects of machine code: improved, then translated, modules side by side."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from llvmlite import binding

from catenary.backend.llvm.machine import Machine

# Kernels are written as they are to run: vectors, unrolled tiles, accumulators. What is left is to
# put cells into registers, to fold positions, and to turn loops around.
_PASSES = ("sroa", "instruction_combine", "loop_rotate", "simplify_cfg")


def translated(texts: Sequence[str], machine: Machine) -> list[bytes]:
    """The objects of some modules; LLVM works without the interpreter's lock."""
    if len(texts) == 1:
        return [_object(texts[0], machine)]
    with ThreadPoolExecutor(len(texts)) as pool:
        return list(pool.map(lambda text: _object(text, machine), texts))


def _object(text: str, machine: Machine) -> bytes:
    target = machine.target_machine()
    object_code: bytes = target.emit_object(improved(text, target))
    return object_code


def improved(text: str, target: Any) -> Any:
    """A module in a context of its own, checked, after all passes."""
    module = binding.parse_assembly(text, binding.create_context())
    module.verify()
    passes = binding.create_new_module_pass_manager()
    for name in _PASSES:
        getattr(passes, f"add_{name}_pass")()
    passes.run(module, binding.create_pass_builder(target, binding.PipelineTuningOptions()))
    return module


def linked(objects: Sequence[bytes], machine: Machine) -> Any:
    """Objects in memory, ready to run: an engine that knows the addresses of their names."""
    empty = binding.parse_assembly(f'target triple = "{machine.triple}"')
    engine = binding.create_mcjit_compiler(empty, machine.target_machine())
    for code in objects:
        engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine
