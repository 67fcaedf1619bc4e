"""Which job is meant where a conversation has started several."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.model.base import ModelRequest
from agent.not_run import NotRun
from agent.offline import OfflineModel
from tools import TOOLS
from tools.ml import MODEL_TYPES

COLUMN = {"name": "a", "type": "number", "missing": 0, "distinct": 3, "example": "1"}
LOADED = {"dataset": "t", "rows": 3, "columns": [COLUMN], "warnings": []}


def reply(words: str, *outcomes: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The block that comes of the words, after a conversation in which these calls gave these results."""
    messages: list[dict[str, Any]] = []
    for n, (tool, result) in enumerate([("load_dataset", LOADED), *outcomes]):
        call = {"type": "tool_use", "id": f"t{n}", "name": tool, "input": {"dataset": "t"}}
        given = {"type": "tool_result", "tool_use_id": f"t{n}", "content": json.dumps(result)}
        messages += [
            {"role": "user", "content": [{"type": "text", "text": "go on"}]},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [given]},
            {"role": "assistant", "content": [{"type": "text", "text": "Done."}]},
        ]
    messages.append({"role": "user", "content": [{"type": "text", "text": words}]})
    request = ModelRequest("offline", "", [tool.schema() for tool in TOOLS], messages, 1)
    block: dict[str, Any] = OfflineModel().stream(request, lambda _: None, threading.Event()).content[0]
    return block


def launched(*job_ids: str) -> Sequence[tuple[str, dict[str, Any]]]:
    return [("launch_training", {"job_id": job_id, "state": "queued"}) for job_id in job_ids]


def test_of_two_open_jobs_none_is_cancelled_unnamed() -> None:
    block = reply("cancel the job", *launched("job_aa", "job_bb"))
    assert block["text"].startswith("Several jobs may be running (job_aa, job_bb): say which")
    assert reply("cancel job_aa", *launched("job_aa", "job_bb"))["input"] == {"job_id": "job_aa"}


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled", "budget_stopped"])
def test_a_job_that_was_seen_to_end_is_not_meant(state: str) -> None:
    line = {"progress": 1.0, "status": "done", "metrics": None, "seconds": 1.0, "cost_usd": 0.0, "log_tail": []}
    ended = ("poll_job", {"job_id": "job_bb", "state": state, **line})
    block = reply("cancel the job", *launched("job_aa", "job_bb"), ended)
    assert block["input"] == {"job_id": "job_aa"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NotRun.SAID_NO, "All right. Nothing was started."),
        (NotRun.WROTE_INSTEAD, "I did not start anything."),
        ("no column 'the user said no'; columns: ['a']", "That did not work: no column 'the user said no'"),
        ("no dataset 'the user wrote instead'", "That did not work: no dataset 'the user wrote instead'"),
    ],
)
def test_only_a_no_is_a_no_whatever_a_column_is_called(error: str, words: str) -> None:
    call = {"type": "tool_use", "id": "t1", "name": "describe", "input": {"dataset": "t"}}
    failed = {"type": "tool_result", "tool_use_id": "t1", "content": error, "is_error": True}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "describe a"}]},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [failed]},
    ]
    request = ModelRequest("offline", "", [tool.schema() for tool in TOOLS], messages, 1)
    block = OfflineModel().stream(request, lambda _: None, threading.Event()).content[0]
    assert str(block["text"]).startswith(words)


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ("linear regression", "linear_regression"),
        ("ridge regression", "ridge"),
        ("lasso", "lasso"),
        ("elastic net", "elastic_net"),
        ("polynomial regression", "polynomial_regression"),
        ("logistic regression", "logistic_regression"),
        ("decision tree", "decision_tree"),
        ("random forest", "random_forest"),
        ("gradient boosting model", "gradient_boosting"),
        ("support vector machine", "svm"),
        ("svm", "svm"),
        ("naive bayes", "naive_bayes"),
        ("k nearest neighbors", "k_nearest_neighbors"),
        ("knn", "k_nearest_neighbors"),
        ("neural network regressor", "mlp_regressor"),
        ("mlp classifier", "mlp_classifier"),
    ],
)
def test_each_type_of_model_is_trained_by_its_name(words: str, model: str) -> None:
    assert reply(f"train a {words} to predict a")["input"]["job"]["model"] == model


def test_every_type_of_model_has_words_of_its_own() -> None:
    found = {
        reply(f"train a {model.name.replace('_', ' ')} to predict a")["input"]["job"]["model"] for model in MODEL_TYPES
    }
    assert found >= {model.name for model in MODEL_TYPES} - {"mlp_regressor"}


LINE = {"progress": 1.0, "status": "done", "metrics": None, "seconds": 1.0, "cost_usd": 0.0, "log_tail": []}
OLDER = ("poll_job", {"job_id": "job_aa", "state": "succeeded", "model": "model_1", **LINE})


@pytest.mark.parametrize("words", ["predict t", "plot the roc curve", "rename the model to x"])
def test_after_a_new_training_its_model_is_meant_and_not_the_one_before(words: str) -> None:
    """Nobody has asked after the second job: what it has made is looked up first."""
    block = reply(words, *launched("job_aa"), OLDER, *launched("job_bb"))
    assert (block["name"], block["input"]["job_id"]) == ("poll_job", "job_bb")


def test_a_training_that_made_no_model_leaves_the_one_before() -> None:
    cancelled = ("cancel_job", {"job_id": "job_bb", "state": "cancelled", **LINE})
    block = reply("predict t", *launched("job_aa"), OLDER, *launched("job_bb"), cancelled)
    assert (block["name"], block["input"]["model"]) == ("predict", "model_1")
