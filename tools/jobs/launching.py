"""A yes becomes a job, and the job a machine; a place without one is followed by the next. Row before call, always."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from adapters.compute.base import ComputeError, NoCapacity, Offer, Staged
from adapters.compute.worker_files import CHECKPOINT
from adapters.records import Approval, Attempt, AttemptState, Job, JobState, Market, Order, PredictionSpec, Quote
from adapters.store.jobs import ClaimRefused
from prompts.dollars import dollars
from tools.errors import ToolError
from tools.jobs.means import Means, cost
from tools.jobs.quoting import ANY, fits, offers_for
from tools.jobs.staging import files_of, quoted_model

MOST_TAKEN = 2
"""Spot machines that a job may lose before it goes on with none."""


class Launching:
    """Starts one owner's jobs."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def claim(self, approval: Approval) -> Job:
        """The job of an approval, its row written with its first attempt's intent and the reserved dollars.

        Raises
        ------
        ToolError
            If the approval gives no right to it (used, expired, another quote's), the price is now above the cap, the
            machine cannot be had any more, the dataset has changed since the quote, or the owner's models take all
            their room. Nothing was started then.
        """
        means = self._means
        quote = means.approvals.quote(means.owner_id, approval.quote_id)
        if quote is None:
            raise ToolError(f"there is no quote {approval.quote_id!r}; use estimate_cost")
        means.dataset(quote.job)
        if isinstance(quote.job.work, PredictionSpec):
            quoted_model(means, quote.job.work)
        else:
            means.models.check_room()
        offers = offers_for(means, quote.provider, quote.job.work.kind, _ignore)
        offered = [offer for offer in offers if (offer.backend, offer.place) == (quote.provider, quote.place)]
        if not offered:
            raise ToolError(f"{quote.machine} of {quote.provider} cannot be had any more; quote it again")
        usd_now = cost(min(offer.usd_per_hour for offer in offered), quote.max_seconds)
        if usd_now > quote.cap_usd:
            raise ToolError(
                f"the price rose: up to {dollars(usd_now)} now, {dollars(quote.cap_usd)} was agreed; quote it again"
            )
        now = means.clock()
        job = Job(
            job_id=f"job_{secrets.token_hex(6)}",
            owner_id=means.owner_id,
            conversation_id=quote.conversation_id,
            quote_id=quote.quote_id,
            approval_id=approval.approval_id,
            state=JobState.QUEUED,
            spec=quote.job,
            result=None,
            cost_usd=Decimal(0),
            cancel_requested=False,
            created_at=now,
            finished_at=None,
        )
        order = Order(
            quote_id=quote.quote_id,
            work=quote.job.work,
            data_sha256=quote.job.data_sha256,
            rows=quote.job.rows,
            part_rows=0 if offered[0].parts is None else offered[0].parts.rows,
            max_seconds=quote.max_seconds,
            usd_per_hour=quote.usd_per_hour,
            place=quote.place,
        )
        try:
            means.rows.claim(approval, job, self._attempt(job, 1, quote.provider, order), means.budgets, now)
        except ClaimRefused as error:
            raise ToolError(f"nothing was started: {error}") from error
        return job

    def start(self, job: Job, attempt: Attempt) -> Attempt:
        """The attempt with its machine started, or as it stands where it may not be started any more.

        A place that has no machine now is followed by the next one that costs no more than was agreed.

        Raises
        ------
        ToolError, DataError, ComputeError
            If it cannot be started; NoCapacity where no place is left.
        """
        means = self._means
        while means.rows.begin_attempt(attempt):
            backend = means.backend(attempt.backend)
            written = attempt
            backend.stage(written, {**files_of(means, job.spec), **self._checkpoint(job, attempt)})
            try:
                handle = backend.launch(attempt, means.rows.approval_of(job))
            except NoCapacity as error:
                # A create whose answer was lost may yet have made one.
                backend.terminate(attempt)
                backend.clean(attempt.key)
                attempt = self.follow(job, attempt, str(error))
                continue
            means.rows.move_attempt(means.rows.attempt(job), AttemptState.RUNNING, handle)
            means.rows.activate(job)
            break
        return means.rows.attempt(job)

    def _checkpoint(self, job: Job, attempt: Attempt) -> Staged:
        """How far the attempt before was, where its worker wrote that down: the next one goes on from there.

        Where it cannot be read now an empty one is staged, of which the worker says that it begins anew.
        """
        means = self._means
        former = next((one for one in means.rows.attempts(job) if one.number == attempt.number - 1), None)
        if former is None:
            return {}
        try:
            found = means.backend(former.backend).checkpoint(former)
        except (ComputeError, ToolError):
            logging.getLogger(__name__).exception("how far %s was cannot be read", former.attempt_id)
            found = b""
        return {} if found is None else {CHECKPOINT: lambda path: path.write_bytes(found)}

    def follow(self, job: Job, ended: Attempt, reason: str) -> Attempt:
        """The next attempt's intent, after one whose machine is gone; the newest one where somebody was faster.

        Raises
        ------
        NoCapacity
            If nothing is left that costs no more than was agreed: dearer is asked about anew. Of a spot machine the
            cap was agreed, so another may cost more an hour; of any other, the price an hour too.
        """
        means = self._means
        quote = means.approvals.quote(means.owner_id, job.quote_id)
        earlier = means.rows.attempts(job)
        offer = None if quote is None else self._next_place(quote, (*earlier[:-1], ended))
        if quote is None or offer is None:
            raise NoCapacity(f"{reason}; no other machine at the price that was agreed: ask for a new quote")
        left_usd = quote.cap_usd - sum((one.usd for one in (*earlier[:-1], ended)), Decimal(0))
        order = ended.request.model_copy(
            update={
                "place": offer.place,
                "usd_per_hour": offer.usd_per_hour,
                "max_seconds": _seconds_for(left_usd, offer, quote),
            }
        )
        following = self._attempt(job, ended.number + 1, offer.backend, order)
        told = f"{reason}; {offer.machine} of {offer.backend} is taken instead"
        if not means.rows.follow_attempt(replace(ended, ended=told), following):
            return means.rows.attempt(job)
        return following

    def _next_place(self, quote: Quote, tried: Sequence[Attempt]) -> Offer | None:
        """The cheapest place that was not tried, can do the job, and costs no more than was agreed.

        The data goes to nobody whom the person was not told of: places of the same provider, or this machine. Who took
        away two spot machines would take the third.
        """
        means = self._means
        been = {(one.backend, one.request.place) for one in tried}
        n_taken = sum(one.request.place.market is Market.SPOT and one.seconds > 0 for one in tried)
        left_usd = quote.cap_usd - sum((one.usd for one in tried), Decimal(0))
        offers = [
            offer
            for offer in offers_for(means, ANY, quote.job.work.kind, _ignore)
            if offer.backend == quote.provider or means.backend(offer.backend).is_own
            if (offer.backend, offer.place) not in been and fits(offer, quote.job)
            if offer.usd_per_hour <= quote.usd_per_hour or quote.place.market is Market.SPOT
            if n_taken < MOST_TAKEN or offer.place.market is not Market.SPOT
            if _seconds_for(left_usd, offer, quote) >= min(quote.expected_seconds, quote.max_seconds)
        ]
        offers.sort(key=lambda offer: (means.backend(offer.backend).is_own, offer.usd_per_hour, offer.overhead_s))
        return offers[0] if offers else None

    def _attempt(self, job: Job, number: int, backend: str, order: Order) -> Attempt:
        place = order.place
        words = (job.job_id, str(number), backend, place.sku, place.market, place.zone)
        return Attempt(
            attempt_id=f"attempt_{secrets.token_hex(6)}",
            owner_id=job.owner_id,
            job_id=job.job_id,
            number=number,
            key=hashlib.sha256("|".join(words).encode()).hexdigest()[:32],
            backend=backend,
            state=AttemptState.INTENT,
            request=order,
            handle=None,
            created_at=self._means.clock(),
        )


def _seconds_for(left_usd: Decimal, offer: Offer, quote: Quote) -> int:
    """How long a job may run there for what is left of the cap."""
    if offer.usd_per_hour == 0:
        return offer.max_seconds
    return min(offer.max_seconds, quote.max_seconds, int(left_usd * 3600 / offer.usd_per_hour))


def _ignore(sentence: str) -> None:
    """Of a backend that cannot be asked nothing is taken."""
