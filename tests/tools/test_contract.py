"""Every tool on degenerate tables: a result in strict JSON, or a sentence that says why not; a file says which."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.records import Approval
from evals.world.examples import example_on
from evals.world.home import build_in, used_home
from runtime.session import Session
from tests.tools.test_p_fields import without_a_method
from tests.tools.test_warning_codes import without_a_code
from tools import TOOLS
from tools.context import ToolContext
from tools.errors import ToolError
from tools.results import Result, ToolOutput
from tools.spec import Arguments, Tool

EXPECTED = Path(__file__).with_name("contract.yaml")
RESULT = "result"
ROWS = [
    (1.5, 2.0, "a", "x"),
    (2.5, 1.0, "b", "y"),
    (3.0, 4.5, "a", "y"),
    (4.0, 3.0, "b", "x"),
    (6.5, 5.0, "a", "x"),
    (7.0, 8.0, "b", "y"),
]
COLUMNS = (("v", "w", "g", "h"), ("select", 'a "b', "x'; --", "c"))
"""The columns of every table, and of the one with odd names, as it is loaded."""
ODD = ("select", 'a "b', "x'; --", "  c  ")


def csv(rows: list[tuple[Any, ...]], names: tuple[str, ...] = ("v", "w", "g", "h")) -> str:
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    return "\n".join([",".join(quoted), *(",".join(map(str, row)) for row in rows)]) + "\n"


TABLES = {
    "one row": csv(ROWS[:1]),
    "two rows": csv(ROWS[:2]),
    "constant": csv([(3, 3, "a", "x")] * 6),
    "all missing": csv([("", "", "", "")] * 5 + [(1, 1, "a", "x")]),
    "one group": csv([(v, w, "a", h) for v, w, _, h in ROWS]),
    "tiny": csv([(f"{v}e-300", f"{w}e-300", g, h) for v, w, g, h in ROWS]),
    "huge": csv([(f"{v}e+300", f"{w}e+300", g, h) for v, w, g, h in ROWS]),
    "300 levels": csv([(k * 0.5, k % 7 + 0.5, f"g{k}", f"h{k % 2}") for k in range(300)]),
    "odd names": csv(ROWS, ODD),
    "no row": csv(ROWS),
}


def calls_on(table: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """One or more calls of each tool, over the table's columns."""
    v, w, g, h = COLUMNS[table == "odd names"]
    t: dict[str, Any] = {"dataset": "t"} | ({"where": "v > 100"} if table == "no row" else {})
    bare = {"dataset": "t"}
    job = {"kind": "training", "dataset": "t", "target": v, "model": "linear_regression"}
    return {
        "describe": ("describe", {**t, "detail": True}),
        "describe by": ("describe", {**t, "columns": [v], "by": g}),
        "check_quality": ("check_quality", t),
        "pearson": ("correlate", {**t, "x": v, "y": w}),
        "spearman": ("correlate", {**t, "x": v, "y": w, "method": "spearman"}),
        "kendall": ("correlate", {**t, "x": v, "y": w, "method": "kendall"}),
        "groups": ("compare_groups", {**t, "value": v, "group": g}),
        "welch": ("compare_groups", {**t, "value": v, "group": h, "test": "welch"}),
        "ranks": ("compare_groups", {**t, "value": v, "group": h, "test": "mann_whitney"}),
        "games-howell": ("compare_groups", {**t, "value": v, "group": g, "test": "welch_anova"}),
        "two factors": ("compare_groups", {**t, "value": v, "group": g, "group2": h}),
        "paired": ("compare_groups", {**t, "value": v, "value2": w}),
        "against mu": ("compare_groups", {**t, "value": v, "mu": 1}),
        "crosstab": ("crosstab", {**t, "row": g, "column": h}),
        "kappa": ("rater_agreement", {**t, "first": g, "second": h}),
        "fisher": ("crosstab", {**t, "row": g, "column": h, "test": "fisher"}),
        "distribution": ("analyze_distribution", {**t, "column": v}),
        "outliers": ("find_outliers", {**t, "columns": [v]}),
        "mad": ("find_outliers", {**t, "columns": [v, w], "method": "mad"}),
        "mahalanobis": ("find_outliers", {**t, "columns": [v, w], "method": "mahalanobis"}),
        "ols": ("regress", {**t, "target": v, "features": [w]}),
        "ols of groups": ("regress", {**t, "target": v, "features": [g], "robust": True}),
        "logit": ("regress", {**t, "target": h, "features": [v], "kind": "logit"}),
        "histogram": ("plot", {**t, "kind": "histogram", "x": v}),
        "scatter": ("plot", {**t, "kind": "scatter", "x": v, "y": w, "color": g}),
        "box": ("plot", {**t, "kind": "box", "x": v, "color": g}),
        "query": ("query", {"sql": "SELECT count(*) FROM t"}),
        "transform": ("transform", {**bare, "steps": [{"op": "scale", "columns": [v], "method": "standard"}]}),
        "detect_schema": ("detect_schema", bare),
        "estimate_cost": ("estimate_cost", {"job": job}),
        "predict": ("predict", {"dataset": "t", "model": "none"}),
        "compare_models": ("compare_models", {}),
        "load_dataset": ("load_dataset", {"source": "t.csv"}),
        "launch_training": ("launch_training", {"quote_id": "none"}),
        "poll_job": ("poll_job", {"job_id": "none"}),
        "cancel_job": ("cancel_job", {"job_id": "none"}),
        "list_models": ("list_models", {}),
        "show_spending": ("show_spending", {}),
    }


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = build_in(used_home(tmp_path / "home"), roots=(tmp_path,))
    yield session
    session.program.close()


