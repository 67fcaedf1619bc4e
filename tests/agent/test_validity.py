"""Every rule about a request, broken one at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from agent.validity import broken_by_reply, broken_rules, sendable
from tools import TOOLS

Request = dict[str, Any]


def valid() -> Request:
    """A request with thinking, two parallel calls, their results and a text after them."""
    return {
        "model": "claude-opus-5-5",
        "max_tokens": 100,
        "system": [{"type": "text", "text": "You are.", "cache_control": {"type": "ephemeral"}}],
        "tools": [{"name": "describe", "description": "d", "input_schema": {"type": "object"}}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "", "signature": "sig"},
                    {"type": "tool_use", "id": "a", "name": "describe", "input": {}},
                    {"type": "tool_use", "id": "b", "name": "describe", "input": {}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "a", "content": "1"},
                    {"type": "tool_result", "tool_use_id": "b", "content": "2", "is_error": True},
                    {"type": "text", "text": "and?"},
                ],
            },
        ],
    }


def test_a_valid_request_breaks_no_rule() -> None:
    assert broken_rules(valid()) == []


def test_our_own_tools_are_valid() -> None:
    assert broken_rules(valid() | {"tools": [tool.schema() for tool in TOOLS]}) == []


def first_user(request: Request) -> list[Any]:
    return request["messages"][0]["content"]  # type: ignore[no-any-return]  # a test's own JSON


def assistant(request: Request) -> list[Any]:
    return request["messages"][1]["content"]  # type: ignore[no-any-return]  # a test's own JSON


def results(request: Request) -> list[Any]:
    return request["messages"][2]["content"]  # type: ignore[no-any-return]  # a test's own JSON


BREAKS: dict[str, tuple[Callable[[Request], object], str]] = {
    "1: a call is not answered": (lambda r: results(r).pop(1), "without `tool_result` blocks immediately after: b"),
    "1: a call at the end": (lambda r: r["messages"].pop(), "without `tool_result` blocks immediately after: a, b"),
    "2: an answer without a call": (
        lambda r: results(r)[0].update(tool_use_id="c"),
        "unexpected `tool_use_id` found in `tool_result` blocks: c",
    ),
    "2: two answers to a call": (lambda r: results(r).insert(0, dict(results(r)[0])), "must have a single result"),
    "3: text before results": (lambda r: results(r).insert(0, results(r).pop()), "tool_result blocks come first"),
    "3: results in two messages, not side by side": (
        lambda r: r["messages"].extend(
            [
                {"role": "assistant", "content": [{"type": "text", "text": "x"}]},
                {"role": "user", "content": [results(r).pop(1)]},
            ]
        ),
        "immediately after: b",
    ),
    "4: an id that is taken": (lambda r: assistant(r)[2].update(id="a"), "`tool_use` ids must be unique: a"),
    "4: an id with a dot": (lambda r: assistant(r)[1].update(id="a.b"), "id: must match"),
    "4: an id that is a number": (lambda r: assistant(r)[1].update(id=7), "id: must match"),
    "4: no id": (lambda r: assistant(r)[1].pop("id"), "id: must match"),
    "4: an id with a line feed": (lambda r: assistant(r)[1].update(id="a\n"), "id: must match"),
    "5: an input that is a list": (lambda r: assistant(r)[1].update(input=[]), "Input should be an object"),
    "6: a picture in an error": (
        lambda r: results(r)[1].update(content=[{"type": "image"}]),
        "all content must be text when is_error is true",
    ),
    "7: an empty text": (lambda r: first_user(r)[0].update(text=" "), "text content blocks must be non-empty"),
    "7: a text that is null": (lambda r: first_user(r)[0].update(text=None), "text content blocks must be non-empty"),
    "7: a text that is a number": (lambda r: first_user(r)[0].update(text=3), "should be a valid string"),
    "8: an empty message": (lambda r: first_user(r).clear(), "messages.0: messages must have non-empty content"),
    "8: an empty string": (lambda r: r["messages"][0].update(content=""), "messages.0: messages must have non-empty"),
    "9: cache_control on an empty text": (
        lambda r: r["system"].append({"type": "text", "text": "", "cache_control": {}}),
        "cannot be set for empty text",
    ),
    "10: five cache_controls": (
        lambda r: (
            [r["tools"][0].update(cache_control={}), r.update(cache_control={})]
            + [block.update(cache_control={}) for block in results(r)]
        ),
        "a maximum of 4 blocks with cache_control",
    ),
    "13: a thought without its signature": (lambda r: assistant(r)[0].pop("signature"), "kept with its signature"),
    "13: a hidden thought without its data": (
        lambda r: assistant(r)[0].update(type="redacted_thinking"),
        "kept with its data",
    ),
    "15: a thought at the end": (lambda r: assistant(r).append(assistant(r)[0]), "cannot be thinking"),
    "16: the assistant has the last word": (
        lambda r: r["messages"].append({"role": "assistant", "content": [{"type": "text", "text": "x"}]}),
        "must end with a user message",
    ),
    "17: the assistant begins": (lambda r: r["messages"].pop(0), "the first message must be the user's"),
    "17: nobody says anything": (lambda r: r["messages"].clear(), "at least one message"),
    "18: an unknown role": (lambda r: r["messages"][0].update(role="tool"), "role: must be user or assistant"),
    "19: a temperature": (lambda r: r.update(temperature=1), "temperature: Extra inputs are not permitted"),
    "20: a document of the assistant": (lambda r: assistant(r)[0].update(type="document"), "cannot stand in a message"),
    "20: a call of the user": (lambda r: results(r)[2].update(type="tool_use"), "cannot stand in a message"),
    "23: a tool's name with a space": (lambda r: r["tools"][0].update(name="a b"), "tools.0.name: must match"),
    "23: a called name too long": (lambda r: assistant(r)[1].update(name="a" * 129), "name: must match"),
    "24: two tools of a name": (lambda r: r["tools"].append(r["tools"][0]), "Tool names must be unique"),
    "25: a schema that is no object": (lambda r: r["tools"][0].update(input_schema={}), 'must be "object"'),
    "29: no room to answer": (lambda r: r.update(max_tokens=0), "max_tokens: must be"),
    "29: no max_tokens": (lambda r: r.pop("max_tokens"), "max_tokens: Field required"),
    "31: half a surrogate pair": (lambda r: first_user(r)[0].update(text="\ud800"), "not valid UTF-8"),
    "31: half a surrogate pair in a call": (
        lambda r: assistant(r)[1]["input"].update(word="\ud800"),
        "not valid UTF-8",
    ),
    "31: an infinite number in a call": (
        lambda r: assistant(r)[1]["input"].update(n=float("inf")),
        "not valid JSON",
    ),
    "31: half a surrogate pair in a result": (lambda r: results(r)[0].update(content="\ud800"), "not valid UTF-8"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_rule_is_named(name: str) -> None:
    request = copy.deepcopy(valid())
    change, sentence = BREAKS[name]
    change(request)
    assert any(sentence in problem for problem in broken_rules(request)), broken_rules(request)


def test_messages_of_one_role_side_by_side_are_one() -> None:
    request = valid()
    request["messages"].append({"role": "user", "content": [{"type": "text", "text": "hello?"}]})
    assert broken_rules(request) == []


TEXT = {"type": "text", "text": "Here."}
BLANK = {"type": "text", "text": " \n"}
THOUGHT = {"type": "thinking", "thinking": "", "signature": "sig"}
CALL = {"type": "tool_use", "id": "c", "name": "describe", "input": {}}


def test_blank_texts_are_left_out_but_beside_thoughts() -> None:
    assert sendable([BLANK, CALL, {"type": "text", "text": ""}, TEXT]) == [CALL, TEXT]
    assert sendable([THOUGHT, BLANK, CALL]) == [THOUGHT, BLANK, CALL]


@pytest.mark.parametrize(
    ("content", "earlier_ids", "n_broken"),
    [
        ([TEXT, CALL], ["a", "b"], 0),
        ([TEXT], ["a", "b"], 0),
        ([CALL, {**CALL, "id": "a"}], ["a", "b"], 1),
        ([CALL], ["a", "b", "c"], 1),
        ([THOUGHT, BLANK, CALL], ["a", "b"], 1),
    ],
)
def test_a_reply_is_asked_about_with_the_log(content: list[Any], earlier_ids: list[str], n_broken: int) -> None:
    assert len(broken_by_reply(valid(), content, earlier_ids)) == n_broken
