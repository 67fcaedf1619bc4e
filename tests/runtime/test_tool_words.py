"""Tools called in words."""

from __future__ import annotations

from typing import Any

import pytest

from runtime.tool_words import read_arguments
from tools import find_tool
from tools.errors import ToolError

DATASETS = ["sales", "penguins"]


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("describe", "price by=region", {"dataset": "sales", "columns": ["price"], "by": "region"}),
        ("describe", "penguins", {"dataset": "penguins"}),
        (
            "describe",
            "penguins 'bill length' mass ddof=0",
            {"dataset": "penguins", "columns": ["bill length", "mass"], "ddof": 0},
        ),
        (
            "describe",
            "columns=a,b where='a > 1 and b = 2'",
            {"dataset": "sales", "columns": ["a", "b"], "where": "a > 1 and b = 2"},
        ),
        ("describe", '{"dataset": "x"}', {"dataset": "x"}),
        ("correlate", "a b", {"dataset": "sales", "x": "a", "y": "b"}),
        ("load_dataset", "my.csv mine", {"source": "my.csv", "name": "mine"}),
        ("load_dataset", "source=my.csv header=true", {"source": "my.csv", "header": True}),
        ("query", "SELECT 'a=b' AS x, 1 FROM sales", {"sql": "SELECT 'a=b' AS x, 1 FROM sales"}),
        ("plot", "scatter a b color=c", {"dataset": "sales", "kind": "scatter", "x": "a", "y": "b", "color": "c"}),
        ("poll_job", "job_1 wait_s=3", {"job_id": "job_1", "wait_s": 3}),
        ("predict", "m1 penguins", {"model": "m1", "dataset": "penguins"}),
        ("list_models", "", {}),
        (
            "transform",
            'steps=\'[{"op": "dedupe"}]\' save_as=clean',
            {"dataset": "sales", "steps": [{"op": "dedupe"}], "save_as": "clean"},
        ),
    ],
)
def test_words_become_arguments(name: str, words: str, expected: dict[str, Any]) -> None:
    tool = find_tool(name)
    found = read_arguments(tool, words, DATASETS)
    assert found == expected
    tool.parse(found)


@pytest.mark.parametrize(
    ("name", "words", "sentence"),
    [
        ("describe", "'open", "no closing quotation"),
        ("describe", "bye=region", "no field 'bye'; there are dataset, columns, by"),
        ("model_card", "a b", "no place for 'b'"),
        ("describe", "{bad", "not JSON"),
    ],
)
def test_words_that_are_none_are_one_sentence(name: str, words: str, sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        read_arguments(find_tool(name), words, DATASETS)


def test_without_any_dataset_the_tool_says_what_it_needs() -> None:
    tool = find_tool("describe")
    assert read_arguments(tool, "price", []) == {"dataset": "price"}
    with pytest.raises(ToolError, match="needs 'dataset'"):
        tool.parse(read_arguments(tool, "", []))
