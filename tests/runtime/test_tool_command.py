"""`statagent tool NAME JSON`, as a shell sees it: the real program, real files."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.world.home import used_home
from evals.world.programs import Programs
from evals.world.web import web_server

PENGUINS = Path(__file__).parents[2] / "evals" / "data" / "penguins.csv"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, programs: Programs) -> Run:
    def statagent(tool: str, /, **arguments: object) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"STATAGENT_HOME": str(used_home(tmp_path / "home"))}
        options = arguments.pop("options", ())
        assert isinstance(options, tuple)
        command = [programs.statagent, "tool", tool, json.dumps(arguments), *options]
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
    assert set(pair) == {"x", "y", "r", "p", "p_method", "n", "ci_low", "ci_high"}


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


def make_quote(run: Run, **job: object) -> dict[str, object]:
    run("load_dataset", source=str(PENGUINS))
    training = {"kind": "training", "dataset": "penguins", "target": "species", "model": "random_forest"} | job
    done = run("estimate_cost", job=training)
    assert done.returncode == 0, done.stderr
    quote: dict[str, object] = json.loads(done.stdout)["quotes"][0]
    return quote


def test_a_launch_without_a_yes_ends_with_code_3_and_the_quote(run: Run) -> None:
    quote = make_quote(run)
    done = run("launch_training", quote_id=quote["quote_id"])
    assert done.returncode == 3
    assert json.loads(done.stdout) == quote
    wrong = run("launch_training", quote_id=quote["quote_id"], options=("--confirm", "quote_x", "--max-usd", "5"))
    assert wrong.returncode == 3


def test_from_a_file_to_predictions(run: Run, tmp_path: Path) -> None:
    quote_id = str(make_quote(run)["quote_id"])
    yes = ("--confirm", quote_id, "--max-usd", "0")
    launched = json.loads(run("launch_training", quote_id=quote_id, options=yes).stdout)
    again = run("launch_training", quote_id=quote_id, options=yes)
    assert (again.returncode, "used already" in again.stderr) == (1, True)
    job = json.loads(run("poll_job", job_id=launched["job_id"], wait_s=60).stdout)
    assert job["state"] == "succeeded"
    assert job["metrics"]["accuracy"] > job["baseline"]["accuracy"]
    assert job["cost_usd"] == 0

    new = PENGUINS.with_name("penguins_new.csv")
    run("load_dataset", source=str(new))
    predicted = json.loads(run("predict", model=job["model"], dataset="penguins_new").stdout)
    assert sum(predicted["summary"]["counts"].values()) == predicted["n"]
    assert re.fullmatch(rf"predictions_{job['model']}_\d{{8}}_\d{{6}}\.csv", predicted["artifact"])
    (file,) = (tmp_path / "home" / "artifacts").rglob("*.csv")
    lines = file.read_text().splitlines()
    assert len(lines) == predicted["n"] + 1
    assert lines[0].endswith(",prediction,probability")

    listed = json.loads(run("list_models", model="random_forest").stdout)["models"]
    assert [model["model"] for model in listed] == [job["model"]]
    assert "importance" in listed[0]
    assert [curve["event"] for curve in listed[0]["curve"]] == listed[0]["classes"]
    areas = {curve["event"]: curve["area"] for curve in listed[0]["curve"]}
    assert listed[0]["metrics"]["roc_auc"] == pytest.approx(sum(areas.values()) / len(areas))

    def drawn(kind: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run("plot", dataset="penguins_new", kind=kind, model="random_forest", **more)

    curve = json.loads(drawn("roc", event="gentoo").stdout)
    assert curve["n"] == listed[0]["rows"]["test"]
    said = [f"area under the curve {areas['Gentoo']:.3f}", "dashed: chance", "of its test rows", "against all others"]
    assert curve["notes"] == said
    assert json.loads(drawn("precision_recall", event="Adelie").stdout)["notes"][0].startswith("average precision ")
    assert "name the class that is set against the others" in drawn("roc").stderr
    assert "it has 'Adelie'" in drawn("roc", event="Emperor").stderr


def test_one_row_in_words_is_predicted(run: Run) -> None:
    quote_id = str(make_quote(run, target="body_mass_g", model="ridge", features=["bill_length_mm", "sex"])["quote_id"])
    yes = ("--confirm", quote_id, "--max-usd", "1")
    job_id = json.loads(run("launch_training", quote_id=quote_id, options=yes).stdout)["job_id"]
    run("poll_job", job_id=job_id, wait_s=60)
    cells = [{"name": "bill_length_mm", "value": 45.0}, {"name": "sex", "value": "male"}]
    predicted = json.loads(run("predict", model="body_mass_g", rows=[{"cells": cells}]).stdout)
    assert 4000 < predicted["summary"]["mean"] < 5000
    wrong = run("predict", model="body_mass_g", rows=[{"cells": [{"name": "wings", "value": 2}]}])
    assert "the model has no column 'wings'" in wrong.stderr


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("detect_schema", {"dataset": "penguins", "target": "specie"}, "nearest: 'species'"),
        ("launch_training", {"quote_id": "quote_x"}, "no quote 'quote_x'"),
        ("launch_training", {"quote_id": "quote_x", "max_usd": 9}, "launch_training has no field 'max_usd'"),
        ("poll_job", {"job_id": "job_x"}, "no job 'job_x'"),
        ("cancel_job", {"job_id": "job_x"}, "no job 'job_x'"),
        ("predict", {"model": "random_forest", "dataset": "penguins"}, "there is no trained model yet"),
        ("predict", {"model": "random_forest"}, "give one of: dataset, rows"),
    ],
)
def test_a_wrong_step_on_the_way_to_a_model_is_answered(
    run: Run, name: str, arguments: dict[str, object], sentence: str
) -> None:
    run("load_dataset", source=str(PENGUINS))
    done = run(name, **arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model": "ridge"}, "no model 'ridge' for classification"),
        ({"model": "forest"}, "job.model: input should be"),
        ({"params": [{"name": "trees", "value": 3}]}, "random_forest has no parameter 'trees'"),
        ({"features": ["species"]}, "'species' is the target"),
        ({"target": "weight"}, "no column 'weight'"),
        ({"test_size": 0.96}, "job.test_size: input should be less than or equal to 0.95"),
    ],
)
def test_a_job_that_cannot_be_done_gets_no_quote(run: Run, change: dict[str, object], sentence: str) -> None:
    run("load_dataset", source=str(PENGUINS))
    job = {"kind": "training", "dataset": "penguins", "target": "species", "model": "random_forest"} | change
    done = run("estimate_cost", job=job)
    assert done.returncode == 1
    assert sentence in done.stderr


def test_files_from_elsewhere_are_loaded(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server() as web:
        refused = run("load_dataset", source=f"{web}/table.csv")
        assert (refused.returncode, "not public" in refused.stderr) == (1, True)
        monkeypatch.setenv("STATAGENT_ALLOW_LOOPBACK", "true")
        assert json.loads(run("load_dataset", source=f"{web}/table.csv").stdout)["rows"] == 3
