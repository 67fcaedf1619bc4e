"""Pictures of the largest, the smallest and the farthest: drawn, or one sentence that names the column."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from evals.world.home import build_in, used_home
from runtime.session import Session
from tools.errors import ToolError

TABLES = {
    "huge": "x,y,g\n1.7e308,1,a\n-1.7e308,2,b\n1.5e308,3,a\n5e-324,4,b\n1e308,5,a\n-1e308,6,b\n3,7,a\n4,8,b\n",
    "tiny": "x,y,g\n5e-324,1,a\n1e-323,2,b\n5e-324,3,a\n2e-323,4,b\n5e-324,5,a\n1e-310,6,b\n",
    "one": "x,y,g\n1e300,1,a\n1e300,2,b\n1e300,3,a\n1e300,4,b\n",
    "edge": "x,y,g\n1e305,1,a\n-1e305,2,b\n3e304,3,a\n4e304,4,b\n",
    "small": "x,y,g\n1e-305,1,a\n-1e-305,2,b\n3e-306,3,a\n4e-305,4,b\n",
    "whole": "x,y,g\n100000000000000000,1,a\n100000000000000016,2,b\n100000000000000032,3,a\n100000000000000016,4,b\n",
    "alone": "x,y,g\n7,1,a\n",
    "ends": "x,y,g\n0001-01-01,1,a\n9999-12-31,2,b\n2020-01-01,3,a\n2021-05-05,4,b\n",
    "late": "x,y,g\n1066-10-14,1,a\n2020-01-01,2,b\n2021-05-05,3,a\n1815-06-18,4,b\n",
}
KINDS: list[dict[str, Any]] = [
    {"kind": "histogram", "x": "x"},
    {"kind": "histogram", "x": "x", "color": "g"},
    {"kind": "density", "x": "x"},
    {"kind": "box", "x": "x"},
    {"kind": "box", "x": "g", "y": "x"},
    {"kind": "violin", "x": "g", "y": "x"},
    {"kind": "qq", "x": "x"},
    {"kind": "scatter", "x": "x", "y": "y"},
    {"kind": "scatter", "x": "y", "y": "x", "color": "g"},
    {"kind": "residuals", "x": "x", "y": "y"},
    {"kind": "residuals", "x": "y", "y": "x"},
    {"kind": "line", "x": "x", "y": "y"},
    {"kind": "line", "x": "x"},
    {"kind": "bar", "x": "x"},
    {"kind": "bar", "x": "g", "y": "x"},
    {"kind": "heatmap", "x": "x", "y": "g"},
    {"kind": "heatmap", "columns": ["x", "y"]},
    {"kind": "pair", "columns": ["x", "y"]},
    {"kind": "roc", "x": "y", "y": "g"},
]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("extremes")
    session = build_in(used_home(folder / "home"))
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
        session.call_tool("load_dataset", json.dumps({"source": str(folder / f"{name}.csv")}), None)
    yield session
    session.program.close()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(map(str, kind.values())))
@pytest.mark.parametrize("table", TABLES)
def test_it_is_drawn_or_one_sentence_says_why_not(session: Session, table: str, kind: dict[str, Any]) -> None:
    try:
        output = session.call_tool("plot", json.dumps({"dataset": table, **kind}), None)
    except ToolError:
        return
    assert output.artifacts[0].path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("huge", r"'x' has values beyond 1e\+305, and no axis has steps for that: divide"),
        ("tiny", r"'x' has no value beyond 1e-305, and no axis has steps for that: multiply"),
        (
            "ends",
            "'x' has dates from year 1 to 9999, and an axis of dates with room at both ends reaches from 1 to 9999",
        ),
    ],
)
def test_what_no_axis_has_room_for_is_named(session: Session, table: str, sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        session.call_tool("plot", json.dumps({"dataset": table, "kind": "histogram", "x": "x"}), None)


def test_the_same_values_with_room_are_drawn(session: Session) -> None:
    kept = {
        "dataset": "ends",
        "kind": "histogram",
        "x": "x",
        "where": "x > DATE '2000-01-01' AND x < DATE '2030-01-01'",
    }
    assert session.call_tool("plot", json.dumps(kept), None).content["n"] == 2
    for name in ("one", "whole", "late", "edge", "small"):
        assert session.call_tool("plot", json.dumps({"dataset": name, "kind": "histogram", "x": "x"}), None).artifacts
