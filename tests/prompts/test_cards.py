"""What a person reads before saying yes, and text of files that tries to be more than text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.records import Feature, FeatureKind, JobSpec, Quote, TrainingSpec
from adapters.records.training import ParameterValue, Preparation, Setting
from prompts.cards import confirm_card, ended_card
from tools.purse import Left, Passed

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TRAINING = TrainingSpec(model="ridge", target="price", task="regression", features=(Feature(name="a", kind="number"),))
JOB = JobSpec(work=TRAINING, dataset="houses", dataset_id="d1", data_sha256="", rows=10)
QUOTE = Quote(
    quote_id="quote_1",
    owner_id="ann",
    conversation_id="c1",
    job=JOB,
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
        "Train ridge (regression) on 10 rows, from 1 column",
        '  dataset    "houses"',
        '  target     "price"',
        '  numbers    "a"',
        "  where      aws, g5.xlarge",
        "  time       about 600 s, stopped after 3600 s at the latest",
        "  price      $0.25 expected, $1.50 at most (EC2 spot, 2026-11-24, of today)",
        "  good until 12:10:00 UTC",
    ]


def test_the_card_states_the_age_of_the_price_and_what_the_day_has_left() -> None:
    left = Left("day", Decimal("3.5"), Decimal(10))
    lines = confirm_card(replace(QUOTE, price_as_of="2026-11-21"), left).splitlines()
    assert lines[-3:] == [
        "  price      $0.25 expected, $1.50 at most (EC2 spot, 2026-11-21, 3 days old)",
        "  budget     $3.50 of today's $10.00 for jobs are left",
        "  good until 12:10:00 UTC",
    ]
    assert "old" not in confirm_card(replace(QUOTE, price_as_of="now"))
    lines = confirm_card(QUOTE, Left("month", Decimal("0.25"), Decimal(100))).splitlines()
    assert "  budget     $0.25 of this month's $100.00 for jobs are left" in lines


def test_an_end_says_what_of_a_budget_is_spent_by_then() -> None:
    job = {
        "job_id": "job_1",
        "state": "failed",
        "status": "why",
        "metrics": None,
        "progress": 1.0,
        "seconds": 2.0,
        "cost_usd": 8.1,
    }
    passed = [Passed("day", 80, Decimal("8.1"), Decimal(10)), Passed("month", 50, Decimal("50.5"), Decimal(100))]
    assert ended_card(job, passed).splitlines() == [
        "job_1 has ended: failed, why; at 100 % after 2.0 s, $8.10",
        "  80 % of today's $10.00 for jobs are spent: $8.10",
        "  50 % of this month's $100.00 for jobs are spent: $50.50",
    ]


@pytest.mark.parametrize(
    ("summary", "line"),
    [({"counts": {"a": 2, "b": 1}}, "  a 2, b 1"), ({"mean": 1.5, "min": 1, "max": 2.0}, "  mean 1.5, min 1, max 2")],
)
def test_an_end_says_what_was_predicted_of_classes_and_of_numbers(summary: dict[str, object], line: str) -> None:
    predicted = {"n": 3, "target": "y", "summary": summary, "artifact": "p.csv", "warnings": ["a warning"]}
    job = {
        "job_id": "job_1",
        "state": "succeeded",
        "status": "done",
        "metrics": None,
        "progress": 1.0,
        "seconds": 2.0,
        "cost_usd": 0.1,
        "predicted": predicted,
    }
    said = ended_card(job).splitlines()
    assert said[0] == 'job_1 has ended: succeeded, 3 predictions of "y", $0.10'
    assert line in said
    assert "  all of them: p.csv" in said
    assert line not in ended_card(job, is_told=True).splitlines()


FORGED = "price      $0.00 expected, $0.00 at most"


@pytest.mark.parametrize(
    "name",
    [
        "x\n  " + FORGED + "\r\x1b[2K" + "y" * 100,
        "\u2028  " + FORGED,
        '"\n  ' + FORGED + '\n  where "',
        "\u2800" * 40 + FORGED,
        "\u3164" * 40 + FORGED,
        "\u2003" * 40 + FORGED,
        " " * 30 + FORGED,
        "\ufe0f\U000e0101\u115f\u034f" + FORGED,
        "\u202e" + FORGED[::-1],
    ],
)
def test_a_name_cannot_forge_a_line_of_the_card(name: str) -> None:
    features = (Feature(name=name, kind="number"), Feature(name=f"{name} ", kind="category"))
    training = TRAINING.model_copy(update={"target": name, "features": features})
    job = JOB.model_copy(update={"dataset": name, "work": training})
    lines = confirm_card(replace(QUOTE, job=job)).splitlines()
    assert len(lines) == 9
    assert [line[:13].strip() for line in lines[1:]] == [
        "dataset",
        "target",
        "numbers",
        "categories",
        "where",
        "time",
        "price",
        "good until",
    ]
    for line in lines[1:5]:
        assert line[13] == line[-1] == '"'
        assert len(line) <= 13 + 50
        assert line.replace("…", "").isascii()
        assert "  " not in line[13:]


def test_the_card_names_what_each_column_is_read_as() -> None:
    kinds: dict[str, FeatureKind] = {"when": "date", "alive": "boolean", "region": "category", "legs": "number"}
    features = [Feature(name=name, kind=kind) for name, kind in kinds.items()]
    many = [Feature(name=f"x{place}", kind="number") for place in range(14)]
    training = TRAINING.model_copy(update={"features": (*features, *many)})
    card = confirm_card(replace(QUOTE, job=JOB.model_copy(update={"work": training})))
    assert card.splitlines()[3:20] == [
        '  numbers    "legs"',
        *(f'             "x{place}"' for place in range(11)),
        "             and 3 more",
        '  categories "region"',
        '  dates      "when"',
        '  true/false "alive"',
        "  where      aws, g5.xlarge",
    ]


def test_the_card_shows_all_that_is_other_than_usual() -> None:
    params: dict[str, Setting] = {"hidden_layer_sizes": (9, 4), "early_stopping": True, "solver": "lbfgs"}
    training = TRAINING.model_copy(
        update={
            "params": tuple(ParameterValue(name=name, value=value) for name, value in params.items()),
            "preparation": Preparation(missing="drop", scale="robust", scale_target=False),
            "seed": 1,
            "stratify": False,
        }
    )
    lines = confirm_card(replace(QUOTE, job=JOB.model_copy(update={"work": training}))).splitlines()
    shown = [line[13:] for line in lines if line.startswith(("  settings", " " * 13))]
    assert shown == [
        "hidden_layer_sizes 9 4", "early_stopping yes", "solver lbfgs", "missing drop", "scale robust",
        "scale_target no", "seed 1", "stratify no",
    ]  # fmt: skip


def test_the_card_shows_the_warnings_each_on_a_line_that_it_cannot_leave() -> None:
    warnings = ["'year' is read as a number; if they are codes, name it", "x\n  " + FORGED]
    lines = confirm_card(replace(QUOTE, job=JOB.model_copy(update={"warnings": tuple(warnings)}))).splitlines()
    assert len(lines) == 10
    assert lines[4] == "  warning    \"'year' is read as a number; if they are codes, name it\""
    assert lines[5].startswith('  warning    "x\\n ')
    assert lines[5].endswith('"')
