"""A model that was exported predicts elsewhere, without us, what it predicts here, to the last digit."""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from packaging.requirements import Requirement

from adapters.records import Feature, JobSpec, ParameterValue, TrainingSpec
from adapters.records.training import Preparation
from evals.world.elsewhere import Elsewhere
from runtime.session import Session
from tests.tools.conftest import told
from tests.tools.test_model_names import add, begun, keep, output, session
from tools import ml
from tools.errors import ToolError
from tools.export_model.archive import NEEDED

__all__ = ["output", "session"]

FEATURES = (
    Feature(name="size", kind="number"),
    Feature(name="place", kind="category"),
    Feature(name="code", kind="category"),
    Feature(name="is_new", kind="boolean"),
    Feature(name="sold", kind="date"),
)
ORDINAL = Preparation(encode="ordinal", missing="mean")
TREES = (ParameterValue(name="n_estimators", value=12),)


def spec_of(model: str, target: str, preparation: Preparation | None = None) -> TrainingSpec:
    return TrainingSpec(
        target=target,
        task="regression" if target == "price" else "classification",
        features=FEATURES,
        model=model,
        params=TREES if model == "random_forest" else (),
        preparation=preparation or Preparation(),
    )


SPECS = [
    spec_of("ridge", "price"),
    spec_of("svm", "price"),
    spec_of("random_forest", "price", ORDINAL),
    spec_of("decision_tree", "price", ORDINAL),
    spec_of("logistic_regression", "grade", ORDINAL),
    spec_of("gradient_boosting", "grade"),
    spec_of("svm", "grade"),
    spec_of("xgboost", "grade"),
]


