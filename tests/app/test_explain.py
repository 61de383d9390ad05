"""`catenary explain`: the step of a training, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from catenary.app.main import main

Capture = pytest.CaptureFixture[str]
BATCH = 20


def explained(capsys: Capture, *words: str) -> str:
    assert main(["explain", *words, "--batch-size", str(BATCH), "--quiet"]) == 0
    out, err = capsys.readouterr()
    assert not err
    return out


def test_products_have_the_sizes_of_the_chain(here: Path, capsys: Capture) -> None:
    found = json.loads(explained(capsys, "iris", "--layers", "16,8", "--json"))
    kernels = [step for step in found["code"]["steps"] if step["kind"] == "contract"]
    forward = [(4, 16), (16, 8), (8, 3)]
    shapes = [(BATCH, n) for _, n in forward]  # forward
    shapes += forward  # gradients of weights
    shapes += [(BATCH, 16), (BATCH, 8)]  # gradients of what flows between
    assert sorted(tuple(kernel["shape"]) for kernel in kernels) == sorted(shapes)
    products = sum(2 * BATCH * k * n for k, n in forward)
    assert found["code"]["work"]["flops"] > 3 * products - 2 * BATCH * 4 * 16
    assert found["name"] == f"a step of training 4-16-8-3 on {BATCH} rows"


def test_the_text_fits_and_names_no_line_of_ours(here: Path, capsys: Capture) -> None:
    told = explained(capsys, "iris", "--layers", "8")
    assert told.startswith("a step of training 4-8-3 on 20 rows: ")
    assert max(map(len, told.splitlines())) <= 100
    assert ".py:" not in told
    assert "LLVM code" not in told


def test_code_and_time_on_request(houses: Path, capsys: Capture) -> None:
    words = ["houses.csv", "--target", "price", "--ignore", "id,dear", "--layers", "8"]
    told = explained(capsys, *words, "--ir", "--asm", "--time")
    for part in ("a call", "%", "LLVM code", "define void", "assembly", "body:"):
        assert part in told


def test_data_and_chain_are_told_beside_the_result(here: Path, capsys: Capture) -> None:
    assert main(["explain", "iris", "--layers", "8"]) == 0
    out, err = capsys.readouterr()
    assert "iris: 150 rows" in err
    assert "kernel" in out
    assert not (here / "runs").exists()  # nothing is trained, nothing is kept


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["iri"], "catenary explain: there is no data set and no file 'iri'; did you mean iris?"),
        (["iris", "--tim"], "catenary explain: unknown option --tim; did you mean --time?"),
        (["iris", "--out", "a"], "catenary explain: unknown option --out"),
        (["iris", "--loss", "mse", "--layers", "9-3"], "catenary explain: "),
    ],
)
def test_mistakes_get_one_line_and_code_2(
    words: list[str], message: str, here: Path, capsys: Capture
) -> None:
    assert main(["explain", *words]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
