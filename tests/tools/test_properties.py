"""What holds of every statistical tool: the order of rows and units change nothing, next to nothing breaks nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.world.home import build_in, used_home
from runtime.session import Session
from tools.errors import ToolError

TABLES = ("plain", "shuffled", "scaled", "far")
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "describe": ("describe", {"columns": ["v", "w"], "detail": True}),
    "describe by": ("describe", {"columns": ["v"], "by": "g"}),
    "pearson": ("correlate", {"x": "v", "y": "w"}),
    "spearman": ("correlate", {"columns": ["v", "w", "u"], "method": "spearman"}),
    "kendall": ("correlate", {"x": "v", "y": "w", "method": "kendall"}),
    "partial": ("correlate", {"x": "v", "y": "w", "controls": ["u"]}),
    "point-biserial": ("correlate", {"x": "h", "y": "v", "method": "point_biserial"}),
    "cramer": ("correlate", {"x": "g", "y": "h", "method": "cramers_v"}),
    "auto": ("compare_groups", {"value": "v", "group": "g"}),
    "welch": ("compare_groups", {"value": "v", "group": "h", "test": "welch"}),
    "mann_whitney": ("compare_groups", {"value": "v", "group": "h", "test": "mann_whitney"}),
    "ks": ("compare_groups", {"value": "v", "group": "h", "test": "ks"}),
    "anova": ("compare_groups", {"value": "v", "group": "g", "test": "anova"}),
    "kruskal": ("compare_groups", {"value": "v", "group": "g", "test": "kruskal"}),
    "fligner": ("compare_groups", {"value": "v", "group": "g", "test": "fligner"}),
    "brown_forsythe": ("compare_groups", {"value": "v", "group": "g", "test": "brown_forsythe"}),
    "two factors": ("compare_groups", {"value": "v", "group": "g", "group2": "h"}),
    "paired": ("compare_groups", {"value": "v", "value2": "u", "test": "paired"}),
    "wilcoxon": ("compare_groups", {"value": "v", "value2": "u", "test": "wilcoxon"}),
    "friedman": ("compare_groups", {"value": "v", "repeated": ["u", "w"], "test": "friedman"}),
    "repeated": ("compare_groups", {"value": "v", "repeated": ["u", "w"], "test": "repeated_anova"}),
    "shares": ("compare_groups", {"value": "h", "group": "g", "event": "yes"}),
    "chi-square": ("crosstab", {"row": "g", "column": "h"}),
    "goodness of fit": ("crosstab", {"row": "g"}),
    "distribution": ("analyze_distribution", {"column": "v"}),
    "fences": ("find_outliers", {"columns": ["v", "w"], "threshold": 0.5}),
    "mad": ("find_outliers", {"columns": ["v"], "method": "mad", "threshold": 1, "by": "g"}),
    "mahalanobis": ("find_outliers", {"columns": ["v", "w"], "method": "mahalanobis", "threshold": 0.1}),
    "ols": ("regress", {"target": "v", "features": ["w", "g"], "robust": True}),
    "wls": ("regress", {"target": "v", "features": ["w"], "kind": "wls", "weights": "k"}),
    "logit": ("regress", {"target": "h", "features": ["v"], "kind": "logit"}),
    "poisson": ("regress", {"target": "k", "features": ["w"], "kind": "poisson"}),
}
OF_ROWS = ("rows", "most_influential", "durbin_watson", "durbin_watson_p", "warnings", "interpretation")
"""What speaks of single rows or of their order."""


def table(name: str) -> str:
    """60 rows of numbers, ties, categories and gaps; the same ones shuffled, in other units, or far from 0."""
    generator = np.random.default_rng(5)
    rows: list[list[Any]] = []
    for i in range(60):
        v, w = round(float(generator.normal(10, 3)), 1), round(float(generator.normal(5, 2)), 1)
        g, h = "abc"[i % 3], ("no", "yes")[int(generator.random() < 0.5)]
        rows.append([v + i % 3, w, round(v / 2 + w, 1), generator.poisson(4) + 1, g, h])
    rows[7][0] = rows[20][4] = rows[31][1] = None
    if name == "shuffled":
        rows = [rows[int(place)] for place in generator.permutation(60)]
    unit, shift = {"scaled": (1000, 0), "far": (1, 1_000_000)}.get(name, (1, 0))
    for row in rows:
        row[:3] = [None if x is None else round(x * unit + shift, 1) for x in row[:3]]
    return "v,w,u,k,g,h\n" + "".join(",".join("" if x is None else str(x) for x in row) + "\n" for row in rows)


def numbers(value: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """All numbers of a result but those of single rows, each with its place."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in OF_ROWS:
                yield from numbers(part, f"{path}.{key}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from numbers(part, f"{path}[{place}]")
    elif isinstance(value, int | float):
        yield path, float(value)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("properties")
    session = build_in(used_home(folder / "home"))
    for name in TABLES:
        (folder / f"{name}.csv").write_text(table(name))
        session.call_tool("load_dataset", json.dumps({"source": str(folder / f"{name}.csv")}), None)
    yield session
    session.program.close()


def result(session: Session, call: str, dataset: str) -> dict[str, Any]:
    tool, arguments = CALLS[call]
    content = session.call_tool(tool, json.dumps({"dataset": dataset, **arguments}), None).content
    return dict(json.loads(json.dumps(content, allow_nan=False)))


@pytest.mark.parametrize("call", CALLS)
def test_the_order_of_rows_changes_nothing(session: Session, call: str) -> None:
    plain, shuffled = dict(numbers(result(session, call, "plain"))), dict(numbers(result(session, call, "shuffled")))
    # Maximum likelihood ends where the next step is small.
    assert shuffled == pytest.approx(plain, rel=1e-4 if call == "distribution" else 1e-8, abs=1e-12)


OF_VALUES = [name for name in CALLS if name not in ("goodness of fit", "chi-square", "cramer")]
# Families that begin at 0 do not move with the values.
UNITS = [(name, other) for name in OF_VALUES for other in ("scaled", "far") if (name, other) != ("distribution", "far")]


@pytest.mark.parametrize(("call", "other"), UNITS)
def test_p_knows_no_units(session: Session, call: str, other: str) -> None:
    """Nor does what it is made of: statistics, degrees of freedom, effects, counts."""
    plain, changed = (
        {path: x for path, x in numbers(result(session, call, dataset)) if is_free_of_units(path)}
        for dataset in ("plain", other)
    )
    assert plain
    assert changed == pytest.approx(plain, rel=1e-6, abs=1e-9)


def is_free_of_units(path: str) -> bool:
    """Whether the number at that place is one that units do not touch."""
    name = path.rpartition(".")[2].split("[")[0]
    of_intercept = path.startswith((".coefficients[0]", ".fits"))
    return not of_intercept and name in ("p", "statistic", "df", "n", "missing", "r", "count", "skewness", "r2", "tau")


DEGENERATE = {
    "one row": "v,w,u,k,g,h\n1,2,3,4,a,yes\n",
    "two rows": "v,w,u,k,g,h\n1,2,3,4,a,yes\n2,1,5,3,b,no\n",
    "all missing": "v,w,u,k,g,h\n,2,3,4,a,yes\n,1,5,3,b,no\n,1,5,3,c,no\n",
    "constant": "v,w,u,k,g,h\n" + "5,5,5,5,a,yes\n" * 5 + "5,5,5,5,b,no\n" * 5,
    "one group": "v,w,u,k,g,h\n" + "".join(f"{n},{n % 4},{n % 5},{n},a,yes\n" for n in range(1, 12)),
    "a group of one": "v,w,u,k,g,h\n"
    + "".join(f"{n},{n % 4},{n % 5},{n},a,yes\n" for n in range(1, 12))
    + "3,4,5,6,b,no\n",
    "huge and tiny": "v,w,u,k,g,h\n"
    + "".join(f"{n}.5e70,{n}.5e-70,{n},{n},{'abc'[n % 3]},{'yn'[n % 2]}\n" for n in range(1, 20)),
}


OF_GROUPS = {"anova", "fligner", "brown_forsythe", "two factors"}
OF_NUMBERS = {"auto", "welch", "mann_whitney", "kruskal", "paired", "friedman", "repeated", "mahalanobis", "ols", "wls"}
OF_COUNTS = {"shares", "chi-square", "goodness of fit"}
REFUSED = {
    "one row": OF_NUMBERS | OF_GROUPS | OF_COUNTS | {"point-biserial", "ks", "logit", "poisson"},
    "two rows": OF_GROUPS | {"welch", "mahalanobis", "ols", "wls", "logit", "poisson"},
    "all missing": OF_NUMBERS
    | OF_GROUPS
    | {"pearson", "spearman", "kendall", "partial", "point-biserial", "ks", "wilcoxon", "distribution"}
    | {"fences", "mad", "logit"},
    "constant": OF_NUMBERS | OF_GROUPS | {"wilcoxon", "logit", "poisson"},
    "one group": OF_GROUPS | OF_COUNTS | {"point-biserial", "auto", "welch", "mann_whitney", "ks", "kruskal", "logit"},
    "a group of one": OF_GROUPS | {"welch"},
    "huge and tiny": {"mahalanobis"},
}
"""The calls that are refused in a sentence; every other one has a result."""


@pytest.mark.parametrize("kind", DEGENERATE)
def test_next_to_nothing_gives_a_sentence_or_a_result_without_nan(tmp_path: Path, kind: str) -> None:
    session = build_in(used_home(tmp_path / "home"))
    (tmp_path / "t.csv").write_text(DEGENERATE[kind])
    session.call_tool("load_dataset", json.dumps({"source": str(tmp_path / "t.csv")}), None)
    refused = set()
    for call in CALLS:
        try:
            found = result(session, call, "t")
        except ToolError:
            refused.add(call)
            continue
        assert all(math.isfinite(x) for _, x in numbers(found)), (call, found)
        json.dumps(found, allow_nan=False)
    assert refused == REFUSED[kind]
    session.program.close()
