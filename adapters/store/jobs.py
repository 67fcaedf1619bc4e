"""Jobs, their attempts, and the money that they hold. Row before call, always."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from adapters.budget_periods import next_day, next_month
from adapters.errors import AdapterError
from adapters.records import (
    Approval,
    ApprovalState,
    Attempt,
    AttemptState,
    Job,
    JobBudgets,
    JobEnd,
    JobState,
    Json,
    Model,
)
from adapters.store.approvals import read_quote
from adapters.store.database import Database
from adapters.store.locks import named_lock
from adapters.store.models import insert_model
from adapters.store.spending import JobSpending, spent_on_jobs
from adapters.store.tables import approvals, attempts, jobs, ledger, quotes
from adapters.uptime import Uptime, read_uptime
from adapters.usd_words import usd_words


class ClaimRefused(AdapterError):
    """The approval gives no right to launch; the message says why."""


class JobTable:
    """Jobs and attempts; every change of state is a compare-and-set."""

    def __init__(self, database: Database, uptime: Callable[[], Uptime] = read_uptime) -> None:
        self._database = database
        self._uptime = uptime

    def claim(self, approval: Approval, job: Job, attempt: Attempt, budgets: JobBudgets, now: datetime) -> None:
        """Use the approval up and write the job, its first attempt's intent and the reserved dollars: all or nothing.

        Parameters
        ----------
        budgets : JobBudgets
            What the owner's jobs may cost in a day and a month: what was charged and what is reserved, this cap too.

        Raises
        ------
        ClaimRefused
            If the approval is not this owner's granted one for this quote and these arguments, or was used before, if
            the quote has expired, or if its cap does not fit into a budget.
        """
        used = (
            approvals.update()
            .where(
                approvals.c.approval_id == approval.approval_id,
                approvals.c.owner_id == approval.owner_id,
                approvals.c.quote_id == approval.quote_id,
                approvals.c.call_id == approval.call_id,
                approvals.c.arguments_hash == approval.arguments_hash,
                approvals.c.state == ApprovalState.GRANTED,
            )
            .values(state=ApprovalState.USED)
        )
        its_quote = sa.select(quotes).where(
            quotes.c.quote_id == approval.quote_id, quotes.c.owner_id == approval.owner_id
        )
        its_job = sa.select(jobs.c.job_id).where(jobs.c.quote_id == approval.quote_id)
        with self._database.write() as connection:
            row = connection.execute(its_quote).one_or_none()
            if row is None:
                raise ClaimRefused("there is no such quote")
            quote = read_quote(row)
            if not quote.is_open(now, self._uptime()):
                raise ClaimRefused("the quote has expired; ask for a new one")
            held = spent_on_jobs(connection, approval.owner_id, now)
            if quote.cap_usd > 0:
                _check_budgets(quote.cap_usd, held, budgets, now)
            if connection.execute(its_job).first() is not None:
                raise ClaimRefused("the quote was used already; ask for a new one")
            if connection.execute(used).rowcount != 1:
                raise ClaimRefused("no unused yes of this person stands behind this call")
            connection.execute(jobs.insert().values(asdict(job)))
            connection.execute(attempts.insert().values(asdict(attempt)))
            _enter(connection, job, "reserve", quote.cap_usd, now)

    def job(self, owner_id: str, job_id: str) -> Job | None:
        """The owner's job of that id."""
        found = self._jobs(jobs.c.owner_id == owner_id, jobs.c.job_id == job_id)
        return found[0] if found else None

    def job_of_approval(self, approval: Approval) -> Job | None:
        """The job that the approval has started, if any."""
        found = self._jobs(jobs.c.owner_id == approval.owner_id, jobs.c.approval_id == approval.approval_id)
        return found[0] if found else None

    def job_of_quote(self, owner_id: str, quote_id: str) -> Job | None:
        """The job that the quote was used for, if any."""
        found = self._jobs(jobs.c.owner_id == owner_id, jobs.c.quote_id == quote_id)
        return found[0] if found else None

    def jobs(self, owner_id: str) -> tuple[Job, ...]:
        """The owner's jobs, newest first."""
        return self._jobs(jobs.c.owner_id == owner_id)

    def open_jobs(self, owner_id: str) -> tuple[Job, ...]:
        """The owner's jobs that are not closed, newest first."""
        return self._jobs(jobs.c.owner_id == owner_id, _is_open())

    def owners_of_open_jobs(self) -> tuple[str, ...]:
        """Who has jobs that are not closed."""
        query = sa.select(jobs.c.owner_id).where(_is_open()).distinct().order_by(jobs.c.owner_id)
        with self._database.read() as connection:
            return tuple(connection.execute(query).scalars())

    def open_keys(self) -> frozenset[str]:
        """The keys of the attempts of every owner's open jobs: whatever runs without one is nobody's."""
        return self._keys(_is_open())

    def closed_keys(self) -> frozenset[str]:
        """The keys of the attempts of every owner's closed jobs."""
        return self._keys(sa.not_(_is_open()))

    def approval_of(self, job: Job) -> Approval:
        """The approval that the job was started with."""
        query = sa.select(approvals).where(approvals.c.approval_id == job.approval_id)
        with self._database.read() as connection:
            row = connection.execute(query).one()._mapping
        return Approval(row["approval_id"], row["owner_id"], row["quote_id"], row["call_id"], row["arguments_hash"])

    def attempt(self, job: Job) -> Attempt:
        """The job's latest attempt."""
        query = sa.select(attempts).where(attempts.c.job_id == job.job_id).order_by(attempts.c.number.desc()).limit(1)
        with self._database.read() as connection:
            return Attempt(**connection.execute(query).one()._mapping)

    def attempts(self, job: Job) -> tuple[Attempt, ...]:
        """All attempts of the job, the first one first."""
        query = sa.select(attempts).where(attempts.c.job_id == job.job_id).order_by(attempts.c.number)
        with self._database.read() as connection:
            return tuple(Attempt(**row._mapping) for row in connection.execute(query))

    def follow_attempt(self, ended: Attempt, following: Attempt) -> bool:
        """Keep how an attempt ended, whose machine is gone, and the intent of the next one: both or none.

        Gives False, and keeps nothing, where that attempt was followed already, or the job is closed or to end.
        """
        change = (
            attempts.update()
            .where(attempts.c.attempt_id == ended.attempt_id, attempts.c.state != AttemptState.GONE, _may_start(ended))
            .values(state=AttemptState.GONE, seconds=ended.seconds, usd=ended.usd, ended=ended.ended)
        )
        with self._database.write() as connection:
            if connection.execute(change).rowcount != 1:
                return False
            connection.execute(attempts.insert().values(asdict(following)))
        return True

    def move_attempt(self, attempt: Attempt, new: AttemptState, handle: Json | None = None) -> bool:
        """Take the attempt from the state that it was read in to the next; False if somebody else has moved it."""
        change = (
            attempts.update()
            .where(attempts.c.attempt_id == attempt.attempt_id, attempts.c.state == attempt.state)
            .values(state=new, **({} if handle is None else {"handle": dict(handle)}))
        )
        with self._database.write() as connection:
            return connection.execute(change).rowcount == 1

    def begin_attempt(self, attempt: Attempt) -> bool:
        """Say that the attempt's machine is about to be started; False, and nothing said, if it must not be any more.

        It must not where the job is closed, its end was asked for, or the machine is known to be there already.
        """
        change = (
            attempts.update()
            .where(
                attempts.c.attempt_id == attempt.attempt_id,
                attempts.c.state.in_((AttemptState.INTENT, AttemptState.LAUNCHING)),
                _may_start(attempt),
            )
            .values(state=AttemptState.LAUNCHING)
        )
        with self._database.write() as connection:
            return connection.execute(change).rowcount == 1

    @contextmanager
    def starting(self, job: Job) -> Iterator[bool]:
        """Whether this program alone may start the job's machine now; its death gives that back to the others."""
        name = f"start-{job.job_id}"
        with named_lock(self._database, name) as is_free:
            yield is_free()

    @contextmanager
    def keeping(self, job: Job) -> Iterator[bool]:
        """Whether this program alone may take over now what the job's machine has made; as `starting`."""
        with named_lock(self._database, f"keep-{job.job_id}") as is_free:
            yield is_free()

    def activate(self, job: Job) -> None:
        """The job's machine is there."""
        self._update(job, jobs.c.state == JobState.QUEUED, {"state": JobState.ACTIVE})

    def request_cancel(self, job: Job) -> None:
        """Remember that the user wants the job to end, before anybody is told."""
        self._update(job, sa.true(), {"cancel_requested": True})

    def finish(
        self, job: Job, last: Attempt, state: JobState, result: JobEnd, now: datetime, model: Model | None
    ) -> bool:
        """Close the job, give the reservation back, charge what its attempts cost, and list the model: all or nothing.

        `last` holds the seconds and dollars of the last attempt. Gives False, and changes nothing, if the job was
        closed already.
        """
        of_it = attempts.c.job_id == job.job_id
        paid = attempts.c.attempt_id == last.attempt_id
        spent = sa.select(sa.func.sum(attempts.c.usd)).where(of_it)
        change = (
            jobs.update()
            .where(jobs.c.job_id == job.job_id, _is_open())
            .values(state=state, result=result, finished_at=now)
        )
        reserved = sa.select(sa.func.sum(ledger.c.usd)).where(ledger.c.job_id == job.job_id, ledger.c.kind == "reserve")
        with self._database.write() as connection:
            if connection.execute(change).rowcount != 1:
                return False
            connection.execute(attempts.update().where(paid).values(seconds=last.seconds, usd=last.usd))
            connection.execute(attempts.update().where(of_it).values(state=AttemptState.GONE))
            cost_usd = connection.execute(spent).scalar() or Decimal(0)
            connection.execute(jobs.update().where(jobs.c.job_id == job.job_id).values(cost_usd=cost_usd))
            _enter(connection, job, "release", -(connection.execute(reserved).scalar() or Decimal(0)), now)
            _enter(connection, job, "charge", cost_usd, now)
            if model is not None:
                insert_model(connection, model)
        return True

    def unbilled(self, since: datetime, until: datetime) -> tuple[Attempt, ...]:
        """The paid attempts of everybody's jobs that were closed in that time, whose bill nobody has seen yet."""
        query = (
            sa.select(attempts)
            .join(jobs, jobs.c.job_id == attempts.c.job_id)
            .where(jobs.c.finished_at >= since, jobs.c.finished_at <= until)
            .where(attempts.c.billed_usd.is_(None), attempts.c.usd > Decimal(0))
        )
        with self._database.read() as connection:
            return tuple(Attempt(**row._mapping) for row in connection.execute(query))

    def true_up(self, attempt: Attempt, billed_usd: Decimal, now: datetime) -> bool:
        """Put the bill in place of what was said: what differs is charged, or given back, now. False if it was done."""
        change = (
            attempts.update()
            .where(attempts.c.attempt_id == attempt.attempt_id, attempts.c.billed_usd.is_(None))
            .values(billed_usd=billed_usd)
        )
        with self._database.write() as connection:
            if connection.execute(change).rowcount != 1:
                return False
            job = Job(**connection.execute(sa.select(jobs).where(jobs.c.job_id == attempt.job_id)).one()._mapping)
            differs = billed_usd - attempt.usd
            cost = job.cost_usd + differs
            connection.execute(jobs.update().where(jobs.c.job_id == job.job_id).values(cost_usd=cost))
            _enter(connection, job, "charge", differs, now)
        return True

    def _jobs(self, *conditions: sa.ColumnElement[bool]) -> tuple[Job, ...]:
        query = sa.select(jobs).where(*conditions).order_by(jobs.c.created_at.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Job(**row._mapping) for row in rows)

    def _keys(self, condition: sa.ColumnElement[bool]) -> frozenset[str]:
        query = sa.select(attempts.c.key).join(jobs, jobs.c.job_id == attempts.c.job_id).where(condition)
        with self._database.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def _update(self, job: Job, condition: sa.ColumnElement[bool], values: dict[str, object]) -> None:
        change = jobs.update().where(jobs.c.job_id == job.job_id, condition).values(values)
        with self._database.write() as connection:
            connection.execute(change)


