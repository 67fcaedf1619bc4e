"""Who and what there is in the simulated Telegram: people, chats, messages, files."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from evals.world.bot_api.refusals import Refused, bad


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
    moved_to: int | None = None
    """The supergroup that a group has become."""

    def as_json(self) -> dict[str, Any]:
        """As the API gives it."""
        named = {"first_name": self.title} if self.kind == "private" else {"title": self.title}
        return {"id": self.chat_id, "type": self.kind, **named, **({"is_forum": True} if self.is_forum else {})}


@dataclass
class Chats:
    """All messages and files; ids are given in order."""

    bot: User
    chats: dict[int, Chat] = field(default_factory=dict)
    messages: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    drafts: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What a private chat shows of an answer that is being written."""
    n_messages: int = 0

    def chat(self, chat_id: object) -> Chat:
        """The chat of that id, in which the bot may write."""
        try:
            found = self.chats.get(int(str(chat_id)))
        except ValueError:
            found = None
        if found is None:
            raise bad("chat not found")
        if found.moved_to is not None:
            raise Refused(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=found.moved_to
            )
        if found.is_blocked:
            what = "blocked by the user" if found.kind == "private" else "kicked from the group chat"
            raise Refused(403, f"Forbidden: bot was {what}")
        return found

    def message(self, chat_id: object, message_id: object) -> dict[str, Any]:
        """A message that is there; refused where it is not."""
        chat = self.chat(chat_id)
        found = self.messages.get((chat.chat_id, int(str(message_id))))
        if found is None:
            raise bad("message to edit not found")
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

    def keep_file(self, content: bytes, name: str) -> dict[str, Any]:
        """A file under an id; gives what a message says of it."""
        file_id = f"file-{secrets.token_hex(8)}-{len(self.files)}"
        self.files[file_id] = content
        return {"file_id": file_id, "file_unique_id": file_id[-12:], "file_size": len(content), "file_name": name}

    def of_bot(self, chat_id: int) -> list[dict[str, Any]]:
        """What the bot has written in a chat, in order, as it stands now."""
        return [
            message
            for (chat, _), message in sorted(self.messages.items())
            if chat == chat_id and message["from"]["is_bot"]
        ]
