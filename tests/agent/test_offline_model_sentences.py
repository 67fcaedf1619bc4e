"""Sentences about trainings and about models that are there: done as they are meant, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.model.base import Outcome
from agent.events import Ask, ToolStarted
from agent.offline import OfflineModel
from evals.world.home import build_in, used_home
from evals.world.talk import Talk
from runtime.session import Session
from tests.agent.test_offline_training import SHOP

COLUMNS = ["weekday", "year", "price", "sales"]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A shop with a ridge and a tree for sales, and a logistic regression for the weekday."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "shop.csv").write_text(SHOP)
    (folder / "new.csv").write_text("weekday,year,price\nMon,2050,3.5\nTue,2051,1.5\n")
    session = build_in(used_home(folder / "home"), model=OfflineModel())
    talk = Talk(session)
    talk.say(f'load "{folder / "shop.csv"}"')
    for words in ("ridge to predict sales", "decision tree to predict sales", "logistic regression for weekday"):
        talk.say(f"train a {words}")
        talk.answer(yes=True)
        talk.say("how is it going?")
        (job, *_) = session.jobs.all()
        session.call_tool("poll_job", f'{{"job_id": "{job.job_id}", "wait_s": 60}}', None)
    yield session
    session.program.close()


@pytest.fixture
def talk(session: Session) -> Talk:
    talk = Talk(session)
    talk.say("use shop")
    talk.events.clear()
    return talk


def calls(talk: Talk) -> list[tuple[str, dict[str, Any]]]:
    return [(event.name, dict(event.arguments)) for event in talk.events if isinstance(event, ToolStarted)]


@pytest.mark.parametrize(
    ("words", "tool", "arguments"),
    [
        ("residuals of the ridge", "explain_model", {"kind": "residuals", "model": "ridge"}),
        ("plot the residuals for the decision tree", "explain_model", {"kind": "residuals", "model": "decision_tree"}),
        ("is the logistic regression calibrated?", "explain_model", {"kind": "calibration"}),
        ("partial dependence on price in the ridge", "explain_model", {"feature": "price", "model": "ridge"}),
        ("threshold for the logistic regression with a picture", "explain_model", {"kind": "threshold"}),
        ("residuals of the ridge with a plot", "explain_model", {"kind": "residuals"}),
        ("learning curve of the ridge", "explain_model", {"kind": "learning_curve", "model": "ridge"}),
        ("what threshold should I use for the logistic regression", "explain_model", {"kind": "threshold"}),
        ("feature importance of the decision tree", "plot", {"kind": "importance", "model": "decision_tree"}),
        ("which columns matter most in the ridge?", "plot", {"kind": "importance", "model": "ridge"}),
        ("confusion matrix of the logistic regression", "plot", {"kind": "confusion"}),
        ("coefficients of the ridge", "list_models", {"model": "ridge"}),
        ("how good is the ridge?", "list_models", {"model": "ridge"}),
        ("show me the decision tree", "list_models", {"model": "decision_tree"}),
        ("what did the ridge cost?", "list_models", {"model": "ridge"}),
        ("model card of the ridge", "model_card", {"model": "ridge"}),
        ("compare the models", "compare_models", {}),
        ("how do my models compare?", "compare_models", {}),
        ("compare the models for sales", "compare_models", {"target": "sales"}),
        ("how long did the ridge take?", "list_models", {"model": "ridge"}),
        ("explain row 12 with the ridge", "explain_model", {"row": 12, "model": "ridge"}),
        ("is the ridge better than the decision tree?", "compare_models", {"models": ["ridge", "decision_tree"]}),
    ],
)
def test_a_model_is_meant_by_its_type(talk: Talk, words: str, tool: str, arguments: dict[str, Any]) -> None:
    ended = talk.say(words)
    assert [name for name, _ in calls(talk)] == [tool]
    said = calls(talk)[0][1]
    assert {**said, **arguments} == said
    assert ended.outcome is Outcome.DONE or "event: name the class" in ended.text


@pytest.mark.parametrize(
    ("words", "job"),
    [
        ("with alpha 0.5 to predict sales", {"params": [{"name": "alpha", "value": 0.5}]}),
        ("to predict sales, alpha = 2 and max iter 500", {
            "params": [{"name": "alpha", "value": 2}, {"name": "max_iter", "value": 500}]
        }),
        ("to predict sales with 10-fold CV", {"cv": {"folds": 10}}),
        ("to predict sales, 80/20 split", {"test_size": 0.2}),
        ("to predict sales with a 70:30 split and seed 3", {"test_size": 0.3, "seed": 3}),
        ("to predict sales without weekday", {"without": ["weekday"]}),
    ],
)  # fmt: skip
def test_a_training_is_quoted_as_it_is_said(talk: Talk, words: str, job: dict[str, Any]) -> None:
    assert talk.say(f"train a ridge {words}").reason == "asked"
    ((_, said),) = calls(talk)
    assert said["job"] == {"kind": "training", "dataset": "shop", "target": "sales", "model": "ridge", **job}
    talk.say("no")


@pytest.mark.parametrize(
    ("words", "job"),
    [
        ("tune a decision tree for sales with 20 trials", {"model": "decision_tree", "tune": {"trials": 20}}),
        ("train a decision tree for sales with tuning and 10 trials", {"tune": {"trials": 10}}),
        ("find the best hyperparameters of a decision tree for sales", {"tune": {}}),
        ("train the best model for sales within 2 minutes", {"model": "auto", "tune": {"seconds": 120}}),
        ("cross-validate a decision tree for sales with 4 folds", {"model": "decision_tree", "cv": {"folds": 4}}),
        ("train a ridge on the shop data to predict sales", {"model": "ridge", "dataset": "shop"}),
        ("train a ridge to predict sales from all columns but year", {"without": ["year"]}),
        ("do a 10-fold cross-validation of a ridge for sales", {"cv": {"folds": 10}, "model": "ridge"}),
        ("evaluate a ridge for sales with 4 fold cv", {"cv": {"folds": 4}}),
        ("hyperparameter tuning of a decision tree for sales", {"tune": {}}),
        ("train a knn for sales with k = 3", {"params": [{"name": "n_neighbors", "value": 3}]}),
        ("train a knn with 7 neighbors to predict sales", {"params": [{"name": "n_neighbors", "value": 7}]}),
    ],
)
def test_a_search_or_folds_are_quoted_as_they_are_said(talk: Talk, words: str, job: dict[str, Any]) -> None:
    assert talk.say(words).reason == "asked"
    said = calls(talk)[0][1]["job"]
    assert {**said, **job} == said
    talk.say("no")


def test_one_row_is_predicted_from_words_and_what_was_not_said_is_missing(talk: Talk) -> None:
    said = talk.say("predict sales if price is 2 and weekday is Mon with the ridge").text
    name, arguments = calls(talk)[-1]
    assert name == "predict"
    cells = {cell["name"]: cell["value"] for cell in arguments["rows"][0]["cells"]}
    assert cells == {"price": 2, "weekday": "Mon", "year": None}
    assert "sales by model_local_ridge_" in said
    assert "90 of 100 such lie between" in said
    assert "'year': 1 row has no value; the usual one was put in" in said
    assert "what would sales be" not in talk.say("what would sales be at price 3.5?").text
    assert calls(talk)[-1][0] == "predict"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("predict sales if price is 2 with the logistic regression", "predicts weekday, not sales"),
        ("predict sales if price is 2 and price is 3", "One column has two values there"),
        ("predict sales if sales is 2", "takes no notice of sales"),
        ("predict sales if colour is red", "I cannot account for"),
    ],
)
def test_a_row_that_the_model_cannot_be_asked_for_is_refused(talk: Talk, words: str, why: str) -> None:
    ended = talk.say(words)
    assert why in ended.text
    assert ended.outcome is not Outcome.DONE
    assert "predict" not in [name for name, _ in calls(talk)]


def test_a_file_is_predicted_with_the_model_that_is_named(talk: Talk) -> None:
    new = talk.session.settings.home.parent / "new.csv"
    for words in (f'use the decision tree to predict "{new}"', f'predict "{new}" with the decision tree'):
        talk.say(words)
        assert calls(talk)[-1] == ("predict", {"model": "decision_tree", "dataset": calls(talk)[-1][1]["dataset"]})


def test_a_model_is_called_by_several_words_deleted_by_them_and_brought_back(talk: Talk) -> None:
    assert "is called **cheap one** now" in talk.say("rename the ridge to cheap one").text
    assert "is deleted" in talk.say("delete the model cheap one").text
    assert "is there again" in talk.say('restore the model "cheap one"').text
    for words in ("rename the ridge to this and delete the tree", "rename the ridge to a name that is far too long"):
        assert talk.say(words).outcome is Outcome.NOT_UNDERSTOOD
    assert [model.name for model in talk.session.models.all() if model.name] == ["cheap one"]


def test_of_two_models_of_a_type_none_is_deleted_by_the_type(talk: Talk) -> None:
    talk.say("train a ridge to predict price")
    talk.answer(yes=True)
    talk.say("how is it going?")
    (job, *_) = talk.session.jobs.all()
    talk.session.call_tool("poll_job", f'{{"job_id": "{job.job_id}", "wait_s": 60}}', None)
    n = len(talk.session.models.all())
    later = Talk(talk.session)
    assert "There are several models" in later.say("delete the ridge").text
    assert "There is no model of the type lasso" in later.say("delete the lasso").text
    assert len(talk.session.models.all()) == n


def test_several_models_are_deleted_only_after_their_number_was_said(talk: Talk) -> None:
    n = len(talk.session.models.all())
    said = talk.say("delete all my models").text
    assert f"That would delete {n} models" in said
    assert "Nothing is deleted yet" in said
    assert "There is no open question" in talk.say("yes").text
    assert "There is nothing that you were asked about" in talk.say(f"yes, delete these {n} models").text
    talk.say("delete the decision tree and the logistic regression")
    assert f"There are 2 such models now, not {n}" in talk.say(f"yes, delete these {n} models").text
    assert len(talk.session.models.all()) == n
    talk.say("delete the decision tree and the logistic regression")
    assert talk.say("yes, delete these 2 models").text.count("is deleted") == 2
    assert len(talk.session.models.all()) == n - 2
    assert "decision_tree" in talk.say("what was deleted?").text
    for name in ("decision tree", "logistic regression"):
        assert "is there again" in talk.say(f"restore the {name}").text
    assert "There is no model that lasso may mean" in talk.say("delete the decision tree and the lasso").text


def test_a_name_that_the_conversation_has_not_seen_is_looked_for(talk: Talk) -> None:
    talk.say("call the decision tree big one")
    assert "is called **small one** now" in Talk(talk.session).say("rename big one to small one").text
    later = Talk(talk.session)
    assert "is deleted" in later.say("delete small one").text
    assert "is there again" in later.say("restore it").text
    refused = talk.say("rename nobody to somebody")
    assert refused.outcome is Outcome.NOT_UNDERSTOOD
    assert "train again" not in refused.text


def test_the_question_is_put_for_what_was_said_alone(talk: Talk) -> None:
    talk.say("train a decision tree to predict sales without weekday")
    (ask,) = [event for event in talk.events if isinstance(event, Ask)]
    assert list(ask.quote.job.training.kinds) == ["year", "price"]
    talk.say("no")
