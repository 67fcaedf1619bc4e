"""An attempt says what it cost, and why another followed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
NEW = (
    ("seconds", sa.Float, "0"),
    ("usd", sa.BigInteger, "0"),
    ("ended", sa.Text, ""),
)


def upgrade() -> None:
    """Earlier attempts were each their job's only one: what they cost stands with the job."""
    for name, kind, default in NEW:
        op.add_column("attempts", sa.Column(name, kind, nullable=False, server_default=default))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("attempts") as table:
        for name, _, _ in NEW:
            table.drop_column(name)
