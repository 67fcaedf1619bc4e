"""show_spending: the dollars, spent and held, beside the budgets."""

from __future__ import annotations

from decimal import Decimal

from adapters.records import JobState
from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.results import Fields, MadeCall, ToolOutput
from tools.spec import Arguments, tool
from tools.telling import as_table, number


class ShowSpending(Arguments):
    """Nothing to say: it is the owner's own spending."""


SENTENCES = (
    Sentences(
        (
            "(what|how much) (did i spend|have i spent|did we spend|have we spent|did this cost|has this cost|did "
            "it cost) [today|so far|in all]",
            "[show] [my] (spending|costs)",
            "(what|how much) is left of [my] budget",
            "how much budget is left",
        ),
        (),
        without_data,
    ),
)


class Dollars(Fields):
    """What was spent on the model itself and on jobs."""

    model_usd: float
    jobs_usd: float


class Budget(Fields):
    """What a day may cost, and what of it is left."""

    model_usd: float
    model_left_usd: float
    jobs_usd: float
    jobs_left_usd: float


class MonthBudget(Fields):
    """What jobs have cost and may cost in a month, and what of it is left."""

    jobs_spent_usd: float
    jobs_usd: float
    jobs_left_usd: float


class JobCost(Fields):
    """What one job has cost."""

    job_id: str
    state: JobState
    cost_usd: float


class Spent(Fields):
    """The owner's spending. Where the jobs are cut to size, `total` stays the dollars in all.

    What was kept before there were budgets of a month has none.
    """

    today: Dollars
    total: Dollars
    reserved_usd: float
    budget_per_day: Budget
    jobs: tuple[JobCost, ...]
    month: MonthBudget | None = None
    most_per_job_usd: float | None = None
    truncated: bool = False
    left_out: dict[str, int] | None = None


def _told(call: MadeCall[Spent]) -> str:
    result = call.result
    today, total, budget = result.today, result.total, result.budget_per_day
    rows = [
        ["the model", today.model_usd, total.model_usd, budget.model_left_usd, budget.model_usd],
        ["jobs", today.jobs_usd, total.jobs_usd, budget.jobs_left_usd, budget.jobs_usd],
    ]
    month = result.month
    monthly = (
        ""
        if month is None or result.most_per_job_usd is None
        else (
            f" Jobs have cost ${number(month.jobs_spent_usd)} this month (UTC), of ${number(month.jobs_usd)}; "
            f"one job may cost ${number(result.most_per_job_usd)} at most."
        )
    )
    table = as_table(["dollars", "today", "in all", "left today", "budget of a day"], rows)
    return f"{table}\n\n${number(result.reserved_usd)} are reserved for jobs that are not closed.{monthly}"


@tool(
    effect="read",
    gives="dollars spent and reserved, today and in all, beside the budgets of a day and a month",
    example={},
    sentences=SENTENCES,
    told=_told,
)
def show_spending(arguments: ShowSpending, context: ToolContext) -> ToolOutput[Spent]:
    """Show what was spent, today (UTC) and in all, on the model itself and on jobs, what is reserved for jobs that are
    not closed, the budgets of a day and of a month with what is left of them, and each job's cost. It only reads.
    """
    purse, spending = context.purse, context.purse.spending()
    jobs, (day, month) = spending.jobs, purse.left_of_each(spending)
    return ToolOutput(
        Spent(
            today=Dollars(model_usd=_usd(spending.model_today), jobs_usd=_usd(jobs.charged_today)),
            total=Dollars(model_usd=_usd(spending.model), jobs_usd=_usd(jobs.charged)),
            reserved_usd=_usd(jobs.reserved),
            budget_per_day=Budget(
                model_usd=_usd(purse.model_day_usd),
                model_left_usd=_usd(max(Decimal(0), purse.model_day_usd - spending.model_today)),
                jobs_usd=_usd(day.budget_usd),
                jobs_left_usd=_usd(day.left_usd),
            ),
            month=MonthBudget(
                jobs_spent_usd=_usd(jobs.charged_this_month),
                jobs_usd=_usd(month.budget_usd),
                jobs_left_usd=_usd(month.left_usd),
            ),
            most_per_job_usd=_usd(purse.jobs.job_usd),
            jobs=tuple(
                JobCost(job_id=job.job_id, state=job.state, cost_usd=_usd(job.cost_usd)) for job in context.jobs.all()
            ),
        )
    )


def _usd(usd: Decimal) -> float:
    return float(round(usd, 6))
