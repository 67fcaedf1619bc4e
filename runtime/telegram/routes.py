"""What an update is, and what is done with it: the one way in, past the one gate of access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from telegram import Bot, Document, Message, MessageEntity, Update

from runtime.telegram.people import Access
from runtime.telegram.places import STOP_WORDS, is_private, writer_of

Kind = Literal[
    "nothing", "stranger", "paired", "press", "refused press", "stop", "words", "command", "file", "edited", "other"
]


@dataclass(frozen=True)
class Route:
    """What to do: by whom, with which words, file or button."""

    kind: Kind
    user_id: int = 0
    words: str = ""
    file: Document | None = None


NOTHING = Route("nothing")
FORWARDED = "(forwarded, written by somebody else:)"


def route(update: Update, access: Access, bot: Bot) -> Route:
    """Where an update goes. Whoever may not use the bot gets no further than this, whatever they send."""
    user = writer_of(update)
    if user is None:
        return NOTHING
    message = update.message
    if not access.may(user.id):
        if update.callback_query is not None:
            return Route("refused press", user.id)
        if not is_private(update) or message is None:
            return NOTHING
        is_in = access.pair(user, message.text or "")
        return Route("paired" if is_in else "stranger", user.id)
    if update.callback_query is not None:
        return Route("press", user.id, update.callback_query.data or "")
    if "stopped_message_generation" in update.api_kwargs:
        return Route("stop", user.id)
    if update.edited_message is not None:
        return Route("edited", user.id) if is_private(update) else NOTHING
    if message is None or message.via_bot is not None:
        return NOTHING
    if not is_private(update) and not is_meant(message, bot):
        return NOTHING
    return _of_message(message, user.id, bot)


def _of_message(message: Message, user_id: int, bot: Bot) -> Route:
    words = words_in(message, bot)
    if message.document is not None:
        return Route("file", user_id, marked(message, words), message.document)
    if not message.text:
        return Route("other", user_id)
    if words.casefold() in STOP_WORDS:
        return Route("stop", user_id)
    if words.startswith("/"):
        return Route("command", user_id, words)
    return Route("words", user_id, marked(message, words)) if words else NOTHING


def words_in(message: Message, bot: Bot) -> str:
    """What is written, without the bot's own name."""
    return without_mention(message.text or message.caption or "", bot)


def marked(message: Message, words: str) -> str:
    """What somebody else has written is data, and is marked as that."""
    return words if message.forward_origin is None or not words else f"{FORWARDED}\n{words}"


def is_meant(message: Message, bot: Bot) -> bool:
    """In a group: a mention, a reply to the bot, or a command that is not another bot's."""
    reply = message.reply_to_message
    if reply is not None and reply.from_user is not None and reply.from_user.id == bot.id:
        return True
    found = {**message.parse_entities(), **message.parse_caption_entities()}
    own = f"@{bot.username}".casefold()
    for entity, text in found.items():
        if entity.type == MessageEntity.MENTION and text.casefold() == own:
            return True
        if entity.type == MessageEntity.BOT_COMMAND and ("@" not in text or text.casefold().endswith(own)):
            return True
    return False


def without_mention(text: str, bot: Bot) -> str:
    """The words without the bot's own name."""
    own = f"@{bot.username}"
    at = text.casefold().find(own.casefold())
    return text.strip() if at < 0 else (text[:at] + text[at + len(own) :]).strip()
