"""The Claude adapter against a real server on loopback."""

from __future__ import annotations

import threading
import time
from decimal import Decimal
from typing import Any

import pytest

from adapters.model.base import ModelCancelled, ModelError, ModelRequest, Reply
from adapters.model.claude import ClaudeModel, price
from evals.world.messages_api import KEY, Fails, MessagesApi, Says, messages_api
from evals.world.pace import is_within

TOOL: dict[str, Any] = {"name": "fit", "description": "d", "input_schema": {"type": "object"}}
TEXT: dict[str, Any] = {"type": "text", "text": "Zwölf Pinguine, “12”. 🐧"}
THOUGHT: dict[str, Any] = {"type": "thinking", "thinking": "", "signature": "c2ln"}
CALL: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": "fit", "input": {"epochs": 50, "name": 'é"\\'}}
EMPTY_CALL: dict[str, Any] = {"type": "tool_use", "id": "toolu_2", "name": "fit", "input": {}}


def request(model: str = "claude-opus-5-5", **changes: Any) -> ModelRequest:
    values: dict[str, Any] = {
        "model": model,
        "system": "You are.",
        "tools": [TOOL],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        "max_tokens": 1000,
    }
    return ModelRequest(**(values | changes))


def ask(api: MessagesApi, told: list[str] | None = None, key: str = KEY, **changes: Any) -> Reply:
    model = ClaudeModel(str(changes.get("model", "claude-opus-5-5")), key, api.url, timeout_s=10)
    return model.stream(request(**changes), (told if told is not None else []).append, threading.Event())


def fail(api: MessagesApi, **changes: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        ask(api, **changes)
    return caught.value


def test_text_comes_in_pieces_and_the_reply_is_whole() -> None:
    told: list[str] = []
    with messages_api([Says([TEXT])]) as api:
        reply = ask(api, told)
    assert "".join(told) == TEXT["text"]
    assert len(told) > 1
    assert (reply.content, reply.stop_reason, reply.broken_calls) == ([TEXT], "end_turn", ())
    assert reply.usage == {
        "input_tokens": 900,
        "cache_creation_input_tokens": 100,
        "cache_read_input_tokens": 2000,
        "output_tokens": 50,
    }
    # Opus 5.5: $4 input, $5 cache write, $0.20 cache read, $20 output for a million tokens.
    assert reply.usd == Decimal("0.0055")


def test_thoughts_and_parallel_calls_go_back_unchanged() -> None:
    content = [THOUGHT, TEXT, CALL, EMPTY_CALL]
    with messages_api([Says(content, "tool_use"), Says([TEXT])]) as api:
        reply = ask(api)
        assert (reply.content, reply.stop_reason, reply.broken_calls) == (content, "tool_use", ())
        results = [{"type": "tool_result", "tool_use_id": f"toolu_{n}", "content": "{}"} for n in (1, 2)]
        messages = [
            *request().messages,
            {"role": "assistant", "content": reply.content},
            {"role": "user", "content": results},
        ]
        ask(api, messages=messages)
        assert api.refused == []


def test_the_request_is_cached_and_holds_no_more_than_it_should() -> None:
    with messages_api([Says([TEXT])]) as api:
        ask(api)
        sent = dict(api.requests[0])
    assert sent.pop("cache_control") == {"type": "ephemeral"}
    assert sent.pop("stream") is True
    assert sent == request().body()


@pytest.mark.parametrize("cut_input_to", [14, 13, 30])
def test_input_that_was_cut_is_named_as_broken(cut_input_to: int) -> None:
    with messages_api([Says([CALL], "tool_use", cut_input_to=cut_input_to)]) as api:
        reply = ask(api)
    assert reply.broken_calls == ("toolu_1",)


def test_a_cut_stream_has_no_stop_reason() -> None:
    with messages_api([Says([TEXT, CALL], "tool_use", cut_after_events=12)]) as api:
        assert ask(api).stop_reason is None


def test_a_stream_cut_before_its_last_event_has_no_stop_reason() -> None:
    n_events = 2 + 2 + 4 + 2
    with messages_api([Says([TEXT], cut_after_events=n_events - 1)]) as api:
        assert ask(api).stop_reason is None


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        (Fails(429, "rate_limit_error", "7"), 7.0),
        (Fails(529, "overloaded_error"), None),
        (Fails(500), None),
        (Fails(503), None),
        (Fails(408, "timeout_error"), None),
        (Fails(429, "rate_limit_error", "soon"), None),
        (Says([TEXT], error_after_events=4), None),
        (Says([TEXT], cut_after_events=0), None),
    ],
)
def test_what_passes_may_be_tried_again(step: Says | Fails, seconds: float | None) -> None:
    with messages_api([step]) as api:
        error = fail(api)
    assert error.retryable
    assert error.retry_after_s == seconds
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "refused the request"), (402, "no credit"), (403, "may not use"), (413, "too large")],
)
def test_what_does_not_pass_is_told_in_a_sentence(status: int, words: str) -> None:
    with messages_api([Fails(status, "invalid_request_error")]) as api:
        error = fail(api)
    assert not error.retryable
    assert words in str(error)


def test_a_wrong_key_an_unknown_model_and_an_invalid_request_are_told_apart() -> None:
    with messages_api([]) as api:
        assert "does not accept the key" in str(fail(api, key="wrong"))
        assert "does not know the model 'claude-zero'" in str(fail(api, model="claude-zero"))
        assert "first message must be the user's" in str(fail(api, messages=[{"role": "assistant", "content": "x"}]))


