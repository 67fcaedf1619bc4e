"""The gate: every way around it that we could think of starts nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from adapters.data.base import LoadOptions, Watch
from adapters.records import Approval, JobState, JsonValue, Quote
from adapters.store.approvals import ApprovalTable
from agent.gate import Question, Refused, Run
from evals.world.home import PENGUINS, Clock, build_in, launch_call, wait_until
from runtime.app import TOOL_CONVERSATION, App, Confirmation
from tools import find_tool
from tools.errors import ToolError
from tools.jobs.desk import JobView


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, clock: Clock, database_url: str | None) -> Iterator[App]:
    app = build_in(tmp_path / "home", clock, database_url=database_url)
    load(app)
    yield app
    for job in app.jobs.all():
        app.jobs.cancel(job.job_id)
    app.program.close()


def load(app: App) -> None:
    app.data.load(str(PENGUINS), None, LoadOptions(), Watch(threading.Event(), lambda sentence, fraction: None))


def load_another(app: App, conversation_id: str) -> None:
    """Another file under the name of the penguins."""
    watch = Watch(threading.Event(), lambda sentence, fraction: None)
    app.data_of(conversation_id).load(str(PENGUINS.with_name("penguins_new.csv")), "penguins", LoadOptions(), watch)


def quote(app: App, conversation_id: str = "c1") -> str:
    tool = find_tool("estimate_cost")
    job: dict[str, JsonValue] = {
        "kind": "training",
        "dataset": "penguins",
        "target": "species",
        "model": "random_forest",
        "params": [{"name": "n_estimators", "value": 10}],
    }
    output = tool.call(tool.parse({"job": job}), app.context(conversation_id, threading.Event(), lambda s, f: None))
    return str(json.loads(json.dumps(output.content))["quotes"][0]["quote_id"])


def ask(app: App, quote_id: str, call_id: str = "call_1") -> Question:
    verdict = app.gate.check(launch_call(quote_id, call_id))
    assert isinstance(verdict, Question)
    return verdict


def say_yes(app: App, quote_id: str, call_id: str = "call_1") -> Approval:
    assert app.gate.decide(ask(app, quote_id, call_id).row.nonce, "local", yes=True) is None
    verdict = app.gate.check(launch_call(quote_id, call_id))
    assert isinstance(verdict, Run)
    assert verdict.approval is not None
    return verdict.approval


def reason(app: App, quote_id: str, call_id: str = "call_1", conversation_id: str = "c1") -> str:
    verdict = app.gate.check(launch_call(quote_id, call_id, conversation_id))
    assert isinstance(verdict, Refused)
    return verdict.reason


def wait_for_end(app: App, view: JobView) -> JobView:
    wait_until(lambda: app.jobs.get(view.job.job_id).job.state.is_final)
    return app.jobs.get(view.job.job_id)


def test_a_yes_starts_one_job_that_makes_one_model(app: App) -> None:
    view = wait_for_end(app, app.jobs.launch(say_yes(app, quote(app))))
    assert view.job.state is JobState.SUCCEEDED
    (model,) = app.models.all()
    assert model.path.is_relative_to(app.settings.home / "models" / "user_local")
    assert sorted(path.name for path in model.path.iterdir()) == [
        "metadata.json",
        "model.sig",
        "model.skops",
        "training_log.txt",
    ]
    assert model.version == 1


def test_a_launch_stops_for_a_question_and_nothing_runs(app: App) -> None:
    ask(app, quote(app))
    assert app.jobs.all() == ()


def test_reading_and_writing_tools_pass_without_a_question(app: App) -> None:
    tool = find_tool("describe")
    call = replace(launch_call("x"), tool=tool, arguments=tool.parse({"dataset": "penguins"}))
    assert app.gate.check(call) == Run()


def test_the_same_yes_is_good_once(app: App) -> None:
    approval = say_yes(app, quote(app))
    first, second = app.jobs.launch(approval), app.jobs.launch(approval)
    assert first.job.job_id == second.job.job_id
    assert len(app.jobs.all()) == 1


def test_eight_launches_of_one_yes_at_once_start_one_job(app: App) -> None:
    approval = say_yes(app, quote(app))

    def launch(_: int) -> str:
        try:
            return app.jobs.launch(approval).job.job_id
        except ToolError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(launch, range(8)))
    assert len(app.jobs.all()) == 1


def test_a_quote_that_nobody_made_is_refused(app: App) -> None:
    assert "has no quote 'quote_made_up'" in reason(app, "quote_made_up")


def test_another_owners_quote_is_refused(app: App, tmp_path: Path, clock: Clock) -> None:
    theirs = quote(app)
    bob = build_in(tmp_path / "home", clock, owner="bob")
    assert "has no quote" in reason(bob, theirs)
    nonce = ask(app, theirs).row.nonce
    assert bob.gate.decide(nonce, "bob", yes=True) is not None
    assert app.gate.decide(nonce, "bob", yes=True) is not None
    ask(app, theirs)
    bob.program.close()


def test_another_conversations_quote_is_refused(app: App) -> None:
    assert "this conversation has no quote" in reason(app, quote(app, "c2"))


def test_an_expired_quote_is_refused_before_the_question(app: App, clock: Clock) -> None:
    old = quote(app)
    clock.ahead = timedelta(minutes=10)
    assert "has expired" in reason(app, old)


def test_a_yes_after_the_expiry_does_not_count(app: App, clock: Clock) -> None:
    old = quote(app)
    question = ask(app, old)
    clock.ahead = timedelta(minutes=10)
    assert "expired" in str(app.gate.decide(question.row.nonce, "local", yes=True))
    clock.ahead = timedelta()
    assert "withdrawn" in reason(app, old)


def test_a_yes_given_ahead_that_comes_too_late_is_one_sentence(app: App, clock: Clock) -> None:
    class Slow(Confirmation):
        """A yes over which the quote expires."""

        def check(self, quote: Quote) -> None:
            clock.ahead = timedelta(minutes=10)

    late = quote(app, TOOL_CONVERSATION)
    with pytest.raises(ToolError, match="The offer has expired"):
        app.call_tool("launch_training", json.dumps({"quote_id": late}), Slow(late, Decimal(1)))
    assert app.jobs.all() == ()


def test_a_yes_grown_old_before_the_launch_starts_nothing(app: App, clock: Clock) -> None:
    approval = say_yes(app, quote(app))
    clock.ahead = timedelta(minutes=10)
    with pytest.raises(ToolError, match="the quote has expired"):
        app.jobs.launch(approval)
    assert app.jobs.all() == ()


def test_a_used_quote_is_refused(app: App) -> None:
    used = quote(app)
    app.jobs.launch(say_yes(app, used))
    assert "used already" in reason(app, used, "call_2")


def test_two_questions_about_one_quote_start_one_job(app: App) -> None:
    once = quote(app)
    ask(app, once, "call_2")
    app.jobs.launch(say_yes(app, once, "call_1"))
    second = say_yes(app, once, "call_2")
    with pytest.raises(ToolError, match="used already"):
        app.jobs.launch(second)
    assert len(app.jobs.all()) == 1


def test_a_no_is_a_no(app: App) -> None:
    refused = quote(app)
    nonce = ask(app, refused).row.nonce
    assert app.gate.decide(nonce, "local", yes=False) is None
    assert reason(app, refused) == "not run: the user said no"
    assert "answered already" in str(app.gate.decide(nonce, "local", yes=True))


def test_changed_arguments_are_refused(app: App) -> None:
    first, other = quote(app), quote(app)
    say_yes(app, first)
    assert "the arguments are not the ones" in reason(app, other)


def test_a_question_that_was_withdrawn_cannot_be_answered(app: App) -> None:
    withdrawn = quote(app)
    nonce = ask(app, withdrawn).row.nonce
    app.gate.withdraw("c1")
    assert app.gate.decide(nonce, "local", yes=True) is not None
    assert "withdrawn" in reason(app, withdrawn)


def test_a_nonce_that_was_made_up_answers_nothing(app: App) -> None:
    ask(app, quote(app))
    assert "not yours to answer" in str(app.gate.decide("AAAA", "local", yes=True))


@pytest.mark.parametrize("field", ["approval_id", "owner_id", "quote_id", "call_id", "arguments_hash"])
def test_an_approval_made_by_hand_launches_nothing(app: App, field: str) -> None:
    approval = say_yes(app, quote(app))
    with pytest.raises(ToolError):
        app.jobs.launch(replace(approval, **{field: "made up"}))
    assert app.jobs.all() == ()
    assert app.jobs.launch(approval).job.job_id


def test_a_pending_question_gives_no_right_to_launch(app: App) -> None:
    row = ask(app, quote(app)).row
    forged = Approval(row.approval_id, row.owner_id, row.quote_id, row.call_id, row.arguments_hash)
    with pytest.raises(ToolError, match="no unused yes"):
        app.jobs.launch(forged)
    assert app.jobs.all() == ()


def test_a_dataset_loaded_anew_makes_the_quote_worthless(app: App) -> None:
    approval = say_yes(app, quote(app))
    load_another(app, "c1")
    with pytest.raises(ToolError, match="was loaded anew since the quote"):
        app.jobs.launch(approval)
    assert app.jobs.all() == ()


def test_what_was_quoted_is_trained_whatever_another_conversation_loads(app: App) -> None:
    approval = say_yes(app, quote(app))
    load_another(app, "c2")
    job = app.jobs.launch(approval).job
    (table,) = (app.settings.home / "jobs").glob("*/table.parquet")
    assert pq.read_metadata(table).num_rows == 344
    app.jobs.cancel(job.job_id)


def test_paid_lets_free_launches_pass_and_always_does_not(tmp_path: Path) -> None:
    app = build_in(tmp_path / "home", confirm="paid")
    load(app)
    assert isinstance(app.gate.check(launch_call(quote(app))), Run)
    app.program.close()


def test_a_spending_tool_cannot_be_called_without_an_approval(app: App) -> None:
    tool = find_tool("launch_training")
    with pytest.raises(ToolError, match="needs a person's yes"):
        tool.call(tool.parse({"quote_id": quote(app)}), app.context("c1", threading.Event(), lambda s, f: None))
    assert app.jobs.all() == ()


def test_a_cancelled_job_is_gone_and_leaves_no_model(app: App) -> None:
    view = app.jobs.launch(say_yes(app, quote(app)))
    assert app.jobs.cancel(view.job.job_id).job.state in (JobState.CANCELLED, JobState.SUCCEEDED)
    assert all(model.job_id == view.job.job_id for model in app.models.all())


def test_a_question_is_pending_for_its_owner_alone(app: App) -> None:
    call = launch_call(quote(app))
    assert isinstance(app.gate.check(call), Question)
    approvals = ApprovalTable(app.program.database)
    assert approvals.pending("local", "c1") is not None
    assert approvals.pending("bob", "c1") is None
    assert approvals.pending("local", "c2") is None
