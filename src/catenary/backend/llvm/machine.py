"""The machine that code is made for: what LLVM must know of it, and what generators choose by."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from catenary.backend import fingerprint

# Vectors as wide as the registers are: LLVM prefers half of them on some processors, for an
# old reason (clock speed) that does not hold for code which is all vectors.
_FULL_WIDTH = "-prefer-256-bit,-prefer-128-bit"


@dataclass(frozen=True)
class Machine:
    """A processor as generators of code see it.

    ``vector_bytes``: the width of a vector register; ``registers``: how many of them there are;
    ``masked``: whether loads and stores of part of a vector are cheap.
    """

    triple: str
    cpu: str
    features: str
    vector_bytes: int
    registers: int
    masked: bool

    def lanes(self, dtype: Any) -> int:
        """How many numbers of a dtype a vector register holds."""
        return self.vector_bytes // max(int(dtype.itemsize), 1)

    def target_machine(self) -> Any:
        """LLVM's own description. Level 1 of its code generator: what is written here gains
        nothing from the others, which take a third longer.
        """
        from llvmlite import binding

        return binding.Target.from_triple(self.triple).create_target_machine(
            cpu=self.cpu, features=self.features, opt=1, reloc="pic", codemodel="default"
        )


@cache
def _initialised() -> None:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()


@cache
def host() -> Machine:
    """This machine; CATENARY_CPU names another processor of its kind (``haswell``)."""
    from llvmlite import binding

    _initialised()
    triple = binding.get_process_triple()
    wanted = os.environ.get("CATENARY_CPU")
    if wanted:
        return of(wanted, triple)
    found = binding.get_host_cpu_features()
    features = ",".join([found.flatten(), _FULL_WIDTH]) if "86" in triple else found.flatten()
    names = {name for name, has in found.items() if has}
    return Machine(triple, binding.get_host_cpu_name(), features, *_vectors(triple, names))


@cache
def versions() -> bytes:
    """All but the graph that machine code depends on."""
    import llvmlite

    known = (repr(host()), sys.version, np.__version__, llvmlite.__version__)
    return "\n".join(known).encode() + fingerprint.of_sources()


def _vectors(triple: str, features: set[str]) -> tuple[int, int, bool]:
    """Width in bytes, number of registers, cheap masks."""
    if "86" not in triple:
        return 16, 32, False  # NEON
    if {"avx512f", "avx512vl", "avx512bw", "avx512dq"} <= features:
        return 64, 32, True
    return (32, 16, True) if "avx2" in features else (16, 16, False)


@cache
def of(cpu: str, triple: str) -> Machine:
    """A processor by LLVM's name for it, to look at the code made for it."""
    wide = {"skylake-avx512", "icelake-server", "sapphirerapids", "znver4", "znver5"}
    features = set()
    if cpu in wide:
        features = {"avx512f", "avx512vl", "avx512bw", "avx512dq"}
    elif cpu in {"haswell", "broadwell", "skylake", "znver1", "znver2", "znver3", "alderlake"}:
        features = {"avx2"}
    preferred = _FULL_WIDTH if cpu in wide else ""
    return Machine(triple, cpu, preferred, *_vectors(triple, features))
