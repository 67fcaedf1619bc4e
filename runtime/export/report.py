"""A conversation as one page that needs nothing beside it: questions, tables, pictures, methods, warnings."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from prompts import render_page
from prompts.visible import visible
from runtime.export.record import DoneCall, RecordedTurn, read_turns
from runtime.rendering import shown
from runtime.session import Session
from tools import find_tool
from tools.errors import ToolError

MAX_ROWS = 200
APART = frozenset(["warnings", "notes", "warning_codes", "note_codes"])
"""Fields that are no values: the words stand below the values, and the codes are for programs."""
MAX_PICTURE_BYTES = 5_000_000


@dataclass(frozen=True)
class Table:
    """Records as the page shows them."""

    head: list[str]
    rows: list[list[str]]
    more: int


@dataclass(frozen=True)
class Step:
    """One call: what was done, its tables and values, its pictures as data addresses, and what it warned of."""

    name: str
    method: str
    arguments: str
    error: str | None
    values: list[tuple[str, str]]
    tables: list[tuple[str, Table]]
    pictures: list[tuple[str, str]]
    warnings: list[str]


def report(session: Session, conversation_id: str, beside: Path | None = None) -> str:
    """The report: what came from data or the model is escaped; the Markdown may hold no HTML and no images."""
    turns = read_turns(session, conversation_id)
    words = (
        MarkdownIt("commonmark", {"html": False})
        .enable("table")
        .disable(["image", "link", "autolink", "html_inline", "html_block"])
    )
    parts = [
        {
            "asked": _asked(turn),
            "at": turn.at.astimezone().strftime("%Y-%m-%d %H:%M"),
            "steps": [_step(call) for call in turn.calls if call.content is not None],
            "reply": words.render(turn.text),
        }
        for turn in turns
    ]
    methods = {
        name: find_tool(name).description for name in sorted({c.name for t in turns for c in t.calls if _known(c)})
    }
    title = next((turn.words for turn in turns if turn.words), conversation_id)
    page = render_page(
        "report",
        title=" ".join(title.split())[:80],
        turns=parts,
        methods=methods,
        model=session.read_conversation(conversation_id)[0].model,
        conversation=conversation_id,
    )
    # At the very end: Markdown makes characters of what an entity such as &#x202e; names.
    return visible(page)


def _asked(turn: RecordedTurn) -> str:
    return turn.words if turn.words is not None else f"The person said {turn.did} to the price."


def _known(call: DoneCall) -> bool:
    try:
        find_tool(call.name)
    except ToolError:
        return False
    return True


def _step(call: DoneCall) -> Step:
    result: Mapping[str, Any] = call.result
    arguments = ", ".join(f"{name}: {shown(value)}" for name, value in call.arguments.items() if value is not None)
    if call.is_error:
        return Step(call.name, "", arguments, str(call.content), [], [], [], [])
    warnings = [shown(text) for name in ("warnings", "notes") for text in result.get(name) or []]
    values, tables = [], []
    for name, value in result.items():
        if name in APART or (name == "columns" and "rows" in result and _are_names(value)):
            continue
        if isinstance(value, list) and value and (isinstance(value[0], Mapping | list)):
            tables.append((name, _table(value, result)))
        else:
            values.append((name, shown(value)))
    pictures = [(a.title, _address(a.path.read_bytes())) for a in call.artifacts if _is_small_picture(a)]
    return Step(call.name, "", arguments, None, values, tables, pictures, warnings)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _table(value: list[Any], result: Mapping[str, Any]) -> Table:
    if isinstance(value[0], list):
        names = [str(name) for name in result.get("columns", range(len(value[0])))]
        rows = [[shown(cell) for cell in row] for row in value[:MAX_ROWS]]
    else:
        names = list(dict.fromkeys(name for row in value for name in row))
        rows = [[shown(row.get(name)) for name in names] for row in value[:MAX_ROWS]]
    return Table([str(name) for name in names], rows, max(0, len(value) - MAX_ROWS))


def _is_small_picture(artifact: Any) -> bool:
    return bool(
        artifact.kind == "png" and artifact.path.is_file() and artifact.path.stat().st_size <= MAX_PICTURE_BYTES
    )


def _address(picture: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"
