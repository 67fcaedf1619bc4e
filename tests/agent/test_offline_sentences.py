"""What an analyst types is done as asked, or refused by the word: never something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from agent.offline import OfflineModel
from evals.world.home import build_in, used_home
from runtime.session import Session
from tests.agent.offline.talking import Sentence, ask, load_tables, read_sentences
from tools import TOOLS

SENTENCES = read_sentences()
LEFT_TO_CLAUDE = {
    "launch_training", "poll_job", "cancel_job", "predict", "explain_model", "export_model", "model_card",
    "rename_model", "keep_threshold", "delete_model", "restore_model",
}  # fmt: skip
"""They need a job or a model: test_offline.py holds the conversations with them."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, dict[str, Mapping[str, Any]]]]:
    folder = tmp_path_factory.mktemp("offline")
    session = build_in(used_home(folder / "home"), model=OfflineModel())
    yield session, load_tables(session, folder)
    session.program.close()


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: f"{sentence.table}: {sentence.words}")
def test_a_sentence_is_done_as_asked_or_refused_by_its_word(
    world: tuple[Session, dict[str, Mapping[str, Any]]], sentence: Sentence
) -> None:
    session, loaded = world
    call, said = ask(session, loaded[sentence.table], sentence.words)
    if call:
        assert call in sentence.calls
    else:
        assert sentence.refuse is not None, said
        assert "I have done nothing" in said
        assert sentence.refuse in said.splitlines()[0]


def test_the_sentences_reach_every_tool() -> None:
    reached = {name for sentence in SENTENCES for call in sentence.calls for name in call}
    assert {tool.name for tool in TOOLS} - reached == LEFT_TO_CLAUDE
    assert len(SENTENCES) >= 150


def test_a_refusal_shows_the_command_for_the_rest_and_what_else_it_takes(
    world: tuple[Session, dict[str, Mapping[str, Any]]],
) -> None:
    session, loaded = world
    call, said = ask(session, loaded["penguins"], "describe body mass by species, ignoring outliers")
    assert call == {}
    assert "I cannot account for 'ignoring' in 'ignoring outliers'" in said
    assert "`/describe dataset=penguins columns=body_mass_g by=species`" in said
    assert "It also takes: where" in said


def test_what_can_be_read_in_two_ways_is_not_done_in_one(
    world: tuple[Session, dict[str, Mapping[str, Any]]],
) -> None:
    session, loaded = world
    call, said = ask(session, loaded["penguins"], "mean bill by species")
    assert call == {}
    assert "bill_length_mm or bill_depth_mm" in said


def test_each_word_added_to_a_sentence_that_is_done_is_refused(
    world: tuple[Session, dict[str, Mapping[str, Any]]],
) -> None:
    # The control of the whole: a word that nobody knows, at every place of sentences of every tool, is never passed by.
    session, loaded = world
    whole = [sentence for sentence in SENTENCES if sentence.table == "penguins" and sentence.refuse is None]
    for sentence in whole[::6]:
        words = sentence.words.rstrip("?.").split(" ")
        for place in range(len(words) + 1):
            changed = " ".join([*words[:place], "quux", *words[place:]])
            call, _ = ask(session, loaded["penguins"], changed)
            assert call == {}, changed
