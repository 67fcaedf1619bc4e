"""Words of a file stay its words, and what a person says is matched to them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from adapters.data.base import DataError
from adapters.data.duck import DuckData
from adapters.data.steps.models import Step
from adapters.file_words import match_word, match_words
from evals.world.files import Load, watch

STEP = TypeAdapter[Any](Step)


def column(data: DuckData, dataset: str, name: str = "ok") -> list[Any]:
    with data.open(dataset) as table:
        return [row[0] for row in table.fetch(f'SELECT "{name}" FROM data ORDER BY _row')]


def take(data: DuckData, *steps: dict[str, Any]) -> tuple[str, ...]:
    return data.transform("w", [STEP.validate_python(step) for step in steps], "out", watch()).dataset.warnings


@pytest.mark.parametrize(
    "words", [("yes", "no"), ("Y", "N"), ("T", "F"), ("t", "f"), ("on", "off"), ("ja", "nein"), ("true", "yes")]
)
def test_two_words_stay_text(load: Load, data: DuckData, words: tuple[str, str]) -> None:
    dataset = load("w.csv", "ok,n\n{},1\n{},2\n,3\n".format(*words).encode())
    assert [kind.type for kind in dataset.columns] == ["text", "integer"]
    assert column(data, "w") == [*words, None]


@pytest.mark.parametrize("words", [("true", "false"), ("TRUE", "FALSE"), ("True", "False")])
def test_only_true_and_false_are_boolean(load: Load, data: DuckData, words: tuple[str, str]) -> None:
    dataset = load("w.csv", "ok,n\n{},1\n{},2\n,3\n".format(*words).encode())
    assert [kind.type for kind in dataset.columns] == ["boolean", "integer"]
    assert column(data, "w") == [True, False, None]


def test_one_and_zero_stay_numbers(load: Load) -> None:
    assert load("w.csv", b"ok,n\n1,1\n0,2\n").columns[0].type == "integer"


def test_words_stay_text_in_a_large_file(load: Load, data: DuckData) -> None:
    rows = b"".join(b"%s,%s,%d,%s\n" % (b"yn"[i % 2 :][:1], b"true", i, b"x" * 60) for i in range(600_000))
    dataset = load("w.csv", b"ok,flag,n,pad\n" + rows)
    assert len(rows) > 32 * 2**20
    assert [kind.type for kind in dataset.columns] == ["text", "boolean", "integer", "text"]


@pytest.mark.parametrize(
    ("given", "found", "meant"),
    [
        ("yes", ["no", "yes"], "yes"),
        ("YES ", ["no", "yes"], "yes"),
        ("true", ["no", "yes"], "yes"),
        ("0", ["nein", "ja"], "nein"),
        ("yes", ["0", "1"], "1"),
        ("1.0", ["0", "1"], "1"),
        ("yes", ["maybe", "no", "y"], None),
        ("yes", ["Yes", "YES"], None),
        ("yes", ["no"], None),
        ("female", ["f", "m"], None),
    ],
)
def test_a_persons_word_means_one_of_the_files(given: str, found: list[str], meant: str | None) -> None:
    assert match_word(given, found) == meant


def test_no_two_words_mean_the_same_value() -> None:
    assert match_words(["Yes", "yes"], ["yes", "no"]) == {"yes": "yes"}


def test_a_list_of_categories_is_matched_to_the_words(load: Load, data: DuckData) -> None:
    load("w.csv", b"ok,n\nyes,1\nno,2\nyes,3\n")
    step = {"op": "encode", "columns": ["ok"], "method": "ordinal"}
    assert take(data, {**step, "categories": ["no", "yes"]}) == ()
    assert column(data, "out") == [1, 0, 1]
    take(data, {**step, "categories": ["No", "true"]})
    assert column(data, "out") == [1, 0, 1]
    take(data, {**step, "method": "onehot", "categories": ["NO", "YES"]})
    assert column(data, "out", "ok_no") == [0, 1, 0]


def test_a_list_that_matches_nothing_is_refused_and_in_part_said(load: Load, data: DuckData) -> None:
    load("w.csv", b"ok,n\nlow,1\nhigh,2\n")
    step = {"op": "encode", "columns": ["ok"], "method": "ordinal"}
    with pytest.raises(DataError, match="has none of the categories in the list; it has 'high', 'low'"):
        take(data, {**step, "categories": ["no", "yes"]})
    assert take(data, {**step, "categories": ["low", "mid"]}) == (
        "column 'ok': no value is 'mid', as the list has it",
        "column 'ok': 1 category, 'high', is not in the list given: missing now",
    )


@pytest.mark.parametrize(("value", "filled"), [("no", "no"), ("No", "no"), (False, "no"), ("unsure", "unsure")])
def test_a_gap_is_filled_with_the_files_word(load: Load, data: DuckData, value: object, filled: str) -> None:
    load("w.csv", b"ok,n\nyes,1\nno,2\n,3\n")
    take(data, {"op": "fill_missing", "columns": ["ok"], "method": "value", "value": value})
    assert column(data, "out") == ["yes", "no", filled]


@pytest.mark.parametrize("value", [False, "no", "false"])
def test_a_gap_among_truth_values_is_filled_with_one(load: Load, data: DuckData, value: object) -> None:
    load("w.csv", b"ok,n\ntrue,1\n,3\n")
    take(data, {"op": "fill_missing", "columns": ["ok"], "method": "value", "value": value})
    assert column(data, "out") == [True, False]


def test_the_groups_of_a_fence_are_matched(load: Load, data: DuckData) -> None:
    load("w.csv", b"ok,n\nyes,1\nno,20\n")
    fence: dict[str, Any] = {"op": "fence", "column": "n", "by": "ok", "put": "bound"}
    assert (
        "no row of \"ok\" is 'maybe'"
        in take(data, {**fence, "bounds": [{"group": "NO", "high": 7}, {"group": "maybe", "high": 1}]})[0]
    )
    assert column(data, "out", "n") == [1, 7]
    with pytest.raises(DataError, match="has none of the groups; it has 'no', 'yes'"):
        take(data, {**fence, "bounds": [{"group": "maybe", "high": 7}]})


@pytest.mark.parametrize(
    ("codes", "others"),
    [
        ("NA FR DE ES", "like 'DE'"),
        ("NA EMEA APAC NA", "like 'APAC'"),
        ("AA B6 NA UA", "like 'AA'"),
        ("NA AF EU", "like"),
    ],
)
def test_na_is_a_code_among_codes_and_counted(load: Load, data: DuckData, codes: str, others: str) -> None:
    dataset = load("w.csv", ("ok,n\n" + "".join(f"{code},1\n" for code in codes.split())).encode())
    assert dataset.columns[0].missing == 0
    assert column(data, "w") == codes.split()
    (said,) = dataset.warnings[-1:]
    kept = f"column 'ok': 1 value 'NA' is kept as a code {others}"
    assert kept in said or f"column 'ok': {codes.split().count('NA')} values 'NA' are kept as a code {others}" in said


@pytest.mark.parametrize(
    "words", ["male NA female", "NO SI NA", "Gd TA NA Ex", "US NA", "NA NA", "low NA medium", "F NA M", "YES NA NO"]
)
def test_na_among_other_words_is_missing_and_counted(load: Load, data: DuckData, words: str) -> None:
    dataset = load("w.csv", ("ok,n\n" + "".join(f"{word},1\n" for word in words.split())).encode())
    assert column(data, "w") == [None if word == "NA" else word for word in words.split()]
    assert dataset.warnings[-1:] == (f"column 'ok': {words.split().count('NA')} values 'NA' are read as missing",)


def test_na_among_numbers_is_missing_and_an_empty_cell_among_codes_too(load: Load, data: DuckData) -> None:
    dataset = load("w.csv", b"ok,n\nNA,1\n,NA\nFR,3\nDE,\n")
    assert [kind.missing for kind in dataset.columns] == [1, 2]
    assert column(data, "w") == ["NA", None, "FR", "DE"]
    assert len(dataset.warnings) == 1


def test_na_is_put_back_into_the_rows_where_it_stood(load: Load, data: DuckData) -> None:
    codes = ["NA" if n % 7 == 0 else ("FR", "DE")[n % 2] for n in range(200_000)]
    load("w.csv", ("ok,n\n" + "".join(f"{code},{n}\n" for n, code in enumerate(codes))).encode())
    assert column(data, "w") == codes
