"""What works on a session's jobs, on machines that a test chooses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from adapters.compute.base import Backend
from adapters.records import JobBudgets
from adapters.store.approvals import ApprovalTable
from adapters.store.jobs import JobTable
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
