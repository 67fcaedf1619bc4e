"""A model has a name that its owner gave it, and can be deleted and brought back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Earlier models have no name and are there."""
    op.add_column("models", sa.Column("name", sa.Text))
    op.add_column("models", sa.Column("deleted_at", sa.BigInteger))


def downgrade() -> None:
    """Forget both; a deleted model is there again."""
    with op.batch_alter_table("models") as table:
        table.drop_column("deleted_at")
        table.drop_column("name")
