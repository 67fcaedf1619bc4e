"""A conversation as a file: a transcript that replays, a plan and a script that compute the same, a report to read."""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prompts.visible import visible
from runtime.session import Session
from tools.errors import ToolError

FORMATS: Mapping[str, str] = {"transcript": "yaml", "report": "html", "plan": "json", "script": "py"}
"""Each format's ending; `runtime.export.<format>` holds the function of that name."""


@dataclass(frozen=True)
class Exported:
    """What was written: the file, and the folder that must lie beside it, if it needs one."""

    path: Path
    beside: Path | None


def export(session: Session, conversation_id: str, name: str, path: Path | None = None) -> Exported:
    """Write the conversation in that format, by default to a file of its id here: all that belongs to it, or nothing.

    Raises
    ------
    ToolError
        If nothing was said yet, something of that name is there already, or it cannot be written; then what was there
        is as it was.
    """
    if not session.read_conversation(conversation_id)[1]:
        raise ToolError("nothing was said yet: there is nothing to write")
    wished = path or Path(f"{conversation_id}_{name}.{FORMATS[name]}")
    if wished.is_symlink():
        raise ToolError(f"{str(wished)!r} is a link: name a file of its own")
    target = wished.resolve()
    beside = target.with_name(f"{target.stem}_data")
    try:
        stage = Path(tempfile.mkdtemp(prefix=".statagent_", dir=target.parent))
    except OSError as error:
        raise ToolError(f"{str(target)!r} cannot be written: {error.strerror}") from error
    try:
        staged = stage / beside.name
        make = getattr(importlib.import_module(f"runtime.export.{name}"), name)
        text: str = make(session, conversation_id, staged)
        has_folder = staged.is_dir()
        _publish(text, target, staged if has_folder else None, beside)
    except OSError as error:
        where = error.filename2 or error.filename or str(target)
        raise ToolError(f"{where!r} cannot be written: {error.strerror}; nothing was changed") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return Exported(target, beside if has_folder else None)


def _publish(text: str, target: Path, staged: Path | None, beside: Path) -> None:
    """Put both in their places, or none; what is there already is not ours to write over."""
    # A folder that holds anything is not replaced: the system refuses.
    if staged is not None:
        staged.rename(beside)
    is_ours = False
    try:
        with target.open("x", encoding="utf-8") as file:
            is_ours = True
            target.chmod(0o600)
            # Each format has escaped what shows nothing in its own way; what one forgot does not reach a reader either.
            file.write(visible(text))
    except OSError:
        if is_ours:
            target.unlink()
        if staged is not None:
            beside.rename(staged)
        raise
