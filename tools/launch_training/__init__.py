"""launch_training: what a person has agreed to begins."""

from __future__ import annotations

from pydantic import Field

from adapters.records import Approval, JobState, Quote, TrainingSpec
from tools.context import ToolContext
from tools.job_lines import ASK_AGAIN
from tools.launch_training.result import Launched
from tools.results import MadeCall, ToolOutput, if_any
from tools.scripting import later
from tools.spec import Arguments, tool


class LaunchTraining(Arguments):
    """The quote, and nothing that could change its price."""

    quote_id: str = Field(description="A quote_id that estimate_cost gave in this conversation.")


def _told(call: MadeCall[Launched]) -> str:
    job = call.result
    if job.state.is_final and job.state is not JobState.SUCCEEDED:
        said = f"Nothing is being trained: {job.job_id} has {job.state.value.replace('_', ' ')} ({job.status})."
        return f"{said} {ASK_AGAIN}" if job.ask_again else said
    if job.state is JobState.QUEUED:
        return f"{job.job_id} has not started yet: {job.status}. Ask `how is it going?`."
    started = f"Training has started as {job.job_id}. Ask `how is it going?`."
    return "\n\n".join([*(f"{move[:1].upper()}{move[1:]}." for move in job.moves), started])


def _misfit(arguments: LaunchTraining, quote: Quote) -> str | None:
    """Why the quote is not for a training."""
    if isinstance(quote.job.work, TrainingSpec):
        return None
    return f"the quote is for predictions: predict takes it (model {quote.job.work.model_id}, its quote_id)"


@tool(
    effect="spend",
    gives="the training that a quote describes, in a worker process of its own, after your yes: linear, "
    "ridge, lasso, logistic (penalty by cross-validation), forest, boosting",
    example={"quote_id": "q_3f9a"},
    told=_told,
    script=later("tools.launch_training.script"),
    misfit=_misfit,
)
def launch_training(arguments: LaunchTraining, context: ToolContext, approval: Approval) -> ToolOutput[Launched]:
    """Start the training that a quote describes. The program shows the user the price and asks; only after a yes it
    runs. Do not ask in your own words first: call this tool, and the question is put.

    Gives the job's id; follow it with poll_job. A quote starts one job at most. Where its `state` is failed, or queued
    with a `status`, it has not started, and `status` says why; `moves` says why it is where it was not quoted for. With
    `ask_again` no machine was left at the price that was agreed to: offer a new quote (estimate_cost).
    """
    view = context.jobs.launch(approval)
    is_under_way = view.job.state is JobState.ACTIVE
    return ToolOutput(
        Launched(
            job_id=view.job.job_id,
            state=view.job.state,
            **if_any(status=None if is_under_way else view.status, moves=view.moves, ask_again=view.asks_again or None),
        )
    )
