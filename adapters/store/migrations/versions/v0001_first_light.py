"""The schema of First Light."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, those aside that an unversioned database holds already."""
    there = set(sa.inspect(op.get_bind()).get_table_names())

    def make(name: str, *items: sa.schema.SchemaItem) -> None:
        if name not in there:
            op.create_table(name, *items)

    make(
        "conversations",
        sa.Column("conversation_id", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False, index=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("tools", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
    )
    make(
        "datasets",
        sa.Column("dataset_id", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("columns", sa.JSON, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("owner_id", "name"),
    )
    make(
        "ledger",
        sa.Column("entry_id", sa.Integer, primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("usd", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("job_id", sa.Text),
        sa.Column("conversation_id", sa.Text),
    )
    make(
        "models",
        sa.Column("model_id", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False, index=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("metadata", sa.JSON, nullable=False),
        sa.Column("job_id", sa.Text, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    make(
        "quotes",
        sa.Column("quote_id", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False, index=True),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("job", sa.JSON, nullable=False),
        sa.Column("job_hash", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("machine", sa.Text, nullable=False),
        sa.Column("usd_per_hour", sa.BigInteger, nullable=False),
        sa.Column("expected_usd", sa.BigInteger, nullable=False),
        sa.Column("cap_usd", sa.BigInteger, nullable=False),
        sa.Column("expected_seconds", sa.Integer, nullable=False),
        sa.Column("max_seconds", sa.Integer, nullable=False),
        sa.Column("price_source", sa.Text, nullable=False),
        sa.Column("price_as_of", sa.Text, nullable=False),
        sa.Column("breakdown", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    make(
        "approvals",
        sa.Column("approval_id", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False, index=True),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("call_id", sa.Text, nullable=False),
        sa.Column("quote_id", sa.String(64), sa.ForeignKey("quotes.quote_id"), nullable=False),
        sa.Column("arguments_hash", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.UniqueConstraint("conversation_id", "call_id"),
    )
    make(
        "messages",
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.conversation_id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("stop_reason", sa.Text),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("usage", sa.JSON, nullable=False),
        sa.Column("usd", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    make(
        "tool_results",
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.conversation_id"), primary_key=True),
        sa.Column("call_id", sa.String(128), primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("is_error", sa.Boolean, nullable=False),
        sa.Column("artifacts", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    make(
        "jobs",
        sa.Column("job_id", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False, index=True),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("quote_id", sa.String(64), sa.ForeignKey("quotes.quote_id"), nullable=False, unique=True),
        sa.Column("approval_id", sa.String(64), sa.ForeignKey("approvals.approval_id"), nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("spec", sa.JSON, nullable=False),
        sa.Column("result", sa.JSON),
        sa.Column("cost_usd", sa.BigInteger, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
    )
    make(
        "attempts",
        sa.Column("attempt_id", sa.String(64), primary_key=True),
        sa.Column("owner_id", sa.Text, nullable=False),
        sa.Column("job_id", sa.String(64), sa.ForeignKey("jobs.job_id"), nullable=False, index=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("backend", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("handle", sa.JSON),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """There is nothing before."""
