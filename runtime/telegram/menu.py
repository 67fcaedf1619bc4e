"""The commands of the bot: those that look, and every tool as `/describe price by=region`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from adapters.errors import AdapterError
from adapters.secret_words import mask_word
from agent.conversation import Conversation
from prompts.dollars import dollars
from prompts.visible import visible
from runtime import listings
from runtime.command_words import HOW_TOOLS, unknown_command
from runtime.command_words import IN_CHATS as COMMANDS
from runtime.export import FORMATS, export
from runtime.exported_model import WORD, exported_model
from runtime.rendering import shown
from runtime.session import Session
from runtime.telegram import datasets
from runtime.telegram.asked import Asked
from runtime.telegram.ending import cancel_button
from runtime.telegram.formatting import fixed, lay_out, plain
from runtime.telegram.outgoing import Button, Message, hands_over, says
from runtime.telegram.preferences import Preferences
from runtime.telegram.table_messages import Looks, tells
from runtime.telegram.tables import WIDTH
from runtime.telegram.turns import Turns
from runtime.tool_help import HELP_WORDS, help_text
from runtime.tool_words import read_arguments
from tools import TOOLS, find_tool
from tools.errors import ToolError
from tools.results import Artifact, MadeCall

EXAMPLES = ("describe price by region", "is income associated with price?", "train a random forest to predict price")
WELCOME = """I am a statistician that you can talk to. Send me a table (CSV, Excel, Parquet, JSON) and ask.

Tap an example: it is answered from a small made-up table of flats, which I load for you.

