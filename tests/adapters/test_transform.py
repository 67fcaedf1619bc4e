"""Steps: right values by hand, by scikit-learn or by pandas; what is lost is said; the old dataset stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter
from sklearn.impute import KNNImputer
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from adapters.data.base import DataError, StepDone, Transformed
from adapters.data.duck import DuckData
from adapters.data.steps.models import Step
from adapters.records import JsonValue
from evals.world.files import Load, watch
from evals.world.home import PENGUINS

SALES = b"""region,city,price,day,note
north,Aa,10,2024-01-01,x
south,Bb,,2024-01-02,y
north,Cc,30,2024-01-03,
south,Dd,50,2024-01-04,y
north,Aa,10,2024-01-01,x
"""


@pytest.fixture
def sales(data: DuckData, load: Load) -> DuckData:
    load("sales.csv", SALES)
    return data


def take(data: DuckData, *steps: dict[str, Any], dataset: str = "sales") -> Transformed:
    return data.transform(dataset, TypeAdapter(list[Step]).validate_python(list(steps)), "out", watch())


def column(data: DuckData, name: str) -> list[JsonValue]:
    return [row[0] for row in data.query(f'SELECT "{name}" FROM out ORDER BY _row', 1000, watch()).rows]


def columns(made: Transformed) -> list[str]:
    return [found.name for found in made.dataset.columns]


def test_a_window_looks_at_the_rows_before(sales: DuckData) -> None:
    made = take(
        sales,
        {"op": "derive", "column": "change", "expression": "price - lag(price) OVER (ORDER BY _row)"},
        {"op": "derive", "column": "price", "expression": "price * 2 + _row"},
    )
    assert column(sales, "change") == [None, None, None, 20, -40]
    assert column(sales, "price") == [20, None, 62, 103, 24]
    assert columns(made) == ["region", "city", "price", "day", "note", "change"]
    assert made.changed[0] == StepDone("derive", rows_before=5, rows=5, cells=5)
    assert [found.name for found in sales.get("sales").columns] == ["region", "city", "price", "day", "note"]


def test_rows_are_dropped_by_their_numbers_and_unknown_ones_are_said(sales: DuckData) -> None:
    made = take(sales, {"op": "drop_rows", "rows": [0, 3, 3, 99]})
    assert column(sales, "city") == ["Bb", "Cc", "Aa"]
    assert made.dataset.warnings[0] == "drop_rows: 1 of the numbers is no row's; rows count from 0 to 4"


def test_a_fence_bounds_each_group_and_leaves_what_is_missing(sales: DuckData) -> None:
    bounds = [{"group": "north", "low": 15, "high": 25}, {"group": "south", "high": 40, "value": 7}]
    made = take(sales, {"op": "fence", "column": "price", "by": "region", "bounds": bounds, "put": "bound"})
    assert column(sales, "price") == [15, None, 25, 40, 15]
    assert made.changed[0].cells == 4
    take(sales, {"op": "fence", "column": "price", "by": "region", "bounds": bounds[1:], "put": "value"})
    assert column(sales, "price") == [10, None, 30, 7, 10]
    take(sales, {"op": "fence", "column": "price", "by": "region", "bounds": bounds})
    assert column(sales, "price") == [None]


def test_bounds_of_groups_need_their_column(sales: DuckData) -> None:
    with pytest.raises(DataError, match="bounds of groups need `by`"):
        take(sales, {"op": "fence", "column": "price", "bounds": [{"group": "north", "low": 1}]})


def test_rows_are_kept_dropped_and_ordered(sales: DuckData) -> None:
    take(sales, {"op": "filter", "where": "region = 'north' AND price >= 10"}, {"op": "dedupe"})
    assert column(sales, "city") == ["Aa", "Cc"]
    take(sales, {"op": "drop_missing", "columns": ["price"]})
    assert column(sales, "city") == ["Aa", "Cc", "Dd", "Aa"]
    take(sales, {"op": "drop_missing"})
    assert column(sales, "city") == ["Aa", "Dd", "Aa"]
    take(sales, {"op": "dedupe", "columns": ["region"], "keep": "last"})
    assert column(sales, "city") == ["Dd", "Aa"]
    take(sales, {"op": "sort", "by": [{"column": "price", "descending": True}, {"column": "city"}]})
    assert column(sales, "price") == [50, 30, 10, 10, None]


def test_a_sample_is_the_same_for_the_same_seed(data: DuckData, load: Load) -> None:
    load("n.csv", b"i\n" + b"\n".join(b"%d" % i for i in range(1000)))
    drawn = []
    for seed in (1, 1, 2):
        take(data, {"op": "sample", "n": 50, "seed": seed}, dataset="n")
        drawn.append(column(data, "i"))
    assert drawn[0] == drawn[1] == sorted(map(int, map(str, drawn[0])))
    assert drawn[0] != drawn[2]
    assert take(data, {"op": "sample", "fraction": 0.1}, dataset="n").dataset.rows == 100
    assert "all are kept" in take(data, {"op": "sample", "n": 2000}, dataset="n").dataset.warnings[0]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"method": "mean"}, [10, 25, 30, 50, 10]),
        ({"method": "median"}, [10, 20, 30, 50, 10]),
        ({"method": "mode"}, [10, 10, 30, 50, 10]),
        ({"method": "forward"}, [10, 10, 30, 50, 10]),
        ({"method": "value", "value": 7}, [10, 7, 30, 50, 10]),
        ({"method": "mean", "by": ["region"]}, [10, 50, 30, 50, 10]),
        ({"method": "mode", "by": ["region"]}, [10, 50, 30, 50, 10]),
        ({"method": "forward", "by": ["region"]}, [10, None, 30, 50, 10]),
    ],
)
def test_gaps_are_filled(sales: DuckData, step: dict[str, Any], expected: list[float | None]) -> None:
    made = take(sales, {"op": "fill_missing", "columns": ["price"], **step})
    assert column(sales, "price") == expected
    assert made.changed[0].cells == (0 if None in expected else 1)
    assert ("filled from and stay" in " ".join(made.dataset.warnings)) == (None in expected)


def test_text_is_filled_with_its_mode(sales: DuckData) -> None:
    take(sales, {"op": "fill_missing", "columns": ["note"], "method": "mode"})
    assert column(sales, "note") == ["x", "y", "x", "y", "x"]


def test_knn_agrees_with_scikit_learn(data: DuckData, load: Load) -> None:
    load("penguins.csv", PENGUINS.read_bytes())
    features = ["bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    frame = pd.read_csv(PENGUINS)
    frame.loc[::7, "bill_length_mm"] = None
    load("gaps.csv", frame.to_csv(index=False).encode())
    step = {
        "op": "fill_missing",
        "columns": ["bill_length_mm"],
        "method": "knn",
        "features": features,
        "n_neighbors": 3,
    }
    made = take(data, step, dataset="gaps")
    expected = KNNImputer(n_neighbors=3).fit_transform(frame[[*features, "bill_length_mm"]])[:, -1]
    lost = frame[features].isna().all(axis=1)
    found = pd.Series(column(data, "bill_length_mm"), dtype=float)
    pd.testing.assert_series_equal(found[~lost], pd.Series(expected)[~lost], check_names=False)
    assert found[lost].isna().sum() == frame.loc[lost, "bill_length_mm"].isna().sum()
    assert any("very different spreads" in warning for warning in made.dataset.warnings)


def test_log1p_agrees_with_numpy_also_near_zero(data: DuckData, load: Load) -> None:
    values = [-2.0, -1.0, -0.5, -1e-20, 0.0, 1e-300, 3e-17, 1e-9, 0.1, 5.0, 1e300, 1.7e308]
    load("l.csv", ("x\n" + "\n".join(map(repr, values)) + "\n").encode())
    made = take(data, {"op": "scale", "columns": ["x"], "method": "log1p"}, dataset="l")
    with data.open(made.dataset.name) as table:
        found = table.frame()["x"].to_numpy()
    assert np.isnan(found[:2]).all()
    np.testing.assert_allclose(found[2:], np.log1p(values[2:]), rtol=1e-15)


@pytest.mark.parametrize(
    ("method", "scaler"), [("standard", StandardScaler), ("minmax", MinMaxScaler), ("robust", RobustScaler)]
)
def test_scaling_agrees_with_scikit_learn(data: DuckData, load: Load, method: str, scaler: Any) -> None:
    load("penguins.csv", PENGUINS.read_bytes())
    take(data, {"op": "scale", "columns": ["body_mass_g"], "method": method}, dataset="penguins")
    expected = scaler().fit_transform(pd.read_csv(PENGUINS)[["body_mass_g"]])[:, 0]
    pd.testing.assert_series_equal(
        pd.Series(column(data, "body_mass_g"), dtype=float), pd.Series(expected), rtol=1e-12, check_names=False
    )


def test_scaling_keeps_its_digits_far_from_zero(data: DuckData, load: Load) -> None:
    load("far.csv", b"x\n1000000000.1\n1000000000.2\n1000000000.3\n")
    take(data, {"op": "scale", "columns": ["x"], "method": "standard"}, dataset="far")
    assert column(data, "x")[2] == pytest.approx(1.5**0.5, rel=1e-6)
    load("flat.csv", b"x\n3\n3\n")
    take(data, {"op": "scale", "columns": ["x"], "method": "minmax"}, dataset="flat")
    assert column(data, "x") == [0, 0]


def test_categories_become_numbers(sales: DuckData) -> None:
    made = take(sales, {"op": "encode", "columns": ["region"], "method": "onehot"})
    assert columns(made)[:2] == ["region_north", "region_south"]
    assert column(sales, "region_south") == [0, 1, 0, 1, 0]
    made = take(sales, {"op": "encode", "columns": ["city"], "method": "ordinal", "categories": ["Cc", "Bb", "Aa"]})
    assert column(sales, "city") == [2, 1, 0, None, 2]
    assert "1 category, 'Dd', is not in the list given" in made.dataset.warnings[0]


def test_numbers_are_cut_into_bins(sales: DuckData) -> None:
    take(sales, {"op": "bin", "column": "price", "into": "size", "edges": [0, 30, 50], "labels": ["low", "high"]})
    assert column(sales, "size") == ["low", None, "high", "high", "low"]
    take(sales, {"op": "bin", "column": "price", "into": "size", "n_bins": 2})
    assert column(sales, "size") == ["[10, 30)", None, "[30, 50]", "[30, 50]", "[10, 30)"]
    made = take(sales, {"op": "bin", "column": "price", "into": "size", "n_bins": 4, "method": "quantile"})
    assert "equal values leave" in made.dataset.warnings[0]
    made = take(sales, {"op": "bin", "column": "price", "into": "size", "edges": [0, 20]})
    assert "2 values of 'price' are outside the edges" in made.dataset.warnings[0]


def test_columns_are_chosen_and_named(sales: DuckData) -> None:
    made = take(
        sales,
        {"op": "drop", "columns": ["note", "DAY"]},
        {"op": "rename", "column": "price", "to": "Price"},
        {"op": "select", "columns": ["Price", "city"]},
    )
    assert columns(made) == ["Price", "city"]


def test_a_recipe_makes_the_same_again(sales: DuckData) -> None:
    made = take(sales, {"op": "filter", "where": "price > 10"}, {"op": "sort", "by": [{"column": "price"}]})
    recipe = made.dataset.recipe
    assert recipe is not None
    steps = recipe["steps"]
    assert isinstance(steps, list)
    again = take(sales, *(dict(step) for step in steps if isinstance(step, dict)))
    assert again.dataset.sha256 == made.dataset.sha256
    assert sales.get("out").recipe == recipe
    assert recipe["inputs"] == [{"dataset": "sales", "sha256": sales.get("sales").sha256}]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"op": "filter", "where": "pricee > 1"}, "step 1 of 1: no column 'pricee'; nearest: 'price'"),
        ({"op": "derive", "column": "x", "expression": "avg(price)"}, "an aggregate needs OVER ()"),
        ({"op": "derive", "column": "x", "expression": "(SELECT content FROM read_text('/etc/passwd'))"}, "subquery"),
        ({"op": "derive", "column": "x", "expression": "getenv('HOME')"}, "'getenv' is not allowed"),
        ({"op": "derive", "column": "x", "expression": "price, city"}, "'row' is not allowed"),
        ({"op": "derive", "column": "_row", "expression": "1"}, "choose another name"),
        ({"op": "derive", "column": "x", "expression": "city + 1"}, "derive: "),
        ({"op": "scale", "columns": ["city"], "method": "minmax"}, "columns with numbers: 'price'"),
        ({"op": "fill_missing", "columns": ["price"], "method": "value", "value": "x"}, "'x' is none"),
        ({"op": "fill_missing", "columns": ["price"], "method": "value"}, "goes with the method value"),
        ({"op": "fill_missing", "columns": ["price"], "method": "knn"}, "at least one other column of numbers"),
        ({"op": "bin", "column": "price", "into": "x"}, "edges or n_bins"),
        ({"op": "bin", "column": "price", "into": "x", "edges": [2, 1]}, "numbers that increase"),
        ({"op": "sample"}, "n or fraction"),
        ({"op": "rename", "column": "price", "to": "CITY"}, "there is a column 'CITY' already"),
        ({"op": "drop", "columns": ["region", "city", "price", "day", "note"]}, "leave no column"),
        ({"op": "join", "dataset": "sale", "on": ["city"]}, "no dataset 'sale'"),
    ],
)
def test_a_step_that_does_not_fit_is_one_sentence(sales: DuckData, step: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError) as caught:
        take(sales, step)
    assert words in str(caught.value)
    assert [dataset.name for dataset in sales.all()] == ["sales"]


def test_groups_become_rows(sales: DuckData) -> None:
    values = [
        {"column": "price", "function": function, "into": function}
        for function in ("count", "sum", "mean", "median", "min", "max", "first", "last", "q1", "count_distinct")
    ]
    take(sales, {"op": "aggregate", "by": ["region"], "values": values})
    rows = sales.query("SELECT * FROM out", 10, watch()).rows
    assert rows == (
        ("north", 3, 50, 50 / 3, 10, 10, 30, 10, 10, 10, 2),
        ("south", 1, 50, 50, 50, 50, 50, 50, 50, 50, 1),
    )
    take(sales, {"op": "aggregate", "by": [], "values": [{"column": "city", "function": "count", "into": "n"}]})
    assert column(sales, "n") == [5]


def test_an_sd_of_groups_keeps_its_digits_far_from_zero(data: DuckData, load: Load) -> None:
    load("far.csv", b"g,x\na,1000000000.1\na,1000000000.2\na,1000000000.3\nb,1000000000.5\nb,1000000000.7\n")
    take(
        data,
        {"op": "aggregate", "by": ["g"], "values": [{"column": "x", "function": "sd", "into": "sd"}]},
        dataset="far",
    )
    assert column(data, "sd") == pytest.approx([0.1, 0.2 / 2**0.5], rel=1e-6)


def test_a_table_is_turned_and_turned_back(sales: DuckData) -> None:
    turn = {"op": "pivot", "index": ["region"], "columns": "city", "values": "price", "function": "sum"}
    made = take(sales, turn)
    assert columns(made) == ["region", "Aa", "Bb", "Cc", "Dd"]
    assert sales.query("SELECT * FROM out", 10, watch()).rows == (
        ("north", 20, None, 30, None),
        ("south", None, None, None, 50),
    )
    made = take(sales, turn, {"op": "unpivot", "columns": ["Aa", "Bb", "Cc", "Dd"], "name": "city", "value": "total"})
    assert columns(made) == ["region", "city", "total"]
    assert column(sales, "city") == ["Aa", "Bb", "Cc", "Dd"] * 2
    assert column(sales, "total") == [20, None, 30, None, None, None, None, 50]


@pytest.mark.parametrize(
    ("how", "prices", "chiefs"),
    [
        ("inner", [10, 30, 10], ["Ann", "Ann", "Ann"]),
        ("left", [10, None, 30, 50, 10], ["Ann", None, "Ann", None, "Ann"]),
        ("right", [10, 30, 10, None], ["Ann", "Ann", "Ann", "Eve"]),
        ("full", [10, None, 30, 50, 10, None], ["Ann", None, "Ann", None, "Ann", "Eve"]),
    ],
)
def test_datasets_are_joined(sales: DuckData, load: Load, how: str, prices: list[Any], chiefs: list[Any]) -> None:
    load("chiefs.csv", b"Region,chief,price\nnorth,Ann,1\neast,Eve,2\n")
    made = take(sales, {"op": "join", "dataset": "chiefs", "on": ["region"], "how": how})
    assert columns(made) == ["region", "city", "price", "day", "note", "chief", "price_chiefs"]
    assert column(sales, "price") == prices
    assert column(sales, "chief") == chiefs
    assert (column(sales, "region")[-1] == "east") == (how in ("right", "full"))


def test_a_join_says_what_it_multiplies_and_refuses_what_cannot_meet(sales: DuckData, load: Load) -> None:
    load("twice.csv", b"region,k\nnorth,1\nnorth,2\n")
    made = take(sales, {"op": "join", "dataset": "twice", "on": ["region"]})
    assert "5 rows are 8 now" in made.dataset.warnings[0]
    load("codes.csv", b"price,k\na,1\nb,2\n")
    with pytest.raises(DataError, match="'price' holds number here and varchar there"):
        take(sales, {"op": "join", "dataset": "codes", "on": ["price"]})


MESSY: dict[str, tuple[list[str], list[JsonValue]]] = {
    "number": (["1,234.5", "$7", "15%", "n/a", "x", "1e3"], [1234.5, 7, 15, None, None, 1000]),
    "integer": (["3", "2.5", "-", "4.0", "1,000"], [3, 2, None, 4, 1000]),
    "boolean": (["yes", "No", "TRUE", "0", "maybe"], [True, False, True, False, None]),
    "date": (["31/01/2024", "01/02/2024", "2024-03-04", "soon"], ["2024-01-31", "2024-02-01", "2024-03-04", None]),
    "datetime": (
        ["01.02.2024 13:45", "2024-03-04T05:06:07", "?"],
        ["2024-02-01T13:45:00", "2024-03-04T05:06:07", None],
    ),
}


@pytest.mark.parametrize("to", MESSY)
def test_values_are_cast_as_people_write_them(data: DuckData, load: Load, to: str) -> None:
    written, expected = MESSY[to]
    # A word in the first row keeps the column text when it is loaded.
    load("m.csv", ("v\nword\n" + "\n".join(f'"{value}"' for value in written)).encode())
    made = take(data, {"op": "cast", "columns": ["v"], "to": to}, dataset="m")
    assert column(data, "v") == [None, *expected]
    assert any(
        "'word' (first in row 0) are no" in warning or "'word' (in row 0), is no" in warning
        for warning in made.dataset.warnings
    )
    assert made.changed[0].cells == sum(value is not None for value in expected)


def test_a_decimal_comma_and_a_doubtful_date_are_said(data: DuckData, load: Load) -> None:
    load("m.csv", b'v,d\nword,word\n"1.234,5",01/02/2024\n"2,5",03/04/2024\n')
    made = take(
        data,
        {"op": "cast", "columns": ["v"], "to": "number"},
        {"op": "cast", "columns": ["d"], "to": "date"},
        dataset="m",
    )
    assert column(data, "v") == [None, 1234.5, 2.5]
    assert column(data, "d") == [None, "2024-02-01", "2024-04-03"]
    text = " ".join(made.dataset.warnings)
    assert "read with a decimal comma" in text
    assert "every one would also fit %m/%d/%Y" in text
    take(data, {"op": "cast", "columns": ["d"], "to": "date", "format": "%m/%d/%Y"}, dataset="m")
    assert column(data, "d") == [None, "2024-01-02", "2024-03-04"]


@pytest.mark.parametrize("written", ["01-Apr-19", "01/04/19", "1.4.19"])
def test_a_year_of_two_digits_is_no_year_of_the_romans(data: DuckData, load: Load, written: str) -> None:
    load("m.csv", f"d\nword\n{written}\n{written}\n31/12/2019\n".encode())
    take(data, {"op": "cast", "columns": ["d"], "to": "date"}, dataset="m")
    assert column(data, "d") == [None, "2019-04-01", "2019-04-01", None]
    made = take(data, {"op": "cast", "columns": ["d"], "to": "date", "format": "%d/%m/%Y"}, dataset="m")
    assert column(data, "d") == [None, None, None, "2019-12-31"]
    assert any("3 values such as" in warning and "are no date" in warning for warning in made.dataset.warnings)


def test_other_types_are_cast(sales: DuckData) -> None:
    take(
        sales, {"op": "cast", "columns": ["price"], "to": "text"}, {"op": "cast", "columns": ["day"], "to": "datetime"}
    )
    assert column(sales, "price")[0] == "10"
    assert column(sales, "day")[0] == "2024-01-01T00:00:00"
    with pytest.raises(DataError, match="holds date; derive a number from it"):
        take(sales, {"op": "cast", "columns": ["day"], "to": "number"})


def test_a_derived_column_that_takes_the_place_of_another_says_so(sales: DuckData) -> None:
    made = take(sales, {"op": "derive", "column": "Region", "expression": "price + 1"})
    assert made.dataset.warnings == ("derive: the column 'region' was there already; its values are replaced",)
    assert column(sales, "region") == [11, None, 31, 51, 11]
    made = take(sales, {"op": "derive", "column": "note", "expression": "concat(city, 'notes')"})
    assert "derive: the column 'note' was there already; its values are replaced" in made.dataset.warnings
    for changed in ("price", "more"):
        made = take(sales, {"op": "derive", "column": changed, "expression": "price + 1"})
        assert not any("there already" in warning for warning in made.dataset.warnings)


def test_a_request_of_more_than_a_pipe_holds_reaches_the_child(sales: DuckData) -> None:
    made = take(sales, {"op": "drop_rows", "rows": list(range(1, 40_000))})
    assert made.dataset.rows == 1
    assert made.dataset.warnings == ("drop_rows: 39995 of the numbers are no row's; rows count from 0 to 4",)
