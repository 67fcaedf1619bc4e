"""A model of other libraries: used with a word where it says what it said, else refused with how to have it again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline

from adapters.records import Model
from runtime.session import Session
from tests.tools.conftest import told
from tests.tools.test_model_names import keep, output, session
from tools import ml
from tools.errors import ToolError
from tools.ml.library_versions import hyper_parameters, other_versions, say_of_probe
from tools.ml.metadata import SeenFeature
from tools.ml.model_files import METADATA, MODEL
from tools.ml.preprocessing import build_pipeline

__all__ = ["output", "session"]

ROW = [{"cells": [{"name": "x", "value": 50.0}]}]


def change(session: Session, model: Model, changes: Mapping[str, object]) -> None:
    """Write the metadata anew, as if the model had been made so, and sign it."""
    metadata = json.loads((model.path / METADATA).read_text()) | changes
    (model.path / METADATA).write_text(json.dumps(metadata))
    sign(session, model)


def sign(session: Session, model: Model) -> None:
    key = (session.settings.home / "secret.key").read_bytes()
    ml.sign_model(model.path, ml.Whose(model.owner_id, model.model_id, model.job_id), key)


def made_with(model: Model, version: str) -> dict[str, object]:
    versions = model.metadata["versions"]
    assert isinstance(versions, dict)
    return {"versions": {**versions, "scikit-learn": version}}


def test_a_model_of_these_libraries_is_used_without_a_word(session: Session, output: Path) -> None:
    keep(session, 1, output)
    rows = [{"cells": [{"name": "x", "value": 3.0}]}]
    assert "warning_codes" not in told(session, "predict", {"model": "y", "rows": rows})


def test_a_model_of_an_older_library_that_says_the_same_is_used_with_a_word(session: Session, output: Path) -> None:
    model = keep(session, 1, output)
    change(session, model, made_with(model, "1.7.2"))
    found = told(session, "predict", {"model": "y", "rows": ROW})
    assert found["preview"][0]["prediction"] == pytest.approx(100.0, abs=1e-9)
    assert found["warning_codes"][0] == "other_version"
    assert f"made with scikit-learn 1.7.2, and {sklearn.__version__} is here" in found["warnings"][0]


def test_a_patch_of_a_library_needs_no_word() -> None:
    major, minor, *_ = sklearn.__version__.split(".")
    assert other_versions({"scikit-learn": f"{major}.{minor}.99"}) == []
    assert len(other_versions({"scikit-learn": f"{major}.{int(minor) + 1}.0"})) == 1
    assert other_versions({}) == []


def test_a_model_of_an_older_library_that_says_something_else_is_refused(session: Session, output: Path) -> None:
    model = keep(session, 1, output)
    change(session, model, {**made_with(model, "1.7.2"), "probe": [0.0, 39.0, 78.5]})
    with pytest.raises(ToolError, match=r"was made with scikit-learn 1\.7\.2, and says something else") as caught:
        told(session, "predict", {"model": "y", "rows": ROW})
    assert str(caught.value).endswith(
        "train it again: estimate_cost with model 'linear_regression', target 'y', features 'x', seed 42"
    )


@pytest.mark.parametrize(
    "renamed",
    [
        ("sklearn.linear_model._base", "sklearn.linear_model._gone"),
        ("StandardScaler", "OldScaler"),
        ('"mean_"', '"means_of_old"'),
    ],
)
def test_a_model_that_these_libraries_do_not_read_says_how_to_have_it_again(
    session: Session, output: Path, renamed: tuple[str, str]
) -> None:
    model = keep(session, 1, output)
    rewrite(model.path / MODEL, lambda text: text.replace(*renamed))
    change(session, model, made_with(model, "1.2.0"))
    with pytest.raises(
        ToolError, match=r"was made with scikit-learn 1\.2\.0, which the libraries here cannot read; train"
    ):
        session.models.load(model)


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Change the words of a model file's schema."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    before = members["schema.json"].decode()
    members["schema.json"] = change(before).encode()
    assert members["schema.json"].decode() != before
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_all_parameters_are_kept_not_only_those_that_were_set(session: Session, output: Path) -> None:
    metadata = keep(session, 1, output).metadata
    assert metadata["hyper_parameters"] == {
        "copy_X": True, "fit_intercept": True, "n_jobs": None, "positive": False, "tol": 1e-12,
    }  # fmt: skip
    assert metadata["probe"] == pytest.approx([0.0, 39.0, 78.0], abs=2)


def test_a_parameter_that_is_no_plain_value_is_kept_as_words() -> None:
    pipeline = Pipeline([("model", Ridge(alpha=np.float64(2.5), max_iter=np.int64(3), solver=Ridge()))])
    found = hyper_parameters(pipeline)
    assert (found["alpha"], found["max_iter"], found["solver"]) == (2.5, 3, "Ridge()")


def test_a_model_that_says_nothing_of_the_probe_is_kept_without_one() -> None:
    pipeline = build_pipeline({"n": "number"}, Ridge(), fill="keep")
    pipeline.fit(pd.DataFrame({"n": [1.0, 2.0, 3.0]}), [1.0, 2.0, 3.0])
    assert say_of_probe(pipeline, [SeenFeature(name="n", kind="number", missing=3)]) is None
    assert say_of_probe(pipeline, [SeenFeature(name="n", kind="number", missing=0, low=1.0, high=3.0)]) is not None


def test_the_probe_has_each_kind_and_no_row_of_the_data() -> None:
    features = [
        SeenFeature(name="n", kind="number", missing=0, low=1.0, high=9.0),
        SeenFeature(name="b", kind="boolean", missing=0, low=0.0, high=1.0),
        SeenFeature(name="c", kind="category", missing=0, values=("a", "b")),
        SeenFeature(name="d", kind="date", missing=0, low="2026-01-01 00:00:00", high="2026-12-31 00:00:00"),
        SeenFeature(name="e", kind="number", missing=4),
        SeenFeature(name="f", kind="date", missing=4),
    ]
    frame = pd.DataFrame(
        {
            "n": [1.0, 9.0, 4.0, 2.0], "b": [True, False, True, False], "c": ["a", "b", "a", "b"],
            "d": pd.to_datetime(["2026-01-01", "2026-12-31", "2026-03-01", "2026-05-05"]), "e": [np.nan] * 4,
            "f": pd.Series([pd.NaT] * 4, dtype="datetime64[us]"),
        }
    )  # fmt: skip
    pipeline = build_pipeline({feature.name: feature.kind for feature in features}, Ridge(alpha=0.1))
    pipeline.fit(frame, [1.0, 2.0, 3.0, 4.0])
    found = say_of_probe(pipeline, features)
    assert found is not None
    assert np.ptp(found) > 0
