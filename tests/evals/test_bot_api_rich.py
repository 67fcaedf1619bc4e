"""Rich messages at the simulated Bot API: tables that are tables, and what is too much."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import InputFile, Message
from telegram.error import BadRequest

from evals.world.bot_api import BotApi, Person
from evals.world.bot_asks import ask

CELL = {"align": "left", "valign": "top"}


def rich(api: BotApi, more: dict[str, Any] | None = None, **message: Any) -> Any:
    values = {"chat_id": 42, "rich_message": message, **(more or {})}
    return ask(api, lambda bot: bot.do_api_request("sendRichMessage", api_kwargs=values, return_type=Message))


def table(columns: int, rows: int) -> str:
    lines = ["|" + " a |" * columns, "|" + "---|" * columns, *["|" + " 1 |" * columns] * rows]
    return "\n".join(lines)


def test_a_table_arrives_as_one(api: BotApi, person: Person) -> None:
    rich(api, markdown="Means:\n\n| x | n |\n|---|--:|\n| a\\|b | **3** |")
    [message] = person.reads()
    words, cells = (block for block in message["rich_message"]["blocks"])
    assert words == {"type": "paragraph", "text": ["Means:"]}
    assert [[cell["align"] for cell in row] for row in cells["cells"]] == [["left", "right"]] * 2
    assert person.texts() == ["Means:\nx\tn\na|b\t3"]


def test_a_bar_in_a_cell_takes_the_rest_of_the_row(api: BotApi, person: Person) -> None:
    rich(api, markdown="| x | n |\n|---|---|\n| a|b | 3 |")
    assert person.texts() == ["x\tn\na\tb"]


def test_a_head_that_does_not_fit_its_rule_makes_no_table(api: BotApi, person: Person) -> None:
    rich(api, markdown="Here: | x | n |\n|---|---|\n| a | 3 |")
    assert person.reads()[0]["rich_message"]["blocks"][0]["type"] == "paragraph"


def test_signs_of_formulas_and_styles_are_eaten_as_there(api: BotApi, person: Person) -> None:
    rich(api, markdown="a*b*c `a*b*c` $x^2$ 3 \\* 4, cost $5 and $6, a==b")
    assert person.texts() == ["abc a*b*c x^2 3 * 4, cost $5 and $6, a==b"]


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({}, "CONTENT_REQUIRED"),
        ({"markdown": ""}, "CONTENT_REQUIRED"),
        ({"markdown": "a", "html": "a"}, "exactly one"),
        ({"markdown": "a", "colour": "red"}, "unknown field"),
        ({"markdown": "x" * 32_769}, "TOO_LONG"),
        ({"markdown": table(21, 1)}, "COLUMNS_TOO_MANY"),
        ({"markdown": table(2, 500)}, "BLOCKS_TOO_MANY"),
        ({"markdown": "x\n\n" * 501}, "BLOCKS_TOO_MANY"),
        ({"markdown": "> " * 17 + "deep"}, "NESTING_TOO_DEEP"),
        ({"markdown": "a <blink>b</blink>"}, "unsupported start tag"),
        ({"html": "<p>a"}, "can't find end tag"),
        ({"html": "<p>a</b></p>"}, "unmatched end tag"),
        ({"html": "a<c and d"}, "begins no tag"),
        ({"html": "<p>a < b</p>"}, "begins no tag"),
        ({"blocks": [{"type": "table", "rows": []}]}, 'Can\'t find field "cells"'),
        ({"blocks": [{"type": "table", "cells": [[{"text": "a"}]]}]}, "align and valign"),
        ({"blocks": [{"type": "paragraph", "text": {"type": "plain", "text": "a"}}]}, "Unsupported rich text"),
        ({"blocks": [{"type": "thinking"}]}, "for drafts"),
        ({"blocks": "a"}, "of another type"),
    ],
)
def test_a_rich_message_that_is_refused(api: BotApi, person: Person, message: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        rich(api, **message)
    assert person.reads() == []


def test_what_is_just_small_enough_is_taken(api: BotApi, person: Person) -> None:
    rich(api, markdown=table(20, 1))
    rich(api, markdown="😀" * 32_768)
    rich(api, markdown="\n\n".join(["x"] * 500))
    rich(api, html="<table><tr><th>a</th></tr><tr><td>1 &lt; 2</td></tr></table>")
    rich(api, blocks=[{"type": "table", "cells": [[{**CELL, "text": ["a", {"type": "bold", "text": "b"}]}]]}])
    assert person.texts()[3:] == ["a\n1 < 2", "ab"]


def test_a_file_comes_along_with_a_rich_message(api: BotApi, person: Person) -> None:
    picture = InputFile(b"\x89PNG", attach=True)
    media = [{"id": "p", "media": {"type": "photo", "media": picture.attach_uri}}]
    rich(api, {"picture": picture}, markdown="Look", media=media)
    with pytest.raises(BadRequest, match="media not found"):
        rich(api, markdown="Look", media=media)
    assert len(person.reads()) == 1


def test_an_edit_makes_words_rich_and_buttons_stay_below(api: BotApi, person: Person) -> None:
    sent = ask(api, lambda bot: bot.send_message(42, "a"))
    values = {"rich_message": {"markdown": "**b**"}}

    async def edit(bot: Any) -> None:
        await bot.do_api_request(
            "editMessageText", api_kwargs={"chat_id": 42, "message_id": sent.message_id, **values}, return_type=Message
        )

    with pytest.warns(UserWarning, match="editMessageText"):
        ask(api, edit)
    assert person.texts() == ["b"]
    with pytest.warns(UserWarning, match="editMessageText"), pytest.raises(BadRequest, match="not modified"):
        ask(api, edit)


def test_a_rich_draft_shows_and_uploads_nothing(api: BotApi, person: Person) -> None:
    values: dict[str, Any] = {"chat_id": 42, "draft_id": 3, "can_stop": True}

    def draft(**message: Any) -> Any:
        kwargs = {**values, "rich_message": message}
        return ask(api, lambda bot: bot.do_api_request("sendRichMessageDraft", api_kwargs=kwargs))

    draft(blocks=[{"type": "thinking"}])
    draft(markdown="| a |\n|---|\n| 1 |")
    assert (api.chats.draft(42) or {})["rich_message"]["blocks"][0]["type"] == "table"
    with pytest.raises(BadRequest, match="uploaded with a draft"):
        draft(markdown="a", media=[{"id": "p", "media": {"type": "photo", "media": "attach://p"}}])
