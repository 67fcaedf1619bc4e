"""Two datasets in one conversation: which of them an answer is about is never left open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.model.base import Outcome
from agent.offline import OfflineModel
from evals.world.home import build_in
from evals.world.talk import Talk


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    rows = [f"{n},{n * 7 % 11},g{n % 3}" for n in range(30)]
    (tmp_path / "first.csv").write_text("alpha,beta,kind\n" + "\n".join(rows) + "\n")
    (tmp_path / "second.csv").write_text("beta,gamma,kind\n" + "\n".join(rows) + "\n")
    talk = Talk(build_in(tmp_path / "home", model=OfflineModel(), roots=(tmp_path,)))
    talk.say(f"load {tmp_path / 'first.csv'}")
    assert "dataset last used" not in talk.say("correlation of alpha and beta").text
    talk.say(f"load {tmp_path / 'second.csv'}")
    yield talk
    talk.session.program.close()


@pytest.mark.parametrize(
    "words", ["correlation of beta and gamma", "does beta differ between kind", "histogram of gamma", "mean beta"]
)
def test_an_answer_names_the_dataset_that_was_taken(talk: Talk, words: str) -> None:
    ended = talk.say(words)
    assert ended.outcome is Outcome.DONE
    assert "second" in ended.text


def test_a_dataset_that_was_named_is_not_named_again(talk: Talk) -> None:
    assert "last used" not in talk.say("correlation of alpha and beta in first").text
    assert talk.results("correlate")[-1]["pairs"][0]["x"] == "alpha"


def test_a_sentence_that_fits_another_dataset_is_not_put_to_it_in_silence(talk: Talk) -> None:
    ended = talk.say("correlation of alpha and beta")
    assert ended.outcome is Outcome.NOT_UNDERSTOOD
    assert "It makes sense about first: add `in first`." in ended.text
    assert talk.say("correlation of alpha and beta in first").outcome is Outcome.DONE
