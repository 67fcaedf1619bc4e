"""A program that has loaded the penguins, and any of its tools as a function of their arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from adapters.records import Feature, ParameterValue, TrainingSpec
from evals.world.home import build_in, put_penguins, used_home
from runtime.session import Session

Call = Callable[..., dict[str, Any]]
Draw = Callable[..., tuple[dict[str, Any], Path]]
SPEC = TrainingSpec(
    target="species",
    task="classification",
    features=(Feature(name="bill_length_mm", kind="number"),),
    model="logistic_regression",
    params=(ParameterValue(name="C", value=1.0),),
)
"""Its penalty is named: to choose one would take most of the time."""
LONG = SPEC.model_copy(update={"model": "random_forest", "params": (ParameterValue(name="n_estimators", value=5000),)})
"""A training that takes longer than any test waits."""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"))
    yield session
    session.program.close()


@pytest.fixture
def penguins(session: Session) -> Session:
    put_penguins(session)
    return session


def told(session: Session, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a tool finds, by way of JSON as Claude and the command line have it: nothing infinite, no NaN."""
    content = session.call_tool(name, json.dumps(arguments), None).content
    return dict(json.loads(json.dumps(content, allow_nan=False)))


@pytest.fixture
def tool_on(session: Session, tmp_path: Path) -> Callable[[str, str], Call]:
    """Any tool as a function over a table of its own, `t`, given as CSV."""

    def on(name: str, csv: str) -> Call:
        (tmp_path / "t.csv").write_text(csv)
        session.call_tool("load_dataset", json.dumps({"source": str(tmp_path / "t.csv")}), None)

        def call(**arguments: Any) -> dict[str, Any]:
            return told(session, name, {"dataset": "t", **arguments})

        return call

    return on


@pytest.fixture
def tool_of(penguins: Session) -> Callable[[str], Call]:
    def of(name: str) -> Call:
        def call(**arguments: Any) -> dict[str, Any]:
            return told(penguins, name, {"dataset": "penguins", **arguments})

        return call

    return of


@pytest.fixture
def draw(session: Session) -> Draw:
    """plot of the penguins: its result and the picture's path."""
    put_penguins(session)

    def one(**arguments: Any) -> tuple[dict[str, Any], Path]:
        output = session.call_tool("plot", json.dumps({"dataset": "penguins", **arguments}), None)
        return dict(output.content), output.artifacts[0].path

    return one


class Table:
    """The view `data` of a few rows, as the tool sees it."""

    def __init__(self, sql: str) -> None:
        self._connection = duckdb.connect()
        self._connection.execute(f"CREATE TABLE rows AS {sql}")
        self._connection.execute("CREATE VIEW data AS SELECT rowid AS _row, * FROM rows")

    def fetch(self, sql: str) -> list[tuple[object, ...]]:
        return self._connection.execute(sql).fetchall()
