"""Limits of tests: as promised where the machine is fast, stretched where it is not, and still broken by what hangs."""

import time

import pytest

from evals.world import pace
from evals.world.broken import IN_A_COPY


@pytest.mark.parametrize(("slower", "is_allowed"), [(1.0, False), (1.2, False), (3.0, True)])
def test_a_limit_that_was_passed_is_stretched_by_what_the_machine_is_slower(
    monkeypatch: pytest.MonkeyPatch, slower: float, is_allowed: bool
) -> None:
    monkeypatch.setattr(pace, "slowness", lambda: slower)
    long_ago = time.monotonic() - 5
    assert pace.is_within(1.0, since=long_ago) is is_allowed
    limit = pace.Limit(1.0)
    limit._began = long_ago
    assert limit.is_over() is not is_allowed


def test_what_hangs_is_over_on_the_slowest_machine_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "slowness", lambda: 5.0)
    assert not pace.is_within(1.0, since=time.monotonic() - 11)
    limit = pace.Limit(0.01)
    assert not limit.is_over()
    time.sleep(0.15)
    assert limit.is_over()


def test_where_the_limit_holds_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "slowness", lambda: pytest.fail("measured"))
    assert pace.is_within(10.0, since=time.monotonic())
    assert not pace.Limit(10.0).is_over()


def test_a_loop_of_this_machine_is_measured() -> None:
    assert pace.slowness() >= 1


def test_what_is_broken_on_purpose_is_not_waited_for_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "slowness", lambda: 9.0)
    assert pace.stretch() == 18.0
    monkeypatch.setenv(IN_A_COPY, "somewhere")
    assert pace.stretch() == 2.0
