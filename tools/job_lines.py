"""A job as tools and commands show it."""

from __future__ import annotations

from adapters.records import JobState
from prompts.dollars import dollars
from tools.cluster_lines import cluster_told
from tools.fold_lines import folds_told
from tools.jobs.following import JobView
from tools.ml.cross_validated import CrossValidated, Standing
from tools.ml.metadata import ChosenPenalty, ClusterUse, Coefficient, Intercept, Scores
from tools.ml.spec import Setting
from tools.model_lines import equation_of, metadata_of, worth_of
from tools.models import Models
from tools.predictions.result import Predicted
from tools.predictions.told import told
from tools.results import MadeCall, Result, if_any
from tools.search_lines import SearchLine, search_line, search_told
from tools.telling import as_table, number, warned

MAX_LOG_CHARACTERS = 200
ASK_AGAIN = "`ask me again` puts the question at the prices of now; nothing starts without your yes."


class JobStatus(Result):
    """How a job stands; once its model is there, what that is worth, and of a linear one the equation; once its
    predictions are there, those in short."""

    job_id: str
    state: JobState
    progress: float
    status: str
    metrics: Scores | None
    seconds: float
    cost_usd: float
    log_tail: tuple[str, ...]
    moves: tuple[str, ...] = ()
    ask_again: bool = False
    model: str | None = None
    fitted: str | None = None
    settings: dict[str, Setting] | None = None
    intervals: dict[str, tuple[float, float]] | None = None
    baseline: Scores | None = None
    test_rows: int | None = None
    scored_in_folds: bool = False
    against_baseline: Standing | None = None
    cross_validated: CrossValidated | None = None
    cluster: ClusterUse | None = None
    searched: SearchLine | None = None
    warnings: tuple[str, ...] = ()
    warning_codes: tuple[str, ...] = ()
    penalty: ChosenPenalty | None = None
    n_nonzero: int | None = None
    n_coefficients: int | None = None
    event: str | None = None
    reference: dict[str, str] | None = None
    intercept: float | None = None
    intercepts: tuple[Intercept, ...] | None = None
    coefficients: tuple[Coefficient, ...] | None = None
    predicted: Predicted | None = None


def job_line(view: JobView, models: Models) -> JobStatus:
    """The line of a job."""
    line = JobStatus(
        job_id=view.job.job_id,
        state=view.job.state,
        progress=view.progress,
        status=view.status,
        metrics=None,
        seconds=round(view.seconds, 2),
        cost_usd=float(view.cost_usd),
        log_tail=tuple(text[:MAX_LOG_CHARACTERS] for text in view.log_tail),
        **if_any(moves=view.moves, ask_again=view.asks_again or None),
    )
    if view.job.result is not None and view.job.result.predicted is not None:
        return line.model_copy(update={"predicted": Predicted.model_validate(view.job.result.predicted)})
    if view.job.result is None or view.job.result.model is None:
        return line
    model = models.of_job(view.job.result.model)
    if model is None:
        return line
    metadata = metadata_of(model)
    intervals = if_any(
        intervals=metadata.intervals,
        cross_validated=metadata.cross_validated,
        searched=search_line(metadata.searched),
        settings=metadata.spec.values or None,
        cluster=metadata.cluster,
    )
    return line.model_copy(
        update={
            "model": model.model_id,
            "fitted": metadata.spec.model,
            **intervals,
            **worth_of(metadata),
            **equation_of(metadata),
        }
    )


def job_told(call: MadeCall[JobStatus]) -> str:
    """How a job stands, in words."""
    job = call.result
    if job.predicted is not None:
        done = f"Done, {job.seconds} s paid for, {dollars(job.cost_usd)}."
        return "\n\n".join([*job.moves, done, told(MadeCall(call.arguments, job.predicted))])
    if job.state is JobState.SUCCEEDED:
        baseline, intervals = job.baseline or {}, job.intervals or {}
        rows = [
            [name, value, _interval(intervals.get(name)), baseline.get(name)]
            for name, value in (job.metrics or {}).items()
        ]
        of = "rows, each out of its fold" if job.scored_in_folds else "test rows"
        table = as_table([f"on {job.test_rows} {of}", "model", "95 % interval", "baseline"], rows)
        done = f"Done in {job.seconds} s for {dollars(job.cost_usd)}: **{job.model}**{_chosen(job)}."
        done += cluster_told(job.cluster)
        parts = [*folds_told(job.cross_validated), *search_told(job.searched), *warned(job.warnings)]
        return "\n\n".join([*job.moves, done, table, *parts])
    if not job.state.is_final:
        cost = f"{dollars(job.cost_usd)} so far"
        still = f"Still running: {job.status}, {job.progress:.0%} after {job.seconds} s, {cost}."
        return "\n\n".join([*job.moves, still])
    why = "" if job.state is JobState.CANCELLED else f": {job.status}"
    ended = f"The job ended without a result ({job.state.replace('_', ' ')}){why}"
    said = f"{ended}, at {job.progress:.0%} after {job.seconds} s, for {dollars(job.cost_usd)}."
    return f"{said} {ASK_AGAIN}" if job.ask_again else said


def _chosen(job: JobStatus) -> str:
    """What a search has chosen."""
    if job.searched is None:
        return ""
    settings = ", ".join(f"{name} {number(value)}" for name, value in (job.settings or {}).items())
    return f": {job.fitted}, with {settings or 'its defaults'}"


def _interval(bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else f"{number(bounds[0])} to {number(bounds[1])}"
