"""What is sent in the place of a message that Telegram does not take as it is."""

from __future__ import annotations

from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import Message, says
from runtime.telegram.table_messages import without_rich
from runtime.telegram.tables import as_records


def instead(message: Message) -> list[Message]:
    """Other messages that say the same; none where there is no other way.

    Telegram's own table is drawn, a drawn one told row by row; of an album each picture is sent alone, a picture as a
    document, a text without its looks.
    """
    if message.edits is not None:
        return []
    if message.kind == "table":
        return without_rich(message)
    if message.kind == "pictures" and message.table is not None:
        return says(plain(as_records(message.table)))
    if message.kind == "album":
        first, *others = message.parts
        return [first.model_copy(update={"text": message.text}), *others]
    if message.kind == "photo":
        return [message.model_copy(update={"kind": "document"})]
    return [message.model_copy(update={"entities": ()})] if message.entities else []
