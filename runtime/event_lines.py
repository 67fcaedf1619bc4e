"""Events as lines of JSON, for programs that follow a turn: docs/events.md describes them, and they stay so."""

from __future__ import annotations

from typing import Any

from agent.events import (
    Ask,
    Event,
    Flagged,
    Kept,
    Notice,
    TakenBack,
    TextDelta,
    ToolFinished,
    ToolProgress,
    ToolStarted,
    TurnEnded,
)
from runtime.way_out import to_json
from tools.quote_lines import quote_line


def event_line(event: Event) -> str:
    """The event on one line: an object whose `type` names it."""
    return to_json(as_object(event))


def as_object(event: Event) -> dict[str, Any]:
    """The event as plain data."""
    match event:
        case Kept() | TakenBack():
            return {"type": "kept" if isinstance(event, Kept) else "taken_back"}
        case TextDelta():
            return {"type": "text", "text": event.text}
        case ToolStarted():
            return {"type": "tool_started", "call_id": event.call_id, "name": event.name, "arguments": event.arguments}
        case ToolProgress():
            progress = {"sentence": event.sentence, "fraction": event.fraction}
            return {"type": "tool_progress", "call_id": event.call_id, **progress}
        case ToolFinished():
            artifacts = [{"kind": a.kind, "title": a.title, "path": str(a.path)} for a in event.artifacts]
            return {
                "type": "tool_finished",
                "call_id": event.call_id,
                "name": event.name,
                "is_error": event.is_error,
                "result": event.content,
                "artifacts": artifacts,
                "seconds": round(event.seconds, 3),
            }
        case Ask():
            return {"type": "ask", "quote": quote_line(event.quote).as_json(), "card": event.card}
        case Notice():
            return {"type": "notice", "text": event.text}
        case Flagged():
            return {"type": "flagged", "numbers": list(event.numbers)}
        case TurnEnded():
            return {
                "type": "ended",
                "reason": event.reason,
                "outcome": event.outcome.value,
                "reply": event.text,
                "usd": float(event.usd),
                "seconds": round(event.seconds, 3),
                "steps": event.n_steps,
            }
