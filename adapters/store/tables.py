"""The tables of the state, as SQLAlchemy Core. Every row that a person owns carries owner_id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from adapters.records import ApprovalState, AttemptState, JobEnd, JobSpec, JobState, Order, Place
from adapters.store.masked_columns import Blocks, Examples, Found, FoundInJson, Words, WordsInJson
from adapters.store.typed_columns import FoundOfClass, OfClass, OneOf

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UtcTime(TypeDecorator[datetime]):
    """An aware time as microseconds since 1970: sorts and compares the same on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:
        """To microseconds."""
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:
        """From microseconds."""
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Usd(TypeDecorator[Decimal]):
    """US dollars as whole millionths: sums are exact on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> int | None:
        """To millionths of a dollar."""
        return None if value is None else int((value * 1_000_000).to_integral_value())

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:
        """From millionths of a dollar."""
        return None if value is None else Decimal(value) / 1_000_000


metadata = sa.MetaData()


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), primary_key=True)


def _text(name: str, *, index: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, index=index, unique=unique)


def _time(name: str = "created_at") -> sa.Column[datetime]:
    return sa.Column(name, UtcTime, nullable=False)


datasets = sa.Table(
    "datasets",
    metadata,
    _id("dataset_id"),
    _text("owner_id"),
    _text("name"),
    _text("path"),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("columns", Examples, nullable=False),
    sa.Column("source", Words, nullable=False),
    _text("sha256"),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("warnings", FoundInJson, nullable=False),
    _time(),
    sa.Column("recipe", WordsInJson(none_as_null=True)),
    sa.Column("is_current", sa.Boolean, nullable=False, server_default=sa.true()),
)
sa.Index(
    "one_current_dataset_of_a_name",
    datasets.c.owner_id,
    datasets.c.name,
    unique=True,
    sqlite_where=sa.text("is_current"),
    postgresql_where=sa.text("is_current"),
)

seen_datasets = sa.Table(
    "seen_datasets",
    metadata,
    sa.Column("owner_id", sa.Text, primary_key=True),
    _id("conversation_id"),
    sa.Column("name", sa.Text, primary_key=True),
    _text("dataset_id", index=True),
)
"""Which dataset a name stands for in a conversation: the one that it saw first, until it loads another."""

models = sa.Table(
    "models",
    metadata,
    _id("model_id"),
    _text("owner_id", index=True),
    _text("type"),
    _text("target"),
    sa.Column("version", sa.Integer, nullable=False),
    _text("path"),
    sa.Column("metadata", sa.JSON, nullable=False),
    sa.Column("job_id", sa.Text, unique=True),
    _time(),
    sa.Column("name", sa.Text),
    sa.Column("deleted_at", UtcTime),
    sa.Column("event", sa.Text),
    sa.Column("threshold", sa.Float),
)

conversations = sa.Table(
    "conversations",
    metadata,
    _id("conversation_id"),
    _text("owner_id", index=True),
    _text("model"),
    _text("system"),
    sa.Column("tools", sa.JSON, nullable=False),
    _time(),
    sa.Column("used_at", UtcTime, nullable=False),
)

inbox = sa.Table(
    "inbox",
    metadata,
    _id("words_id"),
    sa.Column("conversation_id", sa.ForeignKey("conversations.conversation_id"), nullable=False, index=True),
    _text("owner_id"),
    sa.Column("words", WordsInJson, nullable=False),
    _time(),
)
"""What a person wrote and no message holds yet."""

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.conversation_id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    _text("owner_id"),
    _text("role"),
    sa.Column("content", Blocks, nullable=False),
    sa.Column("stop_reason", sa.Text),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("usage", sa.JSON, nullable=False),
    sa.Column("usd", Usd, nullable=False),
    _time(),
)

tool_results = sa.Table(
    "tool_results",
    metadata,
    sa.Column("conversation_id", sa.ForeignKey("conversations.conversation_id"), primary_key=True),
    sa.Column("call_id", sa.String(128), primary_key=True),
    _text("owner_id"),
    sa.Column("content", Found, nullable=False),
    sa.Column("is_error", sa.Boolean, nullable=False),
    sa.Column("artifacts", FoundInJson, nullable=False),
    _time(),
)

quotes = sa.Table(
    "quotes",
    metadata,
    _id("quote_id"),
    _text("owner_id", index=True),
    _text("conversation_id"),
    sa.Column("job", OfClass(JobSpec), nullable=False),
    _text("job_hash"),
    _text("provider"),
    _text("machine"),
    sa.Column("usd_per_hour", Usd, nullable=False),
    sa.Column("expected_usd", Usd, nullable=False),
    sa.Column("cap_usd", Usd, nullable=False),
    sa.Column("expected_seconds", sa.Integer, nullable=False),
    sa.Column("max_seconds", sa.Integer, nullable=False),
    _text("price_source"),
    _text("price_as_of"),
    sa.Column("breakdown", sa.JSON, nullable=False),
    _time(),
    _time("expires_at"),
    sa.Column("boot_id", sa.Text, nullable=False, server_default=""),
    sa.Column("boot_s", sa.Float, nullable=False, server_default="0"),
    sa.Column("place", OfClass(Place), nullable=False, server_default="{}"),
)

approvals = sa.Table(
    "approvals",
    metadata,
    _id("approval_id"),
    _text("owner_id", index=True),
    _text("conversation_id"),
    _text("call_id"),
    sa.Column("quote_id", sa.ForeignKey("quotes.quote_id"), nullable=False),
    _text("arguments_hash"),
    _text("nonce", unique=True),
    sa.Column("state", OneOf(ApprovalState), nullable=False),
    sa.Column("decided_by", sa.Text),
    _time(),
    sa.Column("decided_at", UtcTime),
    sa.UniqueConstraint("conversation_id", "call_id"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    _id("job_id"),
    _text("owner_id", index=True),
    _text("conversation_id"),
    sa.Column("quote_id", sa.ForeignKey("quotes.quote_id"), nullable=False, unique=True),
    sa.Column("approval_id", sa.ForeignKey("approvals.approval_id"), nullable=False, unique=True),
    sa.Column("state", OneOf(JobState), nullable=False),
    sa.Column("spec", OfClass(JobSpec), nullable=False),
    sa.Column("result", FoundOfClass(JobEnd)),
    sa.Column("cost_usd", Usd, nullable=False),
    sa.Column("cancel_requested", sa.Boolean, nullable=False),
    _time(),
    sa.Column("finished_at", UtcTime),
)

attempts = sa.Table(
    "attempts",
    metadata,
    _id("attempt_id"),
    _text("owner_id"),
    sa.Column("job_id", sa.ForeignKey("jobs.job_id"), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    _text("key", unique=True),
    _text("backend"),
    sa.Column("state", OneOf(AttemptState), nullable=False),
    sa.Column("request", OfClass(Order), nullable=False),
    sa.Column("handle", sa.JSON),
    _time(),
    sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
    sa.Column("usd", Usd, nullable=False, server_default="0"),
    sa.Column("ended", sa.Text, nullable=False, server_default=""),
    sa.Column("billed_usd", Usd),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("entry_id", sa.Integer, primary_key=True),
    _text("owner_id", index=True),
    _text("kind"),
    sa.Column("usd", Usd, nullable=False),
    _time("at"),
    sa.Column("job_id", sa.Text),
    sa.Column("conversation_id", sa.Text),
)

telegram_updates = sa.Table(
    "telegram_updates",
    metadata,
    sa.Column("bot_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("lane"),
    sa.Column("content", WordsInJson, nullable=False),
    _text("state"),
    sa.Column("conversation_id", sa.Text),
    sa.Column("words_id", sa.Text),
    sa.Column("from_position", sa.Integer),
    _time(),
    sa.Column("user_id", sa.BigInteger),
)
"""What came from Telegram: committed before it is acknowledged, and how far its handling has come.

