"""Claude through the anthropic SDK: one streamed request, nothing retried here, nothing of a broken reply trusted."""

from __future__ import annotations

import json
import logging
import queue
import threading
import warnings
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import anthropic
import genai_prices
import httpx2

from adapters.model.base import ModelCancelled, ModelError, ModelRequest, Reply
from adapters.model.usage import UsageError, counted_tokens

LOOK_EVERY_S = 0.1
MAX_MESSAGE = 200
BYTES_PER_TOKEN = 3
"""A low guess, so that the tokens of a request are not counted too few."""
DEAREST_USD_PER_MTOK = (Decimal(10), Decimal(50))
"""Input and output of the dearest model that is known, for one that has no price in the table."""
MAX_REPLY_CHARACTERS = 4_000_000
"""Of words and calls: far more than the longest reply that may be asked for has tokens for."""

TRY_AGAIN_STATUS = frozenset([408, 409, 429, 529])
TRY_AGAIN_TYPES = frozenset(["overloaded_error", "api_error", "rate_limit_error", "timeout_error"])
DELTAS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
    "input_json_delta": "partial_json",
}
"""Where a piece of a block holds its text."""
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RuntimeError)
"""What the SDK and we raise on a stream out of order: a piece of a block that never began, a field that is missing."""
WORDS = {
    401: "Claude does not accept the key in ANTHROPIC_API_KEY.",
    402: "The account behind the key has no credit left.",
    403: "The key may not use this model.",
    404: "Claude does not know the model {model!r}; set STATAGENT_MODEL.",
    413: "The conversation is too large for one request. Begin a new one.",
}


@dataclass
class _Heard:
    """What has come of a stream so far."""

    request: ModelRequest
    raw_inputs: dict[int, str] = field(default_factory=dict)
    ended_blocks: set[int] = field(default_factory=set)
    is_ended: bool = False
    text: str = ""
    n_characters: int = 0
    message: anthropic.types.Message | None = None


class ClaudeModel:
    """One Claude model at one address; keeps `adapters.model.base.LanguageModel`.

    Parameters
    ----------
    name : str
        The model's id, such as "claude-opus-5-5".
    base_url : str or None
        Any server that speaks the Messages API; Anthropic's by default.
    timeout_s : float
        The longest silence within a reply.
    """

    def __init__(self, name: str, api_key: str, base_url: str | None = None, timeout_s: float = 300) -> None:
        self.name = name
        self._api_key = api_key
        self._base_url = base_url
        self._timeout_s = timeout_s

    @cached_property
    def _client(self) -> anthropic.Anthropic:
        # max_retries=0: the SDK would sleep an hour on `retry-after: 3600`; our own policy is in agent.asking.
        # No redirects: the conversation goes to the server that the person has set, and to no other.
        # What the SDK finds odd about a field's type is looked at here and in agent.validity, not on the user's screen.
        warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
        http_client = anthropic.DefaultHttpxClient(follow_redirects=False)
        weakref.finalize(self, http_client.close)
        return anthropic.Anthropic(
            api_key=self._api_key,
            base_url=self._base_url,
            timeout=self._timeout_s,
            max_retries=0,
            http_client=http_client,
        )

    def most_usd(self, request: ModelRequest) -> Decimal:
        """The price of the whole request as fresh input and of a reply that fills its room."""
        return price(self.name, _most_tokens(request))

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> Reply:
        """Send the request and pass its text on; a set `cancel` is seen within a tenth of a second."""
        events: queue.Queue[Any] = queue.Queue()
        gone = threading.Event()
        threading.Thread(target=self._read, args=(request, events, gone), daemon=True).start()
        heard = _Heard(request)
        while True:
            if cancel.is_set():
                gone.set()
                raise ModelCancelled(heard.text, usd=self._usd(heard))
            try:
                event = events.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                continue
            if isinstance(event, Exception):
                raise self._error(event, heard) from event
            try:
                if event is None:
                    return self._reply(heard)
                text = _hear(heard, event)
            except UNREADABLE as error:
                gone.set()
                raise self._error(error, heard) from error
            if heard.n_characters > MAX_REPLY_CHARACTERS:
                gone.set()
                words = f"Claude's reply has more than {MAX_REPLY_CHARACTERS:,} characters; nothing of it was run."
                raise ModelError(words, usd=self._usd(heard))
            if text:
                on_text(text)

    def _read(self, request: ModelRequest, events: queue.Queue[Any], gone: threading.Event) -> None:
        """In a thread of its own, for waiting on a socket cannot be interrupted: put every event in line."""
        body: Mapping[str, Any] = request.body()
        try:
            with self._client.messages.stream(**body, cache_control={"type": "ephemeral"}) as stream:
                for event in stream:
                    if gone.is_set():
                        return
                    events.put(event)
                    if event.type == "message_start":
                        events.put(stream.current_message_snapshot)
            events.put(None)
        except Exception as error:  # noqa: BLE001 - carried over to the thread of the turn, which would wait for ever
            events.put(error)

    def _reply(self, heard: _Heard) -> Reply:
        if heard.message is None:
            raise ModelError("The connection to Claude was cut before it said anything.", retryable=True)
        # No warnings: what does not have the SDK's types is looked at in agent.validity, not on the user's screen.
        whole = heard.message.to_dict(mode="json", warnings=False)
        content: list[Any] = list(whole["content"])  # type: ignore[call-overload]  # the SDK types it as object
        broken = [
            str(block.get("id"))
            for index, block in enumerate(content)
            if block.get("type") == "tool_use" and not _is_whole(block.get("input"), index, heard)
        ]
        usage, note = _usage(heard.message, heard.request)
        usd = price(self.name, usage)
        return Reply(
            content=content,
            # Without message_stop the connection was cut, whatever the snapshot says.
            stop_reason=heard.message.stop_reason if heard.is_ended else None,
            usage={**usage},
            usd=usd,
            broken_calls=tuple(broken),
            note=note and f"{note}: the request counts as the most that it could cost, ${usd:.4f}.",
        )

    def _usd(self, heard: _Heard) -> Decimal:
        return Decimal(0) if heard.message is None else price(self.name, _usage(heard.message, heard.request)[0])

    def _error(self, error: Exception, heard: _Heard) -> ModelError:
        usd = self._usd(heard)
        if isinstance(error, anthropic.APIStatusError):
            status = error.status_code
            if 300 <= status < 400:
                return ModelError(f"Claude's server sends elsewhere ({status}); nothing was sent there.", usd=usd)
            is_passing = status in TRY_AGAIN_STATUS or status >= 500 or error.type in TRY_AGAIN_TYPES
            if is_passing:
                words = f"Claude is busy or out of order ({error.type or status})."
                return ModelError(words, retryable=True, retry_after_s=_retry_after(error), usd=usd)
            detail = (error.api_message or error.message)[:MAX_MESSAGE]
            if status in WORDS:
                return ModelError(WORDS[status].format(model=self.name), usd=usd)
            words = f"Claude refused the request ({status}): {detail}."
            return ModelError(f"{words} If that comes again, begin a new conversation.", usd=usd)
        if isinstance(error, anthropic.APIConnectionError | httpx2.HTTPError):
            return ModelError("The connection to Claude was lost or could not be made.", retryable=True, usd=usd)
        if isinstance(error, UNREADABLE):
            logging.getLogger(__name__).warning("a reply that could not be read", exc_info=error)
            return ModelError("Claude's reply could not be read.", retryable=True, usd=usd)
        return ModelError(f"Claude could not be asked: {str(error)[:MAX_MESSAGE]}", usd=usd)


