"""A model that needs no key: one sentence, one tool; what it cannot account for word by word it does not do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from adapters.model.base import ModelCancelled, ModelRequest, Outcome, Reply
from agent.not_run import NotRun
from agent.offline.help import HELP, no_data
from agent.offline.looked_up import is_look, look_up, values_found
from agent.offline.memory import Memory, Step, read_memory
from agent.offline.naming import names_at
from agent.offline.planned import Plan, Unable, was_called
from agent.offline.reader import Reader
from agent.offline.reading import Reading, Understood, understand
from agent.offline.refusal import Tools, guess_tool, refuse, say_both, say_lacking
from agent.offline.sentence import Token, read_tokens
from agent.offline.several_steps import SEVERAL_STEPS
from agent.offline.table import ColumnKind, KnownTable
from agent.offline.taken import say_taken
from agent.offline.words import words_about

MOST_TRIED = 5
"""Other datasets that a sentence is tried on: the latest."""
WITHOUT_DATA = (
    frozenset("load_dataset poll_job cancel_job list_models show_spending predict help yes no thanks".split())
    | {
        "rename_model",
        "keep_threshold",
        "delete_model",
        "restore_model",
        "model_card",
        "export_model",
        "version of model",
    }
    | {"train again", "about the price", "delete several"}
)


class OfflineModel:
    """Plans one step at a time from the conversation alone, so it goes on after a crash like any model."""

    name = "offline"

    def most_usd(self, request: ModelRequest) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> Reply:
        """The next step: a tool call, or words."""
        memory = read_memory(request.messages, request.system)
        planned = plan(memory, request.tools)
        if isinstance(planned, tuple):
            name, arguments = planned
            call_id = f"offline_{memory.n_calls + 1}"
            return Reply([{"type": "tool_use", "id": call_id, "name": name, "input": arguments}], "tool_use")
        words, outcome = (planned.words, planned.outcome) if isinstance(planned, Unable) else (planned, Outcome.DONE)
        told = ""
        for line in words.splitlines(keepends=True):
            if cancel.is_set():
                raise ModelCancelled(told)
            on_text(line)
            told += line
        return Reply([{"type": "text", "text": words}], "end_turn", outcome=outcome)


def plan(memory: Memory, tools: Tools) -> Plan:
    """The next step for the user's last words, given the calls made since.

    Where they are about nothing that this conversation knows, and name a dataset of an earlier one, its columns are
    asked for.
    """
    planned = _plan(memory, tools)
    if isinstance(planned, Unable) and all(_asks_for_columns(step, memory) for step in memory.steps):
        tokens = read_tokens(memory.words)
        for name in memory.there:
            if name not in memory.columns and _is_named(name, memory.words, tokens):
                return "check_quality", {"dataset": name}
    return planned


def _asks_for_columns(step: Step, memory: Memory) -> bool:
    return step.error is None and step.name == "check_quality" and step.arguments.get("dataset") in memory.there


def _plan(memory: Memory, tools: Tools) -> Plan:
    last = memory.steps[-1] if memory.steps else None
    if last is not None and last.error is not None:
        return _after_error(last.error)
    table = _table(memory)
    understood = understand(memory.words, table)
    if last is None and understood.needs_look:
        look = look_up(understood.reader.asked, table)
        if look is not None:
            return look
    if understood.needs_look:
        # No column of words could hold the value: what nobody can look up is left over.
        understood = understand(memory.words, _with_values(table, {}))
    steps = [step for step in memory.steps if not is_look(step.arguments)]
    reads = [(reading.tool, reading.arguments) for reading in understood.readings]
    steps = [step for step in steps if not _asks_for_columns(step, memory) or (step.name, step.arguments) in reads]
    if not understood.readings:
        return _not_understood(understood, table, tools, memory)
    if len(understood.readings) > 1:
        return Unable(say_both(understood), Outcome.NOT_UNDERSTOOD)
    reading = understood.readings[0]
    lacking = say_lacking(reading, table)
    if lacking is not None:
        return Unable(lacking)
    planned = _next(reading, memory, steps)
    if isinstance(planned, str):
        taken = say_taken(understood.reader, reading.arguments)
        return "\n\n".join([*taken, *_say_dataset(reading, table, memory, planned), planned])
    return planned


def _not_understood(understood: Understood, table: KnownTable, tools: Tools, memory: Memory) -> Plan:
    if _may_name_a_model(understood.reader, memory):
        return "list_models", {}
    if table.values is None:
        # What might be a value carried the reader too far: the word to name is where it stops without one.
        understood = understand(memory.words, _with_values(table, {}))
    return _refused(understood, table, tools, memory)


def _may_name_a_model(reader: Reader, memory: Memory) -> bool:
    """Whether a word that nothing accounts for may be a model's name, which this conversation has not seen yet."""
    if memory.names or was_called("list_models", memory.steps) or not reader.tokens:
        return False
    tokens = reader.tokens
    names_data = any(_is_named(name, reader.text, tokens) for name in (*memory.before, *memory.there)) or any(
        True for place in range(len(tokens)) for _ in names_at(tokens, place, reader.table.words)
    )
    return tokens[0].text in ("rename", "delete", "export") and not names_data


