"""RunPod Serverless: each attempt is jobs of an endpoint that was deployed before, one for each part of the table.

The table and the model lie on the network volume, and so does what is predicted, under its name once it is whole. A try
of a part is written down before it is sent, with its limit; all limits together are within the cap, and RunPod and the
worker both end a job at its own, so the cap holds with this program dead. A worker claims its try on the volume: one
that is sent twice, after an answer was lost, is worked on once.
"""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

from adapters.compute.attempt_files import CREATED, ENDED, AttemptFiles
from adapters.compute.base import (
    ComputeError,
    Machine,
    NoCapacity,
    Offer,
    Parts,
    Staged,
    Surroundings,
)
from adapters.compute.payload import pack
from adapters.compute.runpod_api import RunPodApi
from adapters.compute.runpod_catalogue import GPU_HOST_BYTES
from adapters.compute.volume import Volume, VolumeKeys
from adapters.compute.worker_files import REQUEST
from adapters.records import Approval, Attempt, Json, Market, Place
from adapters.serving.endpoint_request import WORKERS
from adapters.serving.part_jobs import LEAST_S, START_S, PartJobs, name_of, starts_s
from adapters.serving.parted import machine_of, parts_of
from adapters.serving.parted_backend import PartedBackend
from adapters.serving.runpod_endpoints import Endpoint, RunPodEndpoints
from adapters.serving.runpod_jobs import RunPodJobs
from adapters.serving.serverless_words import CLAIMED

NAME = "runpod_serverless"
NEEDED = ("api_key", "volume", "s3_endpoint", "s3_region", "s3_access_key", "s3_secret_key")
MARKS = "serverless"
"""On the volume a file for each attempt whose jobs may be there."""
TIERS = ((1, 1_000_000, 50_000, ""), (1_000_001, 10_000_000, 250_000, ", large parts"))
"""Tables of so many rows, and the rows of their parts: of more parts each would have a moment of the cap to itself."""
"""A part is a few seconds of work, which is what is lost with it; smaller ones wait longer than they work."""
EACH_S = 2.0
"""Of each part, beside the work: the second that RunPod's package pauses between two jobs, reading and writing."""


def detect(surroundings: Surroundings) -> ServerlessBackend:
    """RunPod with the endpoint that is set; what else is missing is said when offers are asked for."""
    options = {name.removeprefix("runpod_"): value for name, value in surroundings.options.items()}
    url, jobs_url = options.get("api_url", "").rstrip("/"), options.get("endpoint_base_url", "").rstrip("/")
    api = RunPodApi(url if url.endswith("/v2") else f"{url}/v2", options.get("api_key", ""))
    jobs = RunPodApi(f"{jobs_url}/{options['endpoint']}", options.get("api_key", ""))
    missing = tuple(f"STATAGENT_RUNPOD_{name.upper()}" for name in NEEDED if name not in options)
    keys = VolumeKeys(
        options.get("s3_endpoint", ""),
        options.get("s3_region", ""),
        options.get("volume", ""),
        options.get("s3_access_key", ""),
        options.get("s3_secret_key", ""),
    )
    return ServerlessBackend(surroundings, api, jobs, options["endpoint"], keys, missing)


