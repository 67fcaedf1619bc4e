"""Predictions that a person has agreed to a price for: they run where the quote says, and are waited for a little."""

from __future__ import annotations

import time

from adapters.records import Approval, JobState, PredictionSpec
from prompts.dollars import dollars
from tools.context import ToolContext
from tools.errors import ToolError
from tools.jobs.following import JobView
from tools.predictions.result import Predicted
from tools.results import Result, ToolOutput, if_any

WAIT_S, LOOK_S = 30.0, 0.2


class PredictionsBegun(Result):
    """How a job of predictions stands that has not ended yet, or not as it should."""

    job_id: str
    state: JobState
    status: str
    progress: float
    cost_usd: float
    moves: tuple[str, ...] = ()


def by_quote(model: str, approval: Approval, context: ToolContext) -> ToolOutput[Predicted | PredictionsBegun]:
    """Start the job of the approved quote, and wait some seconds for its end.

    Raises
    ------
    ToolError
        If the quote is for another model; as `Desk.launch`.
    """
    quote = context.jobs.offered(approval.quote_id)
    work = None if quote is None else quote.job.work
    if not isinstance(work, PredictionSpec) or context.models.get(model).model_id != work.model_id:
        told = "other predictions" if not isinstance(work, PredictionSpec) else f"the model {work.model_id}"
        raise ToolError(f"nothing was started: the quote is for {told}")
    view, deadline = context.jobs.launch(approval), time.monotonic() + WAIT_S
    while not view.job.state.is_final and time.monotonic() < deadline and not context.cancel.is_set():
        context.progress(view.status, view.progress)
        context.cancel.wait(LOOK_S)
        view = context.jobs.get(view.job.job_id)
    return outcome(view, context)


def outcome(view: JobView, context: ToolContext) -> ToolOutput[Predicted | PredictionsBegun]:
    """What a job of predictions has made, with its file; or how it stands."""
    job, file = view.job, context.jobs.file_of(view.job)
    if file is not None and job.result is not None:
        found = Predicted.model_validate({**(job.result.predicted or {}), "job_id": job.job_id})
        return ToolOutput(found, (file,))
    return ToolOutput(
        PredictionsBegun(
            job_id=job.job_id,
            state=job.state,
            status=view.status,
            progress=view.progress,
            cost_usd=float(view.cost_usd),
            **if_any(moves=view.moves),
        )
    )


def begun_told(job: PredictionsBegun) -> str:
    """How it stands, in words."""
    moves = [f"{move[:1].upper()}{move[1:]}." for move in job.moves]
    if job.state.is_final:
        how = f"{job.job_id} has {job.state.value.replace('_', ' ')} ({job.status}), for {dollars(job.cost_usd)}"
        return "\n\n".join([*moves, f"Nothing was predicted: {how}."])
    under_way = f"{job.job_id} is under way ({job.status}, {job.progress:.0%}). Ask `how is it going?`"
    return "\n\n".join([*moves, f"The predictions are being made: {under_way}."])
