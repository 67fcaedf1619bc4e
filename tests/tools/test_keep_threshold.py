"""A threshold that is kept with a model: chosen or said, used by predict and told, overridden, exported, forgotten."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from agent.offline import OfflineModel
from evals.world.home import build_in
from evals.world.talk import Talk
from tests.tools.conftest import told
from tests.tools.test_predict_report import table
from tools import find_tool
from tools.errors import ToolError
from tools.results import MadeCall


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    folder = tmp_path_factory.mktemp("kept")
    table(300, 1).drop(columns="price").to_csv(folder / "train.csv", index=False)
    table(200, 2).drop(columns=["price", "dear"]).to_csv(folder / "new.csv", index=False)
    talk = Talk(build_in(folder / "home", model=OfflineModel()))
    talk.say(f"load {folder / 'train.csv'}")
    talk.say("train a tree to predict dear with max depth 3")
    talk.answer(yes=True)
    told(talk.session, "poll_job", {"job_id": talk.results("launch_training")[-1]["job_id"], "wait_s": 90})
    told(talk.session, "load_dataset", {"source": str(folder / "new.csv")})
    yield talk
    talk.session.program.close()


@pytest.fixture
def talk(trained: Talk) -> Talk:
    """With nothing kept."""
    call(trained, "keep_threshold", model="dear")
    return trained


def call(talk: Talk, name: str, **arguments: Any) -> dict[str, Any]:
    return told(talk.session, name, arguments)


def card(talk: Talk) -> str:
    return " ".join(call(talk, "model_card", model="dear")["card"])


def said(name: str, found: dict[str, Any]) -> str:
    tool = find_tool(name)
    assert tool.told is not None
    return tool.told(MadeCall({}, tool.read(found)))


def predict(talk: Talk, **more: Any) -> dict[str, Any]:
    return call(talk, "predict", model="dear", dataset="new", **more)


def test_predict_uses_the_kept_threshold_and_says_so(talk: Talk) -> None:
    plain = predict(talk)
    found = call(talk, "keep_threshold", model="dear", threshold=0.02)
    assert (found["event"], found["threshold"], found["former_threshold"]) == ("yes", 0.02, None)
    kept = predict(talk)
    assert kept["threshold"] == {"event": "yes", "threshold": 0.02, "kept": True}
    assert kept["summary"] == predict(talk, threshold=0.02)["summary"] != plain["summary"]
    assert "It says yes from a probability of 0.02 on, as is kept with the model." in said("predict", kept)


def test_a_threshold_of_the_call_overrides_it(talk: Talk) -> None:
    plain = predict(talk)
    call(talk, "keep_threshold", model="dear", threshold=0.02)
    asked = predict(talk, threshold=0.5)
    assert asked["threshold"] == {"event": "yes", "threshold": 0.5}
    assert asked["summary"] == plain["summary"]
    assert "kept" not in said("predict", asked)


def test_forgotten_the_likelier_class_is_said_again(talk: Talk) -> None:
    plain = predict(talk)
    call(talk, "keep_threshold", model="dear", threshold=0.02, event="no")
    found = call(talk, "keep_threshold", model="dear")
    assert (found["threshold"], found["former_event"], found["former_threshold"]) == (None, "no", 0.02)
    assert "says the likelier class again" in said("keep_threshold", found)
    assert predict(talk)["summary"] == plain["summary"]
    assert "threshold" not in predict(talk)


def test_what_explain_model_chose_is_kept_only_when_that_is_asked(talk: Talk) -> None:
    look = {"kind": "threshold", "model": "dear", "event": "yes", "aim": "cost", "missed_cost": 5}
    assert "kept" not in call(talk, "explain_model", **look)
    assert "threshold" not in predict(talk)
    found = call(talk, "explain_model", **look, keep=True)
    assert found["kept"] is True
    assert predict(talk)["threshold"] == {"event": "yes", "threshold": found["threshold"], "kept": True}
    assert "kept with the model" in said("explain_model", found)
    with pytest.raises(ToolError, match="calibration takes no keep"):
        call(talk, "explain_model", kind="calibration", model="dear", keep=True)


def test_it_stands_in_the_list_and_on_the_card(talk: Talk) -> None:
    (listed,) = call(talk, "list_models", model="dear")["models"]
    assert "threshold" not in listed
    assert "its threshold was chosen" not in card(talk)
    call(talk, "keep_threshold", model="dear", threshold=0.3)
    found = call(talk, "list_models", model="dear")
    assert found["models"][0]["threshold"] == {"event": "yes", "threshold": 0.3}
    assert "says yes from a probability of 0.3 on" in said("list_models", found)
    assert "it says yes from a probability of 0.3 on" in card(talk)


@pytest.mark.parametrize(
    ("more", "why"),
    [({"event": "yes"}, "event goes with threshold"), ({"threshold": 0.3, "event": "maybe"}, "is none of the classes")],
)
def test_what_means_nothing_is_refused(talk: Talk, more: dict[str, Any], why: str) -> None:
    with pytest.raises(ToolError, match=why):
        call(talk, "keep_threshold", model="dear", **more)
    assert "threshold" not in predict(talk)


@pytest.mark.parametrize(("given", "threshold"), [([], 0.02), (["--threshold", "0.5"], 0.5)])
def test_an_export_holds_to_it_and_can_be_told_otherwise(
    talk: Talk, tmp_path: Path, given: list[str], threshold: float
) -> None:
    call(talk, "keep_threshold", model="dear", threshold=0.02)
    here = talk.session.call_tool(
        "predict", json.dumps({"model": "dear", "dataset": "new", "threshold": threshold}), None
    )
    exported = talk.session.call_tool("export_model", json.dumps({"model": "dear"}), None)
    assert "It says yes from a probability of 0.02 on." in said("export_model", dict(exported.content))
    with zipfile.ZipFile(exported.artifacts[0].path) as archive:
        archive.extractall(tmp_path)
    (place,) = tmp_path.iterdir()
    table(200, 2).drop(columns=["price", "dear"]).to_csv(tmp_path / "new.csv", index=False)
    ran = [sys.executable, "predict.py", str(tmp_path / "new.csv"), "out.csv", *given]
    subprocess.run(ran, cwd=place, check=True, timeout=120)
    ours, theirs = pd.read_csv(here.artifacts[0].path), pd.read_csv(place / "out.csv")
    assert list(theirs["prediction"]) == list(ours["prediction"])
    assert list(theirs["probability"]) == list(ours["probability"])


@pytest.mark.parametrize(
    ("words", "threshold"),
    [
        ("keep a threshold of 0.3 for the decision tree", 0.3),
        ("use 0.25 as its threshold", 0.25),
        ("set the cutoff of the decision tree to 0.4", 0.4),
    ],
)
def test_it_is_kept_and_forgotten_by_a_sentence(talk: Talk, words: str, threshold: float) -> None:
    talk.say(words)
    assert predict(talk)["threshold"]["threshold"] == threshold
    talk.say("forget the threshold")
    assert "threshold" not in predict(talk)


def test_a_threshold_is_chosen_and_kept_by_a_sentence(talk: Talk) -> None:
    talk.say("choose a threshold for the decision tree where missing one costs 5 times a false alarm and keep it")
    assert predict(talk)["threshold"]["kept"] is True
