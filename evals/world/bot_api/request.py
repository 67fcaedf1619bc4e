"""A call as Telegram reads it: which parameters a method has and of which kind each is; any other is refused.

Telegram itself passes over a parameter that it does not know. Here it is refused: a word that is spelt wrong does
nothing there, and nobody is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from evals.world.bot_api.refusals import Refused, bad

_SENDING = (
    "chat_id!:chat message_thread_id:whole disable_notification:flag protect_content:flag message_effect_id:text "
    "allow_paid_broadcast:flag reply_parameters:record"
)
_TEXT = "text!:text parse_mode:text entities:items link_preview_options:record"
_CAPTION = "caption:text parse_mode:text caption_entities:items"
_METHODS = f"""
getMe
logOut
getUpdates offset:whole limit:whole timeout:whole allowed_updates:items
setWebhook url!:text certificate:file ip_address:text max_connections:whole allowed_updates:items
    drop_pending_updates:flag secret_token:text
deleteWebhook drop_pending_updates:flag
getWebhookInfo
sendMessage {_SENDING} {_TEXT} reply_markup:record
sendRichMessage {_SENDING} rich_message!:record reply_markup:record
sendMessageDraft chat_id!:chat message_thread_id:whole draft_id!:whole text:text parse_mode:text entities:items
    can_stop:flag keep_on_stop:flag
sendRichMessageDraft chat_id!:chat message_thread_id:whole draft_id!:whole rich_message!:record
    can_stop:flag keep_on_stop:flag
sendPhoto {_SENDING} photo!:file {_CAPTION} show_caption_above_media:flag has_spoiler:flag reply_markup:record
sendDocument {_SENDING} document!:file thumbnail:file {_CAPTION} disable_content_type_detection:flag
    reply_markup:record
sendMediaGroup {_SENDING} media!:items
editMessageText chat_id!:chat message_id!:whole text:text parse_mode:text entities:items
    link_preview_options:record rich_message:record reply_markup:record
editMessageReplyMarkup chat_id!:chat message_id!:whole reply_markup:record
deleteMessage chat_id!:chat message_id!:whole
getFile file_id!:text
sendChatAction chat_id!:chat message_thread_id:whole action!:text
answerCallbackQuery callback_query_id!:text text:text show_alert:flag url:text cache_time:whole
setMyCommands commands!:items scope:record language_code:text
getChat chat_id!:chat
leaveChat chat_id!:chat
"""
WHOLE = re.compile(r"-?\d{1,19}")
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class Request:
    """One call: its parameters by name, each of its kind, and its files by name with their own names."""

    method: str
    values: Mapping[str, Any]
    files: Mapping[str, tuple[str, bytes]]


def _read_methods() -> dict[str, dict[str, str]]:
    lines = re.sub(r"\n +", " ", _METHODS).split("\n")
    return {
        method: dict(parameter.split(":", 1) for parameter in parameters)
        for method, *parameters in (line.split() for line in lines if line)
    }


METHODS = _read_methods()
"""Of each method its parameters' kinds by name; the name ends with ! where the parameter must be there."""


def read(method: str, values: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]) -> Request:
    """The call, its parameters as what they are; Refused where it has others, lacks one, or one is of another kind."""
    if method not in METHODS:
        raise Refused(404, "Not Found")
    kinds = {name.rstrip("!"): kind for name, kind in METHODS[method].items()}
    for name in [name.rstrip("!") for name in METHODS[method] if name.endswith("!")]:
        if values.get(name) is None and name not in files:
            raise bad(_missing(method, name))
    attached = {f"attach://{name}" for name in files}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in kinds:
            found[name] = _READERS[kinds[name]](name, value)
        elif value not in attached:
            raise bad(f"{method} has no parameter {name!r}")
    return Request(method, found, files)


def _missing(method: str, name: str) -> str:
    """What Telegram says where the parameter is not there."""
    if name == "text":
        return "message text is empty"
    if name in ("photo", "document"):
        return f"there is no {name} in the request"
    return {"chat_id": "chat_id is empty", "message_id": "message identifier is not specified"}.get(
        name, f"parameter {name!r} of {method} is required"
    )


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or WHOLE.fullmatch(str(value)) is None:
        raise bad(f"invalid {name} specified: {value!r} is no whole number")
    return int(value)


def _flag(name: str, value: Any) -> bool:
    found = value if isinstance(value, bool) else FLAGS.get(str(value).casefold())
    if found is None:
        raise bad(f"invalid {name} specified: {value!r} is neither true nor false")
    return found


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise bad(f"invalid {name} specified: {value!r} is no text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    return value


def _chat(name: str, value: Any) -> str:
    if isinstance(value, bool) or not (WHOLE.fullmatch(str(value)) or str(value).startswith("@")):
        raise bad("chat not found")
    return str(value)


def _of(kind: type, named: str) -> Callable[[str, Any], Any]:
    def read_json(name: str, value: Any) -> Any:
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None
        if not isinstance(found, kind):
            raise bad(f"can't parse {name}: expected {named}")
        return found

    return read_json


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "whole": _whole,
    "flag": _flag,
    "text": _text,
    "chat": _chat,
    "file": _text,
    "items": _of(list, "an Array"),
    "record": _of(dict, "an Object"),
}
