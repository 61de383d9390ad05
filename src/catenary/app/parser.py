"""The commands of the command line, their arguments, and their help."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from catenary.app import options
from catenary.core.input_errors import meant, near

SUMMARY = "Train a network on a table, keep it, show it, use it."

EXAMPLES = """\
examples:
  catenary train digits                           a built-in data set
  catenary train houses.csv --target price        your own table
  catenary train digits --layers 128 --seed 1 --json
  catenary predict runs/houses-1 new.csv > prices.csv
  catenary show runs/houses-1

exit codes:
  0    done
  1    failed: a cost that became NaN, a full disk, a missing package
  2    a mistake in the command, an option, or the data
  130  stopped with Ctrl-C or SIGTERM; what train had reached is kept

Results go to stdout, all else to stderr. NO_COLOR is honoured.
`catenary COMMAND --help` says more about a command."""

TRAIN = """\
DATA is a built-in data set (see: catenary datasets) or a file: CSV, TSV, Parquet, NPZ.

examples:
  catenary train iris
  catenary train spirals --layers 32,32 --activation tanh
  catenary train houses.csv --target price --ignore id --epochs 200
  catenary train umlauts.csv --target Preis --delimiter ';' --decimal , --charset cp1252
  catenary train digits --out runs/best --json --quiet"""

PREDICT = """\
RUN is the folder of a run. FILE has the columns that the run was trained on, in any order, and
perhaps more; - reads CSV from stdin. One line comes out for each row, in the same order; it is
empty where the row has missing values.

examples:
  catenary predict runs/houses-1 new.csv > prices.csv
  catenary predict runs/iris-1 iris --json
  head -5 new.csv | catenary predict runs/houses-1 -"""


EXPLAIN = """\
The step of training that `catenary train` would take with the same options: forward, backward,
update. Each kernel is a nest of loops, with the operations that were fused into it.

