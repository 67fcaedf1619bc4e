"""`statagent chat`: at the prompt, or one turn with -p or what comes on a pipe."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from decimal import Decimal

from adapters.errors import AdapterError
from agent.conversation import Conversation
from runtime import standard_input
from runtime.choose_model import NO_KEY, LateModel, choose_model
from runtime.confirmation import Confirmation
from runtime.open_session import open_session
from runtime.session import Session
from runtime.settings import SettingsError, read_settings
from runtime.way_out import say, tell_stderr

FAILED = 1


@dataclass(frozen=True)
class ChatOptions:
    """What the command line says."""

    words: str | None
    model: str | None
    session_id: str | None
    resume: bool
    output: str
    confirmation: Confirmation | None


def run(
    words: str | None,
    model: str | None,
    session_id: str | None,
    resume: bool,
    output: str,
    confirm: str | None,
    max_usd: float | None,
) -> int:
    """Open the program and the conversation, and hand over to the prompt or to one turn; gives the exit code."""
    confirmation = None if confirm is None else Confirmation(confirm, Decimal(str(max_usd or 0)))
    options = ChatOptions(words, model, session_id, resume, output, confirmation)
    try:
        settings = read_settings(tell_stderr)
        late_model = choose_model(model, settings)
        session = open_session(settings, late_model)
        conversation = _open(session, options)
    except (SettingsError, AdapterError) as error:
        say(error, err=True)
        return FAILED
    try:
        if model is None and late_model.name == "offline":
            say(NO_KEY, err=True)
        there = session.what_is_there()
        if there and not conversation.messages and options.words is not None:
            say(f"loaded already: {', '.join(there)}", err=True)
        return _talk(session, conversation, late_model, options)
    except AdapterError as error:
        say(error, err=True)
        return FAILED
    finally:
        session.program.close()


def _talk(session: Session, conversation: Conversation, model: LateModel, options: ChatOptions) -> int:
    # The prompt needs prompt_toolkit and rich, one turn does not: each loads only its own. A pipe gets no prompt.
    if options.words is None and options.confirmation is None and standard_input.is_terminal():
        code = importlib.import_module("runtime.repl").talk(session, conversation, model)
    else:
        code = importlib.import_module("runtime.one_turn").talk(session, conversation, options)
    return int(code)


def _open(session: Session, options: ChatOptions) -> Conversation:
    if options.session_id is not None or options.resume:
        return session.resume(options.session_id)
    return session.begin()
