"""The command `catenary`: find the command, run it, and turn every failure into one line."""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from io import TextIOWrapper
from threading import current_thread, main_thread

from catenary import __version__
from catenary.app.options import COMMANDS
from catenary.app.parser import parser
from catenary.core.errors import CatenaryError, InputError
from catenary.core.input_errors import near, one_line

DONE, FAILED, WRONG, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; without arguments those of the process.

    0: done; 1: failed; 2: a mistake in the command, an option or the data; 130: stopped with
    Ctrl-C or SIGTERM; 141: the reader of the output went away.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that knows no → shows a question mark; it is no reason to fail.
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        found = _parse(words)
        if isinstance(found, int):
            return found
        with _terminated_like_interrupted():
            return _run(found)
    except KeyboardInterrupt:
        return _complain("catenary", "stopped", INTERRUPTED)
    except BrokenPipeError:
        # Python would complain once more when it closes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does. Only the main thread of a process may say so."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parse(words: list[str]) -> Namespace | int:
    command = next((word for word in words if not word.startswith("-")), None)
    if command is not None and command not in COMMANDS:
        hint = near(command, COMMANDS) or f"; choose from {', '.join(COMMANDS)}"
        return _complain("catenary", f"there is no command {command!r}{hint}", WRONG)
    whole = parser(__version__)
    if not words:
        whole.print_help(sys.stderr)
        return WRONG
    try:
        found = whole.parse_args(words)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else WRONG
    if found.command is None:
        return _complain("catenary", "which command? (see: catenary --help)", WRONG)
    return found


def _run(found: Namespace) -> int:
    name = f"catenary {found.command}"
    try:
        code: int = import_module(f"catenary.app.{found.command}").run(found)
        sys.stdout.flush()
    except InputError as error:
        return _complain(name, _with_options(error, found), WRONG)
    except CatenaryError as error:
        return _complain(name, str(error), FAILED)
    except BrokenPipeError:
        raise
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _complain(name, f"{place}{error.strerror or error}", FAILED)
    except MemoryError:
        return _complain(name, "out of memory; fewer --layers or rows need less", FAILED)
    return code


def _with_options(error: InputError, found: Namespace) -> str:
    """The message with those of its options that the command has."""
    options = [
        option
        for option in error.options
        if option.split()[0].removeprefix("--").replace("-", "_") in found
    ]
    return f"{error} ({' or '.join(options)})" if options else str(error)


def _complain(name: str, message: str, code: int) -> int:
    print(f"{name}: {one_line(message)}", file=sys.stderr)
    return code
