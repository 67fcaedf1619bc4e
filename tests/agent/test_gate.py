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
from adapters.records import Approval, ApprovalState, JobState, JsonValue, Quote
from adapters.store.approvals import ApprovalTable
from agent.gate import Question, Refused, Run
from evals.world.desks import approve
from evals.world.home import PENGUINS, Clock, build_in, launch_call, put_penguins, used_home, wait_until
from runtime.confirmation import Confirmation
from runtime.session import TOOL_CONVERSATION, Session
from tools import find_tool
from tools.errors import ToolError
from tools.jobs.following import JobView


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(tmp_path: Path, clock: Clock, database_url: str | None) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"), clock, database_url=database_url)
    put_penguins(session)
    yield session
    for job in session.jobs.all():
        session.jobs.cancel(job.job_id)
    session.program.close()


def load(session: Session) -> None:
    session.data.load(str(PENGUINS), None, LoadOptions(), Watch(threading.Event(), lambda sentence, fraction: None))


def load_another(session: Session, conversation_id: str) -> None:
    """Another file under the name of the penguins."""
    watch = Watch(threading.Event(), lambda sentence, fraction: None)
    session.data_of(conversation_id).load(str(PENGUINS.with_name("penguins_new.csv")), "penguins", LoadOptions(), watch)


def quote(session: Session, conversation_id: str = "c1") -> str:
    tool = find_tool("estimate_cost")
    job: dict[str, JsonValue] = {
        "kind": "training",
        "dataset": "penguins",
        "target": "species",
        "model": "random_forest",
        "params": [{"name": "n_estimators", "value": 10}],
    }
    output = tool.call(tool.parse({"job": job}), session.context(conversation_id, threading.Event(), lambda s, f: None))
    return str(json.loads(json.dumps(output.content))["quotes"][0]["quote_id"])


def ask(session: Session, quote_id: str, call_id: str = "call_1") -> Question:
    verdict = session.gate.check(launch_call(quote_id, call_id))
    assert isinstance(verdict, Question)
    return verdict


def reason(session: Session, quote_id: str, call_id: str = "call_1", conversation_id: str = "c1") -> str:
    verdict = session.gate.check(launch_call(quote_id, call_id, conversation_id))
    assert isinstance(verdict, Refused)
    return verdict.reason


def wait_for_end(session: Session, view: JobView) -> JobView:
    wait_until(lambda: session.jobs.get(view.job.job_id).job.state.is_final)
    return session.jobs.get(view.job.job_id)


def test_a_yes_starts_one_job_that_makes_one_model(session: Session) -> None:
    view = wait_for_end(session, session.jobs.launch(approve(session, quote(session))))
    assert view.job.state is JobState.SUCCEEDED
    (model,) = session.models.all()
    assert model.path.is_relative_to(session.settings.home / "models" / "user_local")
    assert sorted(path.name for path in model.path.iterdir()) == [
        "metadata.json",
        "model.sig",
        "model.skops",
        "model_card.md",
        "training_log.txt",
    ]
    assert model.version == 1


def test_a_launch_stops_for_a_question_and_nothing_runs(session: Session) -> None:
    ask(session, quote(session))
    assert session.jobs.all() == ()


def test_reading_and_writing_tools_pass_without_a_question(session: Session) -> None:
    tool = find_tool("describe")
    call = replace(launch_call("x"), tool=tool, arguments=tool.parse({"dataset": "penguins"}))
    assert session.gate.check(call) == Run()


def test_the_same_yes_is_good_once(session: Session) -> None:
    approval = approve(session, quote(session))
    first, second = session.jobs.launch(approval), session.jobs.launch(approval)
    assert first.job.job_id == second.job.job_id
    assert len(session.jobs.all()) == 1


def test_eight_launches_of_one_yes_at_once_start_one_job(session: Session) -> None:
    approval = approve(session, quote(session))

    def launch(_: int) -> str:
        try:
            return session.jobs.launch(approval).job.job_id
        except ToolError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(launch, range(8)))
    assert len(session.jobs.all()) == 1


def test_a_quote_that_nobody_made_is_refused(session: Session) -> None:
    assert "has no quote 'quote_made_up'" in reason(session, "quote_made_up")


def test_another_owners_quote_is_refused(session: Session, tmp_path: Path, clock: Clock) -> None:
    theirs = quote(session)
    bob = build_in(tmp_path / "home", clock, owner="bob")
    assert "has no quote" in reason(bob, theirs)
    nonce = ask(session, theirs).row.nonce
    assert bob.gate.decide(nonce, "bob", yes=True) is not None
    assert session.gate.decide(nonce, "bob", yes=True) is not None
    ask(session, theirs)
    bob.program.close()


def test_another_conversations_quote_is_refused(session: Session) -> None:
    assert "this conversation has no quote" in reason(session, quote(session, "c2"))


def test_an_expired_quote_is_refused_before_the_question(session: Session, clock: Clock) -> None:
    old = quote(session)
    clock.ahead = timedelta(minutes=10)
    assert "has expired" in reason(session, old)


def test_a_yes_after_the_expiry_does_not_count(session: Session, clock: Clock) -> None:
    old = quote(session)
    question = ask(session, old)
    clock.ahead = timedelta(minutes=10)
    assert "expired" in str(session.gate.decide(question.row.nonce, "local", yes=True))
    clock.ahead = timedelta()
    assert "withdrawn" in reason(session, old)


