"""The page on a model: what stands in it, and that nothing out of the data does anything there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import sklearn

from adapters.records import Model
from runtime.session import Session
from tests.tools.conftest import told
from tests.tools.test_model_files import SPEC
from tests.tools.test_model_names import BEGUN, keep, output, session
from tools import ml
from tools.card_text import card_of
from tools.ml.model_files import CARD, LOG

__all__ = ["output", "session"]

EARLY = {
    "spec": SPEC.model_dump(mode="json"), "schema": [{"name": "x", "kind": "number", "missing": 0}],
    "metrics": {"r2": 0.5}, "baseline": {"r2": 0.0}, "importance": {"x": 0.5},
    "rows": {"train": 8, "test": 2, "without_target": 0}, "warnings": [], "data_sha256": "sha",
    "versions": {}, "created_at": "2026-11-24T12:00:00+00:00",
}  # fmt: skip
"""As version 0.1 left it."""


def test_a_card_is_written_beside_the_model_and_shown(session: Session, output: Path) -> None:
    keep(session, 1, output)
    model = keep(session, 2, output)
    session.models.rename(model, "prices")
    found = told(session, "model_card", {"model": "prices"})
    card = "\n\n".join(found["card"])
    for words in (
        "# Model card: prices",
        "- Version: 2",
        "- Former version: model_ann_linear_regression_20261127_180509",
        "- Table: t",
        "- Rows: 32 to train on, 8 to test on; 0 without a value of the target were left out",
        "20% of the rows are test rows: drawn at random, with seed 42.",
        "| on the test rows | model | 95 % interval | baseline |",
        "| r2 | 1 | ",
        "| x | number | 0 to 39 | 0 | ",
        "| fit_intercept | True |",
        "- rmse is no better, beyond chance, than by always saying the training mean",
        "- Cost: $0.012500, 42.5 seconds",
        f"scikit-learn {sklearn.__version__}",
        '"target": "y"',
    ):
        assert words in card, words
    sections = [line for line in card.splitlines() if line.startswith("## ")]
    assert sections == [
        f"## {name}"
        for name in ("Data", "Split", "Scores", "Features", "Settings", "Caveats", "Limits", "To have it again")
    ]
    beside = (model.path / CARD).read_text()
    assert "# Model card: model_ann_linear_regression_20261127_180509_2" in beside
    assert beside.count("\n## ") == len(sections)
    log = (model.path / LOG).read_text()
    for words in (
        "scores on the test rows: r2 1",
        "warning: rmse is no better",
        "linear_regression for 'y', 1 features, seed 42",
    ):
        assert words in log, words
    assert f"scikit-learn {sklearn.__version__}" in log.splitlines()[-1]


def test_names_out_of_the_data_do_nothing_in_a_card(tmp_path: Path) -> None:
    name = "# **x** | <b>`a`\n\n## Limits\u202e[l](http://a.example)"
    spec = SPEC.model_copy(update={"features": (ml.Feature(name=name, kind="category"),)})
    words = ["| a |", "*b*"]
    frame = pd.DataFrame({name: [words[i % 2] for i in range(60)], "y": np.arange(60.0) % 2})
    metadata = ml.fit_job(spec, frame, "sha", tmp_path / "out", lambda sentence, fraction: None)
    card = card_of(Model("m", "ann", "linear_regression", "y", 1, tmp_path, {}, None, BEGUN), metadata)
    assert card.count("\n## Limits") == 1
    assert "\u202e" not in card
    assert "\\# \\*\\*x\\*\\* \\| \\<b\\>\\`a\\` \\#\\# Limits\\\\u202e\\[l\\](http://a.example)" in card
    (row,) = [line for line in card.splitlines() if "category" in line and line.startswith("| ")]
    assert row.replace("\\|", "").count("|") == 6


def test_a_model_that_is_no_better_says_so_in_its_card(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"x": draw.normal(size=200), "y": draw.normal(size=200)})
    metadata = ml.fit_job(SPEC, frame, "sha", tmp_path / "out", lambda sentence, fraction: None)
    card = card_of(Model("m", "ann", "linear_regression", "y", 1, tmp_path, {}, None, BEGUN), metadata)
    assert "**Its rmse is not better than the baseline's" in card
    assert "Training warned of nothing" not in card


def test_a_classifier_has_its_confusion_in_its_card(tmp_path: Path) -> None:
    spec = SPEC.model_copy(update={"task": "classification", "model": "logistic_regression"})
    frame = pd.DataFrame({"x": np.arange(60.0), "y": ["low"] * 30 + ["high"] * 30})
    metadata = ml.fit_job(spec, frame, "sha", tmp_path / "out", lambda sentence, fraction: None)
    card = card_of(Model("m", "ann", "logistic_regression", "y", 1, tmp_path, {}, None, BEGUN), metadata)
    assert "| true class | said high | said low |" in card
    assert "drawn at random, in strata of the classes" in card
    assert "Its probabilities are its own and were not calibrated." in card


def test_a_model_of_an_earlier_version_has_a_card(tmp_path: Path) -> None:
    metadata = ml.Metadata.model_validate(json.loads(json.dumps(EARLY)))
    card = card_of(Model("m", "ann", "linear_regression", "y", 1, tmp_path, {}, None, BEGUN), metadata)
    assert "- Table: not written down" in card
    assert "- Cost" not in card
    assert "| x | number | nothing | 0 | 0.5 |" in card


def test_a_card_of_very_many_columns_stays_short(tmp_path: Path) -> None:
    schema = [{"name": f"column_{i}", "kind": "number", "missing": 0, "low": 0.0, "high": 1.0} for i in range(5_000)]
    features = [{"name": one["name"], "kind": "number"} for one in schema]
    wide = EARLY | {"schema": schema, "spec": EARLY["spec"] | {"features": features}}  # type: ignore[operator]
    metadata = ml.Metadata.model_validate(json.loads(json.dumps(wide)))
    card = card_of(Model("m", "ann", "linear_regression", "y", 1, tmp_path, {}, None, BEGUN), metadata)
    assert "… and 4970 more rows." in card
    assert 'stands under "spec" in metadata.json' in card
    assert len(card) < 8_000
