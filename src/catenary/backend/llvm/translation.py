"""LLVM code as objects of machine code: improved, then translated, modules side by side."""

from __future__ import annotations

import ctypes
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self

from llvmlite import binding, ir
from llvmlite.binding import ffi

from catenary.backend.llvm.machine import Machine

# Kernels are written as they are to run: vectors, unrolled tiles, accumulators, positions folded.
# What is left is to put cells into registers and to turn loops around.
_PASSES = ("sroa", "loop_rotate", "simplify_cfg")
_SIDE_BY_SIDE = 2  # modules that are translated at a time


class Translator:
    """Takes modules as they come; LLVM works on them meanwhile, without the interpreter's lock."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._pool = ThreadPoolExecutor(_SIDE_BY_SIDE)
        self._tasks: list[Future[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def take(self, module: ir.Module) -> None:
        """Begin with a module that is finished."""
        self._tasks.append(self._pool.submit(_object, str(module), self._machine))

    def objects(self) -> tuple[bytes, ...]:
        """The objects of all modules, in the order in which they came."""
        return tuple([task.result() for task in self._tasks])


def _object(text: str, machine: Machine) -> bytes:
    target = machine.target_machine()
    module = improved(text, target)
    # llvmlite lets one thread at a time into LLVM. Nothing is shared here that would need it: the
    # module is in a context of its own, and so is its target. This call is most of the time.
    emit = ffi.lib.LLVMPY_TargetMachineEmitToMemory
    with ffi.OutputString() as complaint:
        buffer = getattr(emit, "_cfn", emit)(target, module, 1, complaint)
        if not buffer:
            raise RuntimeError(str(complaint))
    try:
        size = ffi.lib.LLVMPY_GetBufferSize(buffer)
        return ctypes.string_at(ffi.lib.LLVMPY_GetBufferStart(buffer), size)
    finally:
        ffi.lib.LLVMPY_DisposeMemoryBuffer(buffer)


def improved(text: str, target: Any) -> Any:
    """A module in a context of its own, checked, after all passes."""
    module = binding.parse_assembly(text, binding.create_context())
    module.verify()
    passes = binding.create_new_module_pass_manager()
    for name in _PASSES:
        getattr(passes, f"add_{name}_pass")()
    passes.run(module, binding.create_pass_builder(target, binding.PipelineTuningOptions()))
    return module
