"""The program, built once: all that serves everybody. A `Session` is one person's view of it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from adapters.compute.base import Backend
from adapters.compute.local import LocalBackend
from adapters.model.base import LanguageModel
from adapters.store.database import Database, open_postgres, open_sqlite
from adapters.store.turns import Turns
from agent.breaker import Breaker
from runtime.home import prepare_home
from runtime.secret_key import secret_key
from runtime.settings import Settings, SettingsError
from runtime.sweeping import sweep_home, swept_sentence

Clock = Callable[[], datetime]


class Program:
    """Settings, database, backend, model and clock, shared by the sessions of all owners; made by `build`."""

    def __init__(
        self, settings: Settings, database: Database, model: LanguageModel, clock: Clock, backend: Backend
    ) -> None:
        self.settings = settings
        self.database = database
        self.model = model
        self.clock = clock
        self.backend = backend
        self.breaker = Breaker(clock)
        self.turns = Turns(database, settings.home / "turns")

    def key(self) -> bytes:
        """The installation's own key, which signs what it wrote."""
        return secret_key(self.settings.home / "secret.key")

    def close(self) -> None:
        """Give the database back."""
        self.database.close()


def local_backend(settings: Settings) -> Backend:
    """This machine, for jobs."""
    home = settings.home
    return LocalBackend(home / "jobs", settings.max_job_s, settings.worker_environment(), settings.max_job_bytes)


def build(
    settings: Settings,
    model: LanguageModel,
    clock: Clock = lambda: datetime.now(UTC),
    make_backend: Callable[[Settings], Backend] = local_backend,
    tell: Callable[[str], None] = lambda note: None,
) -> Program:
    """The program that these settings describe, talking to that model, its jobs on that backend.

    Parameters
    ----------
    tell : callable
        Gets a sentence on each thing that was put right in the home.

    Raises
    ------
    SettingsError
        If the home is not for this user alone.
    StoreError
        If the database cannot be opened.
    """
    check_packages()
    prepare_home(settings.home, tell)
    url = settings.database_url
    database = open_sqlite(settings.home / "statagent.db") if url is None else open_postgres(url.get_secret_value())
    backend = make_backend(settings)
    swept = sweep_home(settings, database, backend)
    if swept.n:
        tell(swept_sentence(swept))
    return Program(settings, database, model, clock, backend)


def check_packages() -> None:
    """Stop when one of our six packages, whose names are common words, is somebody else's.

    Raises
    ------
    SettingsError
        Names the package and where it was found.
    """
    root = Path(__file__).parents[1]
    for name in ("agent", "tools", "prompts", "adapters", "runtime", "evals"):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None or not Path(found.origin).is_relative_to(root):
            where = None if found is None else found.origin
            raise SettingsError(f"the package {name!r} is {where}, not statagent's: give it an environment of its own")
