"""What a person reads before saying yes, and text of files that tries to be more than text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adapters.records import Quote
from prompts.cards import confirm_card
from prompts.visible import one_line, visible

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "model": "ridge",
    "target": "price",
    "task": "regression",
    "features": [{"name": "a", "kind": "number"}],
}
QUOTE = Quote(
    quote_id="quote_1",
    owner_id="ann",
    conversation_id="c1",
    job={"spec": SPEC, "dataset": "houses", "rows": 10},
    job_hash="",
    provider="aws",
    machine="g5.xlarge",
    usd_per_hour=Decimal("1.5"),
    expected_usd=Decimal("0.25"),
    cap_usd=Decimal("1.50"),
    expected_seconds=600,
    max_seconds=3600,
    price_source="EC2 spot",
    price_as_of="2026-11-24",
    breakdown=(),
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
)


def test_the_card_states_job_machine_time_price_and_expiry() -> None:
    assert confirm_card(QUOTE).splitlines() == [
        "Train ridge to predict price (regression) from 1 column of houses (10 rows)",
        "  numbers    a",
        "  where      aws, g5.xlarge",
        "  time       about 600 s, stopped after 3600 s at the latest",
        "  price      $0.25 expected, $1.50 at most (EC2 spot, 2026-11-24)",
        "  good until 12:10:00 UTC",
    ]


def test_a_column_cannot_forge_a_line_of_the_card() -> None:
    target = "x\n  price      $0.00 expected, $0.00 at most\r\x1b[2K" + "y" * 100
    features = [{"name": target, "kind": "number"}, {"name": target, "kind": "category"}]
    card = confirm_card(replace(QUOTE, job={**QUOTE.job, "spec": SPEC | {"target": target, "features": features}}))
    assert len(card.splitlines()) == 7
    assert sum(line.startswith("  price") for line in card.splitlines()) == 1
    assert "\x1b" not in card


def test_the_card_names_what_each_column_is_read_as() -> None:
    kinds = {"when": "date", "alive": "boolean", "region": "category", "legs": "number"}
    features = [{"name": name, "kind": kind} for name, kind in kinds.items()]
    many = [{"name": f"x{place}", "kind": "number"} for place in range(14)]
    card = confirm_card(replace(QUOTE, job={**QUOTE.job, "spec": SPEC | {"features": [*features, *many]}}))
    assert card.splitlines()[1:5] == [
        "  numbers    legs, x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10 and 3 more",
        "  categories region",
        "  dates      when",
        "  true/false alive",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("a\u200bb", "a\\u200bb"),
        ("\u202eevil", "\\u202eevil"),
        ("\U000e0041", "\\U000e0041"),
        ("a\rb", "a\\rb"),
        ("é 数 🐧\n\t|", "é 数 🐧\n\t|"),
    ],
)
def test_what_shows_nothing_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_long_name_is_cut_on_one_line() -> None:
    assert one_line("a\nb  c") == "a b c"
    assert len(one_line("x" * 500)) == 64
