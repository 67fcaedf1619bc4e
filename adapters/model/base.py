"""The language model port: a request in, text as it comes, one reply out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from adapters.errors import AdapterError
from adapters.records import Json, JsonValue


class ModelError(AdapterError):
    """The model could not be asked; the message is one sentence for the user.

    Parameters
    ----------
    message : str
        What happened.
    retryable : bool
        Whether the same request may be sent again.
    retry_after_s : float or None
        The server's own wish, in seconds, when it gave one.
    usd : Decimal
        What the request cost all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
        usd: Decimal = Decimal(0),
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.usd = usd


class ModelCancelled(ModelError):
    """The user stopped the reply; `text` is what had been said."""

    def __init__(self, text: str, usd: Decimal = Decimal(0)) -> None:
        super().__init__("stopped", usd=usd)
        self.text = text


@dataclass(frozen=True)
class ModelRequest:
    """One request, complete: `system` and `tools` are the conversation's frozen ones."""

    model: str
    system: str
    tools: Sequence[Mapping[str, JsonValue]]
    messages: Sequence[Mapping[str, JsonValue]]
    max_tokens: int

    def body(self) -> dict[str, JsonValue]:
        """The request as the Messages API takes it."""
        return {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "system": self.system,
            "tools": [dict(tool) for tool in self.tools],
            "messages": [dict(message) for message in self.messages],
        }


class Outcome(StrEnum):
    """What a model that knows it says its words are: Claude's are always `done`."""

    DONE = "done"
    NOT_DONE = "not_done"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True)
class Reply:
    """One reply, content exactly as received.

    `broken_calls` names the tool_use ids whose input did not arrive whole: a reply with any is never acted on.
    `stop_reason` is None when the stream was cut. `note` is a sentence for the user on what was odd and is mended.
    """

    content: list[dict[str, JsonValue]]
    stop_reason: str | None
    usage: Json = field(default_factory=dict)
    usd: Decimal = Decimal(0)
    broken_calls: tuple[str, ...] = ()
    outcome: Outcome = Outcome.DONE
    note: str = ""


class LanguageModel(Protocol):
    """Claude, a recorded Claude, or the offline planner."""

    @property
    def name(self) -> str:
        """The model's name as the log stores it."""

    def most_usd(self, request: ModelRequest) -> Decimal:
        """The most that the request can cost."""

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> Reply:
        """Send the request, pass text on as it comes, and give the whole reply.

        Raises
        ------
        ModelError
            The request failed; `retryable` says whether it may be repeated.
        ModelCancelled
            `cancel` was set meanwhile; within half a second.
        """
