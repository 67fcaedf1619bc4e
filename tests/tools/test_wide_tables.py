"""Tools on tables of thousands of columns: bounded work, or one sentence before any of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tools.conftest import Call
from tools.errors import ToolError

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
