"""Who and what there is in the simulated Telegram: people, chats, messages, files."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from evals.world.bot_api.refusals import Refused, bad

DRAFT_S = 30.0
"""How long a draft is shown."""


@dataclass(frozen=True)
class User:
    """A person, or the bot."""

    user_id: int
    first_name: str
    is_bot: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the API gives it."""
        name = {"username": f"{self.first_name.lower()}_bot"} if self.is_bot else {}
        return {"id": self.user_id, "is_bot": self.is_bot, "first_name": self.first_name, **name}


@dataclass
class Chat:
    """A private chat, or a group; `is_blocked` once the person has stopped the bot or thrown it out."""

    chat_id: int
    kind: str = "private"
    title: str = ""
    is_forum: bool = False
    is_blocked: bool = False
    has_left: bool = False
    """The bot is not in it: not yet, or no longer."""
    moved_to: int | None = None
    """The supergroup that a group has become."""

    @property
    def bot_status(self) -> str:
        """What the bot is there."""
        return "kicked" if self.is_blocked else "left" if self.has_left else "member"

    def as_json(self) -> dict[str, Any]:
        """As the API gives it."""
        named = {"first_name": self.title} if self.kind == "private" else {"title": self.title}
        return {"id": self.chat_id, "type": self.kind, **named, **({"is_forum": True} if self.is_forum else {})}

    def as_full_json(self) -> dict[str, Any]:
        """As getChat gives it."""
        gifts = dict.fromkeys(["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"], False)
        gifts["gifts_from_channels"] = False
        return {**self.as_json(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


@dataclass
class Chats:
    """All messages and files; ids are given in order."""

    bot: User
    chats: dict[int, Chat] = field(default_factory=dict)
    messages: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    """By file_id."""
    paths: dict[str, str] = field(default_factory=dict)
    """The path of each file_id."""
    drafts: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What a private chat shows of an answer that is being written."""
    n_messages: int = 0
    folder: Path | None = None
    """Where a Bot API server of one's own (`--local`) keeps its files; None: Telegram's cloud."""

    def known(self, chat_id: object) -> Chat:
        """The chat of that id."""
        try:
            found = self.chats.get(int(str(chat_id)))
        except ValueError:
            found = None
        if found is None:
            raise bad("chat not found")
        return found

    def chat(self, chat_id: object) -> Chat:
        """The chat of that id, in which the bot may write."""
        found = self.known(chat_id)
        if found.moved_to is not None:
            raise Refused(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=found.moved_to
            )
        if found.is_blocked:
            what = "blocked by the user" if found.kind == "private" else f"kicked from the {found.kind} chat"
            raise Refused(403, f"Forbidden: bot was {what}")
        if found.has_left:
            raise Refused(403, f"Forbidden: bot is not a member of the {found.kind} chat")
        return found

    def message(self, chat_id: object, message_id: object, deed: str = "edit") -> dict[str, Any]:
        """A message that is there; refused where it is not."""
        chat = self.chat(chat_id)
        found = self.messages.get((chat.chat_id, int(str(message_id))))
        if found is None:
            raise bad(f"message to {deed} not found")
        return found

    def post(self, chat: Chat, sender: User, **content: Any) -> dict[str, Any]:
        """A new message at the end of the chat; what stood there as a draft is gone."""
        self.n_messages += 1
        message = {
            "message_id": self.n_messages,
            "date": int(time.time()),
            "chat": chat.as_json(),
            "from": sender.as_json(),
            **{name: value for name, value in content.items() if value is not None},
        }
        self.messages[chat.chat_id, self.n_messages] = message
        if sender.is_bot:
            self.drafts.pop(chat.chat_id, None)
        return message

    def membership(self, chat: Chat, by: User, before: str) -> dict[str, Any]:
        """What an update says when the bot has become something else in a chat than it was."""
        own = self.bot.as_json()
        old, new = (
            {"user": own, "status": status, **({"until_date": 0} if status == "kicked" else {})}
            for status in (before, chat.bot_status)
        )
        told = {"chat": chat.as_json(), "from": by.as_json(), "date": int(time.time())}
        return {**told, "old_chat_member": old, "new_chat_member": new}

    def draft(self, chat_id: int) -> dict[str, Any] | None:
        """What is shown of an answer that is being written."""
        found = self.drafts.get(chat_id)
        return None if found is None or time.monotonic() - found["at"] > DRAFT_S else found

    def keep_file(self, content: bytes, name: str) -> dict[str, Any]:
        """A file under an id; gives what a message says of it."""
        number = len(self.files)
        file_id = f"file-{secrets.token_hex(8)}-{number}"
        path = f"documents/file_{number}{PurePath(name).suffix}"
        if self.folder is not None:
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            path = str(place.absolute())
        self.files[file_id], self.paths[file_id] = content, path
        return {"file_id": file_id, "file_unique_id": file_id[-12:], "file_size": len(content), "file_name": name}

    def of_bot(self, chat_id: int) -> list[dict[str, Any]]:
        """What the bot has written in a chat, in order, as it stands now."""
        return [
            message
            for (chat, _), message in sorted(self.messages.items())
            if chat == chat_id and message["from"]["is_bot"]
        ]
