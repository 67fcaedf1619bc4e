"""A conversation as a case of the evals: it replays as it stands, reply by reply and result by result."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import yaml

from agent.conversation import REFUSAL
from runtime.app import App
from runtime.export.record import RecordedTurn, read_turns

ROOT = Path(__file__).parents[2]


def transcript(app: App, conversation_id: str) -> str:
    """The conversation as YAML: files with their sums, and each turn with its time, replies as received, and results.

    `statagent eval FILE` replays it. Words and results are the person's own data: treat the file as they would.
    """
    turns = read_turns(app, conversation_id)
    first = next((turn.words for turn in turns if turn.words), "nothing yet")
    case: dict[str, Any] = {
        "about": f"Transcript of {conversation_id}: {' '.join(first.split())[:80]}",
        "live": False,
        "files": _files(app, turns),
        "turns": [_turn(turn, app.settings.owner) for turn in turns],
    }
    return yaml.safe_dump(case, sort_keys=False, allow_unicode=True, width=120)


def _turn(turn: RecordedTurn, person: str) -> dict[str, Any]:
    did: dict[str, Any] = {"user": turn.words} if turn.did == "user" else {"decision": turn.did}
    replies = []
    for message in turn.replies:
        is_refused = message.role == REFUSAL
        replies.append(
            {
                "wire": list(message.content),
                "stop_reason": "refusal" if is_refused else message.stop_reason or "end_turn",
                "usage": dict(message.usage),
            }
        )
    results = {call.call_id: call.result for call in turn.calls if call.content is not None}
    return {"person": person, **did, "at": turn.at.astimezone(UTC).isoformat(), "replies": replies, "results": results}


def _files(app: App, turns: list[RecordedTurn]) -> list[dict[str, str]]:
    """Each file that was loaded and is known still, with the sum of its bytes."""
    loaded = {str(call.result["dataset"]) for turn in turns for call in turn.calls if _is_load(call)}
    files = []
    for dataset in app.data.all():
        path = Path(dataset.source)
        if dataset.name in loaded and path.is_absolute():
            name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
            files.append({"name": str(name), "sha256": dataset.sha256})
    return files


def _is_load(call: Any) -> bool:
    return bool(call.name == "load_dataset" and call.content is not None and not call.is_error)
