"""What Alembic runs: all steps on the one connection that `adapters.store.schema` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from adapters.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
