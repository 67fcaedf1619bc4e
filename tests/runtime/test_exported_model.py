"""`/export model NAME` at the prompt."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from rich.console import Console

from agent.conversation import Conversation
from runtime.commands import Commands
from runtime.session import Session
from tests.tools.test_model_names import keep, output, session
from tools.errors import ToolError

__all__ = ["output", "session"]


def typed(session: Session, words: str) -> str:
    """What the command prints."""
    shown = io.StringIO()
    conversation: Conversation = session.begin()
    Commands(session, Console(file=shown, width=200)).run("export", words, conversation)
    return shown.getvalue()


def test_the_only_model_needs_no_name(session: Session, output: Path) -> None:
    model = keep(session, 1, output)
    path = session.artifacts / f"{model.model_id}.zip"
    assert typed(session, "model") == f"written: {path}\n"
    assert f"{model.model_id}/predict.py" in zipfile.ZipFile(path).namelist()


def test_of_several_one_is_named(session: Session, output: Path) -> None:
    first, second = keep(session, 1, output), keep(session, 2, output)
    session.models.rename(first, "my prices")
    with pytest.raises(ToolError, match="/export model NAME: there are 'my prices'"):
        typed(session, "model")
    assert f"{second.model_id}.zip" in typed(session, "model my prices")
    assert f"{first.model_id}.zip" in typed(session, "model my prices:1")


def test_without_a_model_it_is_said(session: Session) -> None:
    with pytest.raises(ToolError, match="there is no trained model yet"):
        typed(session, "model")
    with pytest.raises(ToolError, match="or /export model NAME: a model as a zip file"):
        typed(session, "nonsense")
