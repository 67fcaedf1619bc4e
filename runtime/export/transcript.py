"""A conversation as a case of the evals: it replays as it stands, reply by reply and result by result."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from adapters.data.base import DataError
from adapters.data.sources import is_remote, open_source
from agent.conversation import REFUSAL
from prompts.visible import visible
from runtime.export.record import RecordedTurn, read_turns
from runtime.session import Session

ROOT = Path(__file__).parents[2]
LOAD = "load_dataset"
UPLOAD = "upload:"
MAX_WHOLE_BYTES = 1_000_000


def transcript(session: Session, conversation_id: str, beside: Path | None = None) -> str:
    """The conversation as YAML: files with their sums, and each turn with its time, replies as received, and results.

    `statagent eval FILE` replays it. Words and results are the person's own data: treat the file as they would.
    """
    turns = read_turns(session, conversation_id)
    first = next((turn.words for turn in turns if turn.words), "nothing yet")
    case: dict[str, Any] = {
        "about": f"Transcript of {conversation_id}: {' '.join(first.split())[:80]}",
        "live": False,
        "files": _files(session, turns),
        "turns": [_turn(turn, session.person.owner_id) for turn in turns],
    }
    text = yaml.safe_dump(case, sort_keys=False, allow_unicode=True, width=120)
    # YAML has escapes of its own for what shows nothing: the file then says what it said.
    return text if visible(text) == text else yaml.safe_dump(case, sort_keys=False, allow_unicode=False, width=120)


def _turn(turn: RecordedTurn, person: str) -> dict[str, Any]:
    did: dict[str, Any] = {"user": turn.words} if turn.did == "user" else {"decision": turn.did}
    replies: list[dict[str, Any]] = []
    for message in turn.replies:
        is_refused = message.role == REFUSAL
        replies.append(
            {
                "wire": list(message.content),
                "stop_reason": "refusal" if is_refused else message.stop_reason or "end_turn",
                "usage": dict(message.usage),
            }
        )
    if turn.did == "user" and not replies:
        replies.append({"fails": "the model could not be asked"})
    results = {call.call_id: call.result for call in turn.calls if call.content is not None}
    return {
        "person": person,
        **did,
        "at": turn.at.astimezone(UTC).isoformat(),
        **_prices(turn),
        "replies": replies,
        "results": results,
    }


def _prices(turn: RecordedTurn) -> dict[str, Any]:
    """What a machine cost when the turn's first quote was made, and how long it was to run at most."""
    for call in turn.calls:
        if call.name == "estimate_cost" and not call.is_error and call.content is not None:
            quote = call.result["quotes"][0]
            hourly = Decimal(str(quote["cap_usd"])) * 3600 / quote["max_seconds"]
            return {"usd_per_hour": str(round(hourly, 6)), "max_seconds": quote["max_seconds"]}
    return {}


def _files(session: Session, turns: list[RecordedTurn]) -> list[dict[str, str]]:
    """The files that the calls loaded, as they are now: small ones whole, others by their sums."""
    sources = [str(call.arguments.get("source", "")) for turn in turns for call in turn.calls if call.name == LOAD]
    files = []
    for place, source in enumerate(dict.fromkeys(sources)):
        if not source or is_remote(source):
            continue
        try:
            path, content = _read(session, source)
        except DataError:
            continue
        if path.is_relative_to(ROOT):
            files.append({"name": str(path.relative_to(ROOT)), "sha256": hashlib.sha256(content).hexdigest()})
        elif len(content) <= MAX_WHOLE_BYTES:
            whole = base64.b64encode(content).decode()
            files.append({"name": f"{place}/{path.name}", "path": source, "base64": whole})
        else:
            files.append({"name": str(path), "path": source, "sha256": hashlib.sha256(content).hexdigest()})
    return files


def _read(session: Session, source: str) -> tuple[Path, bytes]:
    """A file of this machine, or one that was sent; DataError where it is gone or may not be read."""
    if source.startswith(UPLOAD):
        path = session.data.upload(source)
        return path, path.read_bytes()
    path, opened = open_source(source, session.person.roots, session.settings.home)
    with opened:
        return path, opened.read()
