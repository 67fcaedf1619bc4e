"""`statagent datasets | models | jobs | costs`: what there is, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from adapters.errors import AdapterError
from adapters.model.scripted import ScriptedModel
from runtime import listings
from runtime.open_session import open_session
from runtime.rendering import result_view, table_of
from runtime.session import Session
from runtime.settings import SettingsError, read_settings
from runtime.terminal import open_terminal
from runtime.way_out import say, say_json, tell_stderr

FAILED = 1
NOTHING = {"datasets": "Nothing is loaded yet.", "models": "There is no model yet.", "jobs": "There is no job yet."}
LISTS: Mapping[str, Callable[[Session], Any]] = {
    "datasets": listings.datasets,
    "models": listings.models,
    "jobs": listings.jobs,
    "costs": listings.costs,
}
IN_FULL: Mapping[str, Callable[[Session], Any]] = {**LISTS, "datasets": listings.datasets_in_full}
"""As JSON, which has room for more than a table."""


def run(what: str, as_json: bool) -> int:
    """Print the list; gives the exit code."""
    try:
        session = open_session(read_settings(tell_stderr), ScriptedModel([]))
        try:
            found = (IN_FULL if as_json else LISTS)[what](session)
        finally:
            session.program.close()
    except (SettingsError, AdapterError) as error:
        say(error, err=True)
        return FAILED
    if as_json:
        say_json(found, indent=2)
        return 0
    console = open_terminal()
    if isinstance(found, dict):
        console.print(result_view(found))
    else:
        console.print(table_of(found) if found else NOTHING[what])
    return 0
