"""What a column is read as: the same in regress and in training, shown before the yes, and as the person says."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from runtime.confirmation import Confirmation
from runtime.session import Session
from tools.errors import ToolError

Ask = Callable[..., Any]


@pytest.fixture
def ask(session: Session, tmp_path: Path) -> Ask:
    """A tool over `t`: codes 1, 2, 3 that go with y in no straight line, a flag, words, a day, and a number."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame({"code": rng.integers(1, 4, 200), "x": rng.normal(size=200).round(4)})
    frame["flag"] = rng.choice(["true", "false"], 200)
    frame["word"] = rng.choice(["a", "b"], 200)
    frame["day"] = [f"2024-01-0{day}" for day in rng.integers(1, 5, 200)]
    frame["y"] = (frame["code"].map({1: 0.0, 2: 5.0, 3: 1.0}) + frame["x"] + rng.normal(size=200)).round(4)
    frame.to_csv(tmp_path / "t.csv", index=False)
    session.call_tool("load_dataset", json.dumps({"source": str(tmp_path / "t.csv")}), None)

    def call(tool: str, **arguments: Any) -> Any:
        yes = Confirmation(arguments["quote_id"], Decimal(0)) if "quote_id" in arguments else None
        return session.call_tool(tool, json.dumps(arguments), yes).content

    return call


def quote(ask: Ask, **job: Any) -> Any:
    given = {"kind": "training", "dataset": "t", "target": "y", "model": "linear_regression", **job}
    return ask("estimate_cost", job=given)


def trained(ask: Ask, **job: Any) -> tuple[dict[str, float], float]:
    """Coefficients by term, and the intercept, of least squares on the training rows."""
    launched = ask("launch_training", quote_id=quote(ask, **job)["quotes"][0]["quote_id"])
    done = ask("poll_job", job_id=launched["job_id"], wait_s=60)
    assert done["state"] == "succeeded"
    return {line["term"]: line["estimate"] for line in done["coefficients"]}, done["intercept"]


@pytest.mark.parametrize(
    ("given", "terms"),
    [
        ({}, {"code", "x", "flag", "word[b]"}),
        ({"categories": ["CODE", "flag"]}, {"code[2]", "code[3]", "x", "flag[true]", "word[b]"}),
        ({"numbers": ["code", "flag"]}, {"code", "x", "flag", "word[b]"}),
    ],
)
def test_regress_and_training_read_the_same_columns_alike(ask: Ask, given: dict[str, Any], terms: set[str]) -> None:
    """regress over the very rows that scikit-learn's split (seed 42) gives to training."""
    features = ["code", "x", "flag", "word"]
    slopes, intercept = trained(ask, features=features, **given)
    rows, _ = train_test_split(np.arange(200), test_size=0.2, random_state=42)
    where = f"_row IN ({', '.join(map(str, rows))})"
    found = ask("regress", dataset="t", target="y", features=features, where=where, **given)["coefficients"]
    assert set(slopes) == terms
    # A boolean is a number of two values in training, and a category of two in regress: the same term by two names.
    theirs = {line["term"]: line["estimate"] for line in found}
    ours = {name if name in theirs else f"{name}[true]": estimate for name, estimate in slopes.items()}
    assert ours | {"(intercept)": intercept} == pytest.approx(theirs, abs=1e-9)


def test_the_quote_names_the_kinds_and_what_may_be_codes(ask: Ask) -> None:
    found = quote(ask)
    kinds = {"number": ["code", "x"], "category": ["word"], "date": ["day"], "boolean": ["flag"]}
    assert found["quotes"][0]["kinds"] == kinds
    (warning,) = found["warnings"]
    assert warning.startswith("'code' has 3 different whole numbers and is read as a number; if they are codes")
    said = quote(ask, categories=["code", "day"], numbers=["flag"])
    assert said["quotes"][0]["kinds"] == {"number": ["x", "flag"], "category": ["code", "word", "day"]}
    assert said["warnings"] == quote(ask, numbers=["code"])["warnings"] == []


def test_regress_warns_of_what_may_be_codes_in_the_words_of_the_quote(ask: Ask) -> None:
    def codes(**given: Any) -> list[str]:
        call = {"dataset": "t", "target": "y", "features": ["code", "x", "word"], **given}
        return [text for text in ask("regress", **call).get("warnings", []) if "codes" in text]

    (warning,) = codes()
    assert codes(by="flag") == quote(ask)["warnings"] == [warning]
    for said in ({"categories": ["code"]}, {"numbers": ["Code"]}, {"features": ["x"]}):
        assert codes(**said) == []
    # Who asks for the square of a column takes it for a number.
    assert codes(powers=[{"column": "CODE", "power": 2}]) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"categories": ["code"], "features": ["x"]}, "categories: 'code' is no feature"),
        ({"numbers": ["code"], "features": ["x"]}, "numbers: 'code' is no feature"),
        ({"numbers": ["word"], "features": ["word"]}, "numbers: 'word' holds text"),
        ({"numbers": ["day"], "features": ["x"], "categories": ["day"]}, "'day' is no feature"),
        (
            {"numbers": ["code"], "categories": ["Code"], "features": ["code"]},
            "'code' stands in categories and in n",
        ),
        ({"categories": ["cod"], "features": ["code"]}, "nearest: 'code'"),
    ],
)
def test_a_kind_that_cannot_be_is_refused_by_both(ask: Ask, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        ask("regress", dataset="t", target="y", **given)
    with pytest.raises(ToolError, match=sentence):
        quote(ask, **given)


def test_a_day_that_is_a_category_is_found_again_in_words(ask: Ask) -> None:
    job = {"features": ["day", "x"], "categories": ["day"]}
    launched = ask("launch_training", quote_id=quote(ask, **job)["quotes"][0]["quote_id"])
    model = ask("poll_job", job_id=launched["job_id"], wait_s=60)["model"]
    cells = [{"name": "day", "value": "2024-01-02"}, {"name": "x", "value": 0.5}]
    assert ask("predict", model=model, rows=[{"cells": cells}])["warnings"] == []
    assert not [text for text in ask("predict", model=model, dataset="t")["warnings"] if "never saw" in text]
