"""A program that has loaded the penguins, and any of its tools as a function of their arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.world.home import PENGUINS, build_in
from runtime.app import App

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = build_in(tmp_path / "home")
    yield app
    app.close()


@pytest.fixture
def penguins(app: App) -> App:
    app.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    return app


def told(app: App, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """What a tool finds, by way of JSON as Claude and the command line have it: nothing infinite, no NaN."""
    content = app.call_tool(name, json.dumps(arguments), None).content
    return dict(json.loads(json.dumps(content, allow_nan=False)))


@pytest.fixture
def tool_on(app: App, tmp_path: Path) -> Callable[[str, str], Call]:
    """Any tool as a function over a table of its own, `t`, given as CSV."""

    def on(name: str, csv: str) -> Call:
        (tmp_path / "t.csv").write_text(csv)
        app.call_tool("load_dataset", json.dumps({"source": str(tmp_path / "t.csv")}), None)

        def call(**arguments: Any) -> dict[str, Any]:
            return told(app, name, {"dataset": "t", **arguments})

        return call

    return on


@pytest.fixture
def tool_of(penguins: App) -> Callable[[str], Call]:
    def of(name: str) -> Call:
        def call(**arguments: Any) -> dict[str, Any]:
            return told(penguins, name, {"dataset": "penguins", **arguments})

        return call

    return of