def _hear(heard: _Heard, event: Any) -> str:
    """Take the event in; gives the words that it brings."""
    if event.type == "content_block_delta" and event.delta.type in DELTAS:
        heard.n_characters += len(getattr(event.delta, DELTAS[event.delta.type]))
    if isinstance(event, anthropic.types.Message):
        heard.message = event
    elif event.type == "content_block_delta" and event.delta.type == "text_delta":
        heard.text += event.delta.text
        return str(event.delta.text)
    elif event.type == "content_block_delta" and event.delta.type == "input_json_delta":
        heard.raw_inputs[event.index] = heard.raw_inputs.get(event.index, "") + event.delta.partial_json
    elif event.type == "content_block_stop":
        heard.ended_blocks.add(event.index)
    elif event.type == "message_stop":
        heard.is_ended = True
    return ""


def _is_whole(parsed: object, index: int, heard: _Heard) -> bool:
    """The block was closed, and its raw JSON, read strictly, is what the SDK's lenient reader made of it.

    Input cut by max_tokens parses as a smaller object without an error: {"epochs": 5 for 50.
    """
    raw = heard.raw_inputs.get(index, "")
    try:
        return index in heard.ended_blocks and (json.loads(raw) if raw else {}) == parsed and isinstance(parsed, dict)
    except ValueError:
        return False


def _usage(message: anthropic.types.Message, request: ModelRequest) -> tuple[dict[str, int], str]:
    """The tokens of the reply; where its counts cannot be true, the most of the request, and what is wrong."""
    usage: anthropic.types.Usage | None = message.usage  # the SDK does not look whether the server sent one
    try:
        return counted_tokens({} if usage is None else usage.to_dict(mode="python", warnings=False)), ""
    except UsageError as error:
        return _most_tokens(request), f"Claude's reply states a use of tokens that cannot be ({error})"


def _most_tokens(request: ModelRequest) -> dict[str, int]:
    n_input = len(json.dumps(request.body()).encode()) // BYTES_PER_TOKEN
    return {"input_tokens": n_input, "output_tokens": request.max_tokens}


def price(model: str, usage: Mapping[str, Any]) -> Decimal:
    """Dollars of a request's usage by the price table of genai-prices; of an unknown model, as the dearest known.

    `input_tokens` is what was neither read from nor written to the cache, as the API counts.
    """
    read, written = (int(usage.get(f"cache_{kind}_input_tokens", 0)) for kind in ("read", "creation"))
    n_input, n_output = int(usage.get("input_tokens", 0)) + read + written, int(usage.get("output_tokens", 0))
    tokens = genai_prices.Usage(
        input_tokens=n_input, cache_read_tokens=read, cache_write_tokens=written, output_tokens=n_output
    )
    try:
        return Decimal(genai_prices.calc_price(tokens, model_ref=model, provider_id="anthropic").total_price)
    except LookupError:
        per_input, per_output = DEAREST_USD_PER_MTOK
        return (per_input * n_input + per_output * n_output) / 1_000_000


def _retry_after(error: anthropic.APIStatusError) -> float | None:
    try:
        return max(0.0, float(error.response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None
