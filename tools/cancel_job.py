"""cancel_job: a running job is stopped; one that has ended is said to have."""

from __future__ import annotations

from pydantic import Field

from adapters.records import JobState
from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.job_lines import JobStatus, job_line, job_told
from tools.results import MadeCall, ToolOutput, if_any
from tools.spec import Arguments, tool


class CancelJob(Arguments):
    """Which job."""

    job_id: str = Field(description="A job_id that launch_training gave.")


class CancelledJob(JobStatus):
    """How the job stands now; `had_ended` where there was nothing left to stop."""

    had_ended: bool = False


def _told(call: MadeCall[CancelledJob]) -> str:
    """How the job stands, behind a sentence that it had ended where it had."""
    job = call.result
    how = job_told(MadeCall(call.arguments, job))
    state = job.state.replace("_", " ")
    return f"{job.job_id} had ended before ({state}): nothing was cancelled.\n\n{how}" if job.had_ended else how


SENTENCES = (Sentences(("(cancel|stop|abort|kill) (it|job|my job|training|{job_id:job})",), (), without_data),)


@tool(
    effect="write",
    gives="an end to a job, and what it cost",
    example={"job_id": "job_3f9a"},
    sentences=SENTENCES,
    told=_told,
)
def cancel_job(arguments: CancelJob, context: ToolContext) -> ToolOutput[CancelledJob]:
    """Stop a job, when the user asks for it, and wait until its machine is gone. Gives the final state, how far it
    was, seconds and cost. A job that has ended already stays as it is, and `had_ended` says so: tell the user.
    """
    was_final = context.jobs.find(arguments.job_id).state.is_final
    view = context.jobs.cancel(arguments.job_id)
    # What its machine had done before the end was asked for is kept: then there was nothing to cancel.
    had_ended = was_final or (view.job.state.is_final and view.job.state is not JobState.CANCELLED)
    line = job_line(view, context.models)
    known = {name: getattr(line, name) for name in line.model_fields_set}
    return ToolOutput(CancelledJob(**known, **if_any(had_ended=had_ended or None)))
