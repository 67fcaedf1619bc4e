"""crosstab as Claude calls it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tools.errors import ToolError

Cross = Callable[..., dict[str, Any]]


@pytest.fixture
def cross(tool_of: Callable[[str], Cross]) -> Cross:
    return tool_of("crosstab")


def test_species_and_island(cross: Cross) -> None:
    """R: chisq.test(table(penguins$species, penguins$island)): X² = 299.55, df = 4, p < 2.2e-16."""
    found = cross(row="species", column="island")
    assert (found["test"], found["df"], found["n"]) == ("chi_square", 4, 344)
    assert found["statistic"] == pytest.approx(299.55, abs=5e-3)
    assert found["columns"] == ["Biscoe", "Dream", "Torgersen"]
    assert [(line["row"], line["counts"]) for line in found["table"]] == [
        ("Adelie", [44, 56, 52]),
        ("Chinstrap", [0, 68, 0]),
        ("Gentoo", [124, 0, 0]),
    ]
    assert found["table"][0]["shares"] == pytest.approx([44 / 152, 56 / 152, 52 / 152], abs=5e-5)
    assert "species and island are associated (chi square" in found["interpretation"]


def test_two_by_two_has_ratios_and_missing_rows_are_counted(cross: Cross) -> None:
    found = cross(row="sex", column="island", where="island <> 'Torgersen'")
    assert [ratio["name"] for ratio in found["ratios"]] == ["odds_ratio", "risk_ratio"]
    assert found["ratios"][0]["value"] == pytest.approx((80 * 62) / (61 * 83))
    assert found["missing"] == 6
    assert "6 rows with missing values left out" in found["warnings"]
    assert "is no proof that there is none" in found["interpretation"]
    assert cross(row="sex", column="island", where="bill_length_mm > 55")["test"] == "fisher"


def test_years_are_in_their_order_and_fit_is_tested(cross: Cross) -> None:
    """Counts 110, 114, 120: X² = 0.4419 by hand, df = 2, p = 0.8018."""
    found = cross(row="year")
    assert found["columns"] == ["2007", "2008", "2009"]
    assert found["table"][0]["counts"] == [110, 114, 120]
    assert (found["test"], found["df"]) == ("goodness_of_fit", 2)
    assert found["statistic"] == pytest.approx(0.4419, abs=5e-5)
    assert found["p"] == pytest.approx(0.8018, abs=5e-5)
    assert cross(row="year", shares=[0.5, 0.25, 0.25])["p"] < 1e-6


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"row": "species", "column": "species"}, "row and column are the same"),
        ({"row": "species", "column": "body_mass_g"}, "has 94 values; a table takes at most 50"),
        ({"row": "species", "column": "island", "shares": [0.5, 0.5]}, "shares are for goodness of fit"),
        ({"row": "species", "test": "fisher"}, "needs a column"),
        ({"row": "species", "shares": [0.5, 0.6, 0.1]}, "3 numbers above 0 whose sum is 1"),
        ({"row": "species", "column": "island", "test": "mcnemar"}, "needs a table of 2 by 2"),
        ({"row": "species", "column": "island", "where": "species = 'Gentoo'"}, "a single value"),
        ({"row": "species", "column": "island", "where": "year = 1"}, "no row has a value"),
    ],
)
def test_what_does_not_fit_is_one_sentence(cross: Cross, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        cross(**arguments)


def test_each_value_has_a_table(cross: Cross) -> None:
    """Each is what `where` gives; an island with one species has none, and says why."""
    found = cross(row="species", column="sex", by="island")
    assert [result["group"] for result in found["results"]] == ["Biscoe", "Dream", "Torgersen"]
    alone = cross(row="species", column="sex", where="island = 'Dream'")
    assert (found["results"][1]["p"], found["results"][1]["table"]) == (alone["p"], alone["table"])
    assert found["results"][1]["p_adjusted"] >= found["results"][1]["p"]
    assert "single value" in found["results"][2]["error"]
    assert found["picture"] == {"tool": "plot", "kind": "heatmap", "x": "species", "y": "sex"}
    with pytest.raises(ToolError, match="nothing for any value of 'year'"):
        cross(row="species", column="sex", by="year", where="species = 'Adelie'")
    with pytest.raises(ToolError, match="is part of the table"):
        cross(row="species", column="sex", by="sex")


def test_its_warnings_have_codes(tool_on: Callable[[str, str], Cross]) -> None:
    """R's ?fisher.test, Job: 8 expected counts are below 5; then pairs of yes and no, one cell empty, one row short."""
    job = [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]]
    rows = [f"{row},{column}" for row, line in enumerate(job) for column, n in enumerate(line) for _ in range(n)]
    on_job = tool_on("crosstab", "\n".join(["pay,liking", *rows]) + "\n")
    rough, drawn = (on_job(row="pay", column="liking", test=test) for test in ("chi_square", "fisher"))
    assert rough["warning_codes"] == ["few_expected"]
    assert rough["warnings"][0].startswith("8 of 16 expected counts are below 5 (the least 0.83)")
    assert drawn["warning_codes"] == ["drawn_p"]
    assert on_job(row="pay", where="pay = 0 OR liking = 0 AND pay < 2")["warning_codes"] == ["few_expected_of_fit"]
    pairs = ["a,b", *["x,y"] * 30, *["x,z"] * 30, *["w,z"] * 30, ",z"]
    found = tool_on("crosstab", "\n".join(pairs) + "\n")(row="a", column="b")
    assert found["warning_codes"] == ["added_to_cells", "missing_values"]
    assert found["warnings"][0].endswith("for the odds ratio and the risk ratio 0.5 was added to each cell")
