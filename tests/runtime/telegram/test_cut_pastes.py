"""A long table that was pasted and cut by the client is one table; what only follows a long text is not its rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.world.bot_api import BotApi, Person
from evals.world.bot_process import BotProcess, bot_process
from runtime.telegram.cut_pastes import joined, may_go_on
from runtime.telegram.pasted import find_table

LIMIT = 4096
ROWS = [f"{number},{number * 37 % 101}.5,{'abc'[number % 3]}" for number in range(1, 1000)]
TABLE = "\n".join(["id,value,group", *ROWS])


def cut(text: str, *, in_lines: bool) -> list[str]:
    """As clients send it: at the last end of a line that fits, or anywhere."""
    parts = []
    while len(text) > LIMIT:
        at = text.rfind("\n", 0, LIMIT) if in_lines else LIMIT
        parts.append(text[:at])
        text = text[at:].lstrip("\n")
    return [*parts, text]


@pytest.mark.parametrize("in_lines", [True, False])
@pytest.mark.parametrize("asked", ["", "mean of value by group?\n"])
@pytest.mark.parametrize("shift", range(12))
def test_what_was_cut_is_put_together(in_lines: bool, asked: str, shift: int) -> None:
    whole = f"{asked}{TABLE}"[: 8500 + shift].rsplit("\n", 1)[0]
    first, *rest = cut(whole, in_lines=in_lines)
    assert len(rest) == 2
    for more in rest:
        assert may_go_on(first)
        put_together = joined(first, more)
        assert put_together is not None
        first = put_together
    found, wanted = find_table(first), find_table(whole)
    assert found is not None
    assert found == wanted


@pytest.mark.parametrize("more", ["describe value by group", "1,2", "a,b,c,d\n1,2,3,4", ""])
def test_what_comes_after_a_full_message_and_is_no_rest_is_left(more: str) -> None:
    first, *_ = cut(TABLE, in_lines=True)
    assert joined(first, more) is None
    assert joined("id,value\n1,2\n3,4", "5,6") is None, "the first had room left"
    assert not may_go_on("id,value\n1,2\n3,4")
    assert not may_go_on("word " * 800)


@pytest.fixture
def bot(statagent: str, api: BotApi, tmp_path: Path) -> Iterator[BotProcess]:
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42") as bot:
        yield bot


def test_a_paste_in_three_messages_is_loaded_as_one_and_asked_about_once(bot: BotProcess, api: BotApi) -> None:
    ann = Person.joins(api, 42, "Ann")
    parts = cut(f"mean of value?\n{TABLE}", in_lines=False)
    assert len(parts) >= 3
    for part in parts:
        ann.says(part)
    ann.waits_for("I read this as a table of 999 rows and 3 columns: dataset pasted.")
    ann.says("describe value")
    ann.waits_for("value over 999 rows")
    assert len([text for text in ann.texts() if "I read this as a table" in text]) == 1


def test_a_long_table_alone_and_a_question_after_it_are_two(bot: BotProcess, api: BotApi) -> None:
    ann = Person.joins(api, 42, "Ann")
    first, *_ = cut(TABLE, in_lines=True)
    ann.says(first)
    ann.says("describe value")
    ann.waits_for(f"value over {first.count(chr(10))} rows")
    assert any("I read this as a table" in text for text in ann.texts())
