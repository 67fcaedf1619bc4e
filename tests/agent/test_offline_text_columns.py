"""Statistics that a column does not have: none is given in their place, and why is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.model.base import Outcome
from agent.offline import OfflineModel
from evals.world.home import build_in, used_home
from evals.world.talk import Talk

ROWS = ["ann,65 kg,170,2024-01-05,true", "bob,70 kg,180,2024-02-05,false", "cat,80 kg,165,2024-03-05,true"]
CSV = "name,weight,height,day,here\n" + "\n".join([*ROWS, *ROWS]) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("text")
    (folder / "people.csv").write_text(CSV)
    return folder


@pytest.fixture
def talk(folder: Path, tmp_path: Path) -> Iterator[Talk]:
    talk = Talk(build_in(used_home(tmp_path / "home"), model=OfflineModel(), roots=(folder,)))
    talk.say(f"load {folder / 'people.csv'}")
    talk.events.clear()
    yield talk
    talk.session.program.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("mean name", "There is no mean of name: it holds text."),
        ("median weight", "There is no median of weight: it holds text."),
        ("what is the average weight by name?", "There is no average of weight: it holds text."),
        ("standard deviation of height and weight", "There is no standard deviation of weight: it holds text."),
        ("mean and mode of weight", "There is no mean of weight: it holds text."),
        ("sum of here", "There is no sum of here: it holds true and false."),
        ("mean day", "There is no mean of day: it holds dates."),
        ("correlation of weight and height", "The column weight holds text, and numbers may be needed there."),
        ("histogram of weight", "The column weight holds text, and numbers may be needed there."),
        ("is weight normal?", "The column weight holds text, and numbers may be needed there."),
    ],
)
def test_what_a_column_of_text_does_not_have_is_refused(talk: Talk, words: str, said: str) -> None:
    ended = talk.say(words)
    assert said in ended.text
    assert ended.outcome is not Outcome.DONE
    assert talk.results("describe") == []


@pytest.mark.parametrize(
    "words", ["mean height", "mode of name", "n of name", "max day", "median day", "describe weight", "sum of height"]
)
def test_what_it_has_is_given(talk: Talk, words: str) -> None:
    ended = talk.say(words)
    assert ended.outcome is Outcome.DONE
    assert len(talk.results("describe")) == 1
    assert "|  |" not in ended.text


def test_a_target_with_units_is_no_case_for_logit(talk: Talk) -> None:
    said = talk.say("regress weight on height").text
    assert "its values are such as '65 kg'" in said
    assert "logit" not in said
    assert "try logit, as in `logit of here on height`" in talk.say("regress here on height").text
    assert "tell the classes apart entirely" in talk.say("logit of here on height").text
