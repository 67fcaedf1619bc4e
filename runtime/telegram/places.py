"""Where an update comes from: a chat, or a topic of one; who wrote it; whether it must not wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from telegram import Chat, Update, User

STOP_WORDS = ("/stop", "stop")
STOPPED = "stopped_message_generation"


@dataclass(frozen=True)
class Place:
    """A chat, and in a group with topics the topic. Its `lane` names it in the database and orders its updates."""

    chat_id: int
    thread_id: int | None = None

    @property
    def lane(self) -> str:
        """The name."""
        return str(self.chat_id) if self.thread_id is None else f"{self.chat_id}:{self.thread_id}"

    @property
    def is_group(self) -> bool:
        """Groups have negative ids."""
        return self.chat_id < 0


def read_lane(lane: str) -> Place:
    """The place of that name."""
    chat, _, thread = lane.partition(":")
    return Place(int(chat), int(thread) if thread else None)


@dataclass(frozen=True)
class StoppedDraft:
    """An answer that a person has stopped by Telegram's own button below it."""

    chat_id: int
    draft_id: int


def stopped_draft(update: Update) -> StoppedDraft | None:
    """The one that the update tells of; python-telegram-bot does not know this kind yet."""
    told = update.api_kwargs.get(STOPPED)
    if not isinstance(told, Mapping) or not isinstance(told.get("chat"), Mapping):
        return None
    try:
        return StoppedDraft(int(told["chat"]["id"]), int(told["draft_id"]))
    except (KeyError, TypeError, ValueError):
        return None


def place_of(update: Update) -> Place | None:
    """Where it comes from; None where it is of no chat."""
    chat, message = update.effective_chat, update.effective_message
    stopped = stopped_draft(update)
    if stopped is not None:
        return Place(stopped.chat_id)
    if chat is None:
        return None
    is_topic = message is not None and getattr(message, "is_topic_message", False)
    return Place(chat.id, getattr(message, "message_thread_id", None) if is_topic else None)


def writer_of(update: Update) -> User | None:
    """The person behind it; None for channels and bots."""
    user = update.effective_user
    return None if user is None or user.is_bot else user


def is_urgent(update: Update) -> bool:
    """What must not wait for a turn that runs: buttons, a stop."""
    if update.callback_query is not None or STOPPED in update.api_kwargs:
        return True
    text = (update.message.text or "") if update.message is not None else ""
    return text.strip().casefold().partition("@")[0] in STOP_WORDS


def is_private(update: Update) -> bool:
    """Whether nobody else reads along."""
    return update.effective_chat is not None and update.effective_chat.type == Chat.PRIVATE
