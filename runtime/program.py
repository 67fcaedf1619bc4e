"""The program, built once: all that serves everybody. A `Session` is one person's view of it."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from adapters.compute.base import Backend, Surroundings
from adapters.compute.registered import detect_backends
from adapters.model.base import LanguageModel
from adapters.records import JsonValue
from adapters.store.database import Database, open_postgres, open_sqlite
from adapters.store.turns import Turns
from agent.breaker import Breaker
from runtime.home import prepare_home
from runtime.secret_key import secret_key
from runtime.settings import Settings, SettingsError
from runtime.sweeping import sweep_home, swept_sentence
from tools import TOOLS
from tools.jobs.health import Health

Clock = Callable[[], datetime]


class Program:
    """Settings, database, backends, model and clock, shared by the sessions of all owners; made by `build`."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        model: LanguageModel,
        clock: Clock,
        backends: Mapping[str, Backend],
    ) -> None:
        self.settings = settings
        self.database = database
        self.model = model
        self.clock = clock
        self.backends = backends
        self.breaker = Breaker(clock)
        self.health = Health(clock)
        self.turns = Turns(database, settings.home / "turns")

    @cached_property
    def tool_schemas(self) -> list[dict[str, JsonValue]]:
        """The tools as the Messages API takes them; made once, as that takes 17 ms of a processor."""
        return [tool.schema() for tool in TOOLS]

    def key(self) -> bytes:
        """The installation's own key, which signs what it wrote."""
        return secret_key(self.settings.home / "secret.key")

    def close(self) -> None:
        """Give the database and the backends' connections back."""
        for backend in self.backends.values():
            backend.close()
        self.database.close()


def backends_of(settings: Settings) -> Mapping[str, Backend]:
    """The machines that these settings open, for jobs: this one, and those of providers whose key is set."""
    return detect_backends(surroundings_of(settings))


def surroundings_of(settings: Settings) -> Surroundings:
    """What backends are made of, by these settings."""
    key = settings.home / "secret.key"
    return Surroundings(
        install=lambda: hashlib.sha256(b"installation" + secret_key(key)).hexdigest()[:6],
        folder=settings.home / "jobs",
        environment=settings.worker_environment(),
        max_job_s=settings.max_job_s,
        max_job_bytes=settings.max_job_bytes,
        options=settings.provider_options(),
        cluster=settings.cluster or "",
    )


def build(
    settings: Settings,
    model: LanguageModel,
    clock: Clock = lambda: datetime.now(UTC),
    make_backends: Callable[[Settings], Mapping[str, Backend]] = backends_of,
    tell: Callable[[str], None] = lambda note: None,
) -> Program:
    """The program that these settings describe, talking to that model, its jobs on these backends.

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
    backends = make_backends(settings)
    swept = sweep_home(settings, database, backends.values())
    if swept.n:
        tell(swept_sentence(swept))
    return Program(settings, database, model, clock, backends)


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
