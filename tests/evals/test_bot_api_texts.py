"""Texts with marks at the simulated Bot API, and what Telegram leaves of a text."""

from __future__ import annotations

import pytest
from telegram import MessageEntity
from telegram.error import BadRequest
from telegram.helpers import escape_markdown

from evals.world.bot_api import BotApi, Person
from evals.world.bot_asks import ask


def shown(person: Person) -> tuple[str, list[tuple[str, int, int]]]:
    [message] = person.reads()
    return message["text"], [(e["type"], e["offset"], e["length"]) for e in message.get("entities", [])]


@pytest.mark.parametrize(
    ("mode", "text", "expected", "entities"),
    [
        ("HTML", "a <b>b <i>c</i></b> &lt; 2", "a b c < 2", [("bold", 2, 3), ("italic", 4, 1)]),
        ("HTML", "😀<code>x&amp;y</code>", "😀x&y", [("code", 2, 3)]),
        ("HTML", '<pre><code class="language-python">1 &lt; 2</code></pre>', "1 < 2", [("pre", 0, 5)]),
        ("HTML", '<a href="https://e.org/?a=1&amp;b=2">e</a>', "e", [("text_link", 0, 1)]),
        ("html", "a & b", "a & b", []),
        ("MarkdownV2", "*a _b_* ~c~", "a b c", [("bold", 0, 3), ("italic", 2, 1), ("strikethrough", 4, 1)]),
        ("MarkdownV2", "||d||", "d", [("spoiler", 0, 1)]),
        ("MarkdownV2", "`a*b` 1\\.5 \\> 1", "a*b 1.5 > 1", [("code", 0, 3)]),
        ("MarkdownV2", "```python\nx\n```", "x", [("pre", 0, 1)]),
        ("MarkdownV2", "__u__ [e](https://e.org/a\\))", "u e", [("underline", 0, 1), ("text_link", 2, 1)]),
        ("MarkdownV2", "a\n>b\n>c\nd", "a\nb\nc\nd", [("blockquote", 2, 4)]),
    ],
)  # fmt: skip
def test_marks_become_entities(
    api: BotApi, person: Person, mode: str, text: str, expected: str, entities: list[tuple[str, int, int]]
) -> None:
    ask(api, lambda bot: bot.send_message(42, text, parse_mode=mode))
    assert shown(person) == (expected, entities)


@pytest.mark.parametrize(
    ("mode", "text", "reason"),
    [
        ("HTML", "a<b and c>d", "Can't find end tag corresponding to start tag"),
        ("HTML", "1 < 2", "Unclosed start tag at byte offset 2"),
        ("HTML", "é <table>", 'Unsupported start tag "table" at byte offset 3'),
        ("HTML", "<b>a</i>", "Unmatched end tag"),
        ("HTML", "a</b>", "Unexpected end tag"),
        ("HTML", "<span>a</span>", "tg-spoiler"),
        ("MarkdownV2", "p = 0.05", "Character '=' is reserved and must be escaped"),
        ("MarkdownV2", "0.05", r"Character '\.' is reserved"),
        ("MarkdownV2", "(n)", r"Character '\(' is reserved"),
        ("MarkdownV2", "sex*species", "Can't find end of Bold entity"),
        ("MarkdownV2", "*a _b* c_", "Can't find end of Italic entity"),
        ("MarkdownV2", "`a", "Can't find end of Code entity at byte offset 0"),
        ("MarkdownV2", "[a]b", "Can't find end of a URL"),
        ("BBCode", "a", "unsupported parse_mode"),
    ],
)
def test_marks_that_can_not_be_read_are_refused(api: BotApi, person: Person, mode: str, text: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        ask(api, lambda bot: bot.send_message(42, text, parse_mode=mode))
    with pytest.raises(BadRequest, match=f"(?i){reason}"):
        ask(api, lambda bot: bot.send_document(42, b"a", caption=text, parse_mode=mode))
    assert person.reads() == []


def test_what_the_library_escapes_arrives(api: BotApi, person: Person) -> None:
    text = "y ~ a*b + c_d [1] (2) `x` > 3 = #4 | {5} - 6. !\\"
    ask(api, lambda bot: bot.send_message(42, escape_markdown(text, version=2), parse_mode="MarkdownV2"))
    assert shown(person) == (text, [])


def test_the_limit_counts_what_is_left_of_the_marks(api: BotApi, person: Person) -> None:
    ask(api, lambda bot: bot.send_message(42, f"<b>{'x' * 4096}</b>", parse_mode="HTML"))
    with pytest.raises(BadRequest, match="too long"):
        ask(api, lambda bot: bot.send_message(42, f"<b>{'x' * 4097}</b>", parse_mode="HTML"))
    assert shown(person)[1] == [("bold", 0, 4096)]


def test_blanks_at_the_ends_are_gone_up_to_the_first_entity(api: BotApi, person: Person) -> None:
    entities = [MessageEntity("pre", 2, 4), MessageEntity("bold", 6, 3)]
    ask(api, lambda bot: bot.send_message(42, "\n    ab  c \n", entities=entities))
    assert shown(person) == ("   ab  c", [("pre", 0, 4), ("bold", 4, 3)])


def test_entities_beyond_the_hundredth_are_gone(api: BotApi, person: Person) -> None:
    entities = [MessageEntity("bold", 2 * place, 1) for place in range(101)]
    ask(api, lambda bot: bot.send_message(42, "a " * 101, entities=entities))
    assert len(shown(person)[1]) == 100
