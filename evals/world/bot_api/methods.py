"""The methods of the Bot API that a bot of ours may call; any other is refused as unknown."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from evals.world.bot_api.chats import Chats
from evals.world.bot_api.refusals import (
    ACTIONS,
    MAX_DOWNLOAD_BYTES,
    Refused,
    bad,
    check_commands,
    check_markup,
    check_webhook,
    same,
    units,
)
from evals.world.bot_api.request import Request
from evals.world.bot_api.rich import read_rich
from evals.world.bot_api.sending import Sending, message_text
from evals.world.bot_api.updates import Updates

NOT_MODIFIED = "message is not modified: specified new message content and reply markup are exactly the same"


@dataclass
class Methods:
    """What each method does to the chats; `presses` says of each press whether the bot has answered it."""

    chats: Chats
    updates: Updates
    sending: Sending = field(init=False)
    presses: dict[str, bool] = field(default_factory=dict)
    actions: list[tuple[int, str]] = field(default_factory=list)
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    webhook: dict[str, str] | None = None
    is_logged_out: bool = False

    def __post_init__(self) -> None:
        self.sending = Sending(self.chats)

    def call(self, request: Request) -> Any:
        """The result; Refused where Telegram does not do it."""
        if self.is_logged_out:
            raise Refused(400, "Logged out")
        known: dict[str, Callable[[Request], Any]] = {
            "getMe": lambda _: {**self.chats.bot.as_json(), "can_join_groups": True, "supports_inline_queries": False},
            "logOut": self._log_out,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": lambda _: {
                "url": (self.webhook or {}).get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": len(self.updates.waiting),
            },
            "sendMessage": self.sending.message,
            "sendRichMessage": self.sending.rich,
            "sendMessageDraft": self.sending.draft,
            "sendRichMessageDraft": self.sending.rich_draft,
            "sendPhoto": self.sending.photo,
            "sendDocument": self.sending.document,
            "sendMediaGroup": self.sending.album,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete,
            "getFile": self._get_file,
            "sendChatAction": self._act,
            "answerCallbackQuery": self._answer_press,
            "setMyCommands": self._set_commands,
            "getChat": lambda asked: self.chats.chat(asked.values["chat_id"]).as_full_json(),
            "leaveChat": self._leave,
        }
        return known[request.method](request)

    def _log_out(self, asked: Request) -> bool:
        self.is_logged_out = True
        return True

    def _get_updates(self, asked: Request) -> list[dict[str, Any]]:
        values = asked.values
        offset, limit = values.get("offset", 0), values.get("limit", 100)
        return self.updates.poll(offset, limit, values.get("timeout", 0), values.get("allowed_updates"))

    def _set_webhook(self, asked: Request) -> bool:
        url, secret = asked.values["url"], asked.values.get("secret_token", "")
        check_webhook(url, secret)
        self.webhook = {"url": url, "secret": secret}
        self.updates.has_webhook = bool(url)
        if asked.values.get("drop_pending_updates"):
            self.updates.waiting.clear()
        allowed = asked.values.get("allowed_updates")
        if allowed is not None:
            self.updates.allowed = frozenset(allowed) or None
        return True

    def _delete_webhook(self, asked: Request) -> bool:
        self.webhook, self.updates.has_webhook = None, False
        if asked.values.get("drop_pending_updates"):
            self.updates.waiting.clear()
        return True

    def _edit_text(self, asked: Request) -> dict[str, Any]:
        message = self._own(asked)
        if "rich_message" in asked.values:
            return self._edit_rich(message, asked)
        if "text" not in message and "rich_message" not in message:
            raise bad("there is no text in the message to edit")
        text, entities = message_text(asked.values)
        markup = asked.values.get("reply_markup")
        check_markup(markup)
        is_same = text == message.get("text") and same(entities, message.get("entities", []))
        if is_same and same(markup, message.get("reply_markup")):
            raise bad(NOT_MODIFIED)
        message.pop("rich_message", None)
        message |= {"text": text, "entities": entities}
        return self._marked(message, markup)

    def _edit_rich(self, message: dict[str, Any], asked: Request) -> dict[str, Any]:
        if "text" in asked.values:
            raise bad("exactly one of text and rich_message must be given")
        if "text" not in message and "rich_message" not in message:
            raise bad("there is no text in the message to edit")
        rich, markup = read_rich(asked.values["rich_message"], asked.files), asked.values.get("reply_markup")
        check_markup(markup)
        if same(rich, message.get("rich_message")) and same(markup, message.get("reply_markup")):
            raise bad(NOT_MODIFIED)
        for name in ("text", "entities"):
            message.pop(name, None)
        message["rich_message"] = rich
        return self._marked(message, markup)

    def _edit_markup(self, asked: Request) -> dict[str, Any]:
        message, markup = self._own(asked), asked.values.get("reply_markup")
        check_markup(markup)
        if same(markup, message.get("reply_markup")):
            raise bad(NOT_MODIFIED)
        return self._marked(message, markup)

    def _marked(self, message: dict[str, Any], markup: Any) -> dict[str, Any]:
        message.pop("reply_markup", None)
        if markup is not None:
            message["reply_markup"] = markup
        message["edit_date"] = message["date"]
        return message

    def _own(self, asked: Request) -> dict[str, Any]:
        message = self.chats.message(asked.values["chat_id"], asked.values["message_id"])
        if not message["from"]["is_bot"]:
            raise bad("message can't be edited")
        return message

    def _delete(self, asked: Request) -> bool:
        message = self.chats.message(asked.values["chat_id"], asked.values["message_id"], "delete")
        if not message["from"]["is_bot"] and message["chat"]["type"] != "private":
            raise bad("message can't be deleted")
        del self.chats.messages[message["chat"]["id"], message["message_id"]]
        return True

    def _get_file(self, asked: Request) -> dict[str, Any]:
        file_id = asked.values["file_id"]
        content = self.chats.files.get(file_id)
        if content is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(content) > MAX_DOWNLOAD_BYTES and self.chats.folder is None:
            raise bad("file is too big")
        told = {"file_id": file_id, "file_unique_id": file_id[-12:], "file_size": len(content)}
        return {**told, "file_path": self.chats.paths[file_id]}

    def _act(self, asked: Request) -> bool:
        action, chat = asked.values["action"], self.chats.chat(asked.values["chat_id"])
        if action not in ACTIONS:
            raise bad("wrong parameter action in request")
        self.sending.thread(chat, asked)
        self.actions.append((chat.chat_id, action))
        return True

    def _answer_press(self, asked: Request) -> bool:
        press = asked.values["callback_query_id"]
        if self.presses.get(press, True):
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if units(asked.values.get("text", "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.presses[press] = True
        return True

    def _set_commands(self, asked: Request) -> bool:
        commands = asked.values["commands"]
        check_commands(commands)
        self.commands[json.dumps(asked.values.get("scope"), sort_keys=True)] = commands
        return True

    def _leave(self, asked: Request) -> bool:
        chat = self.chats.chat(asked.values["chat_id"])
        if chat.kind == "private":
            raise bad("chat member status can't be changed in private chats")
        before = chat.bot_status
        chat.has_left = True
        self.updates.add("my_chat_member", self.chats.membership(chat, self.chats.bot, before))
        return True