Nothing that costs money starts before you have seen its price and pressed Launch. /help lists all commands."""
EXAMPLE, EXPORTS, SETS = "e", "x", "s"
"""What a press begins with that asks an example, takes an export, changes a setting."""
CHOICES: Mapping[str, Callable[[Preferences], Preferences]] = {
    "rich_tables": lambda now: now.model_copy(update={"rich_tables": not now.rich_tables}),
    "previews": lambda now: now.model_copy(update={"previews": not now.previews}),
    "confirm": lambda now: now.model_copy(update={"confirm": "always" if now.confirm == "paid" else "paid"}),
}
"""What a person can set, and what a press makes of it."""


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
        "start": welcome,
        "help": lambda: _help(words.strip().removeprefix("/")),
        "datasets": lambda: _datasets(session, seen_by, words.strip()),
        "models": lambda: _listed(listings.models(session), "There is no model yet."),
        "jobs": lambda: _jobs(session),
        "cost": lambda: _cost(session, conversation),
        "settings": lambda: settings_message(session, turns.preferences(user_id), user_id),
        "export": lambda: _export(session, conversation, words.strip()),
    }
    if name not in lookers:
        raise ToolError(unknown_command(name, COMMANDS))
    return lookers[name]()


def _datasets(session: Session, conversation_id: str, words: str) -> list[Message]:
    action, _, name = words.partition(" ")
    if not action:
        return datasets.listed(session, conversation_id)
    if action.casefold() != "remove" or not name.strip():
        raise ToolError(f"/datasets takes `remove NAME` or nothing, not {words[:60]!r}")
    return datasets.removed(session, name.strip())


def _help(name: str) -> list[Message]:
    if name and name not in COMMANDS:
        return says(fixed(help_text(find_tool(name), WIDTH)))
    named = {name: COMMANDS[name]} if name else COMMANDS
    lines = [f"/{one}: {text}" for one, text in named.items()]
    tools = [] if name else ["", HOW_TOOLS, *(f"/{tool.name}: {tool.gives}" for tool in TOOLS)]
    return says(plain("\n".join([*lines, *tools])))


def welcome() -> list[Message]:
    """What the bot can do, with examples to tap."""
    return says(plain(WELCOME), [Button(words, f"{EXAMPLE}:{place}") for place, words in enumerate(EXAMPLES)])


def menu_of() -> list[tuple[str, str]]:
    """What Telegram offers when a person types a slash: the commands, then every tool."""
    return [*COMMANDS.items(), *((tool.name, tool.gives) for tool in TOOLS)]


def _jobs(session: Session) -> list[Message]:
    """The jobs, with a button that ends each one that runs."""
    records = listings.jobs(session)
    running = [job.job_id for job in session.jobs.all() if not job.state.is_final]
    buttons = [cancel_button(job_id, f"Cancel {job_id}") for job_id in running]
    if not records:
        return says(plain("There is no job yet."))
    return says(fixed("\n\n".join(map(_lines, records))), buttons)


def _cost(session: Session, conversation: Conversation) -> list[Message]:
    """What this conversation has cost, and what show_spending says."""
    spent = sum((message.usd for message in conversation.messages), Decimal(0))
    tool, found = find_tool("show_spending"), session.call_tool("show_spending", "{}", None).content
    told = "" if tool.told is None else tool.told(MadeCall({}, tool.read(found)))
    return tells(f"This conversation: {dollars(spent, 4)}\n\n{told}", (), Looks(False, session.clock()))


def _listed(records: listings.Records, nothing: str) -> list[Message]:
    """Records one below the other: a phone is too narrow for their columns."""
    return says(fixed("\n\n".join(map(_lines, records)))) if records else says(plain(nothing))


def _lines(record: Mapping[str, Any]) -> str:
    rows = [[str(name), _value(value)] for name, value in record.items() if value is not None]
    wide = max((len(name) for name, _ in rows), default=0)
    return "\n".join(f"{name.ljust(wide)}  {value}" for name, value in rows)


def _value(value: object) -> str:
    return json.dumps(value, default=str) if isinstance(value, dict | list) else visible(shown(value))


def settings_message(session: Session, chosen: Preferences, user_id: int) -> list[Message]:
    """What a person can set, a button each, and what a turn and a day may use."""
    limits = session.person.limits
    asks = {"always": "at every launch", "paid": "only where it may cost"}
    labels = {
        "rich_tables": f"Tables: {'rich' if chosen.rich_tables else 'plain'}",
        "previews": f"Previews: {'on' if chosen.previews else 'off'}",
        "confirm": f"Ask: {asks[session.person.confirm]}",
    }
    rows = [
        ["", ""],
        ["answered by", session.model.name],
        ["a turn, steps", str(limits.max_steps)],
        ["a turn, $", str(limits.max_turn_usd)],
        ["a day, $", str(limits.max_day_usd)],
        ["a day's jobs, $", str(session.person.budgets.day_usd)],
        ["a month's jobs, $", str(session.person.budgets.month_usd)],
        ["one job, $", str(session.person.budgets.job_usd)],
    ]
    return says(fixed(lay_out(rows)), [Button(label, f"{SETS}:{user_id}:{name}") for name, label in labels.items()])


def set_one(turns: Turns, user_id: int, name: str) -> list[Message] | None:
    """Change one setting of a person's; the settings as they stand then, or None where there is no such."""
    if name not in CHOICES:
        return None
    chosen = turns.preferences(user_id)
    asks = turns.session(user_id).person.confirm
    turns.prefer(user_id, CHOICES[name](chosen.model_copy(update={"confirm": asks}) if name == "confirm" else chosen))
    return settings_message(turns.session(user_id), turns.preferences(user_id), user_id)


def _export(session: Session, conversation: Conversation, wished: str) -> list[Message]:
    """The file; a script comes with the tables that it reads."""
    word, _, name = wished.partition(" ")
    if word == WORD:
        return hands_over(exported_model(session, name.strip()))
    if not wished:
        return says(plain("This conversation as which file?"), [Button(one, f"{EXPORTS}:{one}") for one in FORMATS])
    if wished not in FORMATS:
        raise ToolError(f"/export {'|'.join(FORMATS)} or model NAME, not {wished[:40]!r}")
    folder = session.artifacts / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp = f"{datetime.now(session.clock().tzinfo):%Y%m%d_%H%M%S}"
    path = folder / f"{wished}_{stamp}.{FORMATS[wished]}"
    done = export(session, conversation.row.conversation_id, wished, path)
    files = [done.path, *(sorted(done.beside.iterdir()) if done.beside is not None else [])]
    return [message for path in files for message in hands_over(Artifact(path, "file", path.name))]