class ServerlessBackend(PartedBackend):
    """Jobs of one endpoint, with one network volume. Keeps `adapters.compute.base.Backend`."""

    name = NAME

    def __init__(
        self,
        surroundings: Surroundings,
        api: RunPodApi,
        jobs: RunPodApi,
        endpoint_id: str,
        keys: VolumeKeys,
        missing: tuple[str, ...] = (),
    ) -> None:
        self._max_seconds = surroundings.max_job_s
        self._endpoints = RunPodEndpoints(api)
        self._jobs = RunPodJobs(jobs)
        self._endpoint_id = endpoint_id
        self._keys = keys
        self._missing = missing
        super().__init__(AttemptFiles(Volume(keys), surroundings.folder))
        self._part_jobs = PartJobs(self._jobs, self._files, self._tries)

    def close(self) -> None:
        """Give the connections back."""
        self._endpoints.api.close()
        self._jobs.api.close()
        self._files.volume.close()

    def offers(self) -> tuple[Offer, ...]:
        """The endpoint's workers, at the price of the dearest GPU that they may have."""
        if self._missing:
            raise ComputeError(f"{NAME} is half set up: set {', '.join(self._missing)}")
        endpoint = self._checked()
        price = self._endpoints.price(endpoint.gpu.pools)
        pools = ", ".join(endpoint.gpu.pools)
        words = "each a job of the endpoint, over the network volume"
        at_once = min(WORKERS, max(1, endpoint.workers.max))
        return tuple(
            Offer(
                backend=NAME,
                place=Place(sku=f"{pools}{kind}", market=Market.ON_DEMAND, zone=self._keys.region),
                machine=f"RunPod Serverless (GPU of {pools}), {self._keys.region}",
                usd_per_hour=price.usd_per_hour.quantize(Decimal("0.000001")),
                price_source=price.source,
                price_as_of=price.as_of,
                max_seconds=self._max_seconds,
                memory_bytes=GPU_HOST_BYTES,
                has_gpu=True,
                parts=Parts(least, most, rows, at_once, START_S, EACH_S, words),
            )
            for least, most, rows, kind in TIERS
        )

    def _checked(self) -> Endpoint:
        """The endpoint, which runs this very version of ours, and costs nothing while nobody predicts."""
        endpoint = self._endpoints.find(self._endpoint_id)
        if endpoint is None:
            raise ComputeError(f"RunPod has no endpoint {self._endpoint_id!r}: `statagent deploy runpod` makes one")
        _check_idle(endpoint)
        if endpoint.env.get("STATAGENT_PAYLOAD_SHA256") != pack()[0]:
            raise ComputeError("the endpoint runs another version of statagent: `statagent deploy runpod` renews it")
        return endpoint

    def stage(self, attempt: Attempt, files: Staged) -> None:
        """Put the table, the model and our own code onto the volume, unless a worker may have begun with them."""
        if not self._files.has(attempt.key, CREATED):
            self._files.stage(attempt.key, files)

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Send each part that was not sent yet."""
        order = attempt.request
        if (attempt.owner_id, order.quote_id) != (approval.owner_id, approval.quote_id):
            raise ComputeError("the approval is for another quote: nothing was started")
        if self._files.has(attempt.key, ENDED):
            raise ComputeError("the attempt was ended before its parts were sent: nothing was started")
        usd = self._endpoints.price(self._checked().gpu.pools).usd_per_hour
        if usd > order.usd_per_hour:
            raise NoCapacity(f"RunPod asks ${usd:.4f} an hour, and ${order.usd_per_hour:.4f} was agreed")
        if order.max_seconds - starts_s(attempt) < LEAST_S * parts_of(attempt):
            raise NoCapacity(f"its {parts_of(attempt)} parts need more than the {order.max_seconds} s that were agreed")
        self._files.put(attempt.key, REQUEST, order.model_dump(mode="json", by_alias=True))
        self._files.put(attempt.key, CREATED, {"at": time.time()})
        self._files.volume.put(_mark(attempt.key), b"{}")
        self._part_jobs.send_due(attempt, self._tries.of(attempt.key))
        return self._handle(attempt.key)

    def _handle(self, key: str) -> Json:
        return {"endpoint": self._endpoint_id, "started_at": self._files.asked_at(key)}

    def find(self, key: str) -> Json | None:
        """Whether its parts were sent."""
        return self._handle(key) if self._files.has(key, CREATED) else None

    def state(self, attempt: Attempt) -> Machine:
        """How many parts are done; what failed or was lost is sent again alone."""
        tries = self._part_jobs.look(attempt, self._tries.of(attempt.key))
        if len(tries.done) < parts_of(attempt) and not tries.is_ended:
            tries = self._part_jobs.send_due(attempt, tries)
        machine = machine_of(attempt, tries, 0.0, starts_s(attempt), LEAST_S)
        workers = {str(one.done.get("worker")) for one in tries.all if one.done is not None and one.done.get("worker")}
        # Those that nobody names are as many as may run side by side, at most.
        n_starts = min(len(workers), WORKERS)
        paid_s = min(tries.spent_s(time.time()) + START_S * n_starts, float(attempt.request.max_seconds))
        return replace(machine, seconds=paid_s)

    def clean(self, key: str) -> None:
        """Remove the table, the model and what was predicted; what tells of the tries stays."""
        self._files.clean(key)

    def running(self) -> tuple[str, ...]:
        """The attempts whose jobs may be there.

        Raises
        ------
        ComputeError
            If RunPod cannot be asked, or the endpoint has workers that are paid for while nobody predicts.
        """
        if self._missing:
            return ()
        endpoint = self._endpoints.find(self._endpoint_id)
        if endpoint is not None:
            _check_idle(endpoint)
        return self._marked()

    def _marked(self) -> tuple[str, ...]:
        marks = self._files.volume.files(MARKS)
        return tuple(path.removeprefix(f"{MARKS}/").removesuffix(".json") for path in marks)

    def terminate(self, attempt: Attempt) -> None:
        """Cancel what is not done, and see that nothing more is sent or begins."""
        self.end(attempt.key)

    def end(self, key: str) -> None:
        """Cancel every job of that key; a worker that gets one later finds that the attempt was ended.

        Raises
        ------
        ComputeError
            If a part may still be worked on whose job nobody knows: it ends at its limit.
        """
        if not self._files.has(key, ENDED):
            self._files.put(key, ENDED, {"at": time.time()})
        self._part_jobs.cancel_all(key)
        names = self._files.names(key)
        if self._marked() == (key,):
            # Jobs whose ids were lost wait among no others: they need start no worker to find that it is over.
            self._jobs.purge()
        unknown = [one for one in self._tries.of(key).open(time.time()) if f"{CLAIMED}/{name_of(one)}" in names]
        if unknown:
            last_s = max(one.sent_at + one.waits_s + one.limit_s for one in unknown) - time.time()
            raise ComputeError(f"{len(unknown)} parts may still be worked on, for {max(last_s, 0):.0f} s at most")
        self._files.volume.remove(_mark(key))

    def billed_usd(self, attempt: Attempt) -> Decimal | None:
        """RunPod bills endpoints by the hour, and says nothing of single jobs."""
        return None


def _check_idle(endpoint: Endpoint) -> None:
    if endpoint.workers.min:
        raise ComputeError(
            f"the endpoint keeps {endpoint.workers.min} workers, which are paid for though nobody predicts: "
            "`statagent deploy runpod` sets them to none"
        )


def _mark(key: str) -> str:
    return f"{MARKS}/{key}.json"
