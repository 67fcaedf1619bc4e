"""What all who work on one owner's jobs share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from adapters.compute.base import Backend
from adapters.data.base import Data
from adapters.records import Dataset, Job, JobBudgets, JobSpec
from adapters.store.approvals import ApprovalTable
from adapters.store.jobs import JobTable
from tools.errors import ToolError
from tools.jobs.health import Health
from tools.models import Models
from tools.predictions.kept import Keeping


@dataclass(frozen=True)
class Means:
    """One owner's rows, data, models and predictions, the backends by name, the clock, what jobs may cost, and which
    providers could not be asked a moment ago."""

    owner_id: str
    rows: JobTable
    approvals: ApprovalTable
    backends: Mapping[str, Backend]
    data: Data
    models: Models
    keeping: Keeping
    clock: Callable[[], datetime]
    budgets: JobBudgets
    health: Health

    def backend(self, name: str) -> Backend:
        """The backend of that name; ToolError where it is not set up any more."""
        found = self.backends.get(name)
        if found is None:
            raise ToolError(f"{name} is not set up any more: its machines cannot be asked")
        return found

    def dataset(self, spec: JobSpec) -> Dataset:
        """The very dataset that was quoted, whatever its name stands for now."""
        dataset = self.data.version(spec.dataset_id)
        if dataset is None:
            raise ToolError(f"dataset {spec.dataset!r} was loaded anew since the quote; ask for a new quote")
        return dataset

    def again(self, job: Job) -> Job:
        """The job as its row is now."""
        return self.rows.job(self.owner_id, job.job_id) or job


def cost(usd_per_hour: Decimal, seconds: float) -> Decimal:
    """Dollars of so many seconds, in whole millionths."""
    return (usd_per_hour * Decimal(str(seconds)) / 3600).quantize(Decimal("0.000001"))
