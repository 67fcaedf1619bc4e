"""`statagent telegram [pair|status]`: serve, let somebody in, see how it stands."""

from __future__ import annotations

import asyncio

from adapters.errors import AdapterError
from adapters.store.telegram_people import CODE_LIFE, PeopleTable
from runtime.choose_model import NO_KEY, choose_model
from runtime.log_file import log_to
from runtime.program import Program, build
from runtime.settings import SettingsError, read_settings
from runtime.telegram.serving import CannotServe, serve
from runtime.telegram.status import as_text, status
from runtime.way_out import say, say_json, tell_stderr

FAILED = 1


def run(action: str, model: str | None, as_json: bool = False) -> int:
    """Do it; gives the exit code."""
    try:
        settings = read_settings(tell_stderr)
        chosen = choose_model(model, settings)
        program = build(settings, chosen, tell=tell_stderr)
        log_to(settings.home)
    except (SettingsError, AdapterError) as error:
        say(error, err=True)
        return FAILED
    try:
        if action == "pair":
            _pair(program)
        elif action == "status":
            found = status(program)
            say_json(found, indent=2) if as_json else say(as_text(found))
        else:
            if model is None and chosen.name == "offline":
                say(NO_KEY, err=True)
            asyncio.run(serve(program))
        return 0
    except (SettingsError, AdapterError, CannotServe) as error:
        say(error, err=True)
        return FAILED
    finally:
        program.close()


def _pair(program: Program) -> None:
    code = PeopleTable(program.database).make_code(program.clock())
    hours = int(CODE_LIFE.total_seconds() // 3600)
    say(f"{code}\nWhoever sends this to the bot is let in; it works once, within {hours} hours.")
