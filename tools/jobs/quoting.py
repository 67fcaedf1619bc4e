"""A job gets its price on each machine that it fits on. Nothing is started."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from adapters.compute.base import ComputeError, Offer
from adapters.compute.cluster import is_clear
from adapters.records import Dataset, JobSpec, Market, Quote, TrainingSpec, Work
from prompts.dollars import dollars
from tools.errors import ToolError
from tools.jobs.means import Means, cost
from tools.jobs.timing import has_room, paid_seconds, parts_told, waited_seconds
from tools.ml.model_types import find_model_type
from tools.ml.search_bounds import asked_seconds, searches

QUOTE_LIFE = timedelta(minutes=10)
ANY, CLOUD = "auto", "cloud"
MOST_QUOTES = 5
MOST_NAMED = 12
LEAST_PAID_S = 600
TIMES_EXPECTED = 4
"""A paid machine may run so many times as long as is expected, and ten minutes at least: that is the cap."""


@dataclass(frozen=True)
class Need:
    """What a job takes: seconds of work, bytes of memory and rows, as far as is known; and what the person wants.

    `where` is a backend's name, `auto` (any) or `cloud` (any that is not this machine); `machine` words of its name or
    zone, such as `A5000` or `8 vCPU`; `max_usd` the most that the cap may be; `within_s` when it must be done.
    """

    work_seconds: int
    memory_bytes: int = 0
    rows: int = 0
    where: str = ANY
    machine: str = ""
    max_usd: Decimal | None = None
    within_s: int | None = None


def is_of(name: str, provider: str) -> bool:
    """Whether a backend is the provider's, or is called so: `aws_lambda` is of aws."""
    return name == provider or name.startswith(f"{provider}_")


def offers_for(means: Means, where: str, kind: str, tell: Callable[[str], None]) -> list[Offer]:
    """What can be had there now for such work; a backend that cannot be asked is told of, unless it is the only one.

    One that could not be asked a moment ago is asked again only where it is the only one.

    Raises
    ------
    ToolError
        If no backend of that name is set up, or the only one cannot be asked.
    """
    found: list[Offer] = []
    there = [
        backend
        for name, backend in means.backends.items()
        if where == ANY or is_of(name, where) or (where == CLOUD and not backend.is_own)
    ]
    chosen = [backend for backend in there if kind in backend.kinds]
    if there and not chosen:
        names = ", ".join(name for name, backend in means.backends.items() if kind in backend.kinds)
        raise ToolError(f"where: {where} does no {kind}; there is {names or 'no place that does'}")
    if not chosen:
        how = "docs/prediction.md says how" if kind == "prediction" else "docs/cloud.md says how"
        raise ToolError(f"where: {where} is not set up ({how}); there is {', '.join(means.backends)}")
    for backend in chosen:
        problem = means.health.problem_of(backend.name) if len(chosen) > 1 else None
        if problem is not None:
            tell(problem)
            continue
        try:
            found += backend.offers()
            means.health.is_well(backend.name)
        except ComputeError as error:
            means.health.is_ill(backend.name, str(error))
            if len(chosen) == 1:
                raise ToolError(str(error)) from error
            tell(str(error))
    return found


