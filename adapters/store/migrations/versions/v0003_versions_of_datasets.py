"""A dataset that a conversation has seen stays when another takes its name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

UNNAMED = {"uq": "uq_%(table_name)s_%(column_0_name)s"}


def upgrade() -> None:
    """Of several datasets of one name one is current; conversations hold theirs by id."""
    if op.get_bind().dialect.name == "sqlite":
        # SQLite gave the constraint no name, and takes it away only by making the table anew.
        with op.batch_alter_table("datasets", naming_convention=UNNAMED) as table:
            table.drop_constraint("uq_datasets_owner_id", type_="unique")
    else:
        op.drop_constraint("datasets_owner_id_name_key", "datasets", type_="unique")
    op.add_column("datasets", sa.Column("is_current", sa.Boolean, nullable=False, server_default=sa.true()))
    op.create_index(
        "one_current_dataset_of_a_name",
        "datasets",
        ["owner_id", "name"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "seen_datasets",
        sa.Column("owner_id", sa.Text, primary_key=True),
        sa.Column("conversation_id", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("dataset_id", sa.Text, nullable=False, index=True),
    )


def downgrade() -> None:
    """Forget who saw what, and the datasets whose name another has taken."""
    op.drop_table("seen_datasets")
    op.drop_index("one_current_dataset_of_a_name", "datasets")
    op.execute(sa.text("DELETE FROM datasets WHERE NOT is_current"))
    with op.batch_alter_table("datasets") as table:
        table.drop_column("is_current")
        table.create_unique_constraint("datasets_owner_id_name_key", ["owner_id", "name"])
