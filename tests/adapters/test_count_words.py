"""Of one thing a sentence speaks in the singular."""

from __future__ import annotations

import pytest

from adapters.count_words import agreeing, counted
from adapters.records.warned import Warns
from tools.check_quality import ADVICE


class Some(Warns):
    MISSING = "{name!r}: {n_values:,} [value is|values are] missing of {n}"
    OLD = ("{n} row", "{n} rows")
    PLAIN = "look [here] or there | {n}"


@pytest.mark.parametrize(("n", "words"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1200, "1200 rows")])
def test_a_count_goes_with_its_word(n: int, words: str) -> None:
    assert counted(n, "row") == words
    assert counted(n, "row", "rows") == words
    assert counted(2, "category", "categories") == "2 categories"


def test_a_warning_goes_with_the_first_number_in_it() -> None:
    assert Some.MISSING(name="[a|b]", n_values=1, n=5).words == "'[a|b]': 1 value is missing of 5"
    assert Some.MISSING(name="x", n_values=5, n=1).words == "'x': 5 values are missing of 1"
    assert [Some.OLD(n=n).words for n in (1, 2)] == ["1 row", "2 rows"]
    assert Some.PLAIN(n=1).words == "look [here] or there | 1"


def test_advice_goes_with_its_count() -> None:
    for words in ADVICE.values():
        for n in (1, 2):
            said = agreeing(words, n)
            assert "|" not in said
            assert not (n == 1 and ("{count} rows" in said or "{count} values" in said))
