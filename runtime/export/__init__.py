"""A conversation as a file: a transcript that replays, a plan and a script that compute the same, a report to read."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from runtime.app import App
from tools.errors import ToolError

FORMATS: Mapping[str, str] = {"transcript": "yaml", "report": "html", "plan": "json", "script": "py"}
"""Each format's ending; `runtime.export.<format>` holds the function of that name."""


def export(app: App, conversation_id: str, name: str, path: Path | None = None) -> Path:
    """Write the conversation in that format, by default to a file of its id here; gives where it is.

    Raises
    ------
    ToolError
        If nothing was said yet, the file is there already, or it cannot be written.
    """
    if not app.read_conversation(conversation_id)[1]:
        raise ToolError("nothing was said yet: there is nothing to write")
    target = (path or Path(f"{conversation_id}_{name}.{FORMATS[name]}")).resolve()
    text: str = getattr(importlib.import_module(f"runtime.export.{name}"), name)(app, conversation_id, target)
    try:
        # A file that is there already is not ours to write over.
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ToolError(f"{str(target)!r} cannot be written: {error.strerror}") from error
    target.chmod(0o600)
    return target
