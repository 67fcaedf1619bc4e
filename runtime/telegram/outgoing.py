"""Messages as rows of the outbox: what they say, which buttons stand below, which file goes with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from adapters.records import Json
from runtime.telegram.formatting import MAX_CAPTION_UNITS, Formatted, pieces, plain
from tools.results import Artifact

MAX_PHOTO_BYTES, MAX_DOCUMENT_BYTES = 10_000_000, 50_000_000


class Button(NamedTuple):
    """A button: what stands on it, and what comes back when it is pressed (64 bytes at most)."""

    label: str
    data: str


class Message(BaseModel):
    """One message.

    Attributes
    ----------
    key : str or None
        A message with a key is sent once, and can be edited later.
    edits : str or None
        The key of a message that this one takes the place of; where that is not there, nothing is shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["text", "photo", "document"] = "text"
    text: str = ""
    entities: tuple[tuple[str, int, int], ...] = ()
    buttons: tuple[Button, ...] = ()
    path: str | None = None
    name: str | None = None
    key: str | None = None
    edits: str | None = None

    def as_json(self) -> Json:
        """As the outbox keeps it."""
        return self.model_dump(mode="json", exclude_defaults=True)


def says(shown: Formatted, buttons: Sequence[Button] = ()) -> list[Message]:
    """The text in as many messages as it needs, the buttons below the last; nothing for no text."""
    cut = pieces(shown)
    return [
        Message(
            text=piece.text,
            entities=tuple((one.kind, one.offset, one.length) for one in piece.entities),
            buttons=tuple(buttons) if place == len(cut) - 1 else (),
        )
        for place, piece in enumerate(cut)
    ]


def replaces(key: str, shown: Formatted, buttons: Sequence[Button] = ()) -> Message:
    """The message of that key as it stands from now on; it stays one message."""
    return says(shown, buttons)[0].model_copy(update={"edits": key, "buttons": tuple(buttons)})


def hands_over(artifact: Artifact) -> list[Message]:
    """A file: pictures as photos where Telegram takes them, all else as documents, with its title."""
    path = Path(artifact.path)
    try:
        size = path.stat().st_size
    except OSError:
        return says(plain(f"The file {path.name} is no longer there."))
    if size > MAX_DOCUMENT_BYTES:
        limit, has = MAX_DOCUMENT_BYTES // 1_000_000, size / 1_000_000
        return says(plain(f"{path.name} has {has:.0f} MB; Telegram takes {limit} MB from a bot. Ask for a part of it."))
    kind: Literal["photo", "document"] = "photo" if artifact.kind == "png" and size <= MAX_PHOTO_BYTES else "document"
    caption = pieces(plain(artifact.title), MAX_CAPTION_UNITS)
    return [Message(kind=kind, text=caption[0].text if caption else "", path=str(path), name=path.name)]
