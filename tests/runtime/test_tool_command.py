"""`statagent tool NAME JSON`, as a shell sees it: the real program, real files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

STATAGENT = Path(sys.executable).with_name("statagent")
PENGUINS = Path(__file__).parents[2] / "evals" / "data" / "penguins.csv"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def statagent(tool: str, /, **arguments: object) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"STATAGENT_HOME": str(tmp_path / "home")}
        command = [str(STATAGENT), "tool", tool, json.dumps(arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return statagent


def test_penguins_are_loaded_described_and_correlated(run: Run) -> None:
    loaded = json.loads(run("load_dataset", source=str(PENGUINS)).stdout)
    assert (loaded["dataset"], loaded["rows"], len(loaded["columns"])) == ("penguins", 344, 8)
    assert set(loaded["columns"][0]) == {"name", "type", "missing", "distinct", "example"}

    described = json.loads(run("describe", dataset="penguins", columns=["body_mass_g"], by="species").stdout)
    means = {line["group"]: line["mean"] for line in described["columns"]}
    # The means of the palmerpenguins package's own vignette.
    assert means == pytest.approx({"Adelie": 3700.662252, "Chinstrap": 3733.088235, "Gentoo": 5076.016260}, abs=5e-7)

    correlated = json.loads(run("correlate", dataset="penguins", x="bill_length_mm", y="body_mass_g").stdout)
    (pair,) = correlated["pairs"]
    assert (pair["n"], round(pair["r"], 10)) == (342, 0.5951098244)
    assert set(pair) == {"x", "y", "r", "p", "n", "ci_low", "ci_high"}


def test_groups_and_filters_reach_every_reading_tool(run: Run) -> None:
    run("load_dataset", source=str(PENGUINS), name="p")
    described = json.loads(run("describe", dataset="p", where="species = 'Gentoo' AND sex = 'female'").stdout)
    assert described["rows"] == 58
    correlated = json.loads(run("correlate", dataset="p", x="bill_length_mm", y="body_mass_g", by="species").stdout)
    assert [(pair["group"], pair["n"]) for pair in correlated["pairs"]] == [
        ("Adelie", 151),
        ("Chinstrap", 68),
        ("Gentoo", 123),
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("load_dataset", {"source": "nowhere.csv"}, "there is no file 'nowhere.csv'"),
        ("load_dataset", {"source": "/etc/passwd"}, "outside the folders that may be read"),
        ("load_dataset", {}, "load_dataset needs 'source'"),
        ("describe", {"dataset": "pengins"}, "no dataset 'pengins'; nearest: 'penguins'"),
        ("describe", {"dataset": "penguins", "columns": ["bodymass"]}, "nearest: 'body_mass_g'"),
        ("describe", {"dataset": "penguins", "colums": ["x"]}, "describe has no field 'colums'"),
        ("describe", {"dataset": "penguins", "where": "yaer > 2007"}, "no column 'yaer'; nearest: 'year'"),
        ("correlate", {"dataset": "penguins", "x": "species", "y": "year"}, "holds text, not numbers"),
        ("correlate", {"dataset": "penguins", "x": "year"}, "x and y go together"),
        ("corelate", {}, "no tool 'corelate'"),
    ],
)
def test_a_wrong_call_is_answered_in_one_sentence(
    run: Run, name: str, arguments: dict[str, object], sentence: str
) -> None:
    run("load_dataset", source=str(PENGUINS))
    done = run(name, **arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
