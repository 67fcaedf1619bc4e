"""The methods of the Bot API that a bot of ours may call; any other is refused as unknown."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evals.world.bot_api.chats import Chats
from evals.world.bot_api.refusals import (
    MAX_CAPTION,
    MAX_DOWNLOAD_BYTES,
    MAX_RICH,
    MAX_TEXT,
    MAX_UPLOAD_BYTES,
    Refused,
    bad,
    check_commands,
    check_markup,
    check_photo,
    check_text,
    check_upload,
    same,
    units,
)
from evals.world.bot_api.updates import Updates

NOT_MODIFIED = "message is not modified: specified new message content and reply markup are exactly the same"


@dataclass(frozen=True)
class Request:
    """One call: its parameters, what is JSON in them read, and its files by name with their own names."""

    method: str
    values: Mapping[str, Any]
    files: Mapping[str, tuple[str, bytes]]

    def file(self, name: str) -> tuple[str, bytes] | None:
        """An upload under its own name, or under that which `attach://` gives."""
        given = self.values.get(name)
        if isinstance(given, str) and given.startswith("attach://"):
            return self.files.get(given.removeprefix("attach://"))
        return self.files.get(name)


@dataclass
class Methods:
    """What each method does to the chats; `answered` are the presses that the bot has answered."""

    chats: Chats
    updates: Updates
    presses: dict[str, bool] = field(default_factory=dict)
    actions: list[tuple[int, str]] = field(default_factory=list)
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    webhook: dict[str, str] | None = None
    is_local: bool = False
    """A Bot API server of one's own: files of any size, by their path on disk."""

    def call(self, request: Request) -> Any:
        """The result; Refused where Telegram does not do it."""
        known: dict[str, Callable[[Request], Any]] = {
            "getMe": lambda _: {**self.chats.bot.as_json(), "can_join_groups": True, "supports_inline_queries": False},
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": lambda _: {
                "url": (self.webhook or {}).get("url", ""),
                "has_custom_certificate": False,
                "pending_update_count": len(self.updates.waiting),
            },
            "sendMessage": self._send_message,
            "sendRichMessage": self._send_rich,
            "sendMessageDraft": self._send_draft,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "editMessageText": self._edit_text,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete,
            "getFile": self._get_file,
            "sendChatAction": self._act,
            "answerCallbackQuery": self._answer_press,
            "setMyCommands": self._set_commands,
            "getChat": lambda asked: self.chats.chat(asked.values["chat_id"]).as_json(),
            "leaveChat": self._leave,
            "logOut": lambda _: True,
        }
        if request.method not in known:
            raise Refused(404, "Not Found")
        return known[request.method](request)

    def _get_updates(self, asked: Request) -> list[dict[str, Any]]:
        values = asked.values
        offset, limit = int(values.get("offset", 0)), int(values.get("limit", 100))
        return self.updates.poll(offset, limit, float(values.get("timeout", 0)), values.get("allowed_updates"))

    def _set_webhook(self, asked: Request) -> bool:
        self.webhook = {"url": str(asked.values["url"]), "secret": str(asked.values.get("secret_token", ""))}
        self.updates.has_webhook = bool(self.webhook["url"])
        allowed = asked.values.get("allowed_updates")
        if allowed is not None:
            self.updates.allowed = frozenset(allowed) or None
        return True

    def _delete_webhook(self, asked: Request) -> bool:
        self.webhook, self.updates.has_webhook = None, False
        if asked.values.get("drop_pending_updates"):
            self.updates.waiting.clear()
        return True

    def _post(self, asked: Request, **content: Any) -> dict[str, Any]:
        values = asked.values
        chat = self.chats.chat(values["chat_id"])
        check_markup(values.get("reply_markup"))
        reply = values.get("reply_parameters") or {}
        if reply and (chat.chat_id, reply.get("message_id")) not in self.chats.messages:
            if not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            reply = {}
        return self.chats.post(
            chat,
            self.chats.bot,
            **content,
            reply_markup=values.get("reply_markup"),
            message_thread_id=values.get("message_thread_id"),
            reply_to_message=self.chats.messages.get((chat.chat_id, reply.get("message_id", 0))),
        )

    def _send_message(self, asked: Request) -> dict[str, Any]:
        text, entities = _text_of(asked, "text", "entities")
        check_text(text, entities, MAX_TEXT, "message")
        return self._post(asked, text=text, entities=entities or None)

    def _send_rich(self, asked: Request) -> dict[str, Any]:
        rich = asked.values.get("rich_message")
        if not isinstance(rich, dict) or not isinstance(rich.get("markdown", rich.get("html")), str):
            raise bad("rich message must be given")
        if units(str(rich.get("markdown", rich.get("html")))) > MAX_RICH:
            raise bad("rich message is too long")
        return self._post(asked, rich_message=rich)

    def _send_draft(self, asked: Request) -> bool:
        chat = self.chats.chat(asked.values["chat_id"])
        if chat.kind != "private":
            raise bad("drafts are for private chats")
        if int(asked.values.get("draft_id", 0)) == 0:
            raise bad("draft_id must be non-zero")
        text, entities = _text_of(asked, "text", "entities")
        check_text(text, entities, MAX_TEXT, "message")
        self.chats.drafts[chat.chat_id] = {"draft_id": int(asked.values["draft_id"]), "text": text}
        return True

    def _send_photo(self, asked: Request) -> dict[str, Any]:
        name, content = _upload(asked, "photo")
        check_photo(content)
        caption, entities = _text_of(asked, "caption", "caption_entities")
        check_text(caption, entities, MAX_CAPTION, "message caption")
        size = {**self.chats.keep_file(content, name), "width": 1, "height": 1}
        return self._post(asked, photo=[size], caption=caption or None, caption_entities=entities or None)

    def _send_document(self, asked: Request) -> dict[str, Any]:
        name, content = _upload(asked, "document")
        check_upload(content, 2_000_000_000 if self.is_local else MAX_UPLOAD_BYTES)
        caption, entities = _text_of(asked, "caption", "caption_entities")
        check_text(caption, entities, MAX_CAPTION, "message caption")
        document = self.chats.keep_file(content, name)
        return self._post(asked, document=document, caption=caption or None, caption_entities=entities or None)

    def _edit_text(self, asked: Request) -> dict[str, Any]:
        message = self._own(asked)
        text, entities = _text_of(asked, "text", "entities")
        check_text(text, entities, MAX_TEXT, "message")
        markup = asked.values.get("reply_markup")
        check_markup(markup)
        is_same = text == message.get("text") and same(entities, message.get("entities", []))
        if is_same and same(markup, message.get("reply_markup")):
            raise bad(NOT_MODIFIED)
        message |= {"text": text, "entities": entities}
        message.pop("reply_markup", None)
        return self._marked(message, markup)

    def _edit_markup(self, asked: Request) -> dict[str, Any]:
        message, markup = self._own(asked), asked.values.get("reply_markup")
        check_markup(markup)
        if same(markup, message.get("reply_markup")):
            raise bad(NOT_MODIFIED)
        message.pop("reply_markup", None)
        return self._marked(message, markup)

    def _marked(self, message: dict[str, Any], markup: Any) -> dict[str, Any]:
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
        message = self.chats.message(asked.values["chat_id"], asked.values["message_id"])
        del self.chats.messages[message["chat"]["id"], message["message_id"]]
        return True

    def _get_file(self, asked: Request) -> dict[str, Any]:
        file_id = str(asked.values.get("file_id"))
        content = self.chats.files.get(file_id)
        if content is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(content) > MAX_DOWNLOAD_BYTES and not self.is_local:
            raise bad("file is too big")
        return {"file_id": file_id, "file_unique_id": file_id[-12:], "file_size": len(content), "file_path": file_id}

    def _act(self, asked: Request) -> bool:
        action = str(asked.values.get("action"))
        if action not in ("typing", "upload_photo", "upload_document"):
            raise bad("wrong parameter action in request")
        self.actions.append((self.chats.chat(asked.values["chat_id"]).chat_id, action))
        return True

    def _answer_press(self, asked: Request) -> bool:
        press = str(asked.values.get("callback_query_id"))
        if self.presses.get(press, True):
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if units(str(asked.values.get("text", ""))) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.presses[press] = True
        return True

    def _set_commands(self, asked: Request) -> bool:
        commands = asked.values.get("commands") or []
        check_commands(commands)
        self.commands[json.dumps(asked.values.get("scope"), sort_keys=True)] = commands
        return True

    def _leave(self, asked: Request) -> bool:
        self.chats.chat(asked.values["chat_id"]).is_blocked = True
        return True


def _text_of(asked: Request, name: str, entities: str) -> tuple[str, list[Any]]:
    """A text and its entities; marked-up text is not among what this server reads."""
    if asked.values.get("parse_mode"):
        raise bad("can't parse entities: give entities, this server reads no marked-up text")
    found = asked.values.get(entities)
    return str(asked.values.get(name, "")), found if isinstance(found, list) else []


def _upload(asked: Request, name: str) -> tuple[str, bytes]:
    found = asked.file(name)
    if found is None:
        raise bad(f"there is no {name} in the request")
    return found
