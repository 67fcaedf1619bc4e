"""Two datasets in one conversation: which of them an answer is about is never left open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.model.base import Outcome
from adapters.records import JsonValue
from agent.offline import OfflineModel
from agent.offline.memory import read_memory
from evals.world.home import build_in, used_home
from evals.world.talk import Talk
from tools.results import to_json


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    rows = [f"{n},{n * 7 % 11},g{n % 3}" for n in range(30)]
    (tmp_path / "first.csv").write_text("alpha,beta,kind\n" + "\n".join(rows) + "\n")
    (tmp_path / "second.csv").write_text("beta,gamma,kind\n" + "\n".join(rows) + "\n")
    talk = Talk(build_in(used_home(tmp_path / "home"), model=OfflineModel(), roots=(tmp_path,)))
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


def test_a_dataset_that_is_made_under_a_name_of_before_is_the_current_one(talk: Talk) -> None:
    """Claude has made it, and then the offline planner goes on: it names datasets by itself."""
    messages: list[dict[str, JsonValue]] = []
    outliers: dict[str, JsonValue] = {"dataset": "second", "columns": ["gamma"], "action": "remove", "save_as": "first"}
    loads: list[tuple[str, dict[str, JsonValue]]] = [
        ("load_dataset", {"source": str(talk.session.data.get(name).source)}) for name in ("first", "second")
    ]
    for name, arguments in (*loads, ("find_outliers", outliers)):
        made = to_json(talk.session.call_tool(name, json.dumps(arguments), None).content)
        call_id = f"c{len(messages)}"
        used: dict[str, JsonValue] = {"type": "tool_use", "id": call_id, "name": name, "input": arguments}
        given: dict[str, JsonValue] = {"type": "tool_result", "tool_use_id": call_id, "content": made}
        messages += [{"role": "assistant", "content": [used]}, {"role": "user", "content": [given]}]
    messages.append({"role": "user", "content": [{"type": "text", "text": "mean gamma"}]})
    memory = read_memory(messages)
    assert memory.said_about == "first"
    assert set(memory.before["first"]) == {"beta", "gamma", "kind"}