def _is_open() -> sa.ColumnElement[bool]:
    return jobs.c.state.in_((JobState.QUEUED, JobState.ACTIVE))


def _may_start(attempt: Attempt) -> sa.ColumnElement[bool]:
    """Whether a machine may be started for the attempt's job."""
    return sa.exists().where(jobs.c.job_id == attempt.job_id, _is_open(), jobs.c.cancel_requested.is_(False))


def _enter(connection: sa.Connection, job: Job, kind: str, usd: Decimal, now: datetime) -> None:
    entry = {"owner_id": job.owner_id, "kind": kind, "usd": usd, "at": now, "job_id": job.job_id}
    connection.execute(ledger.insert().values(entry | {"conversation_id": job.conversation_id}))


def _check_budgets(cap_usd: Decimal, held: JobSpending, budgets: JobBudgets, now: datetime) -> None:
    """Refuse what may cost more than is left of the day or of the month, or more than one job may."""
    if cap_usd > budgets.job_usd:
        raise ClaimRefused(f"it may cost up to {usd_words(cap_usd)}, and one job at most {usd_words(budgets.job_usd)}")
    for period, charged, budget, anew in (
        ("today's", held.charged_today, budgets.day_usd, next_day(now)),
        ("this month's", held.charged_this_month, budgets.month_usd, next_month(now)),
    ):
        if charged + held.reserved + cap_usd > budget:
            raise ClaimRefused(
                f"it may cost up to {usd_words(cap_usd)}; of {period} {usd_words(budget)} for jobs "
                f"{usd_words(charged)} are spent and {usd_words(held.reserved)} reserved; they begin anew at {anew}"
            )
