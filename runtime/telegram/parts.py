"""What of an update is to be loaded: documents, or a table in a text; and the question that stands beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from telegram import Bot, Document, Update

from adapters.data.remote.saving import file_name
from adapters.data.unpacking import table_name
from adapters.store.telegram_rows import KeptUpdate
from runtime.telegram.cut_pastes import joined
from runtime.telegram.pasted import PastedTable, find_table
from runtime.telegram.receiving import name_of
from runtime.telegram.routes import marked, words_in

PASTED = "pasted"


@dataclass(frozen=True)
class Part:
    """One thing to be loaded: a document, or a table that stood in a text. `key` names its update for good."""

    key: str
    name: str
    question: str
    album: str | None = None
    document: Document | None = None
    table: PastedTable | None = None
    wished: str | None = None
    """The dataset's name, where it is not the file's."""

    @property
    def line(self) -> str:
        """How it stands in the conversation."""
        return "(pasted a table)" if self.table is not None else f"(sent {self.name})"


def parts_of(kept: KeptUpdate, bot: Bot) -> list[Part]:
    """The parts of an update and of those that were joined to it, in order; none where it holds just words."""
    updates = [Update.de_json(dict(one), bot) for one in kept.contents()]
    found = [part for first, words in _with_rest(updates, bot) for part in _parts(first, words, bot)]
    names = Counter[str]()
    for place, part in enumerate(found):
        label = table_name(Path(part.name)).casefold()
        names[label] += 1
        if names[label] > 1:
            found[place] = replace(part, wished=f"{table_name(Path(part.name))}_{names[label]}")
    return found


def _with_rest(updates: Sequence[Update], bot: Bot) -> list[tuple[Update, str]]:
    """Each update with its words; those of a paste that was cut are one."""
    found: list[tuple[Update, str]] = []
    for update in updates:
        words = "" if update.message is None else words_in(update.message, bot)
        is_text = update.message is not None and bool(update.message.text)
        whole = joined(found[-1][1], words) if found and is_text else None
        if whole is None:
            found.append((update, words))
        else:
            found[-1] = (found[-1][0], whole)
    return found


def _parts(update: Update, words: str, bot: Bot) -> Iterator[Part]:
    message = update.message
    if message is None:
        return
    key = f"telegram:{bot.id}:{update.update_id}"
    if message.document is not None:
        name = file_name(name_of(message.document).replace("\\", "/"))
        yield Part(key, name, marked(message, words), message.media_group_id, message.document)
        return
    table = find_table(words)
    if table is not None:
        yield Part(key, f"{PASTED}.csv", marked(message, table.around), table=table)
