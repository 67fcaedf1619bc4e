"""Names that look alike are told apart at the load: case, script, width, signs that do not show."""

from __future__ import annotations

import pytest

from adapters.data.alike_names import LOOKS_LIKE, outline, say_alike_columns
from adapters.data.duck import DuckData
from adapters.records.warned import Warned
from evals.world.files import Load

ALIKE = [
    ("price", "pric\u0435", "LATIN SMALL LETTER E stands in the first where CYRILLIC SMALL LETTER IE stands"),
    ("a", "\u0430", "CYRILLIC SMALL LETTER A"),
    ("NOx", "N\u039fx", "GREEK CAPITAL LETTER OMICRON"),
    ("B", "\u0412", "CYRILLIC CAPITAL LETTER VE"),
    ("price", "\uff50rice", "FULLWIDTH LATIN SMALL LETTER P"),
    ("unit price", "unit\u00a0price", "NO-BREAK SPACE"),
    ("sum", "su\u200bm", "a sign that does not show"),
]


@pytest.mark.parametrize(("one", "other", "said"), ALIKE)
def test_two_columns_that_look_alike_are_said_with_what_differs(
    data: DuckData, load: Load, one: str, other: str, said: str
) -> None:
    dataset = load("t.csv", f"{one},n,{other}\n1,2,3\n4,5,6\n".encode())
    (warning,) = [warning for warning in dataset.warnings if "look alike" in warning]
    assert said in warning


@pytest.mark.parametrize("names", [["a", "b"], ["x1", "xl", "x_1"], ["цена", "ценa_2"], ["m", "rn"], ["é", "e"]])
def test_names_that_look_different_are_not_said(names: list[str]) -> None:
    assert say_alike_columns(names) == []


def test_two_datasets_that_look_alike_are_said(data: DuckData, load: Load) -> None:
    load("sales.csv", b"a,b\n1,2\n")
    assert not [warning for warning in load("other.csv", b"a,b\n1,3\n").warnings if "look alike" in warning]
    warnings = load("s\u0430les.csv", b"a,b\n1,3\n").warnings
    assert [warning.partition(":")[2] for warning in warnings if "look alike" in warning] == [
        " LATIN SMALL LETTER A stands in the first where CYRILLIC SMALL LETTER A stands in the second"
    ]


def test_of_many_columns_that_look_alike_the_first_are_said() -> None:
    said = say_alike_columns([name for place in range(9) for name in (f"a{place}", f"\u0430{place}")])
    assert len(said) == 6
    assert said[-1] == Warned("more_alike_columns", "4 more columns look like others")


def test_each_letter_looks_like_one_latin_letter() -> None:
    assert all(outline(chr(letter)) == outline(chr(int(str(latin)))) for letter, latin in LOOKS_LIKE.items())
