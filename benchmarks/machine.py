"""The machine and the versions that a table was measured with."""

from __future__ import annotations

import os
import platform
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bound import Machine
from benchmarks.timing import Contestant, Process, build_all, take_turns, threads

PACKAGES = ("numpy", "scipy", "llvmlite", "jax", "torch", "scikit-learn", "autograd", "onnxruntime")
# Within the first-level caches, the second-level ones, the third-level one, and beyond.
STREAMS = (32 << 10, 1 << 20, 8 << 20, 256 << 20)


def described() -> dict[str, Any]:
    """Processor, cores used, memory, system, versions, and how busy others keep the machine."""
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": processor(),
        "threads": threads(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": versions,
        "load": load,
    }


def processor() -> str:
    """The name that the system has for it, and LLVM's name of its kind."""
    info = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2].strip()
        for line in (info.read_text("utf-8").splitlines() if info.exists() else [])
        if line.startswith("model name")
    ]
    try:
        from llvmlite import binding

        kind = binding.get_host_cpu_name()
    except ImportError:
        kind = ""
    name = names[0] if names else platform.processor()
    return f"{name} ({kind})" if kind else name


def peak_process(dtype: str) -> Process:
    """A worker that runs beside the contestants and finds out what the machine can do now."""
    process = Process(Contestant("FMA peak", "benchmarks.peak", dtype))
    process.build()
    return process


def with_peak(machine: Machine, dtype: str, process: Process) -> Machine:
    """The machine with what its peak was found to be now, where that is more than before."""
    least = process.close().minimum
    found = max(machine.peak[dtype], 1 / least if least else 0.0)
    return replace(machine, peak={**machine.peak, dtype: found})


def measured(seconds: float) -> Machine:
    """Peaks of both dtypes and speeds of streams, of the machine as it is now."""
    modes = ["float32", "float64", *(f"stream:{size}" for size in STREAMS)]
    process = Process(Contestant("the machine's peak", "benchmarks.peak", ""))
    build_all([process], {mode: {"mode": mode} for mode in modes})
    take_turns([process], 3, seconds, modes)
    found = [process.of(mode) for mode in modes]
    error = process.close().error
    if error:
        raise SystemExit(f"the machine's peak cannot be measured: {error}")
    peak = {name: 1 / (m.minimum or 1) for name, m in zip(modes[:2], found[:2], strict=True)}
    speeds = [1 / median(m.rounds) for m in found[2:]]
    return Machine(peak, dict(zip(STREAMS, speeds, strict=True)))


def sentence(about: dict[str, Any], machine: Machine) -> str:
    """Machine, peaks and versions in one line."""
    streams = ", ".join(f"{speed / 1e9:,.0f}" for _, speed in sorted(machine.streams.items()))
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (
        f"{about['processor']}, {about['threads']} threads, {about['system']}; FMA peak "
        f"{machine.peak['float32'] / 1e9:,.0f} GFLOP/s float32, "
        f"{machine.peak['float64'] / 1e9:,.0f} float64; streams of "
        f"{', '.join(_size(size) for size in sorted(machine.streams))}: {streams} GB/s; "
        f"Python {about['python']}, {versions}; load {about['load']:.1f} when it began"
    )


def _size(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"
