"""What was said in a conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from adapters.records.json_values import Json, JsonValue


@dataclass(frozen=True)
class Message:
    """One line of a conversation's log, stored exactly as sent or received."""

    position: int
    role: str
    content: list[dict[str, JsonValue]]
    stop_reason: str | None = None
    complete: bool = True
    usage: Json = field(default_factory=dict)
    usd: Decimal = Decimal(0)
    created_at: datetime | None = None
