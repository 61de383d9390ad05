"""The benchmarks' arithmetic: ratios, goals, tables and bounds. Times are not asserted."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from benchmarks import bound, odd, readme, widths
from benchmarks.__main__ import parser, settings_of, verdict
from benchmarks.case import BY_NAME, TRAINING, Case, wanted
from benchmarks.problem import problem
from benchmarks.row import Goal, Row, quantity
from benchmarks.sample import samples
from benchmarks.settings import Settings, ours, peer
from benchmarks.table import Section, cells, markdown, terminal
from benchmarks.timing import Contestant, Measurement, race

MACHINE = bound.Machine({"float32": 1e11, "float64": 5e10}, {1 << 10: 1e11, 1 << 30: 1e10})


def measurement(label: str, *rounds: float, ours: bool = False, value: float = 1.0) -> Measurement:
    least = min(rounds, default=None)
    return Measurement(label, ours, list(rounds), least, value=[value])


def row(*goals: Goal, value: float = 1.0) -> Row:
    measured = [
        measurement("Catenary step", 30e-6, 10e-6, 20e-6, ours=True),
        measurement("Catenary scan", 10e-6, ours=True, value=value),
        measurement("JAX step", 40e-6, 60e-6, 50e-6),
        measurement("JAX scan", 35e-6, 25e-6, 30e-6),
        measurement("PyTorch", 400e-6),
        Measurement("scikit-learn", error="no such training"),
    ]
    return Row("digits", "64-10 b32", measured, goals)


def test_a_ratio_is_of_the_best_forms() -> None:
    assert row().ratio() == pytest.approx(3.0)
    assert row().ratio(least=True) == pytest.approx(2.5)
    assert row().ratio("PyTorch") == pytest.approx(40.0)
    assert row().ratio("ONNX") is None


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        (Goal("faster", 2.9), True),
        (Goal("faster", 3.1), False),
        (Goal("faster", 39, "PyTorch"), True),
        (Goal("faster", 1, "ONNX"), None),
        (Goal("within", 11e-6), True),
        (Goal("within", 9e-6), False),
    ],
)
def test_a_goal_is_reached_missed_or_not_measured(goal: Goal, reached: bool | None) -> None:
    assert row(goal).reached(goal) is reached
    assert bool(row(goal).missed) is (reached is False)


@pytest.mark.parametrize(("value", "missed"), [(1.0 + 9e-5, 0), (1.0 + 2e-4, 1), (np.nan, 1)])
def test_values_have_to_agree(value: float, missed: int) -> None:
    assert len(row(value=value).missed) == missed


def test_the_exit_status_tells_of_a_missed_goal(capsys: pytest.CaptureFixture[str]) -> None:
    missed = Section("train", "Training", [row(Goal("faster", 4))])
    assert verdict([missed]) == 1
    assert "train, digits, 64-10 b32: ≥ 4×, got 3.00×" in capsys.readouterr().out
    assert verdict([Section("train", "Training", [row(Goal("faster", 3))])]) == 0
    assert verdict([Section("sweep", "Widths", [], failures=("a cliff",))]) == 1


def test_a_table_shows_losers_and_says_why_a_place_is_empty() -> None:
    section = Section("train", "Training", [row(Goal("faster", 4))])
    text = terminal(section)
    assert "no" in text.splitlines()[4].split()
    assert text.splitlines()[4].split().count("—") == 1
    assert "scikit-learn: no such training (digits)" in text
    head, line = cells(section.rows)
    assert dict(zip(head, line, strict=True))["JAX scan"] == "30.0 µs"
    assert len({cell.count("|") for cell in markdown(section).splitlines() if "|" in cell}) == 1
    told = json.loads(json.dumps(section.told()))["rows"][0]
    assert told["ratio"] == pytest.approx(3.0)
    assert told["goals"][0]["reached"] is False


def test_the_readme_gets_tables_between_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n", "utf-8")
    for _ in range(2):
        readme.rewrite([Section("train", "Training", [row()])], "a machine", path)
    text = path.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert text.count("| digits |") == 1
    path.write_text("no marks\n", "utf-8")
    with pytest.raises(SystemExit, match="once each"):
        readme.rewrite([], "a machine", path)


def test_the_bound_of_a_network_counted_by_hand() -> None:
    case = Case("one", (3, 2), 5, 4, "relu", loss="mse", optimizer="descent")
    work = bound.training(case)
    assert work.products == 2 * (2 * 5 * 3 * 2)
    assert work.elementwise == 6 * 5 * 2 + 2 * 8
    assert work.transcendentals == 0
    assert work.bytes == 4 * 8 * 3 + 4 * 5 * (3 + 2)
    compute = (120 + 76) / 1e11
    assert work.seconds(MACHINE) == pytest.approx(max(compute, work.bytes / 1e11))


def test_a_stream_is_as_fast_as_the_next_larger_one() -> None:
    assert MACHINE.stream(100) == 1e11
    assert MACHINE.stream(2000) == 1e10
    assert MACHINE.stream(1 << 40) == 1e10


@pytest.mark.parametrize("case", [*TRAINING[:4], odd.ODD[5][0]], ids=lambda case: case.name)
def test_a_problem_has_the_sizes_of_its_case(case: Case) -> None:
    data = problem(case)
    assert data.x.shape == (case.rows, case.widths[0])
    assert data.x.dtype == case.dtype
    assert len(data.y) == case.rows
    assert [w.shape for w, _ in data.weights] == case.layers
    if not case.full:
        every = np.concatenate([data.order.ravel(), data.last])
        assert sorted(every) == list(range(case.rows))


def test_cases_are_chosen_by_name() -> None:
    assert [case.name for case in wanted(TRAINING, ["digits", "tiny"])] == ["tiny", "digits"]
    with pytest.raises(SystemExit, match="no case is called nothing"):
        wanted(TRAINING, ["nothing"])


def test_settings_leave_out_peers_and_slow_compilers() -> None:
    everyone = [ours("step"), peer("JAX", "jax", "step"), peer("compiled", "torch", "compile")]
    assert [c.label for c in Settings(ours=True).chosen(everyone)] == ["Catenary step"]
    assert [c.label for c in Settings(quick=True).chosen(everyone)] == ["Catenary step", "JAX"]
    assert len(Settings().chosen(everyone)) == 3
    given = settings_of(parser().parse_args(["train", "--only", "digits,tiny", "--ours"]))
    assert (given.only, given.ours, given.rounds) == (("digits", "tiny"), True, 3)


def test_a_width_may_not_take_longer_than_a_wider_one() -> None:
    cliff = {45: 1.0, 46: 9.0, 47: 9.1}
    assert widths.disorder(cliff) == (pytest.approx(1 / 9 * 9 / 9.1 * 9, rel=0.02), 46, 47)
    assert widths.rise(cliff) == (9.0, 45, 46)
    assert widths.disorder({32: 1.3, 33: 1.5, 34: 1.0})[1:] == (33, 34)


def test_an_odd_case_is_compared_by_operation() -> None:
    digits = BY_NAME["digits"]
    double = Case(**{**asdict(digits), "dtype": "float64"})
    assert odd.factor((double, 2.0), (digits, 1.0)) == pytest.approx(1.0)
    assert odd.factor((digits, 3.0), (digits, 2.0)) == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.99996e-3, "s", "1,000 µs"),
        (1.5e-9, "s", "1.50 ns"),
        (3e-10, "s", "0.30 ns"),
        (2.0, "s", "2.00 s"),
        (1e9, "B", "1,000 MB"),
    ],
)
def test_quantities(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


def test_a_call_is_sampled_at_least_once() -> None:
    calls: list[int] = []
    assert len(samples(lambda: calls.append(1), 0.0)) == 1
    assert calls


def test_contestants_take_turns_in_processes_of_their_own() -> None:
    case = Case("toy", (2, 3, 1), 4, 5, "tanh", loss="mse", full=True)
    contestants = [ours("step"), Contestant("absent", "no_such_module", "")]
    asked = {"kind": "train", "case": asdict(case)}
    found, absent = race(contestants, asked, rounds=2, seconds=0.001)
    assert found.error == ""
    assert len(found.rounds) == 2
    assert found.minimum is not None
    assert found.value is not None
    assert found.memory is not None
    assert found.memory > 1e6
    assert absent.error == "no_such_module is not installed"
    assert absent.median is None
