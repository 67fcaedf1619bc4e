"""Shared by all tests: the six packages are ours, not somebody else's of the same name."""

from __future__ import annotations

import gc
import importlib.util
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest

from adapters.store.database import open_postgres
from evals.world.broken import BARE, IN_A_COPY, Breaker
from evals.world.postgres import copied_database, empty_database, postgres_server
from evals.world.programs import OURS, REAL, Programs, children_by

ROOT = Path(__file__).parents[1]
SHARED, PLACE = pytest.StashKey[ExitStack](), pytest.StashKey[Path]()
"""What the programs of all workers end with, and where they are."""
MANY = 200
"""As many tests gain more by warm children than it takes to import everything for them."""


class Node(Protocol):
    """A worker as pytest-xdist, which has no types, gives it to its hooks."""

    config: pytest.Config
    workerinput: dict[str, str]


def pytest_sessionstart() -> None:
    for name in ("agent", "tools", "prompts", "adapters", "runtime", "evals"):
        spec = importlib.util.find_spec(name)
        found = spec and spec.origin and Path(spec.origin)
        if not found or not found.is_relative_to(ROOT):
            pytest.exit(f"the package {name!r} is {found}, not ours: use an environment of statagent's own")


def pytest_configure() -> None:
    """Look for no garbage while modules are imported and tests collected: there is none."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What breaks something first: the copy that it is broken in is then made by one worker alone."""
    items.sort(key=lambda item: "breaker" not in getattr(item, "fixturenames", ()))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Node) -> None:
    """Tell a worker where the programs of all of them will be."""
    config = node.config
    if SHARED not in config.stash:
        config.stash[SHARED] = ExitStack()
        config.stash[PLACE] = Path(
            config.stash[SHARED].enter_context(TemporaryDirectory(prefix="warm_", ignore_cleanup_errors=True))
        )
    node.workerinput["programs"] = str(config.stash[PLACE])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Node, ids: Sequence[str]) -> None:
    """Start them for a run of many tests, before its first one."""
    place = node.config.stash[PLACE]
    if len(ids) >= MANY and not (place / "door").exists():
        node.config.stash[SHARED].enter_context(Programs(*OURS, place=place))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End them with the run."""
    config.stash.get(SHARED, ExitStack()).close()


def pytest_collection_finish() -> None:
    """What is there now stays to the end: looking through it again and again took an eighth of a run."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """A real server: STATAGENT_TEST_DATABASE_URL's, or one of this test run's own."""
    with postgres_server(os.environ.get("STATAGENT_TEST_DATABASE_URL")) as url:
        yield url


@pytest.fixture(scope="session")
def programs(request: pytest.FixtureRequest) -> Iterator[Programs]:
    """What stands in for `statagent` and `python`, with all of ours imported; test_cli starts each command for real.

    In a broken copy of the tree, which runs one test, they are those of the run that broke it; in a run of many tests
    by several workers, those of all of them.
    """
    told = {"programs": os.environ.get(IN_A_COPY, ""), **getattr(request.config, "workerinput", {})}
    place = Path(told["programs"])
    if (place / "door").exists():
        yield Programs(folder=place)
        return
    with Programs(*OURS) as ready:
        yield ready


@pytest.fixture(scope="session", autouse=True)
def warm_children(request: pytest.FixtureRequest) -> Iterator[None]:
    """In a run of many tests, what these start with `sys.executable` (queries, trainings) is a stand-in for it."""
    if len(request.session.items) < MANY and IN_A_COPY not in os.environ:
        yield
        return
    programs: Programs = request.getfixturevalue("programs")
    programs.wait()
    with children_by(programs.python):
        yield


@pytest.fixture
def real_children() -> Iterator[None]:
    """Children are fresh processes, whatever the run: what the kernel lets one have is counted from its start."""
    with children_by(REAL):
        yield


@pytest.fixture(scope="session")
def bare() -> Iterator[Programs]:
    """A `python` with the libraries imported and nothing of ours."""
    if IN_A_COPY in os.environ:
        yield Programs(folder=Path(os.environ[BARE]))
        return
    with Programs() as ready:
        yield ready


@pytest.fixture(scope="session")
def breaker(postgres_server_url: str, bare: Programs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Breaker]:
    """What breaks guards in a copy of the tree and runs a test there, on this run's own server."""
    environment = {"STATAGENT_TEST_DATABASE_URL": postgres_server_url}
    with Breaker(environment, bare, tmp_path_factory.mktemp("copy")) as ready:
        yield ready


@pytest.fixture(scope="session")
def first_postgres_url(postgres_server_url: str) -> Iterator[str]:
    """The database, as a first start leaves it, that `database_url` copies."""
    with empty_database(postgres_server_url) as url:
        open_postgres(url).close()
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Both databases in turn: None for the SQLite file of the home, or the URL of a new PostgreSQL database."""
    if request.param == "sqlite":
        yield None
        return
    server, first = (request.getfixturevalue(name) for name in ("postgres_server_url", "first_postgres_url"))
    with copied_database(server, first) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """As `database_url`, before a first start."""
    if request.param == "sqlite":
        yield None
        return
    with empty_database(request.getfixturevalue("postgres_server_url")) as url:
        yield url
