"""`statagent tool NAME JSON`: one tool, no model; a spending tool still passes the gate."""

from __future__ import annotations

from decimal import Decimal

from adapters.errors import AdapterError
from adapters.model.scripted import ScriptedModel
from prompts.visible import one_line
from runtime.confirmation import Confirmation, ConfirmationNeeded, OverBudget
from runtime.open_session import open_session
from runtime.settings import SettingsError, read_settings
from runtime.way_out import say, say_json, tell_stderr
from tools.errors import ToolError
from tools.quote_lines import quote_line

FAILED, CONFIRMATION_NEEDED, BUDGET = 1, 3, 4
MAX_TITLE = 120


def run(name: str, arguments: str, confirm: str | None, max_usd: float | None) -> int:
    """Print the tool's whole result as JSON, or one sentence to stderr and what a refusal holds as fields as JSON.

    Gives the exit code.
    """
    try:
        session = open_session(read_settings(tell_stderr), ScriptedModel([]))
    except (SettingsError, AdapterError) as error:
        say(error, err=True)
        return FAILED
    confirmation = None if confirm is None else Confirmation(confirm, Decimal(str(max_usd or 0)))
    try:
        output = session.call_tool(name, arguments, confirmation)
    except ToolError as error:
        if error.fields:
            say_json({"error": str(error), **error.fields}, indent=2)
        say(error, err=True)
        return FAILED
    except ConfirmationNeeded as needed:
        say_json(quote_line(needed.quote).as_json(), indent=2)
        say(f"{needed}: --confirm {needed.quote.quote_id} --max-usd {needed.quote.cap_usd}", err=True)
        return CONFIRMATION_NEEDED
    except OverBudget as error:
        say(error, err=True)
        return BUDGET
    finally:
        session.program.close()
    say_json(output.content, indent=2)
    for artifact in output.artifacts:
        say(f"{one_line(artifact.title, MAX_TITLE)}: {artifact.path}", err=True)
    return 0
