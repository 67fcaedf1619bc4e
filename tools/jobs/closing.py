"""A machine has ended: it is seen to be gone, its result is taken over, the job is closed or tried elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adapters.compute.base import ComputeError, Machine, NoCapacity, UnusableResult
from adapters.records import Attempt, Job, JobEnd, JobState, JsonValue, Model, PredictionSpec
from tools.errors import ToolError
from tools.jobs.launching import Launching
from tools.jobs.means import Means, cost
from tools.jobs.staging import quoted_model
from tools.ml.metadata import Cost
from tools.model_lines import metadata_of


class Closing:
    """Closes one owner's jobs. Each of its steps gives whether the job is closed or goes on elsewhere by now."""

    def __init__(self, means: Means, launching: Launching) -> None:
        self._means = means
        self._launching = launching

    def collect(self, job: Job, attempt: Attempt, machine: Machine) -> bool:
        """See that the machine is gone, and take its result over; False where that must be tried again later.

        Raises
        ------
        ToolError
            If the model could not be kept; it is tried again.
        """
        backend = self._means.backend(attempt.backend)
        try:
            backend.terminate(attempt)
        except ComputeError:
            return False
        if machine.result is not None and machine.result.error is None:
            return self._take_over(job, attempt, machine)
        if machine.result is not None:
            return self.close(job, attempt, JobState.FAILED, _end(machine.result.error, machine))
        if self._means.again(job).cancel_requested:
            return self.close(job, attempt, JobState.CANCELLED, _end("cancelled", machine))
        if machine.is_lost:
            return self._go_on(job, attempt, machine)
        state = JobState.BUDGET_STOPPED if machine.at_limit else JobState.FAILED
        return self.close(job, attempt, state, _end(machine.end_reason, machine))

    def close(self, job: Job, attempt: Attempt, state: JobState, end: JobEnd, model: Model | None = None) -> bool:
        """Close the job: its end, its model, its dollars."""
        usd = cost(attempt.request.usd_per_hour, end.seconds)
        last = replace(attempt, seconds=end.seconds, usd=usd)
        self._means.rows.finish(job, last, state, end, self._means.clock(), model)
        self._means.backend(attempt.backend).clean(attempt.key)
        return True

    def _take_over(self, job: Job, attempt: Attempt, machine: Machine) -> bool:
        means, work, model = self._means, job.spec.work, None
        try:
            output = means.backend(attempt.backend).fetch(attempt)
            if isinstance(work, PredictionSpec):
                end = JobEnd(predicted=self._predicted(job, work, output), seconds=machine.seconds, progress=1.0)
            else:
                usd = cost(attempt.request.usd_per_hour, machine.seconds)
                model = means.models.install(job, output, Cost(usd=float(usd), seconds=machine.seconds))
                # The scores are those that were looked at when it was taken over, not what the result says of them.
                scores = metadata_of(model).metrics
                end = JobEnd(metrics=scores, model=model.model_id, seconds=machine.seconds, progress=1.0)
        except (UnusableResult, ToolError) as error:
            return self.close(job, attempt, JobState.FAILED, _end(str(error), machine))
        except ComputeError:
            return False
        except OSError as error:
            why = f"could not be kept ({error.strerror}); it is tried again"
            raise ToolError(f"what {job.job_id} has made {why}") from error
        return self.close(job, attempt, JobState.SUCCEEDED, end, model)

    def _predicted(self, job: Job, work: PredictionSpec, output: Path) -> dict[str, JsonValue]:
        """What is said of the predictions, once their file is there."""
        means, model = self._means, quoted_model(self._means, work, is_paid=True)
        dataset, loaded = means.dataset(job.spec), means.models.load(model)
        return dict(means.keeping.install(job, work, dataset, model, loaded, output).as_json())

    def _go_on(self, job: Job, attempt: Attempt, machine: Machine) -> bool:
        """The provider took the machine away: the job goes on elsewhere, for what is left of the cap."""
        usd = cost(attempt.request.usd_per_hour, machine.seconds)
        ended = replace(attempt, seconds=machine.seconds, usd=usd)
        try:
            self._launching.follow(job, ended, machine.end_reason or "the machine was taken away")
        except NoCapacity as error:
            end = _end(str(error), machine).model_copy(update={"ask_again": True})
            return self.close(job, attempt, JobState.FAILED, end)
        self._means.backend(attempt.backend).clean(attempt.key)
        return True


def _end(reason: str | None, machine: Machine) -> JobEnd:
    return JobEnd(error=reason, seconds=machine.seconds, progress=machine.progress)
