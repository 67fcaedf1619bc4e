"""A bot knows who writes how much, what it has told whom when, and what went wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add who has written an update, and two tables; of earlier updates nobody is counted."""
    op.add_column("telegram_updates", sa.Column("user_id", sa.BigInteger))
    op.create_index("telegram_updates_of_a_person", "telegram_updates", ["bot_id", "user_id", "created_at"])
    op.create_table(
        "telegram_told",
        sa.Column("bot_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("what", sa.String(32), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "telegram_errors",
        sa.Column("entry_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("bot_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("telegram_errors")
    op.drop_table("telegram_told")
    op.drop_index("telegram_updates_of_a_person", "telegram_updates")
    with op.batch_alter_table("telegram_updates") as table:
        table.drop_column("user_id")
