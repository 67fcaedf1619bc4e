"""One owner's jobs from quote to end. Row before call, always: a crash at any line is made good by `advance_all`."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from adapters.compute.base import Backend, ComputeError, Machine
from adapters.data.base import Data, DataError
from adapters.errors import AdapterError
from adapters.names import name_choices
from adapters.records import (
    Approval,
    Attempt,
    AttemptState,
    Dataset,
    Job,
    JobEnd,
    JobSpec,
    JobState,
    Model,
    Order,
    Quote,
    TrainingSpec,
)
from adapters.store.approvals import ApprovalTable
from adapters.store.jobs import ClaimRefused, JobTable
from tools.errors import ToolError
from tools.model_lines import metadata_of
from tools.models import Models

QUOTE_LIFE = timedelta(minutes=10)
N_LOG_LINES = 8
TABLE = "table.parquet"


@dataclass(frozen=True)
class JobView:
    """One job as it stands: the row, and what its machine and its worker say."""

    job: Job
    progress: float
    status: str
    seconds: float
    cost_usd: Decimal
    log_tail: tuple[str, ...]


class Desk:
    """Quotes, launches and follows one owner's jobs on one backend."""

    def __init__(
        self,
        owner_id: str,
        rows: JobTable,
        approvals: ApprovalTable,
        backend: Backend,
        data: Data,
        models: Models,
        clock: Callable[[], datetime],
        max_day_usd: Decimal,
    ) -> None:
        self._owner_id = owner_id
        self._rows = rows
        self._approvals = approvals
        self._backend = backend
        self._data = data
        self._models = models
        self._clock = clock
        self._max_day_usd = max_day_usd
        self._lock = threading.Lock()

    def quote(
        self,
        conversation_id: str,
        table: Dataset,
        training: TrainingSpec,
        expected_seconds: int,
        warnings: Sequence[str] = (),
    ) -> tuple[Quote, ...]:
        """Make and keep a quote for the job, frozen as it is.

        `warnings` are what the person must know before saying yes.
        """
        offer, now = self._backend.offer(), self._clock()
        job = JobSpec(
            training=training,
            dataset=table.name,
            dataset_id=table.dataset_id,
            data_sha256=table.sha256,
            rows=table.rows,
            warnings=tuple(warnings),
        )
        expected_seconds = min(expected_seconds, offer.max_seconds)
        expected_usd, cap_usd = (_cost(offer.usd_per_hour, s) for s in (expected_seconds, offer.max_seconds))
        quote = Quote(
            quote_id=f"quote_{secrets.token_hex(6)}",
            owner_id=self._owner_id,
            conversation_id=conversation_id,
            job=job,
            job_hash=_hash(job),
            provider=self._backend.name,
            machine=offer.machine,
            usd_per_hour=offer.usd_per_hour,
            expected_usd=expected_usd,
            cap_usd=cap_usd,
            expected_seconds=expected_seconds,
            max_seconds=offer.max_seconds,
            price_source=offer.price_source,
            price_as_of=offer.price_as_of,
            breakdown=(f"{expected_seconds} s at ${offer.usd_per_hour:.4f} an hour = ${expected_usd:.4f}",),
            created_at=now,
            expires_at=now + QUOTE_LIFE,
        )
        self._approvals.add_quotes((quote,))
        return (quote,)

    def launch(self, approval: Approval) -> JobView:
        """Start the approved quote's job; the same approval again gives the same job.

        Raises
        ------
        ToolError
            If the approval gives no right to it (used, expired, another quote's), the price is now above the cap, or
            the dataset has changed since the quote. Nothing was started then.
        """
        job = self._rows.job_of_approval(approval)
        if job is None:
            job = self._claim(approval)
        return self._advance(job)

    def _claim(self, approval: Approval) -> Job:
        quote = self._approvals.quote(self._owner_id, approval.quote_id)
        if quote is None:
            raise ToolError(f"there is no quote {approval.quote_id!r}; use estimate_cost")
        self._check_dataset(quote.job)
        usd_now = _cost(self._backend.offer().usd_per_hour, quote.max_seconds)
        if usd_now > quote.cap_usd:
            raise ToolError(
                f"the price rose: up to ${usd_now:.2f} now, ${quote.cap_usd:.2f} was agreed; quote it again"
            )
        now, job_id = self._clock(), f"job_{secrets.token_hex(6)}"
        job = Job(
            job_id=job_id,
            owner_id=self._owner_id,
            conversation_id=quote.conversation_id,
            quote_id=quote.quote_id,
            approval_id=approval.approval_id,
            state=JobState.QUEUED,
            spec=quote.job,
            result=None,
            cost_usd=Decimal(0),
            cancel_requested=False,
            created_at=now,
            finished_at=None,
        )
        key = hashlib.sha256(f"{job_id}|1|{quote.provider}".encode()).hexdigest()[:32]
        order = Order(
            quote_id=quote.quote_id,
            training=quote.job.training,
            data_sha256=quote.job.data_sha256,
            max_seconds=quote.max_seconds,
            usd_per_hour=quote.usd_per_hour,
        )
        attempt = Attempt(
            attempt_id=f"attempt_{secrets.token_hex(6)}",
            owner_id=self._owner_id,
            job_id=job_id,
            number=1,
            key=key,
            backend=quote.provider,
            state=AttemptState.INTENT,
            request=order,
            handle=None,
            created_at=now,
        )
        try:
            self._rows.claim(approval, job, attempt, self._max_day_usd, now)
        except ClaimRefused as error:
            raise ToolError(f"nothing was started: {error}") from error
        return job

    def get(self, job_id: str) -> JobView:
        """The job as it stands; a finished machine's result is taken over first."""
        return self._advance(self._find(job_id))

    def quote_of(self, job: Job) -> Quote | None:
        """The quote that was agreed to."""
        return self._approvals.quote(self._owner_id, job.quote_id)

    def all(self) -> tuple[Job, ...]:
        """The owner's jobs, newest first."""
        return self._rows.jobs(self._owner_id)

    def cancel(self, job_id: str) -> JobView:
        """Stop the job's machine and wait until it is gone; a job whose machine was not started yet never starts."""
        job = self._find(job_id)
        if not job.state.is_final:
            self._rows.request_cancel(job)
            try:
                self._backend.terminate(self._rows.attempt(job))
            except ComputeError as error:
                raise ToolError(str(error)) from error
        return self._advance(job)

    def _find(self, job_id: str) -> Job:
        job = self._rows.job(self._owner_id, job_id)
        if job is None:
            jobs = self._rows.jobs(self._owner_id)
            raise ToolError(f"no job {job_id[:80]!r}; {name_choices(job_id, [known.job_id for known in jobs])}")
        return job

    def advance_all(self) -> tuple[JobView, ...]:
        """Bring every open job to what its machine says: launch what was only intended, take over what has ended."""
        views = []
        for job in self._rows.open_jobs(self._owner_id):
            try:
                views.append(self._advance(job))
            except (AdapterError, ToolError):
                logging.getLogger(__name__).exception("%s could not be brought up to date", job.job_id)
        return tuple(views)

    def _advance(self, job: Job) -> JobView:
        """Take the job as far as it goes now; threads of one program take turns."""
        with self._lock:
            return self._advance_alone(self._again(job))

    def _advance_alone(self, job: Job) -> JobView:
        attempt = self._rows.attempt(job)
        if job.state.is_final:
            return self._view(job, attempt, None)
        if attempt.state in (AttemptState.INTENT, AttemptState.LAUNCHING):
            try:
                attempt = self._start(job, attempt)
            except (DataError, ToolError, ComputeError) as error:
                # A worker of a run that crashed may be about to begin: it finds its claim taken.
                self._backend.terminate(attempt)
                return self._close(job, attempt, JobState.FAILED, JobEnd(error=str(error)))
        machine = self._backend.state(attempt)
        if machine.is_running:
            return self._view(self._again(job), attempt, machine)
        return self._collect(job, attempt, machine)

    def _start(self, job: Job, attempt: Attempt) -> Attempt:
        if not self._rows.begin_attempt(attempt):
            return self._rows.attempt(job)
        folder = self._backend.folder(attempt.key)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._backend.find(attempt.key) is None:
            self._export(self._check_dataset(job.spec), folder / TABLE)
        handle = self._backend.launch(attempt, self._rows.approval_of(job))
        self._rows.move_attempt(self._rows.attempt(job), AttemptState.RUNNING, handle)
        self._rows.activate(job)
        return self._rows.attempt(job)

    def _check_dataset(self, spec: JobSpec) -> Dataset:
        """The very dataset that was quoted, whatever its name stands for now."""
        dataset = self._data.version(spec.dataset_id)
        if dataset is None:
            raise ToolError(f"dataset {spec.dataset!r} was loaded anew since the quote; ask for a new quote")
        return dataset

    def _export(self, dataset: Dataset, path: Path) -> None:
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        self._data.export(dataset, part)
        part.replace(path)

    def _collect(self, job: Job, attempt: Attempt, machine: Machine) -> JobView:
        """The machine has ended: see that it is gone, take its result over, close the job."""
        try:
            self._backend.terminate(attempt)
        except ComputeError:
            return self._view(job, attempt, machine)
        result, reason = machine.result, machine.end_reason
        if result is not None and result.error is None:
            try:
                model = self._models.install(job, self._backend.folder(attempt.key) / "out")
            except ToolError as error:
                end = JobEnd(error=str(error), seconds=machine.seconds)
                return self._close(job, attempt, JobState.FAILED, end)
            except OSError as error:
                return self._not_kept(job, attempt, error)
            # The scores are those that were looked at when the model was taken over, not what the result says of them.
            end = JobEnd(metrics=metadata_of(model).metrics, model=model.model_id, seconds=machine.seconds)
            return self._close(job, attempt, JobState.SUCCEEDED, end, model)
        if result is not None:
            return self._close(job, attempt, JobState.FAILED, result)
        state = JobState.FAILED
        if self._again(job).cancel_requested:
            state, reason = JobState.CANCELLED, "cancelled"
        elif machine.at_limit:
            state = JobState.BUDGET_STOPPED
        return self._close(job, attempt, state, JobEnd(error=reason, seconds=machine.seconds))

    def _not_kept(self, job: Job, attempt: Attempt, error: OSError) -> JobView:
        """The model could not be taken over: another program has done it meanwhile, or the disk is full."""
        again = self._again(job)
        if again.state.is_final:
            return self._view(again, attempt, None)
        raise ToolError(f"the model of {job.job_id} could not be kept ({error.strerror}); it is tried again") from error

    def _close(
        self,
        job: Job,
        attempt: Attempt,
        state: JobState,
        end: JobEnd,
        model: Model | None = None,
    ) -> JobView:
        cost = _cost(attempt.request.usd_per_hour, end.seconds)
        self._rows.finish(job, state, end, cost, self._clock(), model)
        self._backend.clean(attempt.key)
        return self._view(self._again(job), attempt, None)

    def _again(self, job: Job) -> Job:
        return self._rows.job(self._owner_id, job.job_id) or job

    def _view(self, job: Job, attempt: Attempt, machine: Machine | None) -> JobView:
        log = tuple(self._backend.logs(attempt, N_LOG_LINES))
        if machine is not None:
            cost = _cost(attempt.request.usd_per_hour, machine.seconds)
            return JobView(job, machine.progress, machine.status, machine.seconds, cost, log)
        end = job.result or JobEnd()
        return JobView(job, 1.0, end.error or "done", end.seconds, job.cost_usd, log)


def _cost(usd_per_hour: Decimal, seconds: float) -> Decimal:
    return (usd_per_hour * Decimal(str(seconds)) / 3600).quantize(Decimal("0.000001"))


def _hash(job: JobSpec) -> str:
    text = json.dumps(job.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
