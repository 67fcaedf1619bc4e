"""A job is brought to what its machine says."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from decimal import Decimal

from adapters.compute.base import ComputeError, Machine, NoCapacity
from adapters.data.base import DataError
from adapters.records import Attempt, AttemptState, Job, JobEnd, JobState
from tools.errors import ToolError
from tools.jobs.closing import Closing
from tools.jobs.launching import Launching
from tools.jobs.means import Means, cost

N_LOG_LINES = 8
KEEPING_S, LOOK_S = 10.0, 0.1
"""How long is waited for another program, or thread, that takes the result over."""


@dataclass(frozen=True)
class JobView:
    """One job as it stands: the row, and what its machine and its worker say; `moves` is why it went elsewhere."""

    job: Job
    progress: float
    status: str
    seconds: float
    cost_usd: Decimal
    log_tail: tuple[str, ...]
    moves: tuple[str, ...] = ()

    @property
    def asks_again(self) -> bool:
        """Whether it has ended as no machine was left at the price that was agreed to."""
        return self.job.result is not None and self.job.result.ask_again


class Following:
    """Follows one owner's jobs; threads of one program take turns."""

    def __init__(self, means: Means, launching: Launching) -> None:
        self._means = means
        self._launching = launching
        self._closing = Closing(means, launching)
        self._lock = threading.Lock()

    def advance(self, job: Job) -> JobView:
        """Take the job as far as it goes now; that its machine cannot be asked, or ended, is in the view's status."""
        with self._lock:
            return self._advance(self._means.again(job))

    def _advance(self, job: Job) -> JobView:
        attempt = self._means.rows.attempt(job)
        if job.state.is_final:
            return self._view(job, attempt, None)
        if attempt.state in (AttemptState.INTENT, AttemptState.LAUNCHING):
            # Two programs that look for a pod and find none would make two: one of them waits for its next look.
            with self._means.rows.starting(job) as is_mine:
                if not is_mine:
                    return self._view(job, attempt, None, "another program is starting its machine")
                try:
                    attempt = self._launching.start(job, self._means.rows.attempt(job))
                except (DataError, ToolError, ComputeError) as error:
                    return self._not_started(job, error)
                except Exception as error:
                    # Whoever agreed is told of a mistake of ours: it must not start when the mistake is gone.
                    self._not_started(job, ToolError(f"a mistake of ours: {type(error).__name__}"))
                    raise
        try:
            backend = self._means.backend(attempt.backend)
            machine = backend.state(attempt)
            if machine.is_running and self._means.again(job).cancel_requested:
                # Its end was asked for while it was being started.
                backend.terminate(attempt)
                machine = backend.state(attempt)
        except (ComputeError, ToolError) as error:
            return self._view(self._means.again(job), attempt, None, str(error))
        if machine.is_running or not self._collected(job, attempt, machine):
            return self._view(self._means.again(job), attempt, machine)
        job = self._means.again(job)
        if job.state.is_final:
            return self._view(job, self._means.rows.attempt(job), None)
        # It goes on elsewhere: its attempts are fewer than there are places.
        return self._advance(job)

    def _collected(self, job: Job, attempt: Attempt, machine: Machine) -> bool:
        """Whether the job is closed or goes on elsewhere, by this program, or by another that does it meanwhile."""
        deadline = time.monotonic() + KEEPING_S
        while time.monotonic() < deadline:
            with self._means.rows.keeping(job) as is_mine:
                again = self._means.again(job)
                if again.state.is_final or self._means.rows.attempt(again).attempt_id != attempt.attempt_id:
                    return True
                if is_mine:
                    return self._closing.collect(again, attempt, machine)
            time.sleep(LOOK_S)
        return False

    def _not_started(self, job: Job, error: Exception) -> JobView:
        # Whoever agreed is told that it was not started: from here on it is not to start any more.
        self._means.rows.request_cancel(job)
        attempt = self._means.rows.attempt(job)
        try:
            # A worker of a run that crashed may be about to begin: it finds its claim taken.
            self._means.backend(attempt.backend).terminate(attempt)
        except (ComputeError, ToolError) as unsure:
            told = f"it could not be started ({error}); whether anything of it runs is looked at again ({unsure})"
            return self._view(self._means.again(job), attempt, None, told)
        self._closing.close(job, attempt, JobState.FAILED, _end_of(error))
        return self._view(self._means.again(job), attempt, None)

    def _view(self, job: Job, attempt: Attempt, machine: Machine | None, problem: str | None = None) -> JobView:
        backend = self._means.backends.get(attempt.backend)
        log = () if backend is None else tuple(backend.logs(attempt, N_LOG_LINES))
        attempts = self._means.rows.attempts(job)
        moves = tuple(one.ended for one in attempts if one.ended)
        if machine is not None:
            earlier = sum((one.usd for one in attempts if one.attempt_id != attempt.attempt_id), Decimal(0))
            usd = earlier + cost(attempt.request.usd_per_hour, machine.seconds)
            return JobView(job, machine.progress, machine.status, machine.seconds, usd, log, moves)
        if problem is not None:
            # Nobody can say what it has cost: this much at most.
            since = (self._means.clock() - attempt.created_at).total_seconds()
            seconds = 0.0 if attempt.state is AttemptState.INTENT else min(since, float(attempt.request.max_seconds))
            usd = sum((one.usd for one in attempts), Decimal(0)) + cost(attempt.request.usd_per_hour, seconds)
            return JobView(job, 0.0, problem, seconds, usd, log, moves)
        end = job.result or JobEnd()
        known = float(job.state is JobState.SUCCEEDED) if end.progress is None else end.progress
        return JobView(job, known, end.error or "done", end.seconds, job.cost_usd, log, moves)


def _end_of(error: Exception) -> JobEnd:
    """How a job ends that could not be started."""
    return JobEnd(error=str(error), progress=0.0, ask_again=isinstance(error, NoCapacity))
