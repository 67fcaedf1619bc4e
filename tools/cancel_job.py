"""cancel_job: a running job is stopped."""

from __future__ import annotations

from pydantic import Field

from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.job_lines import JobStatus, job_line, job_told
from tools.results import ToolOutput
from tools.spec import Arguments, tool


class CancelJob(Arguments):
    """Which job."""

    job_id: str = Field(description="A job_id that launch_training gave.")


SENTENCES = (Sentences(("(cancel|stop|abort|kill) (it|job|my job|training|{job_id:job})",), (), without_data),)


@tool(
    effect="write",
    gives="an end to a job, and what it cost",
    example={"job_id": "job_3f9a"},
    sentences=SENTENCES,
    told=job_told,
)
def cancel_job(arguments: CancelJob, context: ToolContext) -> ToolOutput[JobStatus]:
    """Stop a job, when the user asks for it, and wait until its machine is gone. Gives the final state and cost; a
    job that has ended already stays as it is.
    """
    return ToolOutput(job_line(context.jobs.cancel(arguments.job_id), context.models))