def rows(n: int, seed: int) -> pd.DataFrame:
    """A table with every kind of column, gaps in each, and text that a spreadsheet would run."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "size": draw.normal(100, 30, n).round(3),
            "place": draw.choice(["north", "south, east", 'the "old" town'], n),
            "code": draw.choice([1, 2, 30], n), "is_new": draw.random(n) < 0.5,
            "sold": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 700, n), unit="D"),
        }
    )  # fmt: skip
    frame["price"] = frame["size"] * 3.1 + 40 * (frame["place"] == "north") + draw.normal(0, 5, n)
    frame["grade"] = pd.cut(frame["price"], [-np.inf, 280, 340, np.inf], labels=["low", "middle", "high"]).astype(str)
    for column in ("size", "place", "is_new", "sold"):
        frame[column] = frame[column].astype(object).where(draw.random(n) > 0.05, None)
    return frame


def train(session: Session, spec: TrainingSpec, folder: Path) -> str:
    """A model of the rows in the session; gives its id."""
    (folder / "training.csv").write_text(rows(240, 1).to_csv(index=False))
    told(session, "load_dataset", {"source": str(folder / "training.csv")})
    with session.data.open("training") as table:
        frame = table.frame()
    ml.fit_job(spec, frame, "sha", folder / "out", lambda sentence, fraction: None)
    job = JobSpec(work=spec, dataset="training", dataset_id="d", data_sha256="sha", rows=240)
    model = session.models.install(replace(begun(1), spec=job), folder / "out")
    add(session.program.database, model)
    return model.model_id


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packages of requirements.txt, what those need, and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    waiting, seen = [*NEEDED, "xgboost-cpu"], set[str]()
    while waiting:
        name = waiting.pop().lower()
        if name in seen:
            continue
        seen.add(name)
        found = importlib.metadata.distribution(name)
        needs = map(Requirement, found.requires or ())
        waiting += [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
        for top in {Path(file).parts[0] for file in found.files or () if ".." not in Path(file).parts}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(found.locate_file(top))))
    assert not seen & {"pydantic", "duckdb", "pyarrow", "anthropic", "jinja2"}
    return folder


@pytest.fixture(scope="module")
def kernels() -> dict[str, str]:
    """Which of its kernels BLAS takes decides the last digit: on the same machine, the same."""
    return {name: value for name, value in os.environ.items() if name.startswith("OPENBLAS_")}


@pytest.fixture(scope="module")
def elsewhere(site: Path, kernels: dict[str, str]) -> Iterator[Elsewhere]:
    """What the exported scripts are run by, with those packages and the standard library alone."""
    with Elsewhere(site, ["pandas", "sklearn.ensemble", "sklearn.svm", "skops.io"], kernels) as ready:
        yield ready


def unpacked(session: Session, model_id: str, folder: Path, onnx: bool = False) -> Path:
    exported = session.call_tool("export_model", json.dumps({"model": model_id, "onnx": onnx}), None)
    with zipfile.ZipFile(exported.artifacts[0].path) as archive:
        archive.extractall(folder)
    return folder / model_id


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.model}_{spec.target}")
def test_the_script_predicts_what_we_predict(
    session: Session, tmp_path: Path, elsewhere: Elsewhere, spec: TrainingSpec
) -> None:
    model_id = train(session, spec, tmp_path)
    new = rows(90, 2).drop(columns=["price", "grade"])
    new.loc[3, "place"], new["note"] = "the moon", "=1+1"
    (tmp_path / "new.csv").write_text(new.to_csv(index=False))
    told(session, "load_dataset", {"source": str(tmp_path / "new.csv")})
    ours = session.call_tool("predict", json.dumps({"model": model_id, "dataset": "new"}), None).artifacts[0].path
    place = unpacked(session, model_id, tmp_path / "elsewhere")
    ran = elsewhere.run(place, ["predict.py", str(tmp_path / "new.csv"), "predictions.csv"])
    assert (ran.code, ran.said) == (0, "90 rows predicted\n")
    here, there = read(ours), read(place / "predictions.csv")
    added = [name for name in here[0] if name.startswith(("prediction", "probability"))]
    assert len(added) == (3 if spec.task == "regression" else 1 if spec.model == "svm" else 2)
    assert len(there) == 90
    for name in added:
        if name == "prediction" and spec.task == "classification":
            assert [row[name] for row in there] == [row[name] for row in here]
        elif spec.model == "random_forest":
            # Its trees are added up in the order in which threads end: our own last digit is not the same twice.
            assert [float(row[name]) for row in there] == pytest.approx([float(row[name]) for row in here], rel=1e-14)
        else:
            assert [float(row[name]) for row in there] == [float(row[name]) for row in here]
    assert {row["note"] for row in there} == {"'=1+1"}


def test_what_is_in_the_file(session: Session, output: Path, tmp_path: Path) -> None:
    model = keep(session, 1, output)
    found = told(session, "export_model", {"model": "y"})
    assert found["artifact"] == f"{model.model_id}.zip"
    place = unpacked(session, model.model_id, tmp_path / "elsewhere")
    files = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    assert files == set(found["files"])
    assert files == {
        "predict.py", "requirements.txt", "model.skops", "metadata.json", "model_card.md", "training_log.txt",
        "manifest.json", "tools/__init__.py", "tools/ml/__init__.py", "tools/ml/predictor.py",
        "tools/ml/mixed_naive_bayes.py", "tools/ml/preprocessing.py", "tools/ml/xgboost_trees.py",
        "tools/ml/word_order.py",        "tools/missing_group.py",
        "adapters/__init__.py", "adapters/spreadsheet_csv.py",
    }  # fmt: skip
    pinned = [line.split("==")[0] for line in (place / "requirements.txt").read_text().splitlines()]
    assert pinned == ["numpy", "pandas", "scikit-learn", "skops"]
    manifest = json.loads((place / "manifest.json").read_text())
    for name, sha256 in manifest["sha256"].items():
        assert hashlib.sha256((place / name).read_bytes()).hexdigest() == sha256, name
    assert set(manifest["sha256"]) == files - {"manifest.json"}
    assert "# Model card: model_ann_linear_regression_20261127_180509" in (place / "model_card.md").read_text()
    assert "scores on the test rows" in (place / "training_log.txt").read_text()
    assert json.loads((place / "metadata.json").read_text())["schema"][0]["name"] == "x"
    # Each has a name of its own.
    assert sorted(path.name for path in session.artifacts.glob("*.zip")) == [
        f"{model.model_id}.zip",
        f"{model.model_id}_2.zip",
    ]


def test_the_script_says_in_a_sentence_what_it_cannot_do(
    session: Session, output: Path, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    place = unpacked(session, keep(session, 1, output).model_id, tmp_path / "elsewhere")
    for csv_text, words in (
        ("x\n1\nmany\n", "'x', row 2: 'many' is no number"),
        ("x\n1\ninf\n", "'x', row 2: 'inf' is no number"),
        ("z\n1\n", "the file lacks 'x'"),
        ("x\n", "holds no rows"),
    ):
        (place / "rows.csv").write_text(csv_text)
        ran = elsewhere.run(place, ["predict.py", "rows.csv", "predictions.csv"])
        assert (ran.code, len(ran.said.splitlines())) == (1, 1), ran.said
        assert words in ran.said
        assert not (place / "predictions.csv").exists()
    (place / "rows.csv").write_text("x,prediction\n50,7\n")
    assert elsewhere.run(place, ["predict.py", "rows.csv", "predictions.csv"]).code == 0
    (row,) = read(place / "predictions.csv")
    assert row["prediction_given"] == "7"
    assert float(row["prediction"]) == pytest.approx(100.0, abs=1e-9)
    assert "is there already" in elsewhere.run(place, ["predict.py", "rows.csv", "predictions.csv"]).said
    content = bytearray((place / "model.skops").read_bytes())
    content[-40] ^= 1
    (place / "model.skops").write_bytes(content)
    assert "is not the file that was exported" in elsewhere.run(place, ["predict.py", "rows.csv", "again.csv"]).said


def test_the_script_is_started_by_itself(
    session: Session, output: Path, tmp_path: Path, site: Path, kernels: dict[str, str]
) -> None:
    place = unpacked(session, keep(session, 1, output).model_id, tmp_path / "elsewhere")
    (place / "rows.csv").write_text("x\n50\n")
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "predict.py", "rows.csv", "predictions.csv"],
        cwd=place, env={"PYTHONPATH": str(site), "PATH": os.environ["PATH"], **kernels},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "1 row predicted\n")
    (row,) = read(place / "predictions.csv")
    assert float(row["prediction"]) == pytest.approx(100.0, abs=1e-9)


def test_a_model_that_was_changed_is_not_exported(session: Session, output: Path) -> None:
    model = keep(session, 1, output)
    content = bytearray((model.path / "model.skops").read_bytes())
    content[len(content) // 2] ^= 1
    (model.path / "model.skops").write_bytes(content)
    with pytest.raises(ToolError, match="was changed after it was trained"):
        told(session, "export_model", {"model": "y"})
    assert list(session.artifacts.glob("*.zip")) == []
