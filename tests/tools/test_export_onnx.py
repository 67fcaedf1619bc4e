"""An exported model's ONNX form says elsewhere, without scikit-learn, what the model says here; or there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.compute.worker_files import hash_of
from adapters.records import Feature, ParameterValue, TrainingSpec
from adapters.records.training import Preparation
from runtime.session import Session
from tests.tools.conftest import told
from tests.tools.test_export_model import ORDINAL, read, rows, spec_of, train, unpacked
from tests.tools.test_keep_threshold import said
from tests.tools.test_model_names import session
from tools import ml
from tools.export_model.onnx_form import MOST_NODES, OnnxForm, OnnxState, _difference, onnx_form
from tools.export_model.standalone_onnx import open_model, predict

__all__ = ["session"]

WITHOUT_US = """
import runpy, sys
for name in ("sklearn", "pandas", "scipy", "skops", "skl2onnx", "onnx", "tools", "adapters"):
    sys.modules[name] = None
sys.argv = ["predict_onnx.py", "new.csv"]
runpy.run_path("predict_onnx.py", run_name="__main__")
"""
ROBUST = Preparation(scale="robust", encode="onehot_drop_first", missing="constant", max_categories=2)
MINMAX = Preparation(scale="minmax", encode="onehot_drop_binary", missing_words="most_frequent")


def asked_of(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "new.csv").write_text(text)
    command = [sys.executable, "-I", "-c", WITHOUT_US]
    return subprocess.run(
        command, cwd=folder, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60
    )


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize(
    "spec",
    [
        spec_of("ridge", "price", ROBUST),
        spec_of("random_forest", "price"),
        spec_of("polynomial_regression", "price", MINMAX),
        spec_of("logistic_regression", "grade", ORDINAL),
        spec_of("random_forest", "grade", ORDINAL),
        spec_of("svm", "grade"),
    ],
    ids=lambda spec: f"{spec.model}_{spec.target}",
)
def test_the_onnx_script_says_what_we_predict(session: Session, tmp_path: Path, spec: TrainingSpec) -> None:
    model_id = train(session, spec, tmp_path)
    new = rows(90, 2).drop(columns=["price", "grade"])
    new.loc[3, "place"] = "the moon"
    (tmp_path / "new.csv").write_text(new.to_csv(index=False))
    told(session, "load_dataset", {"source": str(tmp_path / "new.csv")})
    ours = session.call_tool("predict", json.dumps({"model": model_id, "dataset": "new"}), None).artifacts[0].path
    found = told(session, "export_model", {"model": model_id, "onnx": True})
    assert (found["onnx"]["state"], found["onnx"]["why"]) == ("included", "")
    assert found["onnx"]["largest_difference"] <= 1e-5
    assert {"model.onnx", "onnx.json", "predict_onnx.py", "requirements_onnx.txt"} <= set(found["files"])
    place = unpacked(session, model_id, tmp_path / "elsewhere", onnx=True)
    ran = asked_of(place, new.to_csv(index=False))
    assert (ran.returncode, ran.stderr) == (0, "90 rows predicted\n")
    here, there = read(ours), [json.loads(line) for line in ran.stdout.splitlines()]
    if spec.task == "classification":
        assert [row["prediction"] for row in there] == [row["prediction"] for row in here]
        assert ("probability" in there[0]) == (spec.model != "svm")
    else:
        assert [row["prediction"] for row in there] == pytest.approx(
            [float(row["prediction"]) for row in here], rel=1e-5
        )


def test_a_threshold_goes_along(session: Session, tmp_path: Path) -> None:
    frame = rows(240, 1)
    frame["grade"] = np.where(frame["price"] > 320, "high", "low")
    spec = spec_of("logistic_regression", "grade")
    plain, cut = (form_of(spec, frame, tmp_path / name, cut) for name, cut in (("a", None), ("b", 0.05)))
    texts = [{str(name): str(value) for name, value in row.items()} for row in frame.dropna().to_dict("records")]
    said = [told_of_rows(form, texts) for form in (plain, cut)]
    assert said[0].count("high") < said[1].count("high")


def told_of_rows(form: OnnxForm, texts: list[dict[str, str]]) -> list[str]:
    answers = predict(open_model(form.files["model.onnx"]), json.loads(form.files["onnx.json"]), texts)
    return [answer["prediction"] for answer in answers]


def form_of(
    spec: TrainingSpec, frame: pd.DataFrame, folder: Path, threshold: float | None = None, most_nodes: int = MOST_NODES
) -> OnnxForm:
    ml.fit_job(spec, frame, "sha", folder, lambda sentence, fraction: None)
    pipeline, metadata = ml.load_stated(folder, {file.name: hash_of(file) for file in folder.iterdir()})
    cut = None if threshold is None else ml.Cut(event="high", threshold=threshold)
    return onnx_form(pipeline, metadata.model_copy(update={"cut": cut}), most_nodes)


@pytest.mark.parametrize("model", ["gradient_boosting", "xgboost", "naive_bayes"])
def test_what_has_no_such_form_is_said(tmp_path: Path, model: str) -> None:
    found = form_of(spec_of(model, "grade"), rows(120, 1), tmp_path / "m")
    assert (found.state, found.why) == (OnnxState.NOT_CONVERTED, f"skl2onnx has no form for {model}")
    assert found.files == {}


def test_a_form_that_says_something_else_is_left_out(tmp_path: Path) -> None:
    """ONNX's support vectors are of single precision, which a large number's last digits are lost in."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({"x": 1e9 + 10 * draw.random(200)})
    frame["y"] = np.sin(frame["x"] - 1e9)
    spec = TrainingSpec(
        target="y", task="regression", features=(Feature(name="x", kind="number"),), model="svm",
        params=(ParameterValue(name="gamma", value=1.0),), preparation=Preparation(scale="none"),
    )  # fmt: skip
    found = form_of(spec, frame, tmp_path / "m")
    assert (found.state, found.files) == (OnnxState.OTHER_NUMBERS, {})
    assert found.largest_difference is not None
    assert found.largest_difference > 1e-3
    assert found.why.startswith("of 500 rows made of its schema it says other than the model, by ")