class Quoting:
    """Makes and keeps one owner's quotes."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def quote(
        self,
        conversation_id: str,
        table: Dataset,
        work: Work,
        need: Need,
        warnings: Sequence[str] = (),
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> tuple[Quote, ...]:
        """Quotes for the job, frozen as it is, the cheapest first: five at most, of each backend one at least.

        Parameters
        ----------
        warnings : sequence of str
            What the person must know before saying yes.
        tell : callable
            Gets the sentence on each backend that could not be asked.

        Raises
        ------
        ToolError
            If no backend can be asked, none has a machine that the job fits on, or none runs as long as its searches
            are to; if the owner's models take all the room that they may.
        """
        if isinstance(work, TrainingSpec):
            self._means.models.check_room()
        job = JobSpec(
            work=work,
            dataset=table.name,
            dataset_id=table.dataset_id,
            data_sha256=table.sha256,
            rows=table.rows,
            warnings=tuple(warnings),
            memory_bytes=need.memory_bytes,
            machine=need.machine,
        )
        offers, job_usd = offers_for(self._means, need.where, work.kind, tell), self._means.budgets.job_usd
        named = [offer for offer in offers if fits(offer, job)]
        fitting = [offer for offer in named if _is_wanted(offer, need, job_usd)]
        if not fitting:
            suited = [offer for offer in offers if has_room(offer, job.rows)]
            raise ToolError(_no_machine(suited, named, need, job_usd))
        asked_s = asked_seconds(work) if isinstance(work, TrainingSpec) else 0
        longest_s = max(offer.max_seconds for offer in fitting)
        if asked_s > longest_s:
            raise ToolError(f"tune: its searches are to take {asked_s} s, and a job may take {longest_s} s at most")
        long_enough = [offer for offer in fitting if offer.max_seconds >= asked_s]
        quotes = [self._quote(conversation_id, job, need, offer) for offer in long_enough]
        chosen = _choose(sorted(quotes, key=_order))
        self._means.approvals.add_quotes(chosen)
        return chosen

    def _quote(self, conversation_id: str, job: JobSpec, need: Need, offer: Offer) -> Quote:
        now = self._means.clock()
        wanted_s = _paid_s(offer, need)
        max_seconds = _most_seconds(offer, need, self._means.budgets.job_usd)
        paid_s = min(wanted_s, max_seconds)
        expected_s = min(waited_seconds(offer, need.work_seconds, need.rows), paid_s)
        expected_usd, cap_usd = (cost(offer.usd_per_hour, seconds) for seconds in (paid_s, max_seconds))
        lines = [f"{paid_s} s at {dollars(offer.usd_per_hour, 4)} an hour = {dollars(expected_usd, 4)}"]
        if offer.overhead_s:
            lines.append(f"of these {min(offer.overhead_s, paid_s)} s until the job begins")
        if offer.parts is not None:
            lines.append(parts_told(offer.parts, need.rows))
        if offer.cluster and isinstance(job.work, TrainingSpec):
            lines.append(_with_cluster(offer.cluster))
        if offer.place.market is Market.SPOT:
            lines.append(f"a spot machine: if it is taken away, the job {_again(job)} on another one, inside the cap")
        return Quote(
            quote_id=f"quote_{secrets.token_hex(6)}",
            owner_id=self._means.owner_id,
            conversation_id=conversation_id,
            job=job,
            job_hash=_hash(job),
            provider=offer.backend,
            place=offer.place,
            machine=_machine_for(offer, job),
            usd_per_hour=offer.usd_per_hour,
            expected_usd=expected_usd,
            cap_usd=cap_usd,
            expected_seconds=expected_s,
            max_seconds=max_seconds,
            price_source=offer.price_source,
            price_as_of=offer.price_as_of,
            breakdown=tuple(lines),
            created_at=now,
            expires_at=now + QUOTE_LIFE,
        )


def _machine_for(offer: Offer, job: JobSpec) -> str:
    """The machine in words: a cluster that helps it, and a GPU that the job does not use and that is paid for."""
    work = job.work
    if offer.cluster and isinstance(work, TrainingSpec):
        return f"{offer.machine}, and the cluster {offer.cluster}"
    if not offer.has_gpu or (isinstance(work, TrainingSpec) and find_model_type(work.model, work.task).gpu):
        return offer.machine
    return f"{offer.machine}; {work.model} does not use its GPU"


def _with_cluster(address: str) -> str:
    """What leaves this machine, and what for; the time was measured without it."""
    clear = ", unencrypted" if is_clear(address) else ""
    return (
        f"the cluster {address} does folds, trees: the table goes there{clear}; the time is that of this machine alone"
    )


def _again(job: JobSpec) -> str:
    """What becomes of the work so far where its machine is taken away (tools/ml/checkpoint.py)."""
    if isinstance(job.work, TrainingSpec) and (searches(job.work) or job.work.cv is not None):
        return "goes on, with the settings and folds that are scored by then,"
    return "begins anew"


def fits(offer: Offer, job: JobSpec) -> bool:
    """Whether the job can run there: it is made for it, large enough, and of the name that the person wants."""
    name = f"{offer.machine} {offer.place.sku} {offer.place.zone}".casefold()
    is_large_enough = job.memory_bytes <= offer.memory_bytes
    return is_large_enough and has_room(offer, job.rows) and job.machine.casefold() in name


def _paid_s(offer: Offer, need: Need) -> int:
    return paid_seconds(offer, need.work_seconds, need.rows)


def _is_wanted(offer: Offer, need: Need, job_usd: Decimal) -> bool:
    """Whether what is expected fits into the dollars and seconds that were named, and into what one job may cost."""
    expected_s = _paid_s(offer, need)
    if need.max_usd is None and need.within_s is None:
        return cost(offer.usd_per_hour, min(expected_s, offer.max_seconds)) <= job_usd
    return expected_s <= _most_seconds(offer, need, job_usd)


def _most_seconds(offer: Offer, need: Need, job_usd: Decimal) -> int:
    """How long the job may run there: its cap in seconds."""
    most = offer.max_seconds
    if offer.usd_per_hour > 0:
        most = min(most, max(LEAST_PAID_S, TIMES_EXPECTED * _paid_s(offer, need)))
        most_usd = job_usd if need.max_usd is None else min(job_usd, need.max_usd)
        most = min(most, int(most_usd * 3600 / offer.usd_per_hour))
    return most if need.within_s is None else min(most, need.within_s)


def _no_machine(offers: Sequence[Offer], named: Sequence[Offer], need: Need, job_usd: Decimal) -> str:
    """Why there is no quote: the first thing that no machine has."""
    where = "" if need.where == ANY else f" of {need.where}"
    if not offers:
        return f"no machine{where} can be had now; try again later"
    if named:
        seconds = min(waited_seconds(offer, need.work_seconds, need.rows) for offer in named)
        usd = min(cost(offer.usd_per_hour, _paid_s(offer, need)) for offer in named)
        return (
            f"no machine{where} does it within what was named (max_usd, within_s) and what one job may cost "
            f"({dollars(job_usd)}): the quickest takes about {seconds} s, the cheapest about {dollars(usd, 4)}"
        )
    most = max(offer.memory_bytes for offer in offers)
    if need.memory_bytes <= most:
        names = sorted({offer.machine for offer in offers if offer.memory_bytes >= need.memory_bytes})
        return f"no machine{where} is called {need.machine!r}; there are {'; '.join(names[:MOST_NAMED])}"
    return (
        f"the job needs about {need.memory_bytes / 2**30:.1f} GiB of memory, and the largest machine{where} that can "
        f"be had now gives {most / 2**30:.1f} GiB; take fewer rows or columns"
    )


def _order(quote: Quote) -> tuple[object, ...]:
    return quote.expected_usd, quote.cap_usd, quote.expected_seconds


def _choose(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The first ones, and the first of each backend in place of the last ones; of one kind in many zones, one."""
    kinds = {(quote.provider, quote.place.sku, quote.place.market): quote for quote in reversed(quotes)}.values()
    quotes = [quote for quote in quotes if quote in kinds]
    first = {quote.provider: quote for quote in reversed(quotes)}.values()
    others = [quote for quote in quotes if quote not in first]
    return tuple(sorted([*first, *others[: max(0, MOST_QUOTES - len(first))]], key=_order))


def _hash(job: JobSpec) -> str:
    text = json.dumps(job.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