examples:
  catenary explain digits
  catenary explain digits --layers 64,128 --batch-size 100 --time
  catenary explain houses.csv --target price --asm > step.s"""


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, with the near match."""

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse; an unknown option or a superfluous word is named, with what may be meant."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            command = self.command_of(found)
            known = [option for action in command._actions for option in action.option_strings]
            word = unknown[0].partition("=")[0]
            what = "unknown option" if word.startswith("-") else "one word too many:"
            other = options.ALIASES.get(word.replace("_", "-"))
            command.error(f"{what} {word}{meant(other) if other in known else near(word, known)}")
        return found

    def command_of(self, found: argparse.Namespace) -> argparse.ArgumentParser:
        """The parser of the command that was called."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                parser: argparse.ArgumentParser = action.choices.get(found.command, self)
                return parser
        return self

    def error(self, message: str) -> NoReturn:
        """Complain in one line, and exit with code 2."""
        text = message.removeprefix("argument ")
        self.exit(2, f"{self.prog}: {text} (see: {self.prog} --help)\n")


def parser(version: str) -> Parser:
    """The parser of the whole command line."""
    whole = Parser(
        prog="catenary",
        description=SUMMARY,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    whole.add_argument("--version", action="version", version=f"catenary {version}")
    commands = whole.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", parser_class=Parser
    )
    _train(_command(commands, "train", "train a network on a table and keep the run", TRAIN))
    _predict(_command(commands, "predict", "apply a kept network to new rows", PREDICT))
    show = _command(commands, "show", "say what a run was and how it ended")
    show.add_argument("run", metavar="RUN", help="the folder of a run")
    _output(show)
    _output(_command(commands, "datasets", "list the built-in data sets"))
    coverage = _command(commands, "coverage", "list the NumPy and SciPy functions that are traced")
    _output(coverage)
    _explain(_command(commands, "explain", "say how a step of training is compiled", EXPLAIN))
    cache = _command(commands, "cache", "say where compiled programs are kept, or remove them")
    cache.add_argument(
        "action", nargs="?", type=options.one_of(("clear",)), metavar="clear",
        help="remove them all; the next programs are compiled anew",
    )  # fmt: skip
    _output(cache)
    return whole


def _command(
    commands: argparse._SubParsersAction[Parser], name: str, about: str, epilog: str = ""
) -> Parser:
    return commands.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _train(train: Parser) -> None:
    train.add_argument("data", metavar="DATA", help="a built-in data set, or a file")
    _data(train)
    _net(train)
    _descent(train)
    _reading(train)
    group = train.add_argument_group("output")
    group.add_argument(
        "--out", metavar="FOLDER", help="where to keep the run; new, or empty (runs/DATA-1, -2, …)"
    )
    group.add_argument(
        "--resume", action="store_true",
        help="go on with the training that was stopped in FOLDER, as if it never had been",
    )  # fmt: skip
    _output(train, group)


def _explain(explain: Parser) -> None:
    explain.add_argument("data", metavar="DATA", help="a built-in data set, or a file")
    group = explain.add_argument_group("what is said")
    group.add_argument("--time", action="store_true", help="measure the share of each kernel")
    group.add_argument("--ir", action="store_true", help="print the LLVM code")
    group.add_argument("--asm", action="store_true", help="print the assembly")
    _output(explain, group)
    _data(explain)
    _net(explain)
    _descent(explain)
    _reading(explain)


def _data(train: Parser) -> None:
    group = train.add_argument_group("what is learned")
    group.add_argument("--target", metavar="COLUMN", help="the column to be learned")
    group.add_argument(
        "--task", type=options.one_of(options.TASKS), default="auto", metavar="TASK",
        help="classify, regress, or auto (classify texts and few whole numbers)",
    )  # fmt: skip
    group.add_argument(
        "--validation", type=options.share, default=0.1, metavar="SHARE",
        help="share of rows that choose the best weights (0.1)",
    )  # fmt: skip
    group.add_argument(
        "--test", type=options.share, default=0.2, metavar="SHARE",
        help="share of rows kept for the final test (0.2)",
    )  # fmt: skip
    group.add_argument(
        "--seed", type=options.seed, default=0, metavar="N",
        help="decides the split, the first weights and the order of rows (0)",
    )  # fmt: skip


def _net(train: Parser) -> None:
    group = train.add_argument_group("the chain")
    group.add_argument(
        "--layers", type=options.layers, metavar="WIDTHS",
        help="hidden widths (64,64), the whole chain (13-64-64-3), or none",
    )  # fmt: skip
    group.add_argument(
        "--activation", type=options.one_of(options.ACTIVATIONS), default="relu", metavar="NAME",
        help="relu, tanh, sigmoid, silu, gelu, elu, … (relu)",
    )  # fmt: skip
    group.add_argument(
        "--loss", type=options.one_of(options.LOSSES), metavar="NAME",
        help="cross_entropy, hinge, … for classes; mse, huber, … for numbers",
    )  # fmt: skip


def _descent(train: Parser) -> None:
    group = train.add_argument_group("the descent")
    group.add_argument(
        "--optimizer", "--optimiser", type=options.one_of(options.OPTIMIZERS), default="adamw",
        metavar="NAME", help="adamw, adam, sgd, momentum, nesterov, rmsprop, lion, … (adamw)",
    )  # fmt: skip
    group.add_argument(
        "--learning-rate", "--lr", type=options.positive, metavar="RATE",
        help="the largest learning rate (suits the optimizer)",
    )  # fmt: skip
    group.add_argument(
        "--schedule", type=options.one_of(options.SCHEDULES), metavar="NAME",
        help="cosine, constant, step, exponential, one-cycle, warm-up, plateau, … (cosine)",
    )  # fmt: skip
    group.add_argument(
        "--weight-decay", type=options.not_negative, metavar="RATE",
        help="pull of the weights towards 0 (adamw: suits the number of rows; else 0)",
    )  # fmt: skip
    group.add_argument(
        "--batch-size", type=options.batch_size, metavar="N",
        help="rows in a step, or full (suits the number of rows)",
    )  # fmt: skip
    group.add_argument(
        "--epochs", type=options.count, metavar="N",
        help="how often every row is used (suits the number of rows)",
    )  # fmt: skip


def _reading(train: Parser) -> None:
    group = train.add_argument_group("how the file is read")
    group.add_argument(
        "--ignore", type=options.names, action="extend", default=[], metavar="COLUMNS",
        help="leave these columns out; separate with commas",
    )  # fmt: skip
    group.add_argument(
        "--categorical", type=options.names, action="extend", default=[], metavar="COLUMNS",
        help="take these columns of numbers as categories",
    )  # fmt: skip
    group.add_argument(
        "--drop-missing", action="store_true",
        help="leave out rows with missing, NaN or infinite values",
    )  # fmt: skip
    group.add_argument(
        "--no-header", action="store_true", help="the first line is data; columns are 1, 2, …"
    )
    _text(group)
    group.set_defaults(decimal=".", charset="utf-8")


def _text(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--delimiter", type=options.delimiter, metavar="C",
        help="the character between cells; or tab, space (found out)",
    )  # fmt: skip
    group.add_argument(
        "--decimal", type=options.decimal, metavar="C", help="decimal sign, . or , (.)"
    )
    group.add_argument("--charset", metavar="NAME", help="character encoding (utf-8)")


def _predict(predict: Parser) -> None:
    predict.add_argument("run", metavar="RUN", help="the folder of a run")
    predict.add_argument("file", metavar="FILE", help="a table of new rows, or - for stdin")
    _text(predict.add_argument_group("how the file is written, if not as that of the training"))
    _output(predict)


def _output(command: Parser, group: argparse._ArgumentGroup | None = None) -> None:
    place = group or command
    place.add_argument("--json", action="store_true", help="print the result as JSON")
    place.add_argument("--quiet", "-q", action="store_true", help="say nothing but the result")
