"""A result's fields as JSON: what was given stands there, and nothing else."""

from __future__ import annotations

import json
import math

import pytest
from pydantic import ConfigDict, Field, ValidationError

from tools import TOOLS
from tools.ml.metadata import Intercept
from tools.results import MAX_RESULT_BYTES, MOST_FIELDS, Fields, Result, ToolOutput, find_beyond, if_any, to_json
from tools.warned import Warns, said


class Line(Fields):
    n: int
    mean: float | None
    group: str | None = None


class Found(Result):
    lines: tuple[Line, ...]
    p: float
    p_is_bound: bool = False
    note: str | None = None
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()


class FoundWarns(Warns):
    FEW = "only {n} rows"


def found(**more: str | None) -> Found:
    return Found(lines=(Line(n=1, mean=None, **more),), p=0.5, **if_any(note=None), **said([]))


class OfClasses(Fields):
    intercepts: tuple[Intercept, ...]


def test_a_field_may_be_told_by_a_word_of_python() -> None:
    """poll_job of a model of three classes: the name of the class is told as "class"."""
    told = OfClasses(intercepts=(Intercept(of_class="Adelie", estimate=1.5),)).as_json()
    assert told == {"intercepts": [{"class": "Adelie", "estimate": 1.5}]}


def test_what_was_not_given_does_not_stand_there_and_a_null_does() -> None:
    assert found().as_json() == {"lines": [{"n": 1, "mean": None}], "p": 0.5, "warnings": []}
    assert found(group=None).as_json()["lines"] == [{"n": 1, "mean": None, "group": None}]
    assert found().model_copy(update={"note": "so"}).as_json()["note"] == "so"


def test_what_is_read_back_is_the_same() -> None:
    content = found(group=None).as_json()
    assert Found.model_validate(content).as_json() == content
    long = found().model_copy(update={"lines": tuple(Line(n=place, mean=0.5) for place in range(50))})
    cut = Found.model_validate_json(to_json(long.as_json(), 300))
    assert cut.truncated
    assert (cut.total, len(cut.lines) + (cut.left_out or {})["lines"]) == (50, 50)


class OfClass(Fields):
    model_config = ConfigDict(serialize_by_alias=True)
    of_class: str = Field(validation_alias="class", serialization_alias="class")
    p: float


class Classes(Result):
    lines: tuple[OfClass, ...]


def test_a_field_that_json_calls_otherwise_stands_there_under_that_name() -> None:
    content = Classes.model_validate({"lines": [{"class": "u", "p": 0.0}]}).as_json()
    assert content == {"lines": [{"class": "u", "p": 1e-300, "p_is_bound": True}]}


class Ranked(Fields):
    name: str
    importance: dict[str, float]


class Listing(Result):
    models: tuple[Ranked, ...]


def test_what_is_long_inside_the_one_item_of_a_list_is_cut_there_and_that_is_said() -> None:
    ranked = Ranked(name="m", importance={f"column_{place}": 1 / (place + 1) for place in range(900)})
    text = to_json(Listing(models=(ranked,)).as_json())
    assert len(text.encode()) <= MAX_RESULT_BYTES
    found = Listing.model_validate_json(text)
    (kept,) = found.models
    assert kept.name == "m"
    assert next(iter(kept.importance)) == "column_0"
    assert found.left_out == {"models.0.importance": 900 - len(kept.importance)}


def test_no_class_of_a_result_is_taken_for_data() -> None:
    waiting, found = [Fields], set[type[Fields]]()
    while waiting:
        found |= {one := waiting.pop()}
        waiting += one.__subclasses__()
    assert len(found) > len(TOOLS)
    assert max(len(one.model_fields) for one in found) <= MOST_FIELDS


def test_what_no_list_and_no_table_of_numbers_makes_long_is_its_beginning() -> None:
    told = json.loads(to_json({"text": "a" * 9_000}))
    assert told["truncated"] is True
    assert told["head"].startswith('{"text":"aaa')


def test_a_field_that_nobody_knows_is_no_result() -> None:
    with pytest.raises(ValidationError, match="unknown"):
        Found.model_validate({**found().as_json(), "unknown": 1})


def test_a_p_that_is_too_small_is_a_bound() -> None:
    content = found().model_copy(update={"p": 0.0}).as_json()
    assert content["p"] == 1e-300
    assert content["p_is_bound"] is True
    assert Found.model_validate(content).p_is_bound


def test_a_column_of_the_data_that_is_called_p_holds_no_p() -> None:
    class Rows(Found):
        rows: tuple[dict[str, float | None], ...]
        parts: dict[str, Line | Found]

    rows: tuple[dict[str, float | None], ...] = ({"p": 0.0, "f_p": 0.0}, {"p": None})
    tiny = found().model_copy(update={"p": 0.0})
    content = Rows(lines=(), p=0.0, **said([]), rows=rows, parts={"p": Line(n=1, mean=0.0), "tiny": tiny}).as_json()
    assert (content["p"], content["p_is_bound"]) == (1e-300, True)
    assert content["rows"] == list(rows)
    assert content["parts"] == {"p": {"n": 1, "mean": 0.0}, "tiny": tiny.as_json()}
    assert Rows.model_validate(content).as_json() == content


def test_a_number_that_json_does_not_hold_is_found() -> None:
    output = ToolOutput(found().model_copy(update={"lines": (Line(n=1, mean=math.inf),)}))
    assert find_beyond(output.content) == ".lines[0].mean"


def test_a_warning_has_a_code_and_words() -> None:
    assert said([FoundWarns.FEW(n=3)]) == {"warnings": ("only 3 rows",), "warning_codes": ("few",)}
    assert said([]) == {"warnings": ()}
    with pytest.raises(KeyError, match="n"):
        FoundWarns.FEW()
