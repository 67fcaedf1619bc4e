"""What our own code tells the person: the card that asks for a yes, from the quote's row alone; numbers to check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from prompts import render
from prompts.visible import one_line, quoted

MAX_SENTENCE = 400
MAX_NAMES = 12
N_CELLS = 10
KIND_WORDS = {"number": "numbers", "category": "categories", "date": "dates", "boolean": "true/false"}


class Training(Protocol):
    """What the card needs of what is trained."""

    @property
    def kind(self) -> Literal["training"]:
        """That a model is trained."""

    @property
    def target(self) -> str:
        """The column to predict."""

    @property
    def model(self) -> str:
        """The type of model."""

    @property
    def task(self) -> str:
        """What the target makes it."""

    @property
    def kinds(self) -> Mapping[str, str]:
        """The kind of each feature by its name."""

    @property
    def groups(self) -> str | None:
        """The column whose rows stay together."""

    @property
    def time(self) -> str | None:
        """The column in whose order rows are parted."""

    @property
    def weights(self) -> str | None:
        """The column that says how much each row counts."""

    @property
    def settings(self) -> Mapping[str, object]:
        """All that is other than by default, by name."""


class Predicting(Protocol):
    """What the card needs of predictions."""

    @property
    def kind(self) -> Literal["prediction"]:
        """That rows are predicted."""

    @property
    def model_id(self) -> str:
        """By which model."""

    @property
    def model(self) -> str:
        """Its type."""

    @property
    def target(self) -> str:
        """What it predicts."""

    @property
    def task(self) -> str:
        """Regression or classification."""

    @property
    def features(self) -> Sequence[str]:
        """The columns that it needs."""

    @property
    def each_class(self) -> bool:
        """Whether the probability of each class is given."""

    @property
    def cut(self) -> tuple[str, float] | None:
        """The class that is said, and from which probability on, where that was asked for."""


class FrozenJob(Protocol):
    """What the card needs of a job."""

    @property
    def work(self) -> Training | Predicting:
        """What is done."""

    @property
    def dataset(self) -> str:
        """On what."""

    @property
    def rows(self) -> int:
        """How many rows that has."""

    @property
    def warnings(self) -> Sequence[str]:
        """What the person must know before saying yes."""


class QuoteRow(Protocol):
    """What the card needs of a quote."""

    @property
    def job(self) -> FrozenJob:
        """The frozen job."""

    @property
    def price_as_of(self) -> str:
        """The day of the price, or that it is of now."""

    @property
    def created_at(self) -> datetime:
        """When the quote was made."""

    @property
    def expires_at(self) -> datetime:
        """Until when the quote is good, in UTC."""


class BudgetLeft(Protocol):
    """What the card needs of a budget for jobs."""

    @property
    def period(self) -> str:
        """A day's or a month's: day or month."""

    @property
    def left_usd(self) -> Decimal:
        """Dollars that are left."""

    @property
    def budget_usd(self) -> Decimal:
        """Dollars of the whole."""


class BudgetPassed(Protocol):
    """What the words on a budget for jobs need."""

    @property
    def period(self) -> str:
        """A day's or a month's: day or month."""

    @property
    def percent(self) -> int:
        """How much of it is spent, at least."""

    @property
    def spent_usd(self) -> Decimal:
        """Dollars that are spent."""

    @property
    def budget_usd(self) -> Decimal:
        """Dollars of the whole."""


def confirm_card(quote: QuoteRow, left: BudgetLeft | None = None) -> str:
    """The quote as a person reads it before saying yes, with what is left for jobs where that is known.

    Names come out of files: each stands in quotes on a line of its own, so that none can forge a line about the price.
    """
    work = quote.job.work
    if work.kind == "prediction":
        return _prediction_card(quote, work, left)
    training = work
    names = [("dataset", quoted(quote.job.dataset)), ("target", quoted(training.target))]
    for kind, those in names_by_kind(training.kinds).items():
        names += zip([KIND_WORDS[kind], *[""] * MAX_NAMES], _shown(those), strict=False)
    names += _parted(training)
    settings = [one_line(f"{name} {_plain(value)}") for name, value in training.settings.items()]
    names += zip(["settings", *[""] * len(settings)], settings, strict=False)
    return render(
        "confirm_cost",
        quote=quote,
        model=one_line(training.model),
        task=one_line(training.task),
        n_features=len(training.kinds),
        names=names,
        **_terms(quote, left),
    )


def _prediction_card(quote: QuoteRow, work: Predicting, left: BudgetLeft | None) -> str:
    names = [("dataset", quoted(quote.job.dataset)), ("target", quoted(work.target))]
    names += zip(["columns", *[""] * MAX_NAMES], _shown(work.features), strict=False)
    if work.each_class:
        names.append(("also", "the probability of each class"))
    if work.cut is not None:
        names.append(("threshold", f"{quoted(work.cut[0])} from a probability of {work.cut[1]:g} on"))
    return render(
        "confirm_prediction",
        quote=quote,
        model_id=one_line(work.model_id),
        model=one_line(work.model),
        task=one_line(work.task),
        n_features=len(work.features),
        names=names,
        **_terms(quote, left),
    )


def _terms(quote: QuoteRow, left: BudgetLeft | None) -> dict[str, Any]:
    """What stands on every card."""
    return {
        "rows": quote.job.rows,
        "age": price_age(quote.price_as_of, quote.created_at),
        "left": left,
        "expires": f"{quote.expires_at:%H:%M:%S}",
        "warnings": [quoted(warning, MAX_SENTENCE) for warning in quote.job.warnings[:MAX_NAMES]],
    }


def _parted(training: Training) -> list[tuple[str, str]]:
    """The lines that say by what rows are parted, where that isn't by chance, and how they count."""
    lines = []
    if training.groups is not None:
        lines += [("groups", quoted(training.groups)), ("", "no value of it is both in training and test rows")]
    if training.time is not None:
        name = "the table's order" if training.time == "_row" else quoted(training.time)
        lines += [("order", name), ("", "trained on the earlier rows, tested on the later")]
    if training.weights is not None:
        lines += [("weights", quoted(training.weights)), ("", "of rows, in the fit and in the scores")]
    return lines


