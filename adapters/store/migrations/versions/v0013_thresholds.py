"""A model keeps a threshold: the class that is said from a probability on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Earlier models say the likelier class."""
    op.add_column("models", sa.Column("event", sa.Text))
    op.add_column("models", sa.Column("threshold", sa.Float))


def downgrade() -> None:
    """Forget both."""
    with op.batch_alter_table("models") as table:
        table.drop_column("threshold")
        table.drop_column("event")
