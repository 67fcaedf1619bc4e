"""Every warning has a code, in the same order as the words, and a code has one meaning."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections import Counter

import pytest

import adapters.data
import adapters.records
import tools
from adapters.records import JsonValue
from adapters.records.warned import Warns, read_warned
from tools.results import CODES_OF, MAX_RESULT_BYTES, to_json


def without_a_code(value: JsonValue) -> list[str]:
    """The words that have no code of their own beside them, at any depth; and lists of codes without words."""
    if isinstance(value, list):
        return [found for one in value for found in without_a_code(one)]
    if not isinstance(value, dict):
        return []
    found = [found for one in value.values() for found in without_a_code(one)]
    for words, codes in CODES_OF.items():
        said, coded = value.get(words, []), value.get(codes, [])
        if isinstance(said, list) and isinstance(coded, list) and len(said) != len(coded):
            found.append(f"{words} {said}: {codes} {coded}")
    return found


def test_words_without_a_code_are_seen() -> None:
    assert without_a_code({"warnings": ["so"], "warning_codes": ["so"], "rows": [{"warnings": []}]}) == []
    assert without_a_code({"rows": [{"warnings": ["so"]}]}) == ["warnings ['so']: warning_codes []"]
    assert without_a_code({"notes": ["a", "b"], "note_codes": ["a"]}) == ["notes ['a', 'b']: note_codes ['a']"]


def classes_of_warnings() -> list[type[Warns]]:
    """Those of all rooms below the agent."""
    for package in (tools, adapters.data, adapters.records):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    return [one for one in Warns.__subclasses__() if one.__module__.startswith(("tools.", "adapters."))]


def test_no_two_warnings_of_a_class_have_the_same_words() -> None:
    # Python makes one member of two with the same value, and the second code would never be seen.
    classes = classes_of_warnings()
    assert len(classes) > 12
    assert [one.__name__ for one in classes if len(one.__members__) != len(one)] == []


def test_a_code_of_what_a_dataset_warns_of_has_one_meaning() -> None:
    codes = Counter(
        member.code for one in classes_of_warnings() if one.__module__.startswith("adapters.data.") for member in one
    )
    assert [code for code, n in codes.items() if n > 1] == []


class RowWarns(Warns):
    LEFT_OUT = ("1 row is left out of {what}", "{n} rows are left out of {what}")


def test_one_and_many_have_one_code_and_words_of_their_own() -> None:
    assert [RowWarns.LEFT_OUT(n=n, what="{it}").words for n in (1, 0, 2)] == [
        "1 row is left out of {it}",
        "0 rows are left out of {it}",
        "2 rows are left out of {it}",
    ]
    assert RowWarns.LEFT_OUT(n=1, what="").code == RowWarns.LEFT_OUT(n=2, what="").code == "left_out"
    with pytest.raises(KeyError, match="n"):
        RowWarns.LEFT_OUT(what="it")


def test_words_that_were_stored_before_codes_are_read() -> None:
    earlier = read_warned("2 rows are left out")
    assert (earlier.words, earlier.code) == ("2 rows are left out", "earlier")
    now = RowWarns.LEFT_OUT(n=2, what="it")
    assert read_warned({"code": now.code, "words": now.words}) == now


def many(n: int) -> dict[str, JsonValue]:
    """A result of so many warnings."""
    words: list[JsonValue] = [f"column {place} is kept as text, for it holds something else" for place in range(n)]
    return {"warnings": words, "warning_codes": [f"c{place}" for place in range(n)]}


def test_what_is_cut_to_size_keeps_each_warning_with_its_code() -> None:
    text = to_json(many(900))
    told = json.loads(text)
    assert len(text.encode()) <= MAX_RESULT_BYTES
    assert 50 < len(told["warnings"]) < 900
    assert told["warning_codes"] == [f"c{place}" for place in range(len(told["warnings"]))]
    assert told["left_out"] == {"warnings": 900 - len(told["warnings"])}


def test_of_many_results_too_long_together_codes_go_first_and_are_counted() -> None:
    """Of 14 with 9 warnings each, which fit without their codes: nothing else is left out."""
    content: dict[str, JsonValue] = {"results": [many(9)] * 14, "warnings": ["so"], "warning_codes": ["so"]}
    text = to_json(content)
    told = json.loads(text)
    assert len(text.encode()) <= MAX_RESULT_BYTES < len(json.dumps(content, separators=(",", ":")))
    assert told == {
        "results": [{"warnings": many(9)["warnings"]}] * 14,
        "warnings": ["so"],
        "warning_codes": ["so"],
        "left_out": {"warning_codes": 126},
    }
    longer = json.loads(to_json({"results": [many(9)] * 30}))
    assert longer["left_out"] == {"results": 30 - len(longer["results"]), "warning_codes": 270}
    assert longer["truncated"]
    assert all("warning_codes" not in one for one in longer["results"])
