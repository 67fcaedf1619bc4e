"""A tool that the person calls, as a model: so it passes the loop, the gate and the log as any other call does."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from decimal import Decimal

from adapters.model.base import ModelRequest, Reply
from adapters.records import JsonValue

SHOWN = "Done: the user called this tool and sees its result."
MARK = "command_"
"""What the id of such a call begins with."""


def is_command(call_id: str) -> bool:
    """Whether a person made the call."""
    return call_id.startswith(MARK)


class CommandModel:
    """Makes the one call, and then says that it is done; without a tool the call stands in the log already."""

    name = "command"

    def __init__(self, tool: str | None = None, arguments: dict[str, JsonValue] | None = None) -> None:
        call_id = f"{MARK}{secrets.token_hex(6)}"
        self._call: dict[str, JsonValue] | None = None
        if tool is not None:
            self._call = {"type": "tool_use", "id": call_id, "name": tool, "input": arguments or {}}

    def most_usd(self, request: ModelRequest) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> Reply:
        """The call; when it has its result, a word for the log. Nothing is told: the result is shown itself."""
        if self._call is not None:
            call, self._call = self._call, None
            return Reply([call], "tool_use")
        return Reply([{"type": "text", "text": SHOWN}], "end_turn")
