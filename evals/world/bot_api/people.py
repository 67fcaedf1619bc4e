"""A person in the simulated Telegram: writes, sends files, presses buttons, and reads what the bot shows."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evals.world.bot_api.chats import Chat, User
from evals.world.bot_api.refusals import check_photo
from evals.world.bot_api.rich import text_of_block
from evals.world.bot_api.server import BotApi
from evals.world.pace import Limit


@dataclass
class Person:
    """One person in one chat; by default the private one with the bot."""

    api: BotApi
    user: User
    chat: Chat

    @classmethod
    def joins(cls, api: BotApi, user_id: int, name: str, chat: Chat | None = None) -> Person:
        """A person who may write to the bot."""
        chat = chat or Chat(user_id, title=name)
        api.chats.chats[chat.chat_id] = chat
        return cls(api, User(user_id, name), chat)

    def sends(self, **content: Any) -> dict[str, Any]:
        """A message with any content; it comes to the bot as an update."""
        message = self.api.chats.post(self.chat, self.user, **content)
        self.api.updates.add("message", message)
        return message

    def says(self, text: str, **more: Any) -> dict[str, Any]:
        """A text; a command is marked as one, as Telegram does."""
        if text.startswith("/") and "entities" not in more:
            length = len(text.split()[0])
            more["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return self.sends(text=text, **more)

    def sends_file(self, name: str, content: bytes, caption: str | None = None, **more: Any) -> dict[str, Any]:
        """A document."""
        return self.sends(document=self.api.chats.keep_file(content, name), caption=caption, **more)

    def sends_photo(self, content: bytes, caption: str | None = None, **more: Any) -> dict[str, Any]:
        """A picture, as clients send it: its name is lost."""
        width, height = check_photo(content)
        size = self.api.chats.keep_file(content, "photo.png")
        size.pop("file_name")
        return self.sends(photo=[{**size, "width": width, "height": height}], caption=caption, **more)

    def sends_album(
        self, files: Sequence[tuple[str, bytes]], caption: str | None = None, caption_at: int = 0
    ) -> list[dict[str, Any]]:
        """Two to ten documents at once: a message each, of one group; one of them has the words."""
        assert 2 <= len(files) <= 10, "an album has two to ten files"
        group = str(10**16 + secrets.randbelow(10**16))
        return [
            self.sends_file(name, content, caption if place == caption_at % len(files) else None, media_group_id=group)
            for place, (name, content) in enumerate(files)
        ]

    def sets_bot(self, status: Literal["member", "left", "kicked"]) -> None:
        """Add the bot to the group, take it out, or throw it out; in a private chat, "kicked" stops it."""
        before = self.chat.bot_status
        self.chat.is_blocked, self.chat.has_left = status == "kicked", status == "left"
        self.api.updates.add("my_chat_member", self.api.chats.membership(self.chat, self.user, before))
        if status == "member" and before != "member" and self.chat.kind != "private":
            self.sends(new_chat_members=[self.api.chats.bot.as_json()])

    def stops_answer(self) -> None:
        """The button below a draft that may be stopped; it takes the draft away unless that says otherwise."""
        draft = self.api.chats.draft(self.chat.chat_id)
        assert (draft or {}).get("can_stop"), f"no draft has the button: {draft}"
        assert draft is not None
        if not draft["keep_on_stop"]:
            del self.api.chats.drafts[self.chat.chat_id]
        told = {"chat": self.chat.as_json(), "draft_id": draft["draft_id"]}
        self.api.updates.add("stopped_message_generation", told)

    def edits(self, message: dict[str, Any], text: str) -> None:
        """An own message, changed."""
        message |= {"text": text, "edit_date": int(time.time())}
        self.api.updates.add("edited_message", message)

    def presses(self, label: str, message: dict[str, Any] | None = None, *, by: User | None = None) -> str:
        """A button by its label, on the newest message that has one; gives the id of the press."""
        for found in [message] if message else reversed(self.reads()):
            for row in (found or {}).get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == label:
                        return self._press(found, button, by or self.user)
        raise AssertionError(f"no button {label!r} in {[m.get('reply_markup') for m in self.reads()]}")

    def _press(self, message: dict[str, Any] | None, button: dict[str, Any], user: User) -> str:
        press = secrets.token_hex(8)
        self.api.methods.presses[press] = False
        content = {"id": press, "from": user.as_json(), "message": message, "chat_instance": "1"}
        self.api.updates.add("callback_query", {**content, "data": button["callback_data"]})
        return press

    def reads(self) -> list[dict[str, Any]]:
        """What the bot has written in this chat, as it stands."""
        return self.api.chats.of_bot(self.chat.chat_id)

    def texts(self) -> list[str]:
        """The words of these messages."""
        return [
            str(message.get("text") or message.get("caption") or rich_text(message.get("rich_message", {})))
            for message in self.reads()
        ]

    def waits_for(self, what: str | Callable[[list[dict[str, Any]]], Any], timeout_s: float = 30.0) -> Any:
        """The bot's messages, once one holds the words, or once the condition gives something true."""
        limit = Limit(timeout_s)
        while not limit.is_over():
            found = any(what in text for text in self.texts()) if isinstance(what, str) else what(self.reads())
            if found:
                return found if not isinstance(what, str) else self.reads()
            time.sleep(0.02)
        raise AssertionError(f"waited {timeout_s} s for {what!r}; the bot wrote {self.texts()!r}")


def rich_text(rich: Mapping[str, Any]) -> str:
    """The words of a rich message; cells are parted by tabs."""
    return "\n".join(map(text_of_block, rich.get("blocks", [])))