`user_id` is whoever wrote it, where it counts against how much a person may write in a minute.
"""
sa.Index(
    "telegram_updates_of_a_person",
    telegram_updates.c.bot_id,
    telegram_updates.c.user_id,
    telegram_updates.c.created_at,
)

telegram_outbox = sa.Table(
    "telegram_outbox",
    metadata,
    sa.Column("entry_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("bot_id", sa.BigInteger, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("content", WordsInJson, nullable=False),
    _text("state"),
    _time(),
    sa.Column("key", sa.String(128)),
    sa.Column("message_id", sa.BigInteger),
)
"""What is to be sent for certain, in order within a lane; what has a key is sent once, and found again to be edited."""
sa.Index("telegram_outbox_unsent", telegram_outbox.c.bot_id, telegram_outbox.c.state)
sa.Index("telegram_outbox_key", telegram_outbox.c.bot_id, telegram_outbox.c.key, unique=True)

telegram_people = sa.Table(
    "telegram_people",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("name"),
    _time(),
)
"""Who has paired with the bot."""

telegram_codes = sa.Table(
    "telegram_codes",
    metadata,
    _id("code_hash"),
    sa.Column("expires_at", UtcTime, nullable=False),
)
"""Pairing codes that nobody has used yet, by their SHA-256."""

telegram_chats = sa.Table(
    "telegram_chats",
    metadata,
    sa.Column("bot_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", sa.ForeignKey("conversations.conversation_id"), nullable=False),
)
"""Which conversation a person has in a chat, or in a topic of one."""

telegram_conversations = sa.Table(
    "telegram_conversations",
    metadata,
    sa.Column("bot_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("conversation_id", sa.ForeignKey("conversations.conversation_id"), primary_key=True),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
)
"""Where each conversation was begun, also after another has taken its place there: its jobs are told there."""

telegram_preferences = sa.Table(
    "telegram_preferences",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("content", sa.JSON, nullable=False),
)
"""What a person has set for themselves."""

telegram_told = sa.Table(
    "telegram_told",
    metadata,
    sa.Column("bot_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("what", sa.String(32), primary_key=True),
    _time("at"),
)
"""When a person was last told what is told only once in a while."""

telegram_errors = sa.Table(
    "telegram_errors",
    metadata,
    sa.Column("entry_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("bot_id", sa.BigInteger, nullable=False),
    _text("kind"),
    _time(),
)
"""What went wrong, as the operator counts it: a kind and a time, no words."""
