"""Steps on tables of hundreds of columns: what they make is what they make of each column alone, in the old order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from adapters.data.base import DataError, Transformed
from adapters.data.duck import DuckData
from adapters.data.steps.models import Step
from evals.world.files import Load, watch

N_COLUMNS = 250
NAMES = [f"{'nw'[place % 2]}{place}" for place in range(N_COLUMNS)]
NUMBERS, WORDS = NAMES[::2], NAMES[1::2]


@pytest.fixture
def frame() -> pd.DataFrame:
    """Numbers with gaps and words with gaps in turn, and two groups."""
    chance = np.random.default_rng(3)
    columns = {
        name: chance.normal(50, 9, 12).round(2) if name[0] == "n" else chance.choice(["1.5", "2", "x", "y"], 12)
        for name in NAMES
    }
    gaps = pd.DataFrame(chance.random((12, N_COLUMNS)) < 0.1, columns=NAMES)
    return pd.DataFrame(columns).mask(gaps).assign(g=["a", "b"] * 6)


@pytest.fixture
def wide(data: DuckData, load: Load, frame: pd.DataFrame) -> DuckData:
    load("wide.csv", frame.to_csv(index=False).encode())
    return data


def take(data: DuckData, *steps: dict[str, Any], save_as: str = "out") -> Transformed:
    return data.transform("wide", TypeAdapter(list[Step]).validate_python(list(steps)), save_as, watch())


def rows_of(data: DuckData, name: str) -> pd.DataFrame:
    with data.open(name) as table:
        return table.frame()


@pytest.mark.parametrize(
    ("step", "names"),
    [
        ({"op": "scale", "method": "standard"}, NUMBERS),
        ({"op": "scale", "method": "log1p"}, NUMBERS),
        ({"op": "fill_missing", "method": "mean", "by": ["g"]}, NUMBERS),
        ({"op": "fill_missing", "method": "mode"}, WORDS),
        ({"op": "fill_missing", "method": "value", "value": "none"}, WORDS),
        ({"op": "fill_missing", "method": "forward"}, NAMES),
        ({"op": "cast", "to": "text"}, NUMBERS),
        ({"op": "cast", "to": "number"}, WORDS),
        ({"op": "encode", "method": "ordinal"}, WORDS),
        ({"op": "encode", "method": "onehot"}, WORDS),
    ],
)
def test_what_becomes_of_many_columns_is_what_becomes_of_each_alone(
    wide: DuckData, step: dict[str, Any], names: list[str]
) -> None:
    together = take(wide, {**step, "columns": names})
    some = [names[0], names[49], names[50], names[-1]]
    alone = take(wide, {"op": "select", "columns": [*some, "g"]}, {**step, "columns": some}, save_as="alone")
    found, expected = rows_of(wide, "out"), rows_of(wide, "alone")
    pd.testing.assert_frame_equal(found[expected.columns], expected)
    kept = [name for name in found.columns if name in NAMES or name == "g"]
    assert kept == [name for name in [*NAMES, "g"] if name in kept]
    assert together.changed[0].cells > alone.changed[-1].cells


def test_many_scaled_columns_are_pandas(wide: DuckData, frame: pd.DataFrame) -> None:
    take(wide, {"op": "scale", "columns": NUMBERS, "method": "standard"})
    numbers = frame[NUMBERS]
    expected = (numbers - numbers.mean()) / numbers.std(ddof=0)
    np.testing.assert_allclose(rows_of(wide, "out")[NUMBERS], expected, rtol=1e-12, atol=1e-12)


def test_columns_for_categories_stand_in_the_place_of_theirs(wide: DuckData, frame: pd.DataFrame) -> None:
    made = take(wide, {"op": "encode", "columns": [WORDS[0], WORDS[-1]], "method": "onehot"})
    names = [column.name for column in made.dataset.columns]
    values = sorted(frame[WORDS[0]].dropna().unique())
    assert names[: 2 + len(values)] == ["n0", *(f"w1_{value}" for value in values), "n2"]
    np.testing.assert_array_equal(
        rows_of(wide, "out")[[f"w1_{value}" for value in values]],
        pd.get_dummies(frame[WORDS[0]])[values].astype(int),
    )


def test_a_made_column_may_not_be_called_as_one_of_another_part(wide: DuckData) -> None:
    clash = {"op": "rename", "column": "n200", "to": "w1_X"}
    with pytest.raises(DataError, match=r"^step 2 of 2: two columns would be named 'w1_X'; choose other names$"):
        take(wide, clash, {"op": "encode", "columns": ["w1"], "method": "onehot"})


def test_neighbors_fill_a_stated_number_of_columns(wide: DuckData) -> None:
    with pytest.raises(DataError, match="knn fills at most 100 columns at once, and 125 are named"):
        take(wide, {"op": "fill_missing", "columns": NUMBERS, "method": "knn"})
    made = take(wide, {"op": "fill_missing", "columns": NUMBERS[:100], "method": "knn"})
    assert [column.missing for column in made.dataset.columns if column.name in NUMBERS[:100]] == [0] * 100


def test_more_columns_than_are_kept_are_refused_before_they_are_made(data: DuckData, load: Load) -> None:
    names = ",".join(f"c{place}" for place in range(3_000))
    load("wide.csv", f"{names}\n{','.join(['1'] * 3_000)}\n".encode())
    with pytest.raises(DataError, match="that makes more than 5,000 columns"):
        take(data, {"op": "join", "dataset": "wide", "on": ["c0"]})
    with pytest.raises(DataError, match="that makes more than 5,000 columns"):
        take(data, {"op": "cast", "columns": ["c1"], "to": "text"}, {"op": "join", "dataset": "wide", "on": ["c0"]})
