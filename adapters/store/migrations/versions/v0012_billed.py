"""An attempt says what its provider's own bill says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Of earlier attempts nobody has asked."""
    op.add_column("attempts", sa.Column("billed_usd", sa.BigInteger))


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("attempts") as table:
        table.drop_column("billed_usd")