def test_a_request_of_more_than_32_mebibytes_is_too_large() -> None:
    huge = [{"role": "user", "content": [{"type": "text", "text": "x" * 33 * 2**20}]}]
    with messages_api([Says([TEXT])]) as api:
        assert "too large" in str(fail(api, messages=huge))
        assert api.requests == []


def test_nobody_there_is_told_and_may_be_tried_again() -> None:
    model = ClaudeModel("claude-opus-5-5", KEY, "http://127.0.0.1:9", timeout_s=2)
    with pytest.raises(ModelError, match="could not be made") as caught:
        model.stream(request(), lambda text: None, threading.Event())
    assert caught.value.retryable


def test_stopping_is_seen_within_half_a_second_and_keeps_what_was_said() -> None:
    cancel = threading.Event()
    long = {"type": "text", "text": "word " * 200}
    with messages_api([Says([long], seconds_between_events=0.05)]) as api:
        model = ClaudeModel("claude-opus-5-5", KEY, api.url)
        threading.Timer(0.6, cancel.set).start()
        told: list[str] = []
        with pytest.raises(ModelCancelled) as caught:
            model.stream(request(), told.append, cancel)
        stopped = time.monotonic()
    assert caught.value.text == "".join(told)
    assert caught.value.text
    assert caught.value.usd > 0
    assert is_within(5, since=stopped)


def test_stopping_before_the_first_word_does_not_wait_for_the_server() -> None:
    cancel = threading.Event()
    cancel.set()
    with messages_api([Says([TEXT], seconds_between_events=1)]) as api, pytest.raises(ModelCancelled):
        ClaudeModel("claude-opus-5-5", KEY, api.url).stream(request(), lambda text: None, cancel)


def test_a_refusal_is_a_reply_with_its_reason() -> None:
    with messages_api([Says([], "refusal")]) as api:
        assert ask(api).stop_reason == "refusal"


def test_prices_are_those_of_the_model_and_of_the_dearest_for_an_unknown_one() -> None:
    million = {"input_tokens": 1_000_000, "output_tokens": 1_000_000}
    assert price("claude-opus-5-5", million) == 24
    assert price("claude-sonnet-5-5", million) == 12
    assert price("claude-unheard-of", million) == 60
    model = ClaudeModel("claude-opus-5-5", KEY)
    assert model.most_usd(request()) > Decimal("0.02")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_conversation_goes_to_no_server_but_the_one_that_was_set(status: int) -> None:
    with messages_api([Says([TEXT])]) as other:
        location = f"{other.url}/v1/messages"
        with messages_api([Fails(status, location=location)]) as api:
            assert str(fail(api)) == f"Claude's server sends elsewhere ({status}); nothing was sent there."
        assert (other.requests, other.refused) == ([], [])


def test_the_server_refuses_what_is_changed() -> None:
    with messages_api([Says([THOUGHT, TEXT]), Says([TEXT])]) as api:
        reply = ask(api)
        changed = [dict(reply.content[0], signature="b3RoZXI="), reply.content[1]]
        more = [{"role": "user", "content": [TEXT]}]
        messages = [*request().messages, {"role": "assistant", "content": changed}, *more]
        assert "not what was said" in str(fail(api, messages=messages))
        kept = [*request().messages, {"role": "assistant", "content": reply.content}, *more]
        assert "system: changed" in str(fail(api, messages=kept, system="Now it is Tuesday."))
        assert ask(api, messages=kept).content == [TEXT]


@pytest.mark.parametrize("name", ["input_tokens", "output_tokens", "cache_read_input_tokens"])
@pytest.mark.parametrize("count", [10**30, -1, -(10**30), 10_000_001, 0.5, float("inf"), float("nan"), "many", [1]])
def test_a_count_that_cannot_be_true_costs_the_most_of_the_request(name: str, count: object) -> None:
    with messages_api([Says([TEXT], usage={name: count})]) as api:
        reply = ask(api)
        most = ClaudeModel("claude-opus-5-5", KEY).most_usd(request())
    assert (reply.content, reply.usd) == ([TEXT], most)
    assert most > Decimal("0.02")  # a thousand tokens of output at $20 for a million
    assert f"that cannot be ({name} is " in reply.note


@pytest.mark.parametrize("name", ["input_tokens", "output_tokens"])
def test_a_count_that_is_missing_costs_the_most_of_the_request(name: str) -> None:
    with messages_api([Says([TEXT], usage={name: None})]) as api:
        reply = ask(api)
    assert reply.usd >= Decimal("0.02")
    assert f"that cannot be ({name} is missing)" in reply.note


def test_a_reply_that_uses_no_cache_is_an_ordinary_one() -> None:
    usage = {"cache_creation_input_tokens": None, "cache_read_input_tokens": None}
    with messages_api([Says([TEXT], usage=usage)]) as api:
        reply = ask(api)
    # 900 tokens of input at $4 and 50 of output at $20 for a million.
    assert (reply.note, reply.usd) == ("", Decimal("0.0046"))


def test_a_reply_without_end_is_given_up() -> None:
    long: dict[str, Any] = {"type": "text", "text": "x" * 5_000_000}
    with messages_api([Says([long], piece=1_000_000)]) as api:
        error = fail(api)
    assert "more than 4,000,000 characters" in str(error)
    assert not error.retryable