def _say_dataset(reading: Reading, table: KnownTable, memory: Memory, words: str) -> list[str]:
    """Which of several datasets was meant, where neither the sentence nor the answer names it; a model has its own."""
    if reading.tool == "plot of model":
        return []
    if table.dataset is None or len(table.datasets) < 2 or reading.arguments.get("dataset") != table.dataset:
        return []
    is_said = _is_named(table.dataset, memory.words, read_tokens(memory.words)) or table.dataset in words
    return [] if is_said else [f"Of {table.dataset}, the dataset last used:"]


def _table(memory: Memory) -> KnownTable:
    """The dataset that the words name, else the current one as it was when they were said; and what was looked up."""
    datasets = list(memory.before)
    tokens = read_tokens(memory.words)
    named = [name for name in datasets if _is_named(name, memory.words, tokens)]
    current = named[0] if len(named) == 1 else memory.said_about
    table = _known(current, memory)
    looks = [step for step in memory.steps if is_look(step.arguments)]
    return _with_values(table, values_found(looks[0])) if looks else table


def _known(dataset: str | None, memory: Memory) -> KnownTable:
    columns = memory.before.get(dataset or "", {})
    kinds = {name: ColumnKind(*kind) for name, kind in columns.items()}
    return KnownTable(dataset, kinds, list(memory.before), list(memory.names))


def _with_values(table: KnownTable, values: Mapping[str, list[tuple[str, str]]]) -> KnownTable:
    return replace(table, values=values)


def _is_named(dataset: str, words: str, tokens: tuple[Token, ...]) -> bool:
    places = [token.start for token in tokens if token.kind == "word" and not token.is_joined]
    ends = {token.end for token in tokens}
    joined = {token.start - 1 for token in tokens if token.is_joined}
    size = len(dataset)
    return any(
        words[at : at + size].lower() == dataset.lower() and at + size in ends and at + size not in joined
        for at in places
    )


def _refused(understood: Understood, table: KnownTable, tools: Tools, memory: Memory) -> Unable:
    if table.dataset is None:
        guessed = guess_tool(understood.reader)
        if guessed is not None and guessed not in WITHOUT_DATA:
            return Unable(no_data(memory.there))
        return Unable(f"{refuse(understood, tools)} {no_data(memory.there)}\n\n{HELP}", Outcome.NOT_UNDERSTOOD)
    said = "\n\n".join([refuse(understood, tools), *_fits_elsewhere(table, memory)])
    return Unable(said if guess_tool(understood.reader) else f"{said}\n\n{HELP}", Outcome.NOT_UNDERSTOOD)


def _fits_elsewhere(table: KnownTable, memory: Memory) -> list[str]:
    """A sentence where the words make sense about another dataset: its columns are not this one's."""
    others = [name for name in memory.before if name != table.dataset][:MOST_TRIED]
    fitting = [name for name in others if understand(memory.words, _known(name, memory)).readings]
    return [f"It makes sense about {' and about '.join(fitting)}: add `in {fitting[0]}`."] if fitting else []


def _after_error(error: str) -> Plan:
    if error == NotRun.SAID_NO:
        return "All right. Nothing was started."
    if error == NotRun.WROTE_INSTEAD:
        return "I did not start anything. " + HELP
    return Unable(f"That did not work: {error}.")


def _next(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    said = SAID.get(reading.tool)
    if said is not None:
        return said
    if memory.said_about is None and reading.tool not in WITHOUT_DATA:
        return Unable(no_data(memory.there))
    if reading.tool in SEVERAL_STEPS:
        return SEVERAL_STEPS[reading.tool](reading, memory, steps)
    if steps:
        return words_about(steps[-1])
    return reading.tool, reading.arguments


SAID: Mapping[str, str | Unable] = {
    "help": HELP,
    "yes": Unable("There is no open question; nothing was started. `ask me again` puts the last one anew."),
    "no": "All right.",
    "thanks": "You are welcome.",
}
