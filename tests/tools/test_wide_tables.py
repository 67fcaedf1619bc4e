"""Tools on tables of thousands of columns: bounded work, or one sentence before any of it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from adapters.records import Column
from runtime.session import Session
from tests.tools.conftest import Call, Table
from tools import find_tool, stats
from tools.errors import ToolError
from tools.find_outliers.outlying import BOUNDS_AT_ONCE, COLUMNS_AT_ONCE, find_outside
from tools.find_outliers.outlying_rows import MAX_SHOWN
from tools.results import MAX_RESULT_BYTES, to_json
from tools.side_by_side import ask_together

ToolOn = Callable[[str, str], Call]


def wide_csv(n_columns: int) -> str:
    """Six rows of numbers, no two columns alike."""
    rows = [[f"c{place}" for place in range(n_columns)]]
    rows += [[str((row * row + place * (row % 3)) % 97 + 0.5) for place in range(n_columns)] for row in range(6)]
    return "\n".join(map(",".join, rows)) + "\n"


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_every_pair_of_more_columns_than_are_read_is_refused_with_their_number(tool_on: ToolOn, method: str) -> None:
    with pytest.raises(ToolError, match=r"^every pair of 201 columns would be 20,100 pairs; at most 200 columns are"):
        tool_on("correlate", wide_csv(201))(method=method)


def test_named_columns_are_counted_too(tool_on: ToolOn) -> None:
    call = tool_on("correlate", wide_csv(201))
    with pytest.raises(ToolError, match="every pair of 201 columns"):
        call(columns=[f"c{place}" for place in range(201)])


def test_categories_are_counted_too(tool_on: ToolOn) -> None:
    words = ",".join(f"c{place}" for place in range(300)) + "\n" + ",".join(["red"] * 300) + "\n"
    with pytest.raises(ToolError, match="every pair of 300 columns would be 44,850 pairs"):
        tool_on("correlate", words)(method="cramers_v")


def test_every_pair_of_200_columns_is_taken(tool_on: ToolOn) -> None:
    assert len(tool_on("correlate", wide_csv(200))()["pairs"]) == 19_900


def test_one_column_is_taken_with_hundreds_of_others(tool_on: ToolOn) -> None:
    assert len(tool_on("correlate", wide_csv(300))(target="c7")["pairs"]) == 299


def test_a_column_of_words_is_refused_with_some_of_the_columns_of_numbers(tool_on: ToolOn) -> None:
    header, *rows = wide_csv(300).split()
    csv = "\n".join([f"{header},word", *(f"{row},{word}" for row, word in zip(rows, "abcdef", strict=True))])
    with pytest.raises(ToolError, match=r"'word' holds text.*'c18', 'c19' and 280 more$"):
        tool_on("correlate", csv)(x="word", y="c0")


def test_many_columns_of_all_kinds_are_described_as_each_alone(tool_on: ToolOn) -> None:
    kinds = {"n": "1.5 1.5 2 7 2", "i": "3 3 3 4 9", "w": "red blue red blue green", "t": "true false true true false",
             "d": "2024-01-01 2024-01-02 2024-01-05 2024-01-05 2024-01-09",
             "l": "9007199254740993 9007199254740993 9007199254740995 1 2", "u": "1 2 3 4 5"}  # fmt: skip
    names = [f"{kind}{place}" for place in range(60) for kind in kinds]
    rows = [",".join(kinds[name[0]].split()[row] for name in names) for row in range(5)]
    call = tool_on("describe", "\n".join([",".join(names), *rows]) + "\n")
    together = call()["columns"]
    assert [line["column"] for line in together] == names
    for line in together[-7:]:
        assert [line] == call(columns=[line["column"]], detail=False)["columns"]
    assert {line["column"]: line.get("mode") for line in together[:7]} == {
        "n0": 1.5, "i0": 3, "w0": None, "t0": None, "d0": None, "l0": 9007199254740993, "u0": None
    }  # fmt: skip


def test_no_row_of_many_columns_is_described(tool_on: ToolOn) -> None:
    columns = tool_on("describe", wide_csv(300).replace("0.5", "x"))(where="FALSE")["columns"]
    assert [line["n"] for line in columns] == [0] * 300


@pytest.mark.parametrize(("n_rows", "n_asked"), [(20, 3), (10_000, 3), (100_000, 25), (2_000_000, 250)])
def test_columns_are_asked_together_while_their_values_are_not_too_many(n_rows: int, n_asked: int) -> None:
    asked: list[str] = []

    def ask(values: str, places: str | None) -> dict[object, str]:
        asked.append(values)
        return {None: values} if places is None else {"0": values}

    found = ask_together([f"c{place}" for place in range(250)], n_rows, "DOUBLE", ask)
    assert (len(asked), len(found)) == (n_asked, n_asked)


def test_many_columns_of_all_kinds_are_checked_as_each_alone(tool_on: ToolOn) -> None:
    kinds = {"n": "1.5 1.25 2 1.75 999 999", "age_": "3 4 5 4 -9 4", "w": "NY ny LA LA SF SF", "c": "7 7 7 7 7 7",
             "d": "1900-01-01 1900-01-01 2024-01-05 2024-01-06 2024-01-09 2024-01-10", "m": "red 1 blue red blue 2",
             "u": "ab cd ef gh ij kl", "ok": "1.5 2 2 1.5 2 1.5"}  # fmt: skip
    names = [f"{kind}{place}" for place in range(40) for kind in kinds]
    rows = [",".join(kinds[name.rstrip("0123456789")].split()[row] for name in names) for row in range(6)]
    call = tool_on("check_quality", "\n".join([",".join(names), *rows]) + "\n")
    together = call()["columns"]
    assert [line["column"] for line in together] == names
    for line in together[-8:]:
        assert [line] == call(columns=[line["column"]])["columns"]
    kinds_found = [[issue["kind"] for issue in line["issues"]] for line in together[:8]]
    assert kinds_found == [
        [], ["negative", "outliers"], ["near_duplicates"], ["constant"],
        ["placeholder"], ["mixed_types"], ["identifier"], [],
    ]  # fmt: skip


def test_columns_of_one_type_are_checked_in_one_statement() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE data AS SELECT 'red' AS a, ' red' AS b, 1.5::DOUBLE AS c, DATE '2024-01-01' AS d")
    connection.execute("INSERT INTO data VALUES ('Red', '5', 400, NULL), (NULL, 'red ', 2, DATE '1900-01-01')")
    asked: list[str] = []

    def fetch(sql: str) -> list[tuple[object, ...]]:
        asked.append(sql)
        return connection.execute(sql).fetchall()

    types = {"a": "text", "b": "text", "c": "number", "d": "date"}
    suspects = [
        stats.Suspect(name, name, kind, (1.5, 2.0) if kind == "number" else None) for name, kind in types.items()
    ]
    found = stats.find_issues(fetch, suspects, 3)
    connection.close()
    assert len(asked) == 3
    assert [[(issue.kind, issue.examples) for issue in finding.issues] for finding in found] == [
        [("near_duplicates", ('"Red" "red"',)), ("missing", ())],
        [("near_duplicates", ('" red" "red "',)), ("mixed_types", ("5",)), ("identifier", ())],
        [("outliers", ("400.0",))],
        [("missing", ())],
    ]


def drawn_csv(n_columns: int, n_rows: int = 40) -> str:
    """Exponential values with gaps, of which some are far out, in three groups."""
    chance = np.random.default_rng(5)
    frame = pd.DataFrame(chance.standard_exponential((n_rows, n_columns)).round(3))
    frame = frame.mask(chance.random(frame.shape) < 0.001).set_axis([f"c{place}" for place in range(n_columns)], axis=1)
    return frame.assign(g=["abc"[row % 3] for row in range(n_rows)]).to_csv(index=False)


def outside_by_pandas(csv: str, by: str | None = None) -> pd.DataFrame:
    """Which values lie beyond Tukey's fences, by pandas' quartiles (linear)."""
    frame = pd.read_csv(io.StringIO(csv))
    numbers = frame.drop(columns="g")
    groups = frame["g"] if by else pd.Series("all", index=frame.index)
    q1 = numbers.groupby(groups).quantile(0.25).loc[groups.tolist()].set_axis(numbers.index)
    q3 = numbers.groupby(groups).quantile(0.75).loc[groups.tolist()].set_axis(numbers.index)
    return pd.DataFrame((numbers < q1 - 1.5 * (q3 - q1)) | (numbers > q3 + 1.5 * (q3 - q1)))


@pytest.mark.parametrize("by", [None, "g"])
def test_outliers_of_hundreds_of_columns_are_pandas(tool_on: ToolOn, by: str | None) -> None:
    csv = drawn_csv(250)
    names = [f"c{place}" for place in range(250)]
    found = tool_on("find_outliers", csv)(columns=names, by=by)
    outside = outside_by_pandas(csv, by)
    frame = pd.read_csv(io.StringIO(csv))
    assert found["missing"] == int(frame.isna().any(axis=1).sum()) > 0
    assert sum(line["count"] for line in found["bounds"]) == int(outside.sum().sum())
    assert [row["row"] for row in found["rows"]] == list(outside.index[outside.any(axis=1)])
    for row in found["rows"]:
        expected = frame.loc[row["row"], outside.columns[outside.loc[row["row"]]][:MAX_SHOWN]]
        assert {name: value for name, value in row.items() if name not in ("row", "g")} == expected.to_dict()
    assert ("g" in found["rows"][0]) == (by is not None)
    left_out = int((outside.sum(axis=1) - MAX_SHOWN).clip(lower=0).sum())
    assert found.get("values_left_out", 0) == left_out


def test_what_is_not_listed_of_many_outliers_is_counted_and_said(tool_on: ToolOn) -> None:
    csv = drawn_csv(400, 60)
    found = tool_on("find_outliers", csv)(columns=[f"c{place}" for place in range(400)], by="g", limit=2)
    outside = outside_by_pandas(csv, "g")
    counts = outside.groupby(pd.read_csv(io.StringIO(csv))["g"]).sum().to_numpy().ravel()
    assert len(found["bounds"]) == 1_000
    assert found["bounds_left_out"] == 200
    assert sorted((line["count"] for line in found["bounds"]), reverse=True) == sorted(counts, reverse=True)[:1_000]
    assert "200 pairs of bounds with the fewest values outside are not listed" in found["warnings"][-1]
    assert found["truncated"]
    assert "c18, c19 and 380 more columns within the groups of g" in found["interpretation"]


class Recording(Table):
    """The view `data` of a few rows, and the longest statement."""

    longest = 0

    def fetch(self, sql: str) -> list[tuple[object, ...]]:
        self.longest = max(self.longest, sql.count("CAST(1.5 AS DOUBLE)"))
        return super().fetch(sql)

    def step(self, sentence: str) -> None:
        pass


@pytest.mark.parametrize(("n_columns", "n_groups"), [(450, 1), (150, 30), (2, 1_200)])
def test_no_statement_asks_about_more_bounds_than_the_memory_holds(n_columns: int, n_groups: int) -> None:
    columns = [Column(f"c{place}", "number", 0, 2, None) for place in range(n_columns)]
    table = Recording(
        "SELECT * FROM (VALUES ('g0', " + ", ".join(["1.5"] * n_columns) + "), ('g0', " + ", ".join(["2"] * n_columns)
        + f")) t(g, {', '.join(column.name for column in columns)})"
    )  # fmt: skip
    by = Column("g", "text", 0, 1, None)
    bounds = [(column, stats.Bounds(f"g{n}", None, 1.5, 1.0, 1.0)) for column in columns for n in range(n_groups)]
    found = find_outside(table, bounds, by, 5)  # type: ignore[arg-type] # it has what is used
    assert (found.counts[::n_groups], found.n_rows, found.first) == ([1] * n_columns, 1, [1])
    assert 1 < table.longest <= max(BOUNDS_AT_ONCE, n_groups, COLUMNS_AT_ONCE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"method": "mahalanobis"}, "^mahalanobis: 201 columns are named; at most 200 are looked at together$"),
        ({"action": "remove"}, "^remove: 201 columns are named; at most 200 are changed at once$"),
        ({"by": "g"}, "^201 columns in 500 groups of 'g' would have 100,500 pairs of bounds; at most 100,000"),
    ],
)
def test_what_is_too_wide_for_outliers_is_refused_with_the_limit(
    tool_on: ToolOn, arguments: dict[str, str], said: str
) -> None:
    names = [f"c{place}" for place in range(201)]
    rows = [",".join([*[str(row % 7 + 0.5)] * 201, f"g{row}"]) for row in range(500)]
    call = tool_on("find_outliers", "\n".join([",".join([*names, "g"]), *rows]) + "\n")
    with pytest.raises(ToolError, match=said):
        call(columns=names, **arguments)


@pytest.mark.parametrize("name", ["describe", "check_quality"])
def test_what_the_model_reads_of_a_wide_table_is_bounded_and_says_what_is_missing(tool_on: ToolOn, name: str) -> None:
    content = tool_on(name, wide_csv(300))()
    text = to_json(content)
    told = json.loads(text)
    n_left_out = 300 - len(told["columns"])
    assert len(text.encode()) <= MAX_RESULT_BYTES
    assert told["left_out"]["columns"] == n_left_out > 0
    assert told["ask_for_more"].startswith(f"{n_left_out} of 300 columns are left out here; name those")


def test_what_is_whole_says_nothing_of_missing_columns(tool_on: ToolOn) -> None:
    told = json.loads(to_json(tool_on("describe", wide_csv(9))()))
    assert not {"left_out", "ask_for_more", "truncated"} & told.keys()


def test_more_lines_by_group_than_are_computed_are_refused_with_their_number(tool_on: ToolOn) -> None:
    names = [f"c{place}" for place in range(250)]
    rows = [",".join([*["1.5"] * 250, f"g{row}"]) for row in range(401)]
    call = tool_on("describe", "\n".join([",".join([*names, "g"]), *rows]) + "\n")
    with pytest.raises(ToolError, match=r"^250 columns in 401 groups would be 100,250 lines; at most 100,000 are"):
        call(by="g")
    assert len(call(by="g", columns=["c3"])["columns"]) == 401


def test_a_quote_for_a_wide_table_is_read_back_and_says_what_is_missing(session: Session, tmp_path: Path) -> None:
    """The names of 900 features stand inside the one quote, and are more than the model may read."""
    names = ["y", *(f"measurement_{place}" for place in range(900))]
    values = np.random.default_rng(1).normal(size=(20, 901)).round(3)
    pd.DataFrame(values, columns=names).to_csv(tmp_path / "t.csv", index=False)
    session.call_tool("load_dataset", json.dumps({"source": str(tmp_path / "t.csv")}), None)
    job = {"kind": "training", "dataset": "t", "target": "y", "model": "lasso"}
    text = to_json(session.call_tool("estimate_cost", json.dumps({"job": job}), None).content)
    assert len(text.encode()) <= MAX_RESULT_BYTES
    quoted = find_tool("estimate_cost").read(json.loads(text))
    (quote,) = quoted.quotes
    assert quote.quote_id.startswith("quote_")
    n_left_out = 900 - len(quote.kinds["number"])
    assert quoted.left_out == {"quotes.0.kinds.number": n_left_out}
    assert n_left_out > 0
