"""Groups of several columns are each combination that occurs, in every tool that takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tools.errors import ToolError

Call = Callable[..., dict[str, Any]]
TOOLS: dict[str, dict[str, Any]] = {
    "compare_groups": {"value": "body_mass_g", "group": "sex", "test": "welch"},
    "regress": {"target": "body_mass_g", "features": ["flipper_length_mm"]},
    "crosstab": {"row": "sex"},
}


@pytest.mark.parametrize("name", TOOLS)
def test_each_combination_is_what_its_rows_alone_give(tool_of: Callable[[str], Call], name: str) -> None:
    tool, given = tool_of(name), TOOLS[name]
    found = tool(**given, by=["species", "ISLAND"])
    assert found["by"] == ["species", "island"]
    combinations = [tuple(result["group_values"]) for result in found["results"]]
    assert sorted(combinations) == [
        ("Adelie", "Biscoe"),
        ("Adelie", "Dream"),
        ("Adelie", "Torgersen"),
        ("Chinstrap", "Dream"),
        ("Gentoo", "Biscoe"),
    ]
    for result in found["results"]:
        species, island = result["group_values"]
        assert result["group"] == f"{species}, {island}"
        alone = tool(**given, where=f"species = '{species}' AND island = '{island}'")
        for key in ("statistic", "p", "n", "missing", "coefficients"):
            assert result.get(key) == alone.get(key), key


def test_words_with_commas_name_the_columns_and_a_missing_value_is_a_group(tool_of: Callable[[str], Call]) -> None:
    found = tool_of("correlate")(x="body_mass_g", y="flipper_length_mm", by="island, sex", where="species = 'Adelie'")
    assert found["by"] == ["island", "sex"]
    missing = [line for line in found["pairs"] if line["group_values"] == ["Dream", None]]
    assert (missing[0]["group"], missing[0]["n"]) == ("Dream, (missing)", 1)
    assert sum(line["n"] for line in found["pairs"]) == 151


def test_too_many_combinations_are_refused_by_their_columns_names(tool_of: Callable[[str], Call]) -> None:
    sentence = "'bill_length_mm' and 'sex' have more than 50 combinations; filter or bin first"
    with pytest.raises(ToolError, match=sentence):
        tool_of("crosstab")(row="species", by=["bill_length_mm", "sex"])
    with pytest.raises(ToolError, match="'bill_length_mm' has more than 50 values"):
        tool_of("crosstab")(row="species", by="bill_length_mm")


@pytest.mark.parametrize("name", TOOLS)
def test_a_column_of_the_groups_is_no_part_of_the_question(tool_of: Callable[[str], Call], name: str) -> None:
    taken = {"compare_groups": "sex", "regress": "flipper_length_mm", "crosstab": "sex"}[name]
    with pytest.raises(ToolError, match=r"named twice|is part of"):
        tool_of(name)(**TOOLS[name], by=["island", taken])
    with pytest.raises(ToolError, match="cannot be correlated too"):
        tool_of("correlate")(x="year", y="body_mass_g", by=["island", "year"])
