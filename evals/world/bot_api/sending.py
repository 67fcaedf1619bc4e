"""What a bot posts: texts, pictures, documents, albums, and drafts of an answer that is being written."""

from __future__ import annotations

import secrets
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.world.bot_api.chats import Chat, Chats
from evals.world.bot_api.marked_up import read_marked_up
from evals.world.bot_api.refusals import (
    MAX_CAPTION,
    MAX_LOCAL_BYTES,
    MAX_TEXT,
    MAX_UPLOAD_BYTES,
    bad,
    check_markup,
    check_photo,
    check_upload,
    kept_text,
)
from evals.world.bot_api.request import Request
from evals.world.bot_api.rich import read_rich

ALBUM = range(2, 11)
ALIKE = {"photo": "photo", "video": "photo", "document": "document", "audio": "audio"}
"""Kinds that may stand in one album have the same word here."""


@dataclass
class Sending:
    """Posts of the bot in its chats."""

    chats: Chats

    def post(self, asked: Request, **content: Any) -> dict[str, Any]:
        """The message with its buttons, in its topic, as an answer to what it answers."""
        values = asked.values
        chat = self.chats.chat(values["chat_id"])
        check_markup(values.get("reply_markup"))
        reply = values.get("reply_parameters") or {}
        if reply and (chat.chat_id, reply.get("message_id")) not in self.chats.messages:
            if not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            reply = {}
        thread = self.thread(chat, asked)
        return self.chats.post(
            chat,
            self.chats.bot,
            **content,
            reply_markup=values.get("reply_markup"),
            message_thread_id=thread,
            is_topic_message=None if thread is None else True,
            reply_to_message=self.chats.messages.get((chat.chat_id, reply.get("message_id", 0))),
        )

    def thread(self, chat: Chat, asked: Request) -> int | None:
        """The topic: one of a forum, in which somebody has written."""
        thread: int | None = asked.values.get("message_thread_id")
        if thread is None:
            return None
        topics = {m.get("message_thread_id") for (place, _), m in self.chats.messages.items() if place == chat.chat_id}
        if not chat.is_forum or thread not in topics:
            raise bad("message thread not found")
        return thread

    def message(self, asked: Request) -> dict[str, Any]:
        """sendMessage."""
        text, entities = message_text(asked.values)
        return self.post(asked, text=text, entities=entities or None)

    def rich(self, asked: Request) -> dict[str, Any]:
        """sendRichMessage."""
        return self.post(asked, rich_message=read_rich(asked.values["rich_message"], asked.files))

    def rich_draft(self, asked: Request) -> bool:
        """sendRichMessageDraft."""
        return self.show(asked, rich_message=read_rich(asked.values["rich_message"], asked.files, is_draft=True))

    def draft(self, asked: Request) -> bool:
        """sendMessageDraft: without a text it shows that the bot thinks."""
        text = message_text(asked.values)[0] if asked.values.get("text") else ""
        return self.show(asked, text=text)

    def show(self, asked: Request, **content: Any) -> bool:
        """A draft in place of the one before."""
        chat, values = self.chats.chat(asked.values["chat_id"]), asked.values
        if chat.kind != "private":
            raise bad("drafts are for private chats")
        if values["draft_id"] == 0:
            raise bad("draft_id must be non-zero")
        self.thread(chat, asked)
        self.chats.drafts[chat.chat_id] = {
            "draft_id": values["draft_id"],
            **content,
            "can_stop": values.get("can_stop", False),
            "keep_on_stop": values.get("keep_on_stop", False),
            "at": time.monotonic(),
        }
        return True

    def photo(self, asked: Request) -> dict[str, Any]:
        """sendPhoto."""
        return self.post(asked, **self._media(asked, "photo", asked.values.get("photo")), **_caption(asked.values))

    def document(self, asked: Request) -> dict[str, Any]:
        """sendDocument."""
        given = asked.values.get("document")
        return self.post(asked, **self._media(asked, "document", given), **_caption(asked.values))

    def album(self, asked: Request) -> list[dict[str, Any]]:
        """sendMediaGroup: two to ten pictures, or as many documents; all of it or nothing is posted."""
        media = asked.values["media"]
        if not all(isinstance(one, dict) for one in media):
            raise bad("expected an Array of InputMedia")
        if len(media) not in ALBUM:
            raise bad("too many messages to send as an album" if media else "there are no messages to send")
        for one in media:
            if one.get("type") not in ALIKE:
                raise bad(f"can't parse InputMedia: type {one.get('type')!r} can't be in an album")
            if ALIKE[one["type"]] != ALIKE[media[0]["type"]]:
                raise bad(f"{str(one['type']).capitalize()} can't be mixed with other media types")
        made = [{**self._media(asked, one["type"], one.get("media")), **_caption(one)} for one in media]
        group = str(10**16 + secrets.randbelow(10**16))
        alone = replace(asked, values={**asked.values, "reply_markup": None})
        return [self.post(alone, **content, media_group_id=group) for content in made]

    def _media(self, asked: Request, kind: str, given: Any) -> dict[str, Any]:
        name, content = self._upload(asked, kind, given)
        if kind == "photo":
            width, height = check_photo(content)
            size = self.chats.keep_file(content, name)
            size.pop("file_name")
            return {"photo": [{**size, "width": width, "height": height}]}
        if kind != "document":
            raise bad(f"can't parse InputMedia: this server takes no {kind}")
        check_upload(content, MAX_UPLOAD_BYTES if self.chats.folder is None else MAX_LOCAL_BYTES)
        return {"document": self.chats.keep_file(content, name)}

    def _upload(self, asked: Request, kind: str, given: Any) -> tuple[str, bytes]:
        """A file that comes with the request, or one that is there: by its id, or by its path on a server of one's own.

        Telegram also takes an address on the web; here there is no web.
        """
        if given is None and kind in asked.files:
            return asked.files[kind]
        name = str(given or "")
        if name.startswith("attach://"):
            found = asked.files.get(name.removeprefix("attach://"))
            if found is None:
                raise bad(f"can't parse InputMedia: {kind} not found" if given else f"there is no {kind}")
            return found
        if name.startswith("file://") and self.chats.folder is not None:
            path = Path(urllib.parse.unquote(name.removeprefix("file://")))
            if not path.is_absolute() or not path.is_file():
                raise bad("wrong file identifier/HTTP URL specified")
            return path.name, path.read_bytes()
        if name in self.chats.files:
            return Path(self.chats.paths[name]).name, self.chats.files[name]
        raise bad("wrong file identifier/HTTP URL specified")


def _caption(values: Mapping[str, Any]) -> dict[str, Any]:
    text, found = _text_of(values, "caption", "caption_entities")
    caption, entities = kept_text(text, found, MAX_CAPTION, "message caption")
    return {"caption": caption or None, "caption_entities": entities or None}


def message_text(values: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """The words of a message and their entities, as Telegram keeps them."""
    return kept_text(*_text_of(values, "text", "entities"), MAX_TEXT, "message")


def _text_of(values: Mapping[str, Any], name: str, entities: str) -> tuple[str, list[Any]]:
    """A text and its entities: those that are given, or those that its marks make."""
    text = values.get(name) or ""
    if not isinstance(text, str):
        raise bad(f"invalid {name} specified: {text!r} is no text")
    if values.get("parse_mode"):
        return read_marked_up(text, str(values["parse_mode"]))
    return text, values.get(entities) or []
