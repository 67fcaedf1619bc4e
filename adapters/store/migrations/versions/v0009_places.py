"""A quote says which of a provider's machines it is for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Earlier quotes are for one's own machine."""
    op.add_column("quotes", sa.Column("place", sa.JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("quotes") as table:
        table.drop_column("place")
