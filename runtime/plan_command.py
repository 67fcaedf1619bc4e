"""`statagent plan FILE`: the calls of an exported plan, made again; each result is a line of JSON."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from adapters.errors import AdapterError
from adapters.model.scripted import ScriptedModel
from runtime import standard_input
from runtime.answers import is_plain_yes
from runtime.confirmation import Confirmation, ConfirmationNeeded
from runtime.open_session import open_session
from runtime.plan_file import PlanError, addresses_of, fill, read_plan
from runtime.session import Session
from runtime.settings import SettingsError, read_settings
from runtime.way_out import say, say_json, tell_stderr
from tools.errors import ToolError
from tools.quote_lines import quote_line

FAILED, USAGE, CONFIRMATION_NEEDED = 1, 2, 3
WAIT_S = 60


def run(path: Path, fetch: Sequence[str]) -> int:
    """Make the calls; gives the exit code. Addresses and launches ask at the terminal; code 3 where nobody is.

    Parameters
    ----------
    fetch : sequence of str
        The addresses of the plan that may be fetched from without a question.
    """
    try:
        steps = read_plan(path)
        addresses = addresses_of(steps)
        code = _check_addresses(addresses, fetch)
        if code is not None:
            return code
        session = open_session(read_settings(tell_stderr), ScriptedModel([]))
    except (PlanError, SettingsError, AdapterError) as error:
        say(error, err=True)
        return USAGE if isinstance(error, PlanError) else FAILED
    try:
        results: list[Any] = []
        for number, step in enumerate(steps):
            result = _make(session, str(step["tool"]), fill(step["arguments"], results), addresses)
            results.append(result)
            say_json({"step": number, "tool": step["tool"], "result": result})
    except (ToolError, PlanError) as error:
        say(f"step {len(results)}: {error}", err=True)
        return FAILED
    except ConfirmationNeeded as needed:
        say_json(quote_line(needed.quote).as_json())
        say(f"step {len(results)}: not started, it needs a person's yes at a terminal", err=True)
        return CONFIRMATION_NEEDED
    finally:
        session.program.close()
    return 0


def _check_addresses(addresses: Sequence[str], fetch: Sequence[str]) -> int | None:
    """Show where the plan fetches from, before anything is done; an exit code where that was not agreed to.

    Raises
    ------
    PlanError
        If an address is agreed to that the plan does not have.
    """
    strange = [address for address in fetch if address not in addresses]
    if strange:
        raise PlanError(f"--fetch {strange[0]!r}: the plan has no such address")
    if addresses:
        say("The plan fetches from:", err=True)
    for address in addresses:
        # Whole, on one line, and a letter that only looks like another one as its code.
        say(f"  {json.dumps(address)}", err=True)
    asked = [address for address in addresses if address not in fetch]
    answer = _answer("Fetch from there? yes or no") if asked else True
    if answer is None:
        say_json({"addresses": asked})
        flags = " ".join(f"--fetch {shlex.quote(address)}" for address in asked)
        say(f"nothing was done: a person must agree at a terminal; in a script: {flags}", err=True)
        return CONFIRMATION_NEEDED
    if not answer:
        say("nothing was done: the answer was no", err=True)
        return FAILED
    return None


def _answer(question: str) -> bool | None:
    """A person's answer, True for a plain yes; None where nobody sees the question."""
    if not standard_input.is_person(shown_on=sys.stderr):
        return None
    standard_input.forget_typed()
    return is_plain_yes(typer.prompt(question, err=True))


def _make(session: Session, tool: str, arguments: Mapping[str, Any], addresses: Collection[str]) -> Any:
    if tool == "poll_job":
        # The plan goes on when the job has ended, as the conversation did.
        arguments = {**arguments, "wait_s": WAIT_S}
    try:
        return session.call_tool(tool, json.dumps(arguments), None, addresses.__contains__).content
    except ConfirmationNeeded as needed:
        say(session.card(needed.quote), err=True)
        answer = _answer("Start it? yes or no")
        if answer is None:
            raise
        if not answer:
            raise ToolError("not started: the answer was no") from needed
        confirmation = Confirmation(needed.quote.quote_id, needed.quote.cap_usd)
        return session.call_tool(tool, json.dumps(arguments), confirmation).content