def price_age(as_of: str, now: datetime) -> str:
    """How old a price is: ", 3 days old"; nothing where it is of no day."""
    try:
        days = (now.date() - date.fromisoformat(as_of[:10])).days
    except ValueError:
        return ""
    return ", of today" if days <= 0 else f", {days} day{'' if days == 1 else 's'} old"


def names_by_kind(kinds: Mapping[str, str]) -> dict[str, list[str]]:
    """The names of features under number, category, date and boolean; kinds that none has are left out."""
    found = {kind: [name for name, its in kinds.items() if its == kind] for kind in KIND_WORDS}
    return {kind: names for kind, names in found.items() if names}


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _shown(names: Sequence[str]) -> list[str]:
    more = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    return [quoted(name) for name in names[:MAX_NAMES]] + more


def ended_card(job: Mapping[str, Any], passed: Sequence[BudgetPassed] = (), is_told: bool = False) -> str:
    """A job's end: its state; of a model how it scores on how many rows, on those that were kept for testing and in
    cross-validation, and what a person must know of it; without one how far it was, for how long and for how much.

    Parameters
    ----------
    job : mapping
        A job as poll_job shows it.
    passed : sequence of BudgetPassed
        What its cost has brought the spending over.
    is_told : bool
        Whether what was predicted stands in the conversation already.
    """
    model, predicted = job.get("model"), job.get("predicted")
    return render(
        "job_ended",
        job_id=job["job_id"],
        state=job["state"],
        status=one_line(job["status"], MAX_SENTENCE),
        model=None if model is None else one_line(model),
        metrics=job["metrics"],
        baseline=job.get("baseline", {}),
        test_rows=job.get("test_rows"),
        is_folded=job.get("scored_in_folds", False),
        folded=job.get("cross_validated"),
        searched=job.get("searched"),
        fitted=one_line(job.get("fitted", "")),
        progress=job["progress"],
        seconds=job["seconds"],
        usd=job["cost_usd"],
        warnings=[one_line(warning, MAX_SENTENCE) for warning in (predicted or job).get("warnings", [])],
        predicted=predicted,
        is_told=is_told,
        target="" if predicted is None else quoted(predicted["target"]),
        shown=one_line,
        passed=passed,
        ask_again=job.get("ask_again", False),
    )


@dataclass(frozen=True)
class JobProgress:
    """How a job stands, for the message that follows it; `ended` is how, once it has."""

    job_id: str
    model: str
    target: str
    dataset: str
    share: float
    status: str
    seconds: float
    max_seconds: int
    usd: Decimal
    cap_usd: Decimal
    ended: str | None = None
    scores: Mapping[str, float | None] = field(default_factory=dict)


def progress_card(job: JobProgress) -> str:
    """The message that follows a job: what it is, a bar, its stage, seconds and dollars; its scores at the end."""
    return render(
        "job_progress",
        job=job,
        model=one_line(job.model),
        target=quoted(job.target),
        dataset=quoted(job.dataset),
        bar=bar(job.share),
        status=one_line(job.status, MAX_SENTENCE),
        scores={name: value for name, value in job.scores.items() if value is not None},
    )


def bar(share: float) -> str:
    """A share in [0, 1] as ten cells."""
    full = int(max(0.0, min(1.0, share)) * N_CELLS)
    return "▓" * full + "░" * (N_CELLS - full)


def flagged_sentence(numbers: Sequence[str]) -> str:
    """What stands under a reply whose numbers have no source."""
    return render("flagged", numbers=list(numbers))
