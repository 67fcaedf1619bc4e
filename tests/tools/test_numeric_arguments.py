"""Every number that a tool takes, at the ends of what a number can be: a result, or one sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from scipy import stats as scipy_stats

from evals.world.home import PENGUINS, build_in
from runtime.session import Session
from tools import TOOLS
from tools.errors import ToolError
from tools.stats.proportions import one_proportion

VALUES = (0, -1, 1e-308, 1.7e308, -0.0, 2**63, 10**400, 1 - 1e-16)
P = {"dataset": "penguins"}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("describe", {**P, "columns": ["body_mass_g"], "ddof": 1}),
    ("compare_groups", {**P, "value": "body_mass_g", "mu": 4000}),
    ("compare_groups", {**P, "value": "body_mass_g", "mu": 4000, "test": "wilcoxon"}),
    ("compare_groups", {**P, "value": "sex", "mu": 0.5, "event": "male"}),
    ("crosstab", {**P, "row": "sex", "shares": [0.5, 0.5]}),
    ("find_outliers", {**P, "columns": ["body_mass_g"], "method": "iqr", "threshold": 1.5, "limit": 5}),
    ("find_outliers", {**P, "columns": ["body_mass_g"], "method": "zscore", "threshold": 3, "ddof": 1}),
    ("find_outliers", {**P, "columns": ["body_mass_g"], "method": "mad", "threshold": 3, "action": "replace"}),
    ("find_outliers", {**P, "columns": ["body_mass_g", "year"], "method": "mahalanobis", "threshold": 0.999}),
    ("regress", {**P, "target": "body_mass_g", "features": ["year"], "powers": [{"column": "year", "power": 2}]}),
    ("query", {"sql": "SELECT 1", "limit": 5}),
    ("transform", {**P, "steps": [{"op": "fill_missing", "columns": ["year"], "method": "value", "value": 0}]}),
    ("transform", {**P, "steps": [{"op": "drop_rows", "rows": [0]}]}),
    (
        "transform",
        {
            **P,
            "steps": [
                {"op": "fence", "column": "year", "bounds": [{"low": 1, "high": 2, "value": 3}], "put": "value"},
            ],
        },
    ),
    ("transform", {**P, "steps": [{"op": "bin", "column": "year", "into": "b", "n_bins": 3}]}),
    ("transform", {**P, "steps": [{"op": "bin", "column": "year", "into": "b", "edges": [1, 2]}]}),
    ("transform", {**P, "steps": [{"op": "sample", "n": 3, "seed": 1}]}),
    ("transform", {**P, "steps": [{"op": "sample", "fraction": 0.5}]}),
    (
        "estimate_cost",
        {
            "job": {
                **P,
                "kind": "training",
                "target": "species",
                "model": "random_forest",
                "test_size": 0.2,
                "seed": 1,
                "params": [{"name": "n_estimators", "value": 10}],
            }
        },
    ),
]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    session = build_in(tmp_path_factory.mktemp("numbers") / "home")
    session.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    yield session
    session.program.close()


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where numbers stand."""
    if isinstance(value, int | float):
        yield path
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, key))


def with_number(arguments: dict[str, Any], path: tuple[str | int, ...], number: float) -> str:
    """The arguments as JSON, with another number at that place."""
    changed = json.loads(json.dumps(arguments))
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = number
    return json.dumps(changed)


@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_result_or_one_sentence(session: Session, name: str, arguments: dict[str, Any]) -> None:
    assert list(places(arguments))
    for path in places(arguments):
        for number in VALUES:
            try:
                content = session.call_tool(name, with_number(arguments, path, number), None).content
            except ToolError as error:
                assert len(str(error).splitlines()) == 1, error  # noqa: PT017 - any of them, or none
            else:
                json.dumps(content, allow_nan=False)


def test_every_tool_with_a_number_is_called() -> None:
    numeric = {
        tool.name
        for tool in TOOLS
        for field in tool.arguments.model_json_schema().get("properties", {}).values()
        for kind in [field, *field.get("anyOf", [])]
        if kind.get("type") in ("integer", "number")
    }
    stands_on_a_job = {"poll_job", "compare_models", "explain_model", "keep_threshold", "predict"}
    assert numeric - stands_on_a_job <= {name for name, _ in CALLS}


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("yes", [0, 1, 3, 20])
def test_a_share_next_to_nothing_is_tested_as_one_that_is_small(yes: int, alternative: Any) -> None:
    """As SciPy has it for 1e-9; below about 1e-300 its own test overflows. One yes of 20: 20 times the share."""
    small = scipy_stats.binomtest(yes, 20, 1e-9, alternative=alternative).pvalue
    tiny = one_proportion(yes, 20, 1e-308, alternative).p
    if alternative == "less" or yes == 0:
        assert tiny == pytest.approx(small, abs=1e-6)
    else:
        assert tiny <= small < 1e-6
    if yes == 1 and alternative != "less":
        assert tiny == pytest.approx(20e-308, rel=1e-6)
