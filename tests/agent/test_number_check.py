"""Which numbers of a reply have a source, and which were made up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from adapters.records import Message
from agent.number_check import unsupported_numbers

RESULT = {
    "rows": 344,
    "columns": [
        {"column": "body_mass_g", "group": "Adelie", "n": 151, "missing": 1, "mean": 3700.662252, "sd": 458.566},
        {"column": "body_mass_g", "group": "Gentoo", "n": 123, "missing": 1, "mean": 5076.016260, "sd": 504.116},
    ],
    "p": 4.37e-34,
    "share": 0.3543,
    "warnings": ["12345 values are missing"],
}


def conversation(result: Any = RESULT, words: str = "describe it for the 19 stations") -> list[Message]:
    def message(position: int, role: str, *content: dict[str, Any]) -> Message:
        return Message(position, role, list(content), None, True, {}, Decimal(0))

    call = {"type": "tool_use", "id": "c", "name": "describe", "input": {"dataset": "d", "where": "year > 2007"}}
    answer = {"type": "tool_result", "tool_use_id": "c", "content": json.dumps(result)}
    return [
        message(0, "user", {"type": "text", "text": words}),
        message(1, "assistant", call),
        message(2, "user", answer),
    ]


@pytest.mark.parametrize(
    "prose",
    [
        "Gentoo weigh 5,076.02 g, Adelie 3701 g.",
        "Gentoo weigh about 5100 g, or 5.08 kg.",
        "The difference is 1375.35 g: Gentoo are 37 % heavier, 1.372 times as heavy.",
        "35.4 % of the rows; n = 344, of which 151 (43.9 %) are Adelie.",
        "p = 4.4e-34, below 0.05; the 95 % interval …",
        "Since 2007, at 19 stations, 12,345 values are missing.",
        "1. first\n2. second\n13. thirteenth",
        "On 2024-01-31 at 10:15 see `model_9876` in /tmp/file_4711.csv and penguins_33.",
        "Three groups, 2 columns, 10 of them.",
        "It fell by −458.6 and by 504.",
        "```\nx = 987654\n```",
        "",
    ],
)
def test_what_has_a_source_is_not_flagged(prose: str) -> None:
    assert unsupported_numbers(prose, conversation()) == []


@pytest.mark.parametrize(
    ("prose", "flagged"),
    [
        ("Gentoo weigh 5,176.02 g.", ["5,176.02"]),
        ("Adelie weigh 3702 g, Gentoo 5076 g.", ["3702"]),
        ("The difference is 1475.4 g.", ["1475.4"]),
        ("They are 41 % heavier; 41 % is much.", ["41"]),
        ("p = 0.0312, n = 345", ["0.0312", "345"]),
        ("sd 458.57 and 504.12 and 981.7", ["981.7"]),
        ("about 6000 g", ["6000"]),
    ],
)
def test_what_has_none_is(prose: str, flagged: list[str]) -> None:
    assert unsupported_numbers(prose, conversation()) == flagged


def test_without_any_result_a_number_has_no_source() -> None:
    assert unsupported_numbers("The mean is 42.7.", []) == ["42.7"]


def test_numbers_of_different_names_make_no_difference() -> None:
    """A mean minus a p-value is nobody's statement: it would support almost any number."""
    assert unsupported_numbers("It is 3242.1.", conversation()) == ["3242.1"]


BOUNDS = {"p": 3.2e-12, "p_method": "t", "pairs": [{"p": 0.31, "r": 0.87, "n": 344}, {"f_p": 0.0123}]}


@pytest.mark.parametrize(
    "prose",
    [
        "p < 0.001, p < 1e-10, p<=1e-11, p ≤ 3.2e-12",
        "p > 0.05 for the first pair, p > 0.3 even, and p ≥ 0.25.",
        "*p* < 1e-9; **p** < 2e-9; `p` < 3e-9; $p < 4e-9$",
        "The p-value is well below 1e-10; all p values are under 0.4; p_adjusted < 0.32",
        "p < 10⁻¹⁰, p < 10^-10, $p < 10^{-9}$, p = 3.2 × 10⁻¹²",
        "F test: p < 0.02",
        "r > 0.8, r < 0.88 and n > 300, more than is usual",
    ],
)
def test_a_bound_that_is_true_is_not_flagged(prose: str) -> None:
    assert unsupported_numbers(prose, conversation(BOUNDS)) == []


@pytest.mark.parametrize(
    ("prose", "flagged"),
    [
        ("p < 1e-15", ["1e-15"]),
        ("p < 3.1e-12, p < 1e-10", ["3.1e-12"]),
        ("p > 0.4", ["0.4"]),
        ("p < 10⁻¹⁵, or p = 3.3 × 10^{-12}", ["1e-15", "3.3e-12"]),
        ("The p-values are all below 1e-13", ["1e-13"]),
        ("r > 0.88, n > 345", ["0.88", "345"]),
        ("x < 0.0213", ["0.0213"]),
    ],
)
def test_a_bound_that_is_false_is_flagged(prose: str, flagged: list[str]) -> None:
    assert unsupported_numbers(prose, conversation(BOUNDS)) == flagged


def test_a_bound_that_a_person_gave_may_be_said_again() -> None:
    said = conversation(BOUNDS, "is p < 1e-20?")
    assert unsupported_numbers("No: it is not so that p < 1e-20.", said) == []
    assert unsupported_numbers("No: it is not so that p < 1e-19.", said) == ["1e-19"]


@pytest.mark.parametrize(
    ("p", "prose", "flagged"),
    [
        (0.03, "The groups differ (p < 0.001).", ["0.001"]),
        (0.03, "The groups differ (P<.001).", [".001"]),
        (0.03, "The groups differ (p &lt; 0.01).", ["0.01"]),
        (0.03, "**p < 0.01** for the difference", ["0.01"]),
        (0.03, "the p-value is well below 0.01", ["0.01"]),
        (0.2, "It is significant, p < 0.05.", ["0.05"]),
        (0.01, "There is no difference (p > 0.05).", ["0.05"]),
        (0.0004, "The groups differ (p < 0.001).", []),
        (0.03, "The groups differ, p < .05.", []),
        (0.2, "It is not significant at p < 0.05.", []),
        (0.2, "A difference counts if p < 0.05, and here it does not.", []),
        (0.2, "The usual threshold is p < 0.05.", []),
        (None, "A small p (p < 0.05) is taken for a difference.", []),
    ],
)
def test_a_customary_level_is_a_claim_where_it_bounds_a_p(p: float | None, prose: str, flagged: list[str]) -> None:
    result = {"n": 20} if p is None else {"p": p, "n": 20}
    assert unsupported_numbers(prose, conversation(result)) == flagged


@pytest.mark.parametrize(("r", "flagged"), [(0.4512, []), (0.61, [".45"])])
def test_a_number_without_its_zero_is_one(r: float, flagged: list[str]) -> None:
    assert unsupported_numbers("r = .45", conversation({"r": r})) == flagged
