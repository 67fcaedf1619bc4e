"""What the Bot API refuses, as its own servers put it: a status, a description, and what to do instead."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Mapping, Sequence
from typing import Any

MAX_TEXT, MAX_CAPTION = 4096, 1024
MAX_ENTITIES = 100
MAX_BUTTON_BYTES = 64
MAX_PHOTO_BYTES, MAX_UPLOAD_BYTES, MAX_DOWNLOAD_BYTES = 10_000_000, 50_000_000, 20_000_000
MAX_LOCAL_BYTES = 2_000_000_000
"""What a Bot API server of one's own takes."""
MAX_PHOTO_SIDES, MAX_PHOTO_RATIO = 10_000, 20
ENTITIES = frozenset(
    "bold italic underline strikethrough spoiler blockquote expandable_blockquote code pre text_link text_mention "
    "custom_emoji url mention hashtag cashtag bot_command email phone_number".split()
)
ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note".split()
)
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")


class Refused(Exception):
    """A request that Telegram does not do."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refused:
    """A request with a mistake."""
    return Refused(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """Telegram counts in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def check_text(text: str, entities: Sequence[Mapping[str, Any]], most: int, what: str) -> None:
    """Length, blankness and entities of a text."""
    kept_text(text, entities, most, what)


def kept_text(
    text: str, entities: Sequence[Mapping[str, Any]], most: int, what: str
) -> tuple[str, list[dict[str, Any]]]:
    """What Telegram keeps of a text and its entities; refused where it is blank, too long, or an entity is wrong.

    Blanks at its ends are gone, at the beginning up to the first entity, and of entities there are 100.
    """
    _check_entities(text, entities)
    first = min((int(entity["offset"]) for entity in entities), default=units(text))
    gone = min(first, units(text) - units(text.lstrip()))
    kept = text.encode("utf-16-le")[2 * gone :].decode("utf-16-le").rstrip()
    if most == MAX_TEXT and not kept.strip():
        raise bad("message text is empty")
    if units(kept) > most:
        raise bad(f"{what} is too long")
    found = [{**entity, "offset": int(entity["offset"]) - gone} for entity in entities[:MAX_ENTITIES]]
    cut = [{**one, "length": min(int(one["length"]), units(kept) - one["offset"])} for one in found]
    return kept, [one for one in cut if one["length"] > 0]


def _check_entities(text: str, entities: Sequence[Mapping[str, Any]]) -> None:
    try:
        encoded = text.encode("utf-16-le")
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    for entity in entities:
        if entity.get("type") not in ENTITIES:
            raise bad(f"can't parse entities: unsupported type {entity.get('type')!r}")
        start, length = int(entity["offset"]), int(entity["length"])
        if start < 0 or length <= 0 or start + length > len(encoded) // 2:
            raise bad("can't parse entities: an entity ends beyond the text")
        for edge in (start, start + length):
            low = struct.unpack_from("<H", encoded, 2 * edge)[0] if 2 * edge < len(encoded) else 0
            if 0xDC00 <= low <= 0xDFFF:
                raise bad("can't parse entities: an entity cuts a character")
    _check_nesting(entities)


def _check_nesting(entities: Sequence[Mapping[str, Any]]) -> None:
    spans = [(int(e["offset"]), int(e["offset"]) + int(e["length"]), e["type"]) for e in entities]
    for place, (start, end, kind) in enumerate(spans):
        for other_start, other_end, other in spans[place + 1 :]:
            if start < other_start < end < other_end or other_start < start < other_end < end:
                raise bad("can't parse entities: entities overlap")
            is_inside = (start <= other_start and other_end <= end) or (other_start <= start and end <= other_end)
            if is_inside and {"code", "pre"} & {kind, other}:
                raise bad("can't parse entities: code and pre hold no other entity")


def check_markup(markup: Mapping[str, Any] | None) -> None:
    """The buttons below a message."""
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if not str(button.get("text", "")).strip():
                raise bad("text of a button is empty")
            data = button.get("callback_data")
            if data is not None and not 1 <= len(str(data).encode()) <= MAX_BUTTON_BYTES:
                raise bad("BUTTON_DATA_INVALID")
            if data is None and "url" not in button:
                raise bad("BUTTON_TYPE_INVALID")


def check_photo(content: bytes) -> tuple[int, int]:
    """A picture's size in bytes and pixels; gives its width and height."""
    if len(content) > MAX_PHOTO_BYTES:
        raise Refused(413, "Request Entity Too Large")
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = struct.unpack(">II", content[16:24])
    if width + height > MAX_PHOTO_SIDES or max(width, height) > MAX_PHOTO_RATIO * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return width, height


def check_upload(content: bytes, most: int) -> None:
    """A file that the bot sends."""
    if not content:
        raise bad("file must be non-empty")
    if len(content) > most:
        raise Refused(413, "Request Entity Too Large")


def check_commands(commands: Sequence[Mapping[str, Any]]) -> None:
    """The menu."""
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if COMMAND.fullmatch(str(one.get("command"))) is None:
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= units(str(one.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")


def check_webhook(url: str, secret: str) -> None:
    """Where updates are to be brought, and what says that it is Telegram that brings them.

    Telegram itself wants https:// there; here the loopback takes http:// as well.
    """
    if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and SECRET.fullmatch(secret) is None:
        raise bad("secret token contains unallowed characters")


def same(one: object, other: object) -> bool:
    """Whether two parts of a message are equal, whatever their order of keys."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
