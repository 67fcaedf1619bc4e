"""What a person wrote while a conversation was busy is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the inbox."""
    op.create_table(
        "inbox",
        sa.Column("words_id", sa.String(64), primary_key=True),
        sa.Column(
            "conversation_id",
            sa.String(64),
            sa.ForeignKey("conversations.conversation_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("words", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Forget what waits."""
    op.drop_table("inbox")
