"""Messages as rows of the outbox: what they say, which buttons stand below, which file goes with them."""

from __future__ import annotations

import logging
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from adapters.records import Json
from runtime.telegram.cutting import MAX_CAPTION_UNITS, MAX_UNITS, Formatted, pieces
from runtime.telegram.formatting import plain
from runtime.telegram.packing import MAX_DOCUMENT_BYTES, Slice, pack
from runtime.telegram.sheets import Sheet
from runtime.telegram.tables import Table
from tools.results import Artifact

MAX_PHOTO_BYTES, MAX_PHOTO_SIDES, MAX_PHOTO_RATIO = 10_000_000, 10_000, 20
MAX_ALBUM = 10
PNG = b"\x89PNG\r\n\x1a\n"
AGAIN = "(Sent again: it may have arrived before.)\n"
FILE_AGAIN = "A connection was lost while this file was sent; it may be here twice."
MOST_UNITS, MOST_CAPTION_UNITS = MAX_UNITS - len(AGAIN), MAX_CAPTION_UNITS - len(FILE_AGAIN) - 1
"""So long that there is room for these."""
GONE = "The file {name} is no longer there."
Kind = Literal["text", "photo", "document", "album", "table", "pictures", "csv", "parts"]
LOG = logging.getLogger(__name__)


class Button(NamedTuple):
    """A button: what stands on it, and what comes back when it is pressed (64 bytes at most)."""

    label: str
    data: str


class Message(BaseModel):
    """One message, or several that are sent one after the other (`parts`) or as one album.

    A table is Telegram's own (`table`), drawn (`pictures`) or a file that is made of it when it is sent (`csv`).

    Attributes
    ----------
    offset, length : int
        Which bytes of the file at `path` are sent; their SHA-256 is `digest`, so that a file that was changed since is
        never sent for the one that was meant.
    key : str or None
        A message with a key is sent once, and can be edited later.
    edits : str or None
        The key of a message that this one takes the place of; where that is not there, nothing is shown.
    is_question : bool
        Asks only whether another one is to be sent; however often it comes, it is no copy of an answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = "text"
    text: str = ""
    entities: tuple[tuple[str, int, int], ...] = ()
    buttons: tuple[Button, ...] = ()
    path: str | None = None
    name: str | None = None
    offset: int = 0
    length: int = 0
    digest: str = ""
    table: Table | None = None
    sheet: Sheet | None = None
    parts: tuple[Message, ...] = ()
    key: str | None = None
    edits: str | None = None
    is_question: bool = False

    def as_json(self) -> Json:
        """As the outbox keeps it."""
        return self.model_dump(mode="json", exclude_defaults=True)


def says(shown: Formatted, buttons: Sequence[Button] = ()) -> list[Message]:
    """The text in as many messages as it needs, the buttons below the last; nothing for no text."""
    cut = pieces(shown, MOST_UNITS)
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


def hands_over(artifact: Artifact, most: int = MAX_DOCUMENT_BYTES) -> list[Message]:
    """A file of the person's: pictures as photos where Telegram takes them, all else as documents.

    What is too large is packed, and if need be cut into parts, with a sentence how these are put together.
    """
    path = Path(artifact.path)
    try:
        slices, sentence = pack(path, most)
        kind: Kind = "photo" if artifact.kind == "png" and _is_photo(path) else "document"
    except OSError as error:
        LOG.error("%s could not be read: %s", path, error)
        return says(plain(GONE.format(name=path.name)))
    title = "\n".join(part for part in (artifact.title, sentence if len(slices) == 1 else "") if part)
    files = [_file(kind, one, title if place == 0 else "") for place, one in enumerate(slices)]
    return files if len(slices) == 1 else [*files, *says(plain(sentence))]


def _file(kind: Kind, one: Slice, title: str) -> Message:
    caption = pieces(plain(title), MOST_CAPTION_UNITS)
    return Message(
        kind=kind,
        text=caption[0].text if caption else "",
        path=str(one.path),
        name=one.name,
        offset=one.offset,
        length=one.length,
        digest=one.digest,
    )


def _is_photo(path: Path) -> bool:
    """Whether Telegram takes the picture as a photo: not too many bytes, nor too long for its width."""
    with path.open("rb") as file:
        head = file.read(24)
    if not head.startswith(PNG) or path.stat().st_size > MAX_PHOTO_BYTES:
        return False
    width, height = struct.unpack(">II", head[16:24])
    is_odd = max(width, height) > MAX_PHOTO_RATIO * max(1, min(width, height))
    return not is_odd and int(width + height) <= MAX_PHOTO_SIDES


def in_albums(messages: Sequence[Message]) -> list[Message]:
    """The messages of an answer, its pictures together where the last of them stands, their titles below the first."""
    photos = [message for message in messages if message.kind == "photo"]
    if len(photos) < 2:
        return list(messages)
    found: list[Message] = []
    for message in messages:
        if message.kind != "photo":
            found.append(message)
        elif message is photos[-1]:
            found += [_album(photos[at : at + MAX_ALBUM]) for at in range(0, len(photos), MAX_ALBUM)]
    return found


def _album(photos: Sequence[Message]) -> Message:
    if len(photos) == 1:
        return photos[0]
    # Clients show words below an album only where one of its pictures has some.
    titles = "\n".join(f"{number}. {photo.text}" for number, photo in enumerate(photos, start=1) if photo.text)
    caption = pieces(plain(titles), MOST_CAPTION_UNITS)
    alone = tuple(photo.model_copy(update={"text": ""}) for photo in photos)
    return Message(kind="album", text=caption[0].text if caption else "", parts=alone)
