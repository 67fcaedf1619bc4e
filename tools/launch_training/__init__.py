"""launch_training: what a person has agreed to begins."""

from __future__ import annotations

from pydantic import Field

from adapters.records import Approval
from tools.context import ToolContext
from tools.launch_training.result import Launched
from tools.results import MadeCall, ToolOutput
from tools.scripting import later
from tools.spec import Arguments, tool


class LaunchTraining(Arguments):
    """The quote, and nothing that could change its price."""

    quote_id: str = Field(description="A quote_id that estimate_cost gave in this conversation.")


def _told(call: MadeCall[Launched]) -> str:
    return f"Training has started as {call.result.job_id}. Ask `how is it going?`."


@tool(
    effect="spend",
    gives="the training that a quote describes, in a worker process of its own, after your yes: linear, "
    "ridge, lasso, logistic (penalty by cross-validation), forest, boosting",
    example={"quote_id": "q_3f9a"},
    told=_told,
    script=later("tools.launch_training.script"),
)
def launch_training(arguments: LaunchTraining, context: ToolContext, approval: Approval) -> ToolOutput[Launched]:
    """Start the training that a quote describes. The program shows the user the price and asks; only after a yes it
    runs. Do not ask in your own words first: call this tool, and the question is put.

    Gives the job's id; follow it with poll_job. A quote starts one job at most.
    """
    job = context.jobs.launch(approval).job
    return ToolOutput(Launched(job_id=job.job_id, state=job.state))
