"""What an update is, and what is done with it: the one way in, past the one gate of access."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from telegram import Bot, Document, Message, MessageEntity, Update, User
from telegram.ext import filters

from agent.others_words import FORWARDED, IN_REPLY
from prompts.visible import quoted
from runtime.telegram.people import Access
from runtime.telegram.places import STOP_WORDS, is_private, stopped_draft, writer_of

Kind = Literal[
    "nothing",
    "stranger",
    "paired",
    "press",
    "refused press",
    "stop",
    "stop draft",
    "leave",
    "words",
    "command",
    "file",
    "edited",
    "other",
]


@dataclass(frozen=True)
class Route:
    """What to do: by whom, with which words, file or button."""

    kind: Kind
    user_id: int = 0
    words: str = ""
    file: Document | None = None


NOTHING = Route("nothing")
SERVICE = filters.StatusUpdate.ALL
"""Messages that nobody wrote: somebody joined, something was pinned."""
IN_A_GROUP = frozenset(["member", "administrator", "restricted"])
MOST_QUOTED = 1000
"""Characters of a message that is answered to."""


def route(update: Update, access: Access, bot: Bot) -> Route:
    """Where an update goes. Whoever may not use the bot gets no further than this, whatever they send."""
    stopped = stopped_draft(update)
    if stopped is not None:  # only private chats have drafts, and their number is the person's
        return Route("stop draft", stopped.chat_id) if access.may(stopped.chat_id) else NOTHING
    user = writer_of(update)
    if user is None:
        return NOTHING
    return _of_friend(update, user.id, bot) if access.may(user.id) else _of_stranger(update, user, access)


def _of_stranger(update: Update, user: User, access: Access) -> Route:
    if update.callback_query is not None:
        return Route("refused press", user.id)
    if update.my_chat_member is not None:
        is_added = update.my_chat_member.new_chat_member.status in IN_A_GROUP and not is_private(update)
        return Route("leave", user.id) if is_added else NOTHING
    if not is_private(update) or update.message is None:
        return NOTHING
    is_in = access.pair(user, update.message.text or "")
    return Route("paired" if is_in else "stranger", user.id)


def _of_friend(update: Update, user_id: int, bot: Bot) -> Route:
    message = update.message
    if update.callback_query is not None:
        return Route("press", user_id, update.callback_query.data or "")
    if update.edited_message is not None:
        return Route("edited", user_id) if is_private(update) else NOTHING
    if message is None or message.via_bot is not None or SERVICE.check_update(update):
        return NOTHING
    if not is_private(update) and not is_meant(message, bot):
        return NOTHING
    return _of_message(message, user_id, bot)


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
    """What was forwarded or is answered to is data, and is marked as that, with who wrote it."""
    if not words:
        return words
    if message.forward_origin is not None:
        return f"{FORWARDED}\n{words}"
    source, text = _answered_to(message)
    return f"{IN_REPLY}{source}: {quoted(text, MOST_QUOTED)})\n{words}" if text else words


def _answered_to(message: Message) -> tuple[str, str]:
    """What a reply is about: the part that was marked, else the whole message; the bot's own whole ones it knows."""
    reply = message.reply_to_message
    if reply is None or reply.from_user is None:
        return "", ""
    part = "" if message.quote is None else message.quote.text
    if reply.from_user.is_bot:
        return "this part of an answer", part
    is_own = message.from_user is not None and reply.from_user.id == message.from_user.id
    source = "an earlier message of their own" if is_own else "what somebody else wrote"
    return source, part or reply.text or reply.caption or ""


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
