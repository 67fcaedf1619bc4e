"""A dataset that was made from others keeps how."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the recipe; datasets that came from files have none."""
    op.add_column("datasets", sa.Column("recipe", sa.JSON))


def downgrade() -> None:
    """Forget the recipes."""
    with op.batch_alter_table("datasets") as table:
        table.drop_column("recipe")
