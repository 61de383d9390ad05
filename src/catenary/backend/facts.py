"""What can be said of a compiled graph: its kernels, their work, its memory, its code."""

from __future__ import annotations

from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Work:
    """What a kernel has to do, counted from the types of what it reads and makes.

    ``flops``: additions, multiplications, divisions, comparisons for a maximum, square roots.
    ``functions``: values of exp, tanh and other functions that are no single instruction.
    ``read``, ``written``: bytes, each element once however often it is looked at.
    """

    flops: int = 0
    functions: int = 0
    read: int = 0
    written: int = 0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.flops + other.flops,
            self.functions + other.functions,
            self.read + other.read,
            self.written + other.written,
        )

    def __mul__(self, times: int) -> Work:
        return Work(
            self.flops * times, self.functions * times, self.read * times, self.written * times
        )

    @property
    def bytes(self) -> int:
        """Bytes read and bytes written."""
        return self.read + self.written


@dataclass(frozen=True)
class Source:
    """Operations of one line; ``file`` is None for those that the library adds by itself."""

    file: str | None
    line: int
    operations: tuple[str, ...]


@dataclass(frozen=True)
class Kernel:
    """One nest of loops.

    ``name``: of its function in the code; ``kind``: what sets its form ("map": each element on
    its own, "contract": a product of matrices, "reduce", …); ``shape``: over which it loops;
    ``makes``: the types of the values that it stores; ``fused``: the operations that it does;
    ``work``: of one run; ``times``: runs for each call, None where only the values decide;
    ``shared``: whether every thread does its part; ``plan``: how a product is computed;
    ``depth``: the number of loops around it; ``share``: of the time, where it was measured.
    """

    name: str
    kind: str
    shape: Shape
    makes: tuple[str, ...]
    fused: tuple[Source, ...]
    work: Work
    times: int | None
    shared: bool
    plan: str | None
    depth: int
    share: float | None = None


@dataclass(frozen=True)
class Loop:
    """A loop or a branch around the kernels that follow it at greater depth.

    ``rounds``: how often it runs what is within, None where only the values decide. Of its
    ``carries`` so many are written ``in_place``, so many are ``moved`` home after each round; the
    others never change.
    """

    kind: str
    rounds: int | None
    carries: int
    in_place: int
    moved: int
    depth: int


@dataclass(frozen=True)
class Block:
    """A stretch of the arena: what lies there, in bytes from its beginning."""

    begin: int
    size: int
    what: str


@dataclass(frozen=True)
class Code:
    """A graph as machine code.

    ``processor``: in LLVM's words; ``arena_bytes``: memory of each call, in which ``blocks`` may
    lie where others have lain before; ``constants``: bytes of arrays that belong to the code;
    ``machine_code``: bytes of instructions; ``seconds``: to make it, or to load it where it came
    ``from_disk``; ``call``: seconds of a call, where that was measured.
    """

    processor: str
    threads: int
    steps: tuple[Kernel | Loop, ...]
    arena_bytes: int
    blocks: tuple[Block, ...]
    constants: int
    machine_code: int
    from_disk: bool
    seconds: float
    call: float | None = None
    ir: str | None = None
    assembly: str | None = None

    @property
    def kernels(self) -> tuple[Kernel, ...]:
        """The kernels alone, in the order in which they run."""
        return tuple([step for step in self.steps if isinstance(step, Kernel)])

    @property
    def work(self) -> Work:
        """Of a whole call; what runs as often as the values say is counted once."""
        total = Work()
        for kernel in self.kernels:
            total += kernel.work * (1 if kernel.times is None else kernel.times)
        return total


__all__ = ["Block", "Code", "Kernel", "Loop", "Source", "Work"]
