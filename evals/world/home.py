"""A whole program in a temporary home, with a clock that a test moves."""

from __future__ import annotations

import functools
import json
import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.model.base import LanguageModel
from adapters.model.scripted import ScriptedModel
from adapters.records import Dataset
from adapters.store.datasets import DatasetTable
from agent.gate import Call
from evals.world.first_database import used_database
from evals.world.pace import Limit
from runtime.program import build
from runtime.session import Session
from runtime.settings import Settings, read_settings
from tools import find_tool

ROOT = Path(__file__).parents[2]
PENGUINS = ROOT / "evals" / "data" / "penguins.csv"
DATABASE = "statagent.db"


@dataclass
class Clock:
    """Now, plus what the test adds."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        """The time as the program is told it."""
        return datetime.now(UTC) + self.ahead


def used_home(home: Path) -> Path:
    """`home` as a first start leaves it, unless it is there; migrations take most of the time of a short test."""
    if home.exists():
        return home
    home.mkdir(mode=0o700)
    used_database(home / DATABASE)
    return home


def put_penguins(session: Session) -> None:
    """Put the penguins among a person's datasets as `load_dataset` does; reading takes longer than most tools."""
    dataset, content = _loaded_penguins()
    owner, dataset_id = session.person.owner_id, secrets.token_hex(8)
    path = session.settings.home / "data" / f"user_{owner}" / f"{dataset_id}.duckdb"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(0o600)
    path.write_bytes(content)
    own = replace(dataset, dataset_id=dataset_id, owner_id=owner, path=path, created_at=session.clock())
    DatasetTable(session.program.database).add_dataset(own)


@functools.cache
def _loaded_penguins() -> tuple[Dataset, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        session = build_in(used_home(Path(folder) / "home"))
        session.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
        (dataset,) = session.data.all()
        session.program.close()
        return dataset, dataset.path.read_bytes()


def settings_in(home: Path, **values: Any) -> Settings:
    """Settings of a program at `home` that may read the repository and the folder around `home`."""
    return read_settings(home=home, **{"roots": (ROOT, home.parent), "first_wait_s": 0.01, **values})


def build_in(
    home: Path,
    clock: Callable[[], datetime] | None = None,
    model: LanguageModel | None = None,
    tell: Callable[[str], None] = lambda note: None,
    **values: Any,
) -> Session:
    """The program at `home`, by default with a clock that runs and a model that says nothing."""
    return Session(build(settings_in(home, **values), model or ScriptedModel([]), clock or Clock(), tell=tell))


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Look until the condition holds; fail when it does not in time."""
    limit = Limit(seconds)
    while not condition():
        assert not limit.is_over(), "waited too long"
        time.sleep(0.05)


def launch_call(quote_id: str, call_id: str = "call_1", conversation_id: str = "c1") -> Call:
    """A model's call of launch_training."""
    tool = find_tool("launch_training")
    return Call(call_id, conversation_id, tool, tool.parse({"quote_id": quote_id}))
