"""`statagent plan FILE`: the calls of an exported plan, made again; each result is a line of JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from adapters.errors import AdapterError
from adapters.model.scripted import ScriptedModel
from adapters.opening import OpenError, read_plain
from prompts.cards import confirm_card
from runtime.answers import is_plain_yes
from runtime.app import App, Confirmation, ConfirmationNeeded, build
from runtime.export.plan import REFERENCE, VERSION
from runtime.settings import SettingsError, read_settings
from runtime.telling import tell_stderr
from runtime.way_out import say, say_json
from tools.errors import ToolError
from tools.job_lines import quote_line

FAILED, USAGE, CONFIRMATION_NEEDED = 1, 2, 3
WAIT_S = 60
MOST_BYTES = 16 * 2**20


class PlanError(Exception):
    """The file is no plan, or a step refers to what is not there."""


def run(path: Path) -> int:
    """Make the calls; gives the exit code. A launch asks at the terminal, and ends with code 3 where nobody is."""
    try:
        steps = read_plan(path)
        app = build(read_settings(tell_stderr), ScriptedModel([]), tell=tell_stderr)
    except (PlanError, SettingsError, AdapterError) as error:
        say(error, err=True)
        return USAGE if isinstance(error, PlanError) else FAILED
    try:
        results: list[Any] = []
        for number, step in enumerate(steps):
            result = _make(app, str(step["tool"]), fill(step["arguments"], results))
            results.append(result)
            say_json({"step": number, "tool": step["tool"], "result": result})
    except (ToolError, PlanError) as error:
        say(f"step {len(results)}: {error}", err=True)
        return FAILED
    except ConfirmationNeeded as needed:
        say_json(quote_line(needed.quote))
        say(f"step {len(results)}: not started, it needs a person's yes at a terminal", err=True)
        return CONFIRMATION_NEEDED
    finally:
        app.close()
    return 0


def _make(app: App, tool: str, arguments: Mapping[str, Any]) -> Any:
    if tool == "poll_job":
        # The plan goes on when the job has ended, as the conversation did.
        arguments = {**arguments, "wait_s": WAIT_S}
    try:
        return app.call_tool(tool, json.dumps(arguments), None).content
    except ConfirmationNeeded as needed:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise
        say(confirm_card(needed.quote), err=True)
        if not is_plain_yes(typer.prompt("Start it? yes or no", err=True)):
            raise ToolError("not started: the answer was no") from needed
        confirmation = Confirmation(needed.quote.quote_id, needed.quote.cap_usd)
        return app.call_tool(tool, json.dumps(arguments), confirmation).content


def read_plan(path: Path) -> list[dict[str, Any]]:
    """The steps of the plan in the file.

    Raises
    ------
    PlanError
        If it is none, in one sentence.
    """
    try:
        loaded = json.loads(read_plain(Path(os.path.realpath(path)), MOST_BYTES))
    except (OSError, OpenError, ValueError, RecursionError) as error:
        raise PlanError(f"{str(path)!r} is no plan: {error}") from error
    if not isinstance(loaded, dict) or loaded.get("plan") != VERSION or not isinstance(loaded.get("steps"), list):
        raise PlanError(f"{str(path)!r} is no plan of version {VERSION}")
    for number, step in enumerate(loaded["steps"]):
        if not isinstance(step, dict) or set(step) != {"tool", "arguments"} or not isinstance(step["arguments"], dict):
            raise PlanError(f"{str(path)!r}: step {number} needs a tool and its arguments")
    steps: list[dict[str, Any]] = loaded["steps"]
    return steps


def fill(value: Any, results: list[Any]) -> Any:
    """The arguments with each `${step.way}` replaced by what that step gave there."""
    if isinstance(value, Mapping):
        return {key: fill(item, results) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, results) for item in value]
    found = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    try:
        given: Any = results[int(found[1])]
        for part in found[2].split("."):
            given = given[int(part)] if isinstance(given, list) else given[part]
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise PlanError(f"{value} refers to nothing") from error
    return given
