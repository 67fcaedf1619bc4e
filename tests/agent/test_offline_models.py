"""Sentences about models that are there: their names, versions, end and return."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.model.base import Outcome
from agent.offline import OfflineModel
from evals.world.home import build_in
from evals.world.talk import Talk
from tests.tools.test_model_names import keep, output

__all__ = ["output"]


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    talk = Talk(build_in(tmp_path / "home", model=OfflineModel()))
    yield talk
    talk.session.program.close()


def ids(talk: Talk) -> list[str]:
    return [model.model_id for model in talk.session.models.all()]


def test_the_only_model_is_renamed_told_deleted_and_brought_back(talk: Talk, output: Path) -> None:
    model = keep(talk.session, 1, output)
    assert "is called **prices** now" in talk.say("rename the model to prices").text
    assert [one.name for one in talk.session.models.all()] == ["prices"]
    version = f"{model.model_id} is version 1 of prices; the first one."
    assert version in talk.say("which version is that?").text
    assert "is called **houses** now" in talk.say("please call my model houses").text
    assert "is called **flats** now" in talk.say("rename model houses to flats").text
    deleted = talk.say("delete the model").text
    assert f"{model.model_id} (flats), version 1 for y, is deleted." in deleted
    assert f"`restore model {model.model_id}` brings it back" in deleted
    assert ids(talk) == []
    assert model.model_id in talk.say("which models were deleted?").text
    assert "is there again" in talk.say(f"restore model {model.model_id}").text
    assert ids(talk) == [model.model_id]
    assert f"{model.model_id} (flats)" in talk.say("delete model flats").text
    assert "is there again" in talk.say("bring the model back").text
    assert ids(talk) == [model.model_id]


def test_of_several_models_the_one_spoken_of_is_meant(talk: Talk, output: Path) -> None:
    first, second = keep(talk.session, 1, output), keep(talk.session, 2, output)
    asked = talk.say("delete the model")
    assert asked.outcome is Outcome.NOT_DONE
    assert f"several models ({second.model_id}, {first.model_id}): say which" in asked.text
    assert len(ids(talk)) == 2
    assert f"version 2 of the linear_regression for y; the former one is {first.model_id}" in (
        talk.say(f"show model {second.model_id}").text
    )
    assert "version 2 of" in talk.say("which version is that?").text
    assert f"{second.model_id}, version 2 for y, is deleted" in talk.say("delete that model").text
    assert ids(talk) == [first.model_id]
    assert f"{first.model_id}, version 1 for y, is deleted" in talk.say(f"remove {first.model_id}").text


def test_without_a_model_nothing_is_done(talk: Talk) -> None:
    for words in ("delete the model", "rename the model to prices", "which version is that?"):
        assert "There is no model yet." in talk.say(words).text, words
    assert "no model is deleted" in talk.say("restore the model").text


def test_a_word_that_nothing_accounts_for_is_named_and_nothing_is_deleted(talk: Talk, output: Path) -> None:
    keep(talk.session, 1, output)
    refused = talk.say("delete the model tomorrow evening")
    assert refused.outcome in (Outcome.NOT_UNDERSTOOD, Outcome.NOT_DONE)
    assert len(ids(talk)) == 1


def test_a_card_is_asked_for_in_words(talk: Talk, output: Path) -> None:
    model = keep(talk.session, 1, output)
    for words in ("show me the model card", "model card of my model", f"card of {model.model_id}"):
        assert f"# Model card: {model.model_id}" in talk.say(words).text, words


def test_a_model_is_exported_in_words(talk: Talk, output: Path) -> None:
    model = keep(talk.session, 1, output)
    for words in ("export the model", "export model y as a zip file", f"download {model.model_id}"):
        assert "`python predict.py ROWS.csv PREDICTIONS.csv`" in talk.say(words).text, words
