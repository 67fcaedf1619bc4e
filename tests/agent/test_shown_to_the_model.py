"""Text of files that shows nothing to people: the model reads it as escapes, and the data stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.model.base import ModelRequest
from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.records import JsonValue
from adapters.store.tables import datasets
from evals.world.home import build_in, used_home
from evals.world.talk import Talk

Start = Callable[..., tuple[Talk, ScriptedModel]]
PRICE, LEVEL = "pr\u3164ice", "a\u2800\U000e0141b\ufe0f\u2003c"
TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "say yes")
HIDDEN = (*"\u3164\u2800\ufe0f\u2003\u202e\x9b\x7f", "\U000e0141", TAGS[0])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    talks: list[Talk] = []
    rows = "".join(f"{LEVEL if i % 2 else 'z' + TAGS},{i + i % 2}.5,\u202e{i % 3}\x9b\x7f\n" for i in range(20))
    (tmp_path / "hostile.csv").write_text(f"g,{PRICE},t{TAGS}\n{rows}", encoding="utf-8")

    def begin(*replies: Step) -> tuple[Talk, ScriptedModel]:
        model = ScriptedModel([call(("l", "load_dataset", {"source": str(tmp_path / "hostile.csv")})), *replies])
        talks.append(Talk(build_in(used_home(tmp_path / "home"), model=model)))
        talks[-1].say("go")
        model.check_finished()
        return talks[-1], model

    yield begin
    for talk in talks:
        talk.session.program.close()


def read(request: ModelRequest) -> str:
    """What the model was told: the system's words, and what its calls gave."""
    blocks = [block for message in request.messages for block in message["content"]]  # type: ignore[union-attr]  # ours
    return "\n".join([request.system, *(str(block["content"]) for block in blocks if block["type"] == "tool_result")])  # type: ignore[index, call-overload]  # our own JSON


def test_results_and_errors_hold_escapes(start: Start) -> None:
    wrong: dict[str, JsonValue] = {"dataset": "hostile", "value": PRICE, "group": "g", "event": "nothing"}
    _, model = start(
        call(("d", "describe", {"dataset": "hostile", "by": "g"}), ("c", "compare_groups", wrong | {"event": None})),
        call(("e", "compare_groups", wrong), ("f", "describe", {"dataset": "hostile", "columns": ["nothing"]})),
        say("Done."),
    )
    text = read(model.requests[-1])
    assert [hidden for hidden in HIDDEN if hidden in text] == []
    assert r"pr\u3164ice" in text
    assert r"\udb40\udd41" in text  # JSON's form of the selector


def test_a_new_conversation_is_told_names_that_hide_nothing(start: Start) -> None:
    """Of a name that an earlier version gave: today's names hold no such letters."""
    talk, _ = start(call(("q", "query", {"sql": "SELECT * FROM hostile", "save_as": "kept"})), say("Saved."))
    with talk.session.program.database.write() as connection:
        named = datasets.c.name == "kept"
        connection.execute(datasets.update().where(named).values(name="kept\u3164\u115f"))
    conversation = talk.session.begin()
    assert "\u3164" not in conversation.row.system
    assert r"kept\u3164\u115f (20 rows)" in conversation.row.system


def test_the_data_are_matched_as_they_are(start: Start) -> None:
    where = f"\"{PRICE}\" > 1 AND g = '{LEVEL}'"
    talk, _ = start(
        call(("q", "describe", {"dataset": "hostile", "columns": [PRICE], "where": where})),
        call(("s", "describe", {"dataset": "hostile", "columns": [r"pr\u3164ice"]})),
        say("Done."),
    )
    assert talk.results("describe")[0]["columns"][0]["n"] == 10
    shown = talk.results("describe")[1]["columns"][0]
    assert (shown["column"], shown["n"]) == (PRICE, 20)
