"""What every backend keeps, whoever's its machines are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.compute.base import ComputeError
from adapters.compute.worker_files import CHECKPOINT, TABLE
from adapters.records import Attempt
from adapters.records.training import Tuning
from tests.adapters.compute.conftest import APPROVAL, LONG, Bench, wait_for, write_penguins


def test_offers_state_place_price_source_and_what_a_job_may_take(bench: Bench) -> None:
    offers = bench.backend.offers()
    assert offers
    assert len({offer.place for offer in offers}) == len(offers)
    for offer in offers:
        assert offer.backend == bench.backend.name
        assert offer.usd_per_hour >= 0
        assert offer.max_seconds > offer.overhead_s >= 0
        assert offer.memory_bytes > 2**28
        assert offer.machine
        assert offer.price_source
        assert offer.price_as_of


def test_a_worker_trains_and_its_model_and_log_come_back(bench: Bench) -> None:
    running = bench.launch(bench.attempt())
    machine = bench.wait(running)
    assert machine.result is not None, (machine, bench.backend.logs(running, 20))
    assert machine.result.error is None
    assert 0 < machine.seconds <= 100
    bench.backend.terminate(running)
    output = bench.backend.fetch(running)
    assert (output / "model.skops").stat().st_size > 1000
    assert json.loads((output / "metadata.json").read_text())["metrics"]["accuracy"] > 0.8
    assert any("random_forest is fitted" in line for line in bench.backend.logs(running, 50))
    assert bench.backend.running() == ()
    bench.backend.clean(running.key)
    assert list(bench.backend.logs(running, 50))


def test_two_launches_make_one_machine_work(bench: Bench) -> None:
    attempt = bench.attempt()
    first = bench.launch(attempt)
    second = replace(attempt, handle=bench.make().launch(attempt, APPROVAL))
    assert bench.wait(first).result is not None
    assert bench.wait(second).result is not None
    assert sum("loading" in line for line in bench.backend.logs(first, 100)) == 1


def test_a_launch_without_the_right_approval_starts_nothing(bench: Bench) -> None:
    attempt = bench.attempt()
    bench.backend.stage(attempt, {TABLE: write_penguins})
    for wrong in (replace(APPROVAL, quote_id="q2"), replace(APPROVAL, owner_id="bob")):
        with pytest.raises(ComputeError, match="nothing was started"):
            bench.backend.launch(attempt, wrong)
    assert bench.backend.running() == ()
    assert bench.backend.find(attempt.key) is None


def test_a_machine_outlives_whoever_looks_and_is_found_again(bench: Bench) -> None:
    running = bench.launch(bench.attempt(LONG))
    bench.wait_until_it_works(running)
    again = bench.make()
    assert again.find(running.key) is not None
    assert again.running() == (running.key,)
    assert again.state(replace(running, handle=None)).is_running


def test_a_machine_ends_itself_at_its_limit(bench: Bench) -> None:
    running = bench.launch(bench.attempt(LONG, max_seconds=6))
    machine = bench.wait(running)
    assert (machine.is_running, machine.result, machine.at_limit, machine.is_lost) == (False, None, True, False)
    assert machine.end_reason is not None
    assert machine.end_reason.startswith("stopped at its limit of 6 s")
    assert machine.seconds <= 6
    bench.backend.terminate(running)
    assert bench.backend.running() == ()


def test_terminate_ends_the_machine_and_none_begins_later(bench: Bench) -> None:
    running = bench.launch(bench.attempt(LONG))
    bench.wait_until_it_works(running)
    bench.backend.terminate(running)
    assert not bench.backend.state(running).is_running
    assert bench.backend.running() == ()
    bench.backend.terminate(running)
    later = replace(running, handle=bench.backend.launch(replace(running, handle=None), APPROVAL))
    machine = bench.wait(later)
    assert machine.result is None
    assert not any("is fitted" in line for line in bench.backend.logs(later, 100))


def test_a_machine_that_was_never_started_is_ended_without_a_word(bench: Bench) -> None:
    attempt = bench.attempt()
    bench.backend.terminate(attempt)
    assert bench.backend.running() == ()
    assert not bench.backend.state(attempt).is_running


def test_a_table_that_is_staged_again_does_no_harm(bench: Bench) -> None:
    attempt = bench.attempt()
    bench.backend.stage(attempt, {TABLE: write_penguins})
    running = bench.launch(attempt)
    bench.wait_until_it_works(running)
    bench.backend.stage(attempt, {TABLE: lambda path: path.write_bytes(b"no table")})
    assert bench.wait(running).result is not None


def test_machines_are_listed_by_key_and_ended_by_key(bench: Bench) -> None:
    both = [bench.launch(bench.attempt(LONG, key=letter * 32)) for letter in "ab"]
    for running in both:
        bench.wait_until_it_works(running)
    assert set(bench.backend.running()) == {"a" * 32, "b" * 32}
    bench.backend.end("a" * 32)
    assert bench.backend.running() == ("b" * 32,)


def test_a_table_that_is_none_ends_in_a_sentence(bench: Bench) -> None:
    attempt = bench.attempt()
    bench.backend.stage(attempt, {TABLE: lambda path: path.write_bytes(b"PAR1")})
    machine = bench.wait(replace(attempt, handle=bench.backend.launch(attempt, APPROVAL)))
    assert machine.result is not None
    assert "the training failed" in str(machine.result.error)


def searching(attempt: Attempt) -> Attempt:
    """An attempt whose work is a long search."""
    work = attempt.request.work.model_copy(update={"tune": Tuning(trials=500)})
    return replace(attempt, request=attempt.request.model_copy(update={"work": work}))


def test_a_machine_goes_on_from_what_another_one_has_found(bench: Bench) -> None:
    first = bench.launch(searching(bench.attempt(n_estimators=10, key="a" * 32)))
    wait_for(lambda: b'"drawn":[{' in (bench.backend.checkpoint(first) or b""), 12)
    bench.backend.terminate(first)
    found = bench.backend.checkpoint(first)
    assert found is not None
    bench.backend.clean(first.key)
    assert bench.backend.checkpoint(first) == found
    again = searching(bench.attempt(n_estimators=10, key="b" * 32))
    bench.backend.stage(again, {TABLE: write_penguins, CHECKPOINT: lambda path: path.write_bytes(found)})
    running = replace(again, handle=bench.backend.launch(again, APPROVAL))
    wait_for(lambda: any("goes on from an earlier machine" in line for line in bench.backend.logs(running, 500)), 60)
    bench.backend.terminate(running)


def test_nothing_is_found_of_a_machine_that_has_not_begun(bench: Bench) -> None:
    assert bench.backend.checkpoint(bench.attempt()) is None
