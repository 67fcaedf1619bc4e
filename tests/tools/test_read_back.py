"""A result that a log holds is read back as it was: of each kind of comparison, table and regression, and of many."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tools import find_tool
from tools.each_value import EachValue, Failed
from tools.results import Fields, to_json

Call = Callable[..., dict[str, Any]]
MASS = {"value": "body_mass_g"}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("compare_groups", {**MASS, "group": "species", "power": True}),
    ("compare_groups", {**MASS, "group": "species", "group2": "sex"}),
    ("compare_groups", {"value": "sex", "group": "species", "event": "male"}),
    ("compare_groups", {"value": "bill_length_mm", "repeated": ["bill_depth_mm", "year"], "test": "repeated_anova"}),
    ("compare_groups", {**MASS, "mu": 4200, "alternative": "less"}),
    ("crosstab", {"row": "sex", "column": "island", "where": "island <> 'Dream'"}),
    ("crosstab", {"row": "species"}),
    ("crosstab", {"row": "sex", "column": "year", "by": ["species", "island"]}),
    ("regress", {"target": "body_mass_g", "features": ["year", "island"], "by": "species"}),
    ("regress", {"target": "body_mass_g", "features": ["year"], "intercept": False, "robust": True}),
    ("regress", {"target": "sex", "features": ["body_mass_g"], "kind": "logit"}),
]


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_it_is_the_same(tool_of: Callable[[str], Call], name: str, arguments: dict[str, Any]) -> None:
    stored = json.loads(to_json(tool_of(name)(**arguments)))
    found = find_tool(name).read(stored)
    assert isinstance(found, Fields)
    assert found.as_json() == stored


def test_a_group_without_a_result_is_one_that_failed(tool_of: Callable[[str], Call]) -> None:
    given = {"row": "sex", "column": "island", "by": "species"}
    found = find_tool("crosstab").read(tool_of("crosstab")(**given))
    assert isinstance(found, EachValue)
    failed = [result for result in found.results if isinstance(result, Failed)]
    assert [(one.group, one.error) for one in failed] == [
        (name, "one of the columns has a single value: there is nothing to compare") for name in ("Chinstrap", "Gentoo")
    ]
    (counted,) = (result for result in found.results if not isinstance(result, Failed))
    assert (counted.group, counted.p_adjusted) == ("Adelie", counted.p)
