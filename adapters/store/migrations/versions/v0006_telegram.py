"""What a bot on Telegram keeps: what came, what is to be sent, who may write, and where they talk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add its tables."""
    op.create_table(
        "telegram_updates",
        sa.Column("bot_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text),
        sa.Column("words_id", sa.Text),
        sa.Column("from_position", sa.Integer),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "telegram_outbox",
        sa.Column("entry_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("telegram_outbox_unsent", "telegram_outbox", ["bot_id", "state"])
    op.create_table(
        "telegram_people",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "telegram_codes",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "telegram_chats",
        sa.Column("bot_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("lane", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.conversation_id"), nullable=False),
    )


def downgrade() -> None:
    """Forget them."""
    for table in ("telegram_chats", "telegram_codes", "telegram_people", "telegram_outbox", "telegram_updates"):
        op.drop_table(table)