def test_a_forest_that_is_too_large_is_not_converted(tmp_path: Path) -> None:
    found = form_of(spec_of("random_forest", "price"), rows(240, 1), tmp_path / "m", most_nodes=500)
    assert (found.state, found.files) == (OnnxState.TOO_LARGE, {})
    assert found.why.endswith(" nodes, and 500 are converted at most")


def test_another_class_or_number_is_a_difference() -> None:
    assert _difference([{"prediction": "a"}], {"prediction": ["b"]}) == np.inf
    sure = {"prediction": "a", "probability": 0.9}
    assert _difference([sure], {"prediction": ["a"], "probability": [0.7]}) == pytest.approx(0.2)
    assert _difference([{"prediction": 1.1}, {"prediction": 2.0}], {"prediction": [1.0, 2.0]}) == pytest.approx(0.1)
    assert not _difference([{"prediction": np.nan}], {"prediction": [1.0]}) <= 1.0


def test_without_the_extra_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    found = form_of(spec_of("ridge", "price"), rows(120, 1), tmp_path / "m")
    assert (found.state, found.why) == (OnnxState.NOT_INSTALLED, "install statagent with its extra `onnx`")


def test_the_onnx_script_says_in_a_sentence_what_it_cannot_do(session: Session, tmp_path: Path) -> None:
    model_id = train(session, spec_of("ridge", "price"), tmp_path)
    place = unpacked(session, model_id, tmp_path / "elsewhere", onnx=True)
    names = "size,place,code,is_new,sold\n"
    for text, words in (
        (f"{names}many,north,1,true,2024-01-05\n", "'size', row 1: 'many' is no number"),
        (f"{names}1,north,1,perhaps,2024-01-05\n", "'is_new', row 1: 'perhaps' is no boolean"),
        (f"{names}1,north,1,true,soon\n", "'sold', row 1: 'soon' is no date"),
        (f"{names}1,north\n", "row 1 is cut short"),
        ("size\n1\n", "the file lacks 'place'"),
    ):
        ran = asked_of(place, text)
        assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", f"{words}\n")


def test_an_export_without_it_says_nothing_of_it(session: Session, tmp_path: Path) -> None:
    found = told(session, "export_model", {"model": train(session, spec_of("ridge", "price"), tmp_path)})
    assert "onnx" not in found
    assert "model.onnx" not in found["files"]


def test_its_sentence_holds_no_number_that_the_result_has_not(session: Session, tmp_path: Path) -> None:
    model_id = train(session, spec_of("ridge", "price"), tmp_path)
    found = told(session, "export_model", {"model": model_id, "onnx": True})
    words = said("export_model", found)
    assert "`python predict_onnx.py ROWS.csv`" in words
    assert "500" not in words.replace(model_id, "")
    found["onnx"] = {"state": "not_converted", "why": "skl2onnx has no form for xgboost"}
    assert "There is no ONNX form of it in there: skl2onnx has no form for xgboost." in said("export_model", found)