def test_a_yes_given_ahead_that_comes_too_late_is_one_sentence(session: Session, clock: Clock) -> None:
    class Slow(Confirmation):
        """A yes over which the quote expires."""

        def check(self, quote: Quote) -> None:
            clock.ahead = timedelta(minutes=10)

    late = quote(session, TOOL_CONVERSATION)
    with pytest.raises(ToolError, match="The offer has expired"):
        session.call_tool("launch_training", json.dumps({"quote_id": late}), Slow(late, Decimal(1)))
    assert session.jobs.all() == ()


def test_a_yes_grown_old_before_the_launch_starts_nothing(session: Session, clock: Clock) -> None:
    approval = approve(session, quote(session))
    clock.ahead = timedelta(minutes=10)
    with pytest.raises(ToolError, match="the quote has expired"):
        session.jobs.launch(approval)
    assert session.jobs.all() == ()


def test_a_used_quote_is_refused(session: Session) -> None:
    used = quote(session)
    session.jobs.launch(approve(session, used))
    assert "used already" in reason(session, used, "call_2")


def test_two_questions_about_one_quote_start_one_job(session: Session) -> None:
    once = quote(session)
    ask(session, once, "call_2")
    session.jobs.launch(approve(session, once, "call_1"))
    second = approve(session, once, "call_2")
    with pytest.raises(ToolError, match="used already"):
        session.jobs.launch(second)
    assert len(session.jobs.all()) == 1


def test_a_no_is_a_no(session: Session) -> None:
    refused = quote(session)
    nonce = ask(session, refused).row.nonce
    assert session.gate.decide(nonce, "local", yes=False) is None
    assert reason(session, refused) == "not run: the user said no"
    assert "answered already" in str(session.gate.decide(nonce, "local", yes=True))


def test_changed_arguments_are_refused(session: Session) -> None:
    first, other = quote(session), quote(session)
    approve(session, first)
    assert "the arguments are not the ones" in reason(session, other)


def test_a_question_that_was_withdrawn_cannot_be_answered(session: Session) -> None:
    withdrawn = quote(session)
    nonce = ask(session, withdrawn).row.nonce
    session.gate.withdraw("c1")
    assert session.gate.decide(nonce, "local", yes=True) is not None
    assert "withdrawn" in reason(session, withdrawn)


def test_an_answer_in_the_moment_of_a_withdrawal_decides_nothing(session: Session) -> None:
    withdrawn = quote(session)
    row = ask(session, withdrawn).row
    session.gate.withdraw("c1")
    # The gate has looked at the question by then, as another program may at the same moment.
    approvals = ApprovalTable(session.program.database)
    assert not approvals.decide(row.approval_id, ApprovalState.GRANTED, "local", session.program.clock())
    assert "withdrawn" in reason(session, withdrawn)


def test_a_nonce_that_was_made_up_answers_nothing(session: Session) -> None:
    ask(session, quote(session))
    assert "not yours to answer" in str(session.gate.decide("AAAA", "local", yes=True))


@pytest.mark.parametrize("field", ["approval_id", "owner_id", "quote_id", "call_id", "arguments_hash"])
def test_an_approval_made_by_hand_launches_nothing(session: Session, field: str) -> None:
    approval = approve(session, quote(session))
    with pytest.raises(ToolError):
        session.jobs.launch(replace(approval, **{field: "made up"}))
    assert session.jobs.all() == ()
    assert session.jobs.launch(approval).job.job_id


def test_a_pending_question_gives_no_right_to_launch(session: Session) -> None:
    row = ask(session, quote(session)).row
    forged = Approval(row.approval_id, row.owner_id, row.quote_id, row.call_id, row.arguments_hash)
    with pytest.raises(ToolError, match="no unused yes"):
        session.jobs.launch(forged)
    assert session.jobs.all() == ()


def test_a_dataset_loaded_anew_makes_the_quote_worthless(session: Session) -> None:
    approval = approve(session, quote(session))
    load_another(session, "c1")
    with pytest.raises(ToolError, match="was loaded anew since the quote"):
        session.jobs.launch(approval)
    assert session.jobs.all() == ()


def test_what_was_quoted_is_trained_whatever_another_conversation_loads(session: Session) -> None:
    approval = approve(session, quote(session))
    load_another(session, "c2")
    job = session.jobs.launch(approval).job
    (table,) = (session.settings.home / "jobs").glob("*/table.parquet")
    assert pq.read_metadata(table).num_rows == 344
    session.jobs.cancel(job.job_id)


def test_paid_lets_free_launches_pass_and_always_does_not(tmp_path: Path) -> None:
    session = build_in(tmp_path / "home", confirm="paid")
    load(session)
    assert isinstance(session.gate.check(launch_call(quote(session))), Run)
    session.program.close()


def test_a_spending_tool_cannot_be_called_without_an_approval(session: Session) -> None:
    tool = find_tool("launch_training")
    with pytest.raises(ToolError, match="needs a person's yes"):
        tool.call(tool.parse({"quote_id": quote(session)}), session.context("c1", threading.Event(), lambda s, f: None))
    assert session.jobs.all() == ()


def test_a_cancelled_job_is_gone_and_leaves_no_model(session: Session) -> None:
    view = session.jobs.launch(approve(session, quote(session)))
    assert session.jobs.cancel(view.job.job_id).job.state in (JobState.CANCELLED, JobState.SUCCEEDED)
    assert all(model.job_id == view.job.job_id for model in session.models.all())


def test_a_question_is_pending_for_its_owner_alone(session: Session) -> None:
    call = launch_call(quote(session))
    assert isinstance(session.gate.check(call), Question)
    approvals = ApprovalTable(session.program.database)
    assert approvals.pending("local", "c1") is not None
    assert approvals.pending("bob", "c1") is None
    assert approvals.pending("local", "c2") is None
