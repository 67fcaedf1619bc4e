"""What works on a session's jobs, on machines that a test chooses, and a person's yes to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from adapters.compute.base import Backend
from adapters.records import Approval, JobBudgets
from adapters.store.approvals import ApprovalTable
from adapters.store.jobs import JobTable
from agent.gate import Question, Run
from evals.world.home import launch_call
from runtime.session import Session
from tools.jobs.health import Health
from tools.jobs.means import Means
from tools.models import Models


def means_of(
    session: Session,
    clock: Callable[[], datetime],
    budgets: JobBudgets,
    *backends: Backend,
    models: Models | None = None,
) -> Means:
    """The session's rows, data and models with these backends, this clock and these budgets, owned by `local`."""
    database = session.program.database
    return Means(
        owner_id="local",
        rows=JobTable(database),
        approvals=ApprovalTable(database),
        backends={backend.name: backend for backend in backends},
        data=session.data,
        models=models or session.models,
        keeping=session.keeping,
        clock=clock,
        budgets=budgets,
        health=Health(clock),
    )


def approve(session: Session, quote_id: str, call_id: str = "call_1") -> Approval:
    """The yes of the session's person to a quote, as it comes from the gate to a launch."""
    call = launch_call(quote_id, call_id)
    question = session.gate.check(call)
    assert isinstance(question, Question)
    assert session.gate.decide(question.row.nonce, session.person.owner_id, yes=True) is None
    verdict = session.gate.check(call)
    assert isinstance(verdict, Run)
    assert verdict.approval is not None
    return verdict.approval
