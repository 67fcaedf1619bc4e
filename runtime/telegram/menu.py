"""The commands of the bot: those that look, and every tool as `/describe price by=region`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from adapters.errors import AdapterError
from adapters.secret_words import mask_word
from agent.conversation import Conversation
from prompts.visible import visible
from runtime import listings
from runtime.export import FORMATS, export
from runtime.rendering import shown
from runtime.session import Session
from runtime.telegram.formatting import fixed, lay_out, plain
from runtime.telegram.outgoing import Message, hands_over, says
from runtime.telegram.turns import Asked, Turns
from runtime.tool_help import HELP_WORDS, help_text
from runtime.tool_words import read_arguments
from tools import TOOLS, find_tool
from tools.errors import ToolError
from tools.results import Artifact

PHONE_WIDTH = 40
WELCOME = """I am a statistician that you can talk to. Send me a table (CSV, Excel, Parquet, JSON) and ask, for example:

• describe price by region
• is income associated with age?
• train a random forest to predict price

Nothing that costs money starts before you have seen its price and pressed Launch. /help lists all commands."""
COMMANDS: Mapping[str, str] = {
    "help": "what I can do; /help describe: what a tool takes",
    "datasets": "what is loaded",
    "models": "what was trained",
    "jobs": "what runs and ran",
    "cost": "dollars of today and in all",
    "new": "begin a new conversation",
    "stop": "stop what is running",
    "export": f"this conversation as a file: {', '.join(FORMATS)}",
    "settings": "what a turn and a day may use",
}


def run(turns: Turns, asked: Asked, line: str) -> None:
    """Do what `/name words` says, and answer the update."""
    kept, user_id = asked.kept, asked.user_id
    name, _, words = mask_word(line[1:]).partition(" ")
    name = name.partition("@")[0].casefold()
    is_tool = any(tool.name == name for tool in TOOLS)
    if is_tool and words.strip() not in HELP_WORDS:
        tool = find_tool(name)
        turns.call(
            asked, line, name, lambda datasets: read_arguments(tool, words, [dataset.name for dataset in datasets])
        )
        return
    if is_tool:
        name, words = "help", name
    session = turns.session(user_id)
    try:
        turns.reply(kept, user_id, _look(turns, session, kept.lane, user_id, name, words))
    except (ToolError, AdapterError) as error:
        turns.reply(kept, user_id, says(plain(str(error))))


def _look(turns: Turns, session: Session, lane: str, user_id: int, name: str, words: str) -> list[Message]:
    if name == "new":
        turns.begin(session, lane, user_id)
        return says(plain("A new conversation."))
    conversation = turns.conversation(session, lane, user_id)
    seen_by = conversation.row.conversation_id
    lookers: Mapping[str, Callable[[], list[Message]]] = {
        "start": lambda: says(plain(WELCOME)),
        "help": lambda: _help(words.strip().removeprefix("/")),
        "datasets": lambda: _listed(listings.datasets(session, seen_by), "Nothing is loaded yet."),
        "models": lambda: _listed(listings.models(session), "There is no model yet."),
        "jobs": lambda: _listed(listings.jobs(session), "There is no job yet."),
        "cost": lambda: says(fixed(_lines(listings.costs(session)))),
        "settings": lambda: says(fixed(_settings(session))),
        "export": lambda: _export(session, conversation, words.strip()),
    }
    if name not in lookers:
        raise ToolError(f"There is no command /{name[:40]}; /help lists all.")
    return lookers[name]()


def _help(name: str) -> list[Message]:
    if name and name not in COMMANDS:
        return says(fixed(help_text(find_tool(name), PHONE_WIDTH)))
    named = {name: COMMANDS[name]} if name else COMMANDS
    lines = [f"/{one}: {text}" for one, text in named.items()]
    tools = [] if name else ["", "Every tool, as in /describe price by=region:", *(f"/{tool.name}" for tool in TOOLS)]
    return says(plain("\n".join([*lines, *tools])))


def _listed(records: listings.Records, nothing: str) -> list[Message]:
    """Records one below the other: a phone is too narrow for their columns."""
    return says(fixed("\n\n".join(map(_lines, records)))) if records else says(plain(nothing))


def _lines(record: Mapping[str, Any]) -> str:
    rows = [[str(name), _value(value)] for name, value in record.items() if value is not None]
    wide = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name.ljust(wide)}  {value}" for name, value in rows)


def _value(value: object) -> str:
    return json.dumps(value, default=str) if isinstance(value, dict | list) else visible(shown(value))


def _settings(session: Session) -> str:
    limits = session.person.limits
    return lay_out(
        [
            ["", ""],
            ["answered by", session.model.name],
            ["a turn, steps", str(limits.max_steps)],
            ["a turn, $", str(limits.max_turn_usd)],
            ["a day, $", str(limits.max_day_usd)],
            ["a day's jobs, $", str(session.person.max_day_jobs_usd)],
        ]
    )


def _export(session: Session, conversation: Conversation, wished: str) -> list[Message]:
    """The file; a script comes with the tables that it reads."""
    if wished not in FORMATS:
        raise ToolError(f"/export {'|'.join(FORMATS)}")
    folder = session.artifacts / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp = f"{datetime.now(session.clock().tzinfo):%Y%m%d_%H%M%S}"
    path = folder / f"{wished}_{stamp}.{FORMATS[wished]}"
    done = export(session, conversation.row.conversation_id, wished, path)
    files = [done.path, *(sorted(done.beside.iterdir()) if done.beside is not None else [])]
    return [message for path in files for message in hands_over(Artifact(path, "file", path.name))]
