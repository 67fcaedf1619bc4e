"""Which parts of an attempt are due, by what became of them before: no try beyond the cap, none too soon."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.records import Attempt, AttemptState, Json, Order, PredictionSpec
from adapters.serving.part_tries import GRACE_S, Tries, Try
from adapters.serving.parted import MOST_SENT, due_parts, limit_of, machine_of, parts_of

WORK = PredictionSpec(model_id="m", model="ridge", target="y", task="regression", files={}, features=("a",))
MADE: Json = {"sha256": "s", "ms": 900}
FAILED: Json = {"error": "it died", "ms": 900}
REFUSED: Json = {"error": "too many", "ms": 0}


def attempt(rows: int = 2500, max_seconds: int = 600) -> Attempt:
    order = Order(
        quote_id="q", work=WORK, data_sha256="d", max_seconds=max_seconds, usd_per_hour=Decimal("0.1"), rows=rows,
        part_rows=1000,
    )  # fmt: skip
    now = datetime.now(UTC)
    return Attempt("t", "ann", "j", 1, "k" * 32, "aws_lambda", AttemptState.RUNNING, order, None, now)


def tries(*made: Try, there: tuple[int, ...] = (), is_ended: bool = False) -> Tries:
    return Tries(made, frozenset(there), is_ended)


def test_what_was_never_sent_is_due_and_what_is_done_is_not() -> None:
    assert parts_of(attempt()) == 3
    assert due_parts(attempt(), tries(), 0.0) == [(0, 1), (1, 1), (2, 1)]
    one = tries(Try(1, 1, 0.0, 100.0, MADE), there=(1,))
    assert due_parts(attempt(), one, 1.0) == [(0, 1), (2, 1)]
    # A file that no try says it has made is none, and so is a try without its file.
    assert due_parts(attempt(), tries(there=(1,)), 1.0) == [(0, 1), (1, 1), (2, 1)]
    assert due_parts(attempt(), tries(Try(1, 1, 0.0, 100.0, MADE)), 1.0) == [(0, 1), (1, 2), (2, 1)]
    assert due_parts(attempt(), tries(is_ended=True), 1.0) == []


def test_what_the_data_are_to_blame_for_is_not_tried_again() -> None:
    final = Try(0, 1, 0.0, 100.0, {**FAILED, "is_final": True})
    assert due_parts(attempt(), tries(final), 1.0) == [(1, 1), (2, 1)]
    others = (Try(1, 1, 0.0, 100.0, MADE), Try(2, 1, 0.0, 100.0, MADE))
    machine = machine_of(attempt(), tries(final, *others, there=(1, 2)), 0.0)
    assert (machine.is_running, machine.at_limit) == (False, False)
    assert machine.end_reason == "part 1 of 3 failed: it died"


def test_a_try_whose_answer_may_still_come_is_waited_for() -> None:
    one = Try(0, 1, 10.0, 100.0, None)
    assert (0, 2) not in due_parts(attempt(), tries(one), 110.0 + GRACE_S - 0.1)
    assert (0, 2) in due_parts(attempt(), tries(one), 110.0 + GRACE_S)
    assert one.paid_s == 100.0


def test_all_limits_together_are_within_the_cap() -> None:
    job, now = attempt(), 0.0
    made: list[Try] = []
    while due := due_parts(job, tries(*made), now):
        made += [Try(number, n, now, limit_of(job), None) for number, n in due]
        now += limit_of(job) + GRACE_S
    assert sum(one.limit_s for one in made) == pytest.approx(job.request.max_seconds)
    machine = machine_of(job, tries(*made), 0.0)
    assert (machine.is_running, machine.at_limit) == (False, True)
    assert (machine.end_reason or "").startswith("stopped at its limit of 600 s")


def test_three_failures_of_one_part_are_the_end() -> None:
    made = [Try(0, n, 0.0, 100.0, FAILED) for n in (1, 2, 3)]
    others = [Try(number, 1, 0.0, 100.0, MADE) for number in (1, 2)]
    machine = machine_of(attempt(), tries(*made, *others, there=(1, 2)), 0.0)
    assert machine.end_reason == "part 1 of 3 failed 3 times: it died"
    assert (machine.is_running, machine.at_limit, machine.progress) == (False, False, 2 / 3)
    assert machine.seconds == pytest.approx(4.5)


def test_what_is_refused_costs_nothing_and_is_sent_again_after_a_pause_that_grows() -> None:
    job = attempt(rows=1)
    made: list[Try] = []
    now, pauses = 1000.0, []
    while len(made) < MOST_SENT:
        began = now
        while not (due := due_parts(job, tries(*made), now)):
            now += 0.5
        pauses.append(now - began)
        made += [Try(number, n, now, 300.0, REFUSED) for number, n in due]
        assert machine_of(job, tries(*made), 0.0).is_running == (len(made) < MOST_SENT)
    assert pauses == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]
    assert sum(one.paid_s for one in made) == 0
    assert machine_of(job, tries(*made), 0.0).end_reason == "part 1 of 1 failed 9 times: too many"