def outcome(session: Session, name: str, arguments: dict[str, Any]) -> str:
    """`result`, where it is strict JSON and says of each p how it was got, or the sentence of the refusal."""
    try:
        content = session.call_tool(name, json.dumps(arguments), None).content
    except ToolError as error:
        return str(error)
    json.dumps(content, allow_nan=False)
    assert without_a_method(content) == [], name
    assert without_a_code(content) == [], name
    return RESULT


def examples_on(table: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each tool's own example on the table: whoever adds a tool has it tried here."""
    v, w, g, h = COLUMNS[table == "odd names"]
    words = {"penguins": "t", "body_mass_g": v, "flipper_length_mm": w, "species": g, "island": h, "sex": h}
    return {f"example of {tool.name}": (tool.name, example_on(tool, words)) for tool in TOOLS}


@pytest.mark.parametrize("table", TABLES)
def test_a_result_or_a_named_sentence(session: Session, tmp_path: Path, table: str) -> None:
    (tmp_path / "t.csv").write_text(TABLES[table])
    session.call_tool("load_dataset", json.dumps({"source": "t.csv"}), None)
    found = {name: outcome(session, *call) for name, call in (calls_on(table) | examples_on(table)).items()}
    expected = yaml.safe_load(EXPECTED.read_text())[table]
    for name, what in found.items():
        assert what
        assert "\n" not in what
        # The file holds how a sentence begins: quotes, models and jobs have names of their own.
        assert what.startswith(expected.get(name, "")), (name, what)
    assert set(calls_on(table)) == set(expected)


def numbers(value: Any) -> list[float]:
    """All numbers of a result, in their order."""
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers(part)]
    if isinstance(value, list | tuple):
        return [number for part in value for number in numbers(part)]
    return [value] if isinstance(value, int | float) else []


@pytest.mark.parametrize("name", ["h", "g", "x", "k", "v", "n", "c", "q", "data", "_ROW1", "rows", "found"])
def test_a_column_may_have_any_name(session: Session, tmp_path: Path, name: str) -> None:
    """A name that our own SQL uses too is still the column's: the numbers are those of a plain name."""
    contents = []
    for number, column in enumerate(("plain", name)):
        (tmp_path / f"t{number}.csv").write_text(f"{column},other\n1,a\n1,a\n2,b\n9,b\n")
        session.call_tool("load_dataset", json.dumps({"source": f"t{number}.csv"}), None)
        calls: list[tuple[str, dict[str, Any]]] = [
            ("check_quality", {}),
            ("describe", {"columns": [column]}),
            ("describe", {"columns": [column], "by": "other"}),
            ("describe", {"columns": ["other"], "by": column}),
            ("find_outliers", {"columns": [column]}),
            ("analyze_distribution", {"column": column}),
            ("compare_groups", {"value": column, "group": "other"}),
            ("crosstab", {"row": column, "column": "other"}),
        ]
        found = [
            session.call_tool(tool, json.dumps({"dataset": f"t{number}", **more}), None).content for tool, more in calls
        ]
        contents.append([numbers(one) for one in found])
    assert contents[0] == contents[1]


EXTREME = "v,w\n1.7e308,1\n-1.7e308,2\n1.2e308,3\n5.5,4\n"


def test_a_number_that_json_does_not_hold_is_a_sentence(session: Session, tmp_path: Path) -> None:
    (tmp_path / "ext.csv").write_text(EXTREME)
    session.call_tool("load_dataset", json.dumps({"source": str(tmp_path / "ext.csv")}), None)
    with pytest.raises(ToolError, match=r"describe has no number for .* too large for float64"):
        session.call_tool("describe", '{"dataset": "ext", "columns": ["v"], "detail": true}', None)


class Infinite(Result):
    mean: float


def test_a_tool_that_may_spend_is_no_exception(session: Session) -> None:
    def run(arguments: Arguments, context: ToolContext, approval: Approval | None) -> ToolOutput[Infinite]:
        return ToolOutput(Infinite(mean=math.inf))

    spends = Tool("predict", "", Arguments, Infinite, "spend", run, "", {})
    context = session.context("c1", threading.Event(), lambda sentence, fraction: None)
    with pytest.raises(ToolError, match=r"predict has no number for mean"):
        spends.call(Arguments(), context)


@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN"])
def test_an_argument_is_a_finite_number(session: Session, tmp_path: Path, value: str) -> None:
    (tmp_path / "ext.csv").write_text(EXTREME)
    session.call_tool("load_dataset", json.dumps({"source": str(tmp_path / "ext.csv")}), None)
    for name, given in (
        ("find_outliers", f'"columns": ["w"], "method": "iqr", "threshold": {value}'),
        ("crosstab", f'"row": "w", "shares": [{value}, 0.5, 0.2, 0.3]'),
        ("compare_groups", f'"value": "w", "mu": {value}'),
    ):
        with pytest.raises(ToolError, match="finite number"):
            session.call_tool(name, f'{{"dataset": "ext", {given}}}', None)
