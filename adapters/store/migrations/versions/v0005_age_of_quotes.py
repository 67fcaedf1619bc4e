"""A quote knows when it was made by a clock that nobody sets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the machine's start and the seconds since then; older quotes have neither, and live by the clock."""
    op.add_column("quotes", sa.Column("boot_id", sa.Text, nullable=False, server_default=""))
    op.add_column("quotes", sa.Column("boot_s", sa.Float, nullable=False, server_default="0"))


def downgrade() -> None:
    """Forget both."""
    with op.batch_alter_table("quotes") as table:
        table.drop_column("boot_s")
        table.drop_column("boot_id")
