"""`statagent tool NAME JSON`: one tool, no model."""

from __future__ import annotations

import json
import threading

import typer

from adapters.errors import AdapterError
from runtime.app import build
from runtime.settings import SettingsError, read_settings
from tools.errors import ToolError


def run(name: str, arguments: str) -> int:
    """Print the tool's whole result as JSON, or one sentence to stderr; gives the exit code."""
    try:
        app = build(read_settings())
    except (SettingsError, AdapterError) as error:
        typer.echo(str(error), err=True)
        return 1
    try:
        output = app.call_tool(name, arguments, threading.Event(), lambda sentence, fraction: None)
    except ToolError as error:
        typer.echo(str(error), err=True)
        return 1
    finally:
        app.close()
    typer.echo(json.dumps(output.content, ensure_ascii=False, allow_nan=False, indent=2))
    for artifact in output.artifacts:
        typer.echo(f"{artifact.title}: {artifact.path}", err=True)
    return 0
