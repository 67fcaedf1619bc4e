"""A place that has no machine, or loses it, is followed by the next one, inside what the person agreed to."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.compute.base import Machine, NoCapacity, Offer
from adapters.compute.worker_files import CHECKPOINT
from adapters.data.base import LoadOptions, Watch
from adapters.records import Approval, Attempt, JobBudgets, JobState, Json, Market, Place
from adapters.records.training import CrossValidation, Tuning
from adapters.store.jobs import JobTable
from evals.world.desks import approve, means_of
from evals.world.home import PENGUINS, Clock, build_in, used_home, wait_until
from evals.world.metered import Metered
from prompts.cards import ended_card
from runtime.session import Session
from tests.tools.conftest import SPEC
from tools.errors import ToolError
from tools.job_lines import job_line
from tools.jobs.desk import Desk
from tools.jobs.following import JobView
from tools.jobs.quoting import Need

PRICES = {"small": Decimal("1.8"), "large": Decimal("3.6")}
GIB = 2**30


class Scarce(Metered):
    """Two machines of one provider, of which some are not there, and some are taken away after a while."""

    full: tuple[str, ...] = ()
    losing: tuple[str, ...] = ()
    lost_s = 40.0
    is_own = False
    prices: Mapping[str, Decimal] = PRICES
    zones: tuple[str, ...] = ("",)
    markets: Mapping[str, Market] = {"small": Market.ON_DEMAND, "large": Market.ON_DEMAND}

    def offers(self) -> tuple[Offer, ...]:
        (own,) = super().offers()
        return tuple(
            replace(
                own,
                place=Place(sku=sku, market=self.markets[sku], zone=zone),
                machine=sku,
                usd_per_hour=usd,
                memory_bytes=int(usd) * GIB,
            )
            for sku, usd in self.prices.items()
            for zone in self.zones
        )

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        if attempt.request.place.sku in self.full:
            raise NoCapacity(f"no {attempt.request.place.sku} machine now")
        return super().launch(attempt, approval)

    def state(self, attempt: Attempt) -> Machine:
        if attempt.request.place.sku in self.losing:
            return Machine(False, 0.1, "gone", self.lost_s, None, "it was taken away", is_lost=True)
        return super().state(attempt)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"))
    session.data.load(str(PENGUINS), None, LoadOptions(), Watch(threading.Event(), lambda sentence, fraction: None))
    yield session
    session.program.close()


@pytest.fixture
def scarce(session: Session) -> Scarce:
    return Scarce(session.settings.home / "jobs", 100, session.settings.worker_environment())


@pytest.fixture
def desk(session: Session, scarce: Scarce) -> Desk:
    return desk_with(session, scarce)


def desk_with(session: Session, scarce: Scarce) -> Desk:
    return Desk(means_of(session, Clock(), JobBudgets(Decimal(1)), scarce))


def agree(session: Session, desk: Desk, sku: str, need: Need | None = None) -> JobView:
    """The job of a yes to that machine."""
    quotes = desk.quote("c1", session.data.get("penguins"), SPEC, need or Need(10))
    (quote,) = (quote for quote in quotes if quote.place.sku == sku)
    return desk.launch(approve(session, quote.quote_id))


def attempts(session: Session, view: JobView) -> list[Attempt]:
    return list(JobTable(session.program.database).attempts(view.job))


def test_a_place_without_a_machine_is_followed_by_a_cheaper_one(session: Session, desk: Desk, scarce: Scarce) -> None:
    scarce.full = ("large",)
    view = agree(session, desk, "large")
    wait_until(lambda: desk.get(view.job.job_id).job.state.is_final)
    view = desk.get(view.job.job_id)
    assert view.job.state is JobState.SUCCEEDED
    assert view.moves == ("no large machine now; small of local is taken instead",)
    first, second = attempts(session, view)
    assert [one.request.place.sku for one in (first, second)] == ["large", "small"]
    assert (first.usd, second.usd, second.request.usd_per_hour) == (Decimal(0), view.job.cost_usd, PRICES["small"])
    assert first.key != second.key


def test_a_dearer_place_is_never_taken_without_a_new_yes(session: Session, desk: Desk, scarce: Scarce) -> None:
    scarce.full = ("small",)
    view = agree(session, desk, "small")
    assert (view.job.state, view.job.cost_usd) == (JobState.FAILED, Decimal(0))
    said = "no small machine now; no other machine at the price that was agreed: ask for a new quote"
    assert view.status == said
    assert view.asks_again
    assert scarce.running() == ()
    assert len(attempts(session, view)) == 1
    told = job_line(view, session.models)
    assert told.ask_again
    assert "`ask me again` puts the question at the prices of now" in ended_card(told.as_json())


def test_a_machine_that_is_taken_away_is_paid_for_and_the_next_gets_what_is_left_of_the_cap(
    session: Session, desk: Desk, scarce: Scarce
) -> None:
    scarce.losing = ("large",)
    view = agree(session, desk, "large")
    wait_until(lambda: desk.get(view.job.job_id).job.state.is_final)
    view = desk.get(view.job.job_id)
    assert view.job.state is JobState.SUCCEEDED
    first, second = attempts(session, view)
    # Of 100 s at 3.6 an hour, which are 0.10, 40 s are used up: 0.06 buy 120 s at 1.8, and 100 s are the most.
    assert (first.seconds, first.usd) == (40.0, Decimal("0.04"))
    assert second.request.max_seconds == 100
    assert view.job.cost_usd == Decimal("0.04") + second.usd
    assert view.job.cost_usd <= Decimal("0.10")


def test_of_a_spot_machine_the_cap_is_agreed_and_the_next_may_cost_more_an_hour(
    session: Session, desk: Desk, scarce: Scarce
) -> None:
    scarce.markets = {"small": Market.SPOT, "large": Market.ON_DEMAND}
    scarce.losing, scarce.lost_s = ("small",), 20.0
    view = agree(session, desk, "small")
    quote = desk.quote_of(view.job)
    assert quote is not None
    assert quote.breakdown[-1].startswith("a spot machine: if it is taken away")
    wait_until(lambda: desk.get(view.job.job_id).job.state.is_final)
    view = desk.get(view.job.job_id)
    assert view.job.state is JobState.SUCCEEDED
    first, second = attempts(session, view)
    # Of 100 s at 1.8 an hour, which are 0.05, 0.01 are used up: 0.04 buy 40 s at 3.6.
    assert (first.usd, second.request.max_seconds) == (Decimal("0.01"), 40)
    assert view.job.cost_usd <= quote.cap_usd


CAN = "goes on, with the settings and folds that are scored by then,"


@pytest.mark.parametrize(
    ("more", "then"),
    [({}, "begins anew"), ({"tune": Tuning(trials=5)}, CAN), ({"cv": CrossValidation(folds=3)}, CAN)],
)
def test_what_a_spot_machine_loses_is_said_before_the_yes(
    session: Session, desk: Desk, scarce: Scarce, more: dict[str, Any], then: str
) -> None:
    scarce.markets = {"small": Market.SPOT, "large": Market.ON_DEMAND}
    job = SPEC.model_copy(update=more)
    (quote,) = (q for q in desk.quote("c1", session.data.get("penguins"), job, Need(10)) if q.place.sku == "small")
    assert f"if it is taken away, the job {then} on another one" in quote.breakdown[-1]


@pytest.mark.parametrize("is_readable", [True, False])
def test_the_next_machine_gets_what_the_former_one_has_found(
    session: Session, desk: Desk, scarce: Scarce, is_readable: bool
) -> None:
    view = agree(session, desk, "large")
    (first,) = attempts(session, view)
    file = scarce.folder(first.key) / CHECKPOINT
    if is_readable:
        file.write_text('{"of": "another training"}')
    else:
        file.mkdir()
    scarce.losing = ("large",)
    wait_until(lambda: desk.get(view.job.job_id).job.state.is_final)
    assert desk.get(view.job.job_id).job.state is JobState.SUCCEEDED
    _, second = attempts(session, view)
    why = "is of another device or version" if is_readable else "cannot be read"
    assert any(f"begins anew: what an earlier machine left {why}" in line for line in scarce.logs(second, 50))


def test_who_took_two_spot_machines_is_asked_for_no_third(session: Session, desk: Desk, scarce: Scarce) -> None:
    scarce.prices = {
        "small": Decimal("1.8"),
        "middle": Decimal("1.8"),
        "other": Decimal("1.8"),
        "large": Decimal("3.6"),
    }
    scarce.markets = {**dict.fromkeys(scarce.prices, Market.SPOT), "large": Market.ON_DEMAND}
    scarce.losing, scarce.lost_s = ("small", "middle", "other"), 10.0
    view = agree(session, desk, "small")
    wait_until(lambda: desk.get(view.job.job_id).job.state.is_final)
    view = desk.get(view.job.job_id)
    assert view.job.state is JobState.SUCCEEDED
    assert [one.request.place.sku for one in attempts(session, view)] == ["small", "middle", "large"]


def test_of_one_kind_in_many_zones_one_quote_is_made(session: Session, desk: Desk, scarce: Scarce) -> None:
    scarce.zones = ("a", "b", "c")
    quotes = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    assert [(quote.place.sku, quote.place.zone) for quote in quotes] == [("small", "a"), ("large", "a")]


def test_no_place_is_tried_for_which_too_little_is_left(session: Session, desk: Desk, scarce: Scarce) -> None:
    scarce.losing, scarce.lost_s = ("large",), 70.0
    # Of 0.10 there are 0.03 left, which buy 60 s at 1.8 an hour; 90 s are expected.
    view = agree(session, desk, "large", Need(90))
    assert view.job.state is JobState.FAILED
    assert view.status == "it was taken away; no other machine at the price that was agreed: ask for a new quote"
    assert view.asks_again
    assert [one.usd for one in attempts(session, view)] == [view.job.cost_usd] == [Decimal("0.07")]
    assert scarce.running() == ()


def test_a_job_whose_end_was_asked_for_goes_nowhere_else(session: Session, desk: Desk, scarce: Scarce) -> None:
    view = agree(session, desk, "large")
    scarce.losing = ("large",)
    assert desk.cancel(view.job.job_id).job.state is JobState.CANCELLED
    assert len(attempts(session, view)) == 1


def test_only_machines_with_enough_memory_are_quoted(session: Session, desk: Desk) -> None:
    table = session.data.get("penguins")
    assert [quote.machine for quote in desk.quote("c1", table, SPEC, Need(10, 2 * GIB))] == ["large"]
    with pytest.raises(ToolError, match=r"needs about 4.0 GiB of memory, and the largest machine .* gives 3.0 GiB"):
        desk.quote("c1", table, SPEC, Need(10, 4 * GIB))


def test_a_backend_that_is_not_set_up_is_named(session: Session, desk: Desk) -> None:
    with pytest.raises(ToolError, match=r"where: moon is not set up \(docs/cloud.md says how\); there is local"):
        desk.quote("c1", session.data.get("penguins"), SPEC, Need(10, where="moon"))


def test_a_named_machine_a_ceiling_and_a_deadline_bound_the_quotes(session: Session, desk: Desk) -> None:
    table = session.data.get("penguins")

    def quoted(**wanted: Any) -> list[tuple[str, int, Decimal]]:
        quotes = desk.quote("c1", table, SPEC, Need(10, **wanted))
        return [(quote.machine, quote.max_seconds, quote.cap_usd) for quote in quotes]

    assert quoted(machine="LARGE") == [("large", 100, Decimal("0.1"))]
    # $0.02 buy 40 s at 1.8 an hour and 20 s at 3.6; $0.008 buy 16 s and 8 s, of the 10 s that are expected.
    assert quoted(max_usd=Decimal("0.02")) == [("small", 40, Decimal("0.02")), ("large", 20, Decimal("0.02"))]
    assert quoted(max_usd=Decimal("0.008")) == [("small", 16, Decimal("0.008"))]
    assert quoted(within_s=30) == [("small", 30, Decimal("0.015")), ("large", 30, Decimal("0.03"))]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"machine": "H100"}, "no machine is called 'H100'; there are large; small"),
        ({"max_usd": Decimal("0.001")}, r"within what was named .* the cheapest about \$0.0050"),
        ({"within_s": 9}, "the quickest takes about 10 s"),
    ],
)
def test_what_no_machine_has_is_named(session: Session, desk: Desk, wanted: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolError, match=words):
        desk.quote("c1", session.data.get("penguins"), SPEC, Need(10, **wanted))


def test_a_job_on_a_named_machine_goes_to_no_other(session: Session, desk: Desk, scarce: Scarce) -> None:
    scarce.full = ("large",)
    view = agree(session, desk, "large", Need(10, machine="large"))
    assert view.job.state is JobState.FAILED
    assert len(attempts(session, view)) == 1


def test_a_gpu_that_the_job_does_not_use_is_named_in_the_quote(session: Session, scarce: Scarce) -> None:
    class WithGpu(Scarce):
        def offers(self) -> tuple[Offer, ...]:
            return tuple(replace(offer, has_gpu=True) for offer in super().offers())

    backend = WithGpu(session.settings.home / "jobs", 100, session.settings.worker_environment())
    table, desk = session.data.get("penguins"), desk_with(session, backend)
    (quote, *_) = desk.quote("c1", table, SPEC, Need(10))
    assert quote.machine == f"small; {SPEC.model} does not use its GPU"
    (quote, *_) = desk.quote("c1", table, SPEC.model_copy(update={"model": "xgboost", "params": ()}), Need(10))
    assert quote.machine == "small"
