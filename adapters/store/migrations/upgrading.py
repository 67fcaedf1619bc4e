"""From any earlier schema to ours."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from adapters.errors import AdapterError


def upgrade(connection: sa.Connection, target: str = "head") -> None:
    """Take every step that is missing, in the transaction of the connection.

    Raises
    ------
    AdapterError
        If a newer program has written the database.
    sqlalchemy.exc.DatabaseError
        If a step fails; the transaction is to be rolled back.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, target)
    except CommandError as error:
        raise AdapterError(f"a newer statagent has written this database ({error}); update the program") from error
