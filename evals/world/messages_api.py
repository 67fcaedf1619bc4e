"""The Messages API on loopback: a real HTTP server that streams a script, and refuses what the real one refuses.

It checks the headers, every rule of `agent.validity`, and that what was sent before comes again unchanged: system,
tools, and each of its own replies block for block, with thoughts and signatures (a blank text beside no thought may
be left out; without its thoughts a reply may have other words, as where a secret was masked). What it says need not
be what it would take: `ODD_REPLIES` are of every form that it refuses.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agent.validity import THOUGHTS, broken_rules, sendable

KEY = "sk-ant-test-key"
MAX_BODY_BYTES = 32 * 2**20
MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5")
PIECE = 7
"""Characters of a delta: JSON arrives split in the middle of words and escapes."""


@dataclass(frozen=True)
class Says:
    """One reply of the script. `content` may be made from the request that it answers."""

    content: list[dict[str, Any]] | Callable[[dict[str, Any]], list[dict[str, Any]]]
    stop_reason: str = "end_turn"
    cut_after_events: int | None = None
    error_after_events: int | None = None
    cut_input_to: int | None = None
    without_event: str | None = None
    seconds_between_events: float = 0.0
    piece: int = PIECE
    usage: Mapping[str, Any] | None = None
    """What the reply says that it used, in place of what it did; None for a count leaves it out."""


def _use(**changes: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": "toolu_1", "name": "list_models", "input": {}, **changes}


_TEXT = {"type": "text", "text": "Here."}
_THOUGHT = {"type": "thinking", "thinking": "", "signature": "c2ln"}
_BLANK = {"type": "text", "text": " \n\t"}
BLANK_REPLIES: dict[str, Says] = {
    "an empty text alone": Says([{"type": "text", "text": ""}]),
    "white space alone": Says([_BLANK]),
    "an empty text before a call": Says([{"type": "text", "text": ""}, _use()], "tool_use"),
    "white space before a call": Says([_BLANK, _use()], "tool_use"),
    "white space after a call": Says([_use(), _BLANK], "tool_use"),
    "white space among words": Says([_TEXT, _BLANK, _TEXT]),
}
"""Replies that are fit to be kept when what is blank is left out."""

ODD_REPLIES: dict[str, Says] = {
    "an id that was there before": Says([_use(id="toolu_0")], "tool_use"),
    "one id for two calls": Says([_use(), _use()], "tool_use"),
    "an id with a dot": Says([_use(id="toolu.1")], "tool_use"),
    "an empty id": Says([_use(id="")], "tool_use"),
    "no id": Says([{"type": "tool_use", "name": "list_models", "input": {}}], "tool_use"),
    "a name with a space": Says([_use(name="list models")], "tool_use"),
    "an empty name": Says([_use(name="")], "tool_use"),
    "a name of 129 letters": Says([_use(name="a" * 129)], "tool_use"),
    "a name with a line feed": Says([_use(name="list_models\n")], "tool_use"),
    "half a character in a call": Says([_use(input={"word": "\ud800"})], "tool_use"),
    "half a character in words": Says([{"type": "text", "text": "\ud800"}]),
    "a block of an unknown type": Says([_TEXT, {"type": "hologram", "data": "x"}]),
    "a block of an unknown type before a call": Says([{"type": "hologram", "data": "x"}, _use()], "tool_use"),
    "a document": Says([{"type": "document", "source": {"type": "text", "data": "x"}}, _TEXT]),
    "a result": Says([{"type": "tool_result", "tool_use_id": "toolu_0", "content": "x"}, _TEXT]),
    "white space beside a thought": Says([_THOUGHT, _BLANK]),
    "an empty text between a thought and a call": Says([_THOUGHT, {"type": "text", "text": ""}, _use()], "tool_use"),
    "a thought at the end": Says([_TEXT, _THOUGHT]),
    "a thought after a call": Says([_use(), _THOUGHT], "tool_use"),
    "a thought without a signature": Says([{**_THOUGHT, "signature": ""}, _TEXT]),
    "a hidden thought without its data": Says([{"type": "redacted_thinking", "data": ""}, _TEXT]),
    "a block that never began": Says([_TEXT], without_event="content_block_start"),
    "a message that never began": Says([_TEXT], without_event="message_start"),
}
"""Replies that cannot be kept: `toolu_0` is the id of an earlier call."""

HALF_REPLIES: dict[str, Says] = {
    "an input cut in the middle": Says([_use(input={"limit": 50})], "tool_use", cut_input_to=11),
    "a call that is said to be the end": Says([_use()], "end_turn"),
    "an end for a call without a call": Says([_TEXT], "tool_use"),
    "a stop reason that nobody knows": Says([_TEXT], "tired"),
    "no stop reason's name": Says([_TEXT], ""),
    "an input that is a list": Says([_use(input=[1])], "tool_use"),
    "an input that is a word": Says([_use(input="all")], "tool_use"),
    "an infinite number": Says([_use(input={"n": float("inf")})], "tool_use"),
    "a block that never ended": Says([_use()], "tool_use", without_event="content_block_stop"),
}
"""Calls whose input did not arrive whole, or as something else, and ends that do not fit what was said."""


@dataclass(frozen=True)
class Fails:
    """A refusal in place of a reply."""

    status: int
    kind: str = "api_error"
    retry_after: str | None = None
    location: str | None = None


@dataclass
class MessagesApi:
    """The server's state: what it will say, what it was asked, what it refused."""

    script: list[Says | Fails]
    requests: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    said: list[list[dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    def problem(self, headers: Any, body: dict[str, Any]) -> tuple[int, str, str] | None:
        """(status, type, message) when the request is refused."""
        given = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        if given != KEY:
            return 401, "authentication_error", "invalid x-api-key"
        if not headers.get("anthropic-version"):
            return 400, "invalid_request_error", "anthropic-version: header is required"
        if body.get("model") not in MODELS:
            return 404, "not_found_error", f"model: {body.get('model')}"
        broken = [*broken_rules(body), *self._changed(body)]
        return (400, "invalid_request_error", "; ".join(broken)) if broken else None

    def _changed(self, body: dict[str, Any]) -> Iterator[str]:
        """Thoughts are bound to what came before them: nothing that was sent may come back changed."""
        if self.requests:
            first = self.requests[0]
            for key in ("system", "tools"):
                if body.get(key) != first.get(key):
                    yield f"{key}: changed since the conversation began; thinking blocks are bound to it"
        replies = [message["content"] for message in body.get("messages", []) if message["role"] == "assistant"]
        for index, content in enumerate(replies):
            known = content in self.said or content in [sendable(said) for said in self.said]
            if not known and not self._is_masked(content):
                yield f"the assistant's message {index} is not what was said"

    def _is_masked(self, content: object) -> bool:
        """Whether it is a reply whose words were changed and whose thoughts, bound to them, were left out."""
        if not isinstance(content, list):
            return False
        shape = [_shape(block) for block in content]
        return any(shape == [_shape(block) for block in said if block["type"] not in THOUGHTS] for said in self.said)


def _shape(block: dict[str, Any]) -> tuple[object, ...]:
    return block["type"], block.get("id"), block.get("name")


@contextmanager
def messages_api(script: Sequence[Says | Fails]) -> Iterator[MessagesApi]:
    """Serve the script on a free port of loopback until the block ends."""
    api = MessagesApi(list(script))

    class Handler(_Handler):
        state = api

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: MessagesApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer, written in two parts, is 40 ms late

    def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def do_GET(self) -> None:
        """GET /v1/models/<model>."""
        model = self.path.removeprefix("/v1/models/")
        if self.headers.get("x-api-key") != KEY:
            self._refuse(401, "authentication_error", "invalid x-api-key")
        elif model not in MODELS:
            self._refuse(404, "not_found_error", f"model: {model}")
        else:
            text = json.dumps({"type": "model", "id": model, "display_name": model}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    def do_POST(self) -> None:
        """POST /v1/messages."""
        n_bytes = int(self.headers["content-length"])
        text = self.rfile.read(n_bytes)
        if n_bytes > MAX_BODY_BYTES:
            self._refuse(413, "request_too_large", "Request exceeds the maximum size")
            return
        body = json.loads(text)
        if self.path.partition("?")[0] != "/v1/messages":
            self._refuse(404, "not_found_error", self.path)
            return
        problem = self.state.problem(self.headers, body)
        if problem is not None:
            self.state.refused.append(problem[2])
            self._refuse(*problem)
            return
        self.state.requests.append(body)
        if not self.state.script:
            self._refuse(400, "invalid_request_error", "the script is at its end: an unexpected request")
            self.state.refused.append("an unexpected request")
            return
        step = self.state.script.pop(0)
        if isinstance(step, Fails):
            self._refuse(step.status, step.kind, "as the script says", step.retry_after, step.location)
        else:
            self._stream(step, body)

    def _refuse(
        self, status: int, kind: str, message: str, retry_after: str | None = None, location: str | None = None
    ) -> None:
        request_id = f"req_{secrets.token_hex(8)}"
        error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}
        text = json.dumps(error).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.send_header("request-id", request_id)
        if retry_after is not None:
            self.send_header("retry-after", retry_after)
        if location is not None:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(text)

    def _stream(self, step: Says, body: dict[str, Any]) -> None:
        content = step.content if isinstance(step.content, list) else step.content(body)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("request-id", f"req_{secrets.token_hex(8)}")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for number, event in enumerate(_events(step, content, str(body["model"]))):
                if number == step.cut_after_events:
                    return
                if event["type"] == step.without_event:
                    continue
                if number == step.error_after_events:
                    event = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
                self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
                self.wfile.flush()
                time.sleep(step.seconds_between_events)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client has hung up: it was stopped
        self.state.said.append(content)


def _events(step: Says, content: list[dict[str, Any]], model: str) -> Iterator[dict[str, Any]]:
    usage = {"input_tokens": 900, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 2000}
    message: dict[str, Any] = {
        "id": f"msg_{secrets.token_hex(8)}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _stated({**usage, "output_tokens": 1}, step),
    }
    yield {"type": "message_start", "message": message}
    yield {"type": "ping"}
    for index, block in enumerate(content):
        yield from _block_events(index, block, step)
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": step.stop_reason, "stop_sequence": None},
        "usage": _stated({**usage, "output_tokens": 50}, step),
    }
    yield {"type": "message_stop"}


def _stated(usage: Mapping[str, Any], step: Says) -> dict[str, Any]:
    return {name: value for name, value in {**usage, **(step.usage or {})}.items() if value is not None}


def _block_events(index: int, block: dict[str, Any], step: Says) -> Iterator[dict[str, Any]]:
    kind = block["type"]
    empty: dict[str, dict[str, Any]] = {
        "text": {"text": ""},
        "thinking": {"thinking": "", "signature": ""},
        "tool_use": {"input": {}},
    }
    yield {"type": "content_block_start", "index": index, "content_block": {**block, **empty.get(kind, {})}}
    if kind == "text":
        for piece in _pieces(block["text"] or "", step.piece):
            yield _delta(index, {"type": "text_delta", "text": piece})
    elif kind == "thinking":
        for piece in _pieces(block["thinking"], step.piece):
            yield _delta(index, {"type": "thinking_delta", "thinking": piece})
        yield _delta(index, {"type": "signature_delta", "signature": block["signature"]})
    elif kind == "tool_use":
        raw = json.dumps(block["input"])[: step.cut_input_to]
        for piece in ["", *_pieces(raw, step.piece)]:
            yield _delta(index, {"type": "input_json_delta", "partial_json": piece})
    yield {"type": "content_block_stop", "index": index}


def _delta(index: int, delta: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]
