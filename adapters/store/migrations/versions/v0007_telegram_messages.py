"""A bot finds the messages again that it edits, knows where each job was asked for, and what its people prefer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add keys and message ids to the outbox; jobs that have ended before count as told."""
    op.add_column("telegram_outbox", sa.Column("key", sa.String(128)))
    op.add_column("telegram_outbox", sa.Column("message_id", sa.BigInteger))
    op.create_index("telegram_outbox_key", "telegram_outbox", ["bot_id", "key"], unique=True)
    op.create_table(
        "telegram_conversations",
        sa.Column("bot_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.conversation_id"), primary_key=True),
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "telegram_preferences",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("content", sa.JSON, nullable=False),
    )
    op.execute(
        "INSERT INTO telegram_conversations (bot_id, conversation_id, lane, user_id) "
        "SELECT bot_id, conversation_id, MIN(lane), MIN(user_id) FROM telegram_chats GROUP BY bot_id, conversation_id"
    )
    op.execute(
        "INSERT INTO telegram_outbox (bot_id, lane, content, state, created_at, key) "
        "SELECT c.bot_id, c.lane, '{}', 'sent', j.created_at, 'end:' || j.job_id FROM jobs j "
        "JOIN telegram_conversations c ON c.conversation_id = j.conversation_id "
        "WHERE j.state NOT IN ('queued', 'active')"
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("telegram_preferences")
    op.drop_table("telegram_conversations")
    op.drop_index("telegram_outbox_key", "telegram_outbox")
    with op.batch_alter_table("telegram_outbox") as table:
        table.drop_column("message_id")
        table.drop_column("key")
