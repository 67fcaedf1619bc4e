"""show_spending: what the ledger says, and nobody else's."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from pathlib import Path

from adapters.records import JobState
from adapters.store.spending import SpendingTable
from evals.world.home import build_in, used_home
from tools import find_tool
from tools.results import to_json
from tools.show_spending import Budget, Dollars, JobCost, Spent


def test_the_sums_are_the_ledgers(tmp_path: Path, database_url: str | None) -> None:
    session = build_in(used_home(tmp_path / "home"), database_url=database_url, max_day_usd=Decimal(3))
    rows = SpendingTable(session.program.database)
    for owner, usd in (("local", "0.25"), ("local", "0.5"), ("bob", "1")):
        assert rows.reserve(owner, "c1", Decimal(usd), Decimal(3), session.clock()) is not None
    tool = find_tool("show_spending")
    found = tool.call(tool.parse({}), session.context("c1", threading.Event(), lambda sentence, fraction: None)).content
    assert found["today"] == {"model_usd": 0.75, "jobs_usd": 0.0}
    assert found["budget_per_day"] == {
        "model_usd": 3.0, "model_left_usd": 2.25, "jobs_usd": 20.0, "jobs_left_usd": 20.0
    }  # fmt: skip
    assert found["month"] == {"jobs_spent_usd": 0.0, "jobs_usd": 100.0, "jobs_left_usd": 100.0}
    assert found["most_per_job_usd"] == 20.0
    assert found["jobs"] == []
    session.program.close()


def test_of_very_many_jobs_the_first_are_told_and_the_dollars_in_all_stay() -> None:
    spent = Spent(
        today=Dollars(model_usd=0.5, jobs_usd=1.5),
        total=Dollars(model_usd=0.5, jobs_usd=1.5),
        reserved_usd=0.0,
        budget_per_day=Budget(model_usd=3.0, model_left_usd=2.5, jobs_usd=20.0, jobs_left_usd=18.5),
        jobs=tuple(JobCost(job_id=f"job_{n}", state=JobState.FAILED, cost_usd=0.0) for n in range(500)),
    )
    found = find_tool("show_spending").read(json.loads(to_json(spent.as_json())))
    assert isinstance(found, Spent)
    assert found.total.jobs_usd == 1.5
    assert found.left_out == {"jobs": 500 - len(found.jobs)}
