"""An explanation as text, in lines of at most 100 columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import wrap

from catenary.backend.facts import Code, Kernel, Loop, Source, Work
from catenary.core.graph import Graph

WIDTH = 100
_LABEL, _MOST_LINES, _MOST_BLOCKS = 10, 4, 8
_TIMES = "\u00a0×\u00a0"  # no line ends there
_NAMES = {"map": "elements", "contract": "product", "reduce_part": "reduce"}
_HEAD = (
    f"{'':>4} {'kernel':<15}{'over':<13}{'makes':<21}{'flop':>7}{'functions':>11}{'bytes':>9}"
    "  threads"
)


def text(name: str, graph: Graph, code: Code | None) -> str:
    """Graph, code, memory, then each kernel."""
    lines = [f"{name}: {_count(len(graph.nodes), 'operation')}"]
    lines += _labelled("takes", _many([str(type) for type in graph.input_types]))
    lines += _labelled("gives", _many([str(type) for type in graph.output_types]))
    lines += _labelled("does", _many([node.primitive.name for node in graph.nodes]))
    if code is None:
        lines += _labelled("runs", "on the reference backend, one operation after another")
        return "\n".join(lines)
    lines += [*_code(code), *_memory(code), "", *_kernels(code)]
    for title, written in (("LLVM code", code.ir), ("assembly", code.assembly)):
        if written is not None:
            lines += ["", f"---- {title} ".ljust(WIDTH, "-"), "", written.rstrip()]
    return "\n".join(lines).replace("\u00a0", " ")


def _labelled(label: str, content: str) -> list[str]:
    indent = " " * (_LABEL + 2)
    return wrap(
        content, WIDTH, initial_indent=f"  {label:<{_LABEL}}", subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _many(things: Sequence[str]) -> str:
    """Each thing once, with how often there is one."""
    counts = Counter(things)
    return ", ".join(f"{n}{_TIMES}{thing}" if n > 1 else thing for thing, n in counts.items())


# ---- the whole ----------------------------------------------------------------------------------


def _code(code: Code) -> Iterator[str]:
    work, open_ended = code.work, any(kernel.times is None for kernel in code.kernels)
    least = "at least " if open_ended else ""
    yield from _labelled(
        "work",
        f"{least}{short(work.flops)}flop, {work.functions:,} values of functions, "
        f"{short(work.bytes)}B read and written",
    )
    made = "read from disk" if code.from_disk else "compiled"
    yield from _labelled(
        "code",
        f"{_count(len(code.kernels), 'kernel')}, {short(code.machine_code)}B of machine code, "
        f"{made} in {seconds(code.seconds)}",
    )
    threads = "one thread" if code.threads == 1 else f"{code.threads} threads"
    yield from _labelled("runs", f"on {threads} of {code.processor}")
    if code.call is not None:
        rate = f", {short(work.flops / code.call)}flop/s" if work.flops else ""
        yield from _labelled("took", f"{seconds(code.call)} a call{rate}")


def _memory(code: Code) -> Iterator[str]:
    apart = sum(block.size for block in code.blocks)
    told = f"an arena of {short(code.arena_bytes)}B"
    if code.blocks:
        told += f" for {_count(len(code.blocks), 'block')} of {short(apart)}B together"
    if code.constants:
        told += f", {short(code.constants)}B of constants beside the code"
    yield from _labelled("memory", told)
    largest = sorted(code.blocks, key=lambda block: -block.size)[:_MOST_BLOCKS]
    for block in sorted(largest, key=lambda block: block.begin):
        yield f"  {'':<{_LABEL}}{block.begin:>11,} … {block.begin + block.size:<11,} {block.what}"
    if len(code.blocks) > len(largest):
        yield f"  {'':<{_LABEL}}and {_count(len(code.blocks) - len(largest), 'smaller one')}"


# ---- kernels ------------------------------------------------------------------------------------


def _kernels(code: Code) -> Iterator[str]:
    yield (_HEAD + ("     time" if code.call is not None else "")).rstrip()
    number = 0
    for step in code.steps:
        if isinstance(step, Loop):
            yield "     " + "  " * step.depth + _loop(step)
        else:
            number += 1
            yield from _kernel(number, step)


def _loop(loop: Loop) -> str:
    if loop.kind == "cond":
        return "cond: one of these branches"
    rounds = "as long as it takes" if loop.rounds is None else _count(loop.rounds, "round")
    still = loop.carries - loop.in_place - loop.moved
    ways = [(loop.in_place, "in place"), (loop.moved, "copied back"), (still, "unchanged")]
    said = ", ".join(f"{n} {how}" for n, how in ways if n)
    return f"{loop.kind}: {rounds}; {_count(loop.carries, 'carry')}" + (f": {said}" if said else "")


def _kernel(number: int, kernel: Kernel) -> Iterator[str]:
    work: Work = kernel.work
    indent = "  " * kernel.depth
    name = indent + (_NAMES.get(kernel.kind, kernel.kind) if kernel.fused else "copy")
    over = "×".join(map(str, kernel.shape)) or "1"
    line = (
        f"{number:>4} {name:<15}{over:<13}{_makes(kernel):<21}{_some(work.flops):>7}"
        f"{_some(work.functions):>11}{short(work.bytes) + 'B':>9}  "
        f"{'all' if kernel.shared else 'one':<7}"
    )
    if kernel.share is not None:
        line += f"{kernel.share:>9.1%}"
    yield line.rstrip()
    below = " " * 7 + indent
    for source in kernel.fused[:_MOST_LINES]:
        yield from _wrapped(_source(source), below)
    if len(kernel.fused) > _MOST_LINES:
        yield f"{below}and operations of {_count(len(kernel.fused) - _MOST_LINES, 'more line')}"
    if kernel.plan is not None:
        yield from _wrapped(kernel.plan.removesuffix(", threads share tiles"), below)


def _makes(kernel: Kernel) -> str:
    told = _many(kernel.makes)
    return told if len(told) <= 20 else _count(len(kernel.makes), "array")


def _wrapped(content: str, indent: str) -> list[str]:
    return wrap(content, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


def _source(source: Source) -> str:
    where = f"{Path(source.file).name}:{source.line}  " if source.file else ""
    return where + _many(source.operations)


# ---- numbers ------------------------------------------------------------------------------------


def _some(n: int) -> str:
    return short(n) if n else "·"


def short(n: float) -> str:
    """A count with three digits: 950, 12.9 M.

    >>> short(950), short(12_853_248)
    ('950 ', '12.9 M')
    """
    prefixes = iter(("", "k", "M", "G", "T", "P"))
    prefix = next(prefixes)
    while n >= 999.5:
        n, prefix = n / 1000, next(prefixes)
    digits = 0 if not prefix else max(0, 3 - len(str(int(n))))
    return f"{n:.{digits}f} {prefix}"


def seconds(value: float) -> str:
    """A time with three digits.

    >>> seconds(0.0000123), seconds(0.25)
    ('12.3 µs', '250 ms')
    """
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        if value * factor < 999.5:
            return f"{value * factor:.3g} {unit}"
    return f"{value:.3g} s"


def _count(n: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("ry") else noun + "s"
    return f"{n:,} {noun if n == 1 else plural}"


__all__ = ["text"]
