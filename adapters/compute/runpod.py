"""RunPod: each attempt is a pod of its own, which reads the job from a network volume and leaves the model there.

A create has no idempotency key, so the pod's name is one: it is looked for before a create and after any answer that
was lost, over a time in which the list may lag. Of several pods of a name the oldest stays. A pod deletes itself at its
end and at the limit that the price bought (adapters/compute/pod_boot.py); whoever looks after the job deletes it too.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.compute.attempt_files import BEGUN, CREATED, ENDED, AttemptFiles
from adapters.compute.base import TRAINS, ComputeError, Machine, NoCapacity, Offer, Staged, Surroundings, check_approval
from adapters.compute.paid_time import paid_seconds
from adapters.compute.payload import pack
from adapters.compute.runpod_answers import AmbiguousError, SilentError
from adapters.compute.runpod_api import Patience, RunPodApi
from adapters.compute.runpod_catalogue import Shelf, has_gpu, kinds_in, memory_of, shipped_shelf
from adapters.compute.runpod_pod import handle_of, usd_an_hour
from adapters.compute.runpod_pods import Pods
from adapters.compute.runpod_request import DISK_GB, pod_request
from adapters.compute.standing import Seen, machine_of
from adapters.compute.volume import Volume, VolumeKeys
from adapters.compute.worker_files import CLAIM, REQUEST, RESULT, WorkerOrder, shortened
from adapters.records import Approval, Attempt, Json, Market, Place

NAME = "runpod"
NEEDED = ("image", "volume", "s3_endpoint", "s3_region", "s3_access_key", "s3_secret_key")
DISK_USD_PER_HOUR = Decimal("0.10") * DISK_GB / 730
"""The container's disk, at $0.10 a GB and month (docs.runpod.io, 2026-08-20)."""
OVERHEAD_S = 90
"""Until the worker begins: a machine is found, the image fetched, Python started."""


def detect(surroundings: Surroundings) -> RunPodBackend:
    """RunPod with the key that is set; what else is missing is said when offers are asked for."""
    options = {name.removeprefix(f"{NAME}_"): value for name, value in surroundings.options.items()}
    url = options.get("api_url", "").rstrip("/")
    api = RunPodApi(url if url.endswith("/v2") else f"{url}/v2", options["api_key"])
    missing = tuple(f"STATAGENT_RUNPOD_{name.upper()}" for name in NEEDED if name not in options)
    keys = VolumeKeys(
        options.get("s3_endpoint", ""),
        options.get("s3_region", ""),
        options.get("volume", ""),
        options.get("s3_access_key", ""),
        options.get("s3_secret_key", ""),
    )
    return RunPodBackend(surroundings, api, Volume(keys), keys, options.get("image", ""), missing)


class RunPodBackend:
    """Pods of one account, with one network volume. Keeps `adapters.compute.base.Backend`."""

    name = NAME
    is_own = False
    kinds = TRAINS

    def __init__(
        self,
        surroundings: Surroundings,
        api: RunPodApi,
        volume: Volume,
        keys: VolumeKeys,
        image: str,
        missing: tuple[str, ...] = (),
    ) -> None:
        self._max_seconds = surroundings.max_job_s
        self._api = api
        self._files = AttemptFiles(volume, surroundings.folder)
        self._pods = Pods(api, self._files, surroundings.install)
        self._keys = keys
        self._image = image
        self._missing = missing

    @property
    def _patience(self) -> Patience:
        return self._api.patience

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()
        self._files.volume.close()

    def offers(self) -> tuple[Offer, ...]:
        """Processors and GPUs that are there now in the volume's data centre, at the catalogue's prices.

        Where the catalogue alone does not answer, those of the list that was shipped: a pod that is dearer is deleted.
        """
        if self._missing:
            raise ComputeError(f"{NAME} is half set up: set {', '.join(self._missing)}")
        shelf = self._shelf()
        return tuple(
            Offer(
                backend=NAME,
                place=Place(sku=kind.sku, market=Market.ON_DEMAND, zone=self._keys.region),
                machine=f"{kind.machine}, {self._keys.region}",
                usd_per_hour=(kind.usd_per_hour + DISK_USD_PER_HOUR).quantize(Decimal("0.000001")),
                price_source=shelf.source,
                price_as_of=shelf.as_of,
                max_seconds=self._max_seconds,
                memory_bytes=kind.memory_bytes,
                overhead_s=OVERHEAD_S,
                has_gpu=has_gpu(kind.sku),
            )
            for kind in shelf.kinds
        )

    def _shelf(self) -> Shelf:
        try:
            kinds = tuple(kinds_in(self._api.cpus(), self._api.gpus(), self._keys.region))
        except SilentError:
            self._api.check()
            return shipped_shelf()
        return Shelf(kinds, "RunPod's catalogue", datetime.now(UTC).date().isoformat())

    def stage(self, attempt: Attempt, files: Staged) -> None:
        """Put the files and our own code onto the volume, unless a pod may have begun with it."""
        self._files.stage(attempt.key, files)

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Create the attempt's pod, unless there is one; a lost answer is waited out before it is created again."""
        check_approval(attempt, approval)
        sku = attempt.request.place.sku
        order = WorkerOrder(**dict(attempt.request), max_memory_bytes=memory_of(sku), has_gpu=has_gpu(sku))
        self._files.put(attempt.key, REQUEST, order.model_dump(mode="json"))
        is_first = not self._files.has(attempt.key, CREATED)
        found = self._pods.settled(attempt.key, 0.0 if is_first else self._patience.settle_s)
        if found is None and not is_first and self._files.has(attempt.key, BEGUN, ENDED, RESULT):
            found = self._pods.begun(attempt)
            if found is None:
                # Its pod was there, and is gone: it is paid for, and there is no second one.
                return handle_of(None, self._files.asked_at(attempt.key))
        if found is None and self._files.has(attempt.key, CLAIM):
            raise ComputeError("the attempt was ended before its pod was asked for: nothing was started")
        for _ in range(2):
            if found is not None:
                return self._checked(found, attempt)
            # Written before the call: a later run knows that a pod may be there which the list does not show yet.
            self._files.put(attempt.key, CREATED, {"at": time.time()})
            try:
                pod = self._api.create(self._request(attempt))
            except AmbiguousError:
                found = self._pods.settled(attempt.key, self._patience.settle_s)
                continue
            except ComputeError:
                # Refused for certain: no pod can come of it.
                self._files.remove(attempt.key, CREATED)
                raise
            return self._checked(pod, attempt)
        if found is not None:
            return self._checked(found, attempt)
        raise NoCapacity("RunPod's answers are lost, and no pod has come of them")

    def _checked(self, pod: dict[str, Any], attempt: Attempt) -> Json:
        """The pod's handle; one that costs more than was agreed is deleted at once."""
        dear = self._too_dear(pod, attempt)
        if dear is not None:
            self.end(attempt.key, {"pod_id": str(pod["id"])})
            raise NoCapacity(dear)
        return handle_of(pod, self._files.asked_at(attempt.key))

    @staticmethod
    def _too_dear(pod: dict[str, Any], attempt: Attempt) -> str | None:
        """Why a pod is not kept: it costs more than was agreed."""
        usd, agreed = usd_an_hour(pod), attempt.request.usd_per_hour
        if usd is None or usd <= agreed:
            return None
        said = f"${usd:.4f} an hour" if usd.is_finite() else "a price that cannot be read"
        return f"RunPod asks {said}, and ${agreed:.4f} was agreed: the pod is deleted again"

    def _request(self, attempt: Attempt) -> dict[str, Any]:
        sha256, _ = pack()
        return pod_request(
            attempt,
            name=self._pods.name(attempt.key),
            image=self._image,
            volume_id=self._keys.volume_id,
            folder=self._files.path(attempt.key),
            payload=self._files.payload(sha256),
            api_url=self._api.url,
            payload_sha256=sha256,
        )

    def find(self, key: str) -> Json | None:
        """The pod of the key, as long as there is one."""
        pod = self._pods.settled(key, 0.0)
        return None if pod is None else handle_of(pod, self._files.asked_at(key))

    def state(self, attempt: Attempt) -> Machine:
        """How the pod and its worker stand now; what is paid for counts from the pod's creation to its end."""
        handle, key, limit = attempt.handle or self.find(attempt.key), attempt.key, attempt.request.max_seconds
        pod = self._pod_of(handle)
        if pod is None and handle is not None and handle["pod_id"] is not None:
            # Of two pods of its key the other one may have stayed; it is paid for since the first one.
            pod = self._pods.settled(key, 0.0)
            handle = handle if pod is None else {**handle, "pod_id": str(pod["id"])}
        dear = None if pod is None else self._too_dear(pod, attempt)
        if pod is not None and dear is not None:
            self._api.delete(str(pod["id"]))
            seconds = paid_seconds(handle, None, limit)
            return Machine(False, 0.0, "the pod is deleted", seconds, None, dear, is_lost=True)
        try:
            progress = self._files.progress(key, "the pod begins")
            ended, result = self._files.told(key, ENDED), self._files.result(key, limit)
            ran_s = paid_seconds(handle, self._files.ended_at(key, ended) if pod is None else None, limit)
            seconds = min(float(limit), ran_s + sum(self._pods.others(key).values()))
            is_hidden = pod is None and self._is_hidden(key, handle)
        except ComputeError:
            # What the worker left is read once the volume answers again; until then nothing is paid beyond the limit.
            if pod is not None and paid_seconds(handle, None, limit) >= limit:
                self._api.delete(str(pod["id"]))
            raise
        is_there = is_hidden if pod is None else pod.get("status") not in ("EXITED", "ERROR")
        lost = "the pod was taken away"
        seen = Seen(is_there, handle is not None, ran_s >= limit, seconds, limit, progress, ended, result, lost)
        return machine_of(seen, lambda: self.logs(attempt, 1))

    def _is_hidden(self, key: str, handle: Json | None) -> bool:
        """Whether a pod that is not shown was created a moment ago: RunPod may not know it yet."""
        created = None if handle is None or handle["pod_id"] is None else handle["created_at"]
        is_new = isinstance(created, int | float) and time.time() - created < self._patience.settle_s
        return is_new and not self._files.has(key, BEGUN, CLAIM)

    def _pod_of(self, handle: Json | None) -> dict[str, Any] | None:
        return None if handle is None or handle["pod_id"] is None else self._api.pod(str(handle["pod_id"]))

    def logs(self, attempt: Attempt, n_lines: int) -> list[str]:
        """The last lines of the worker's log; before it begins, those of the pod."""
        try:
            lines = self._files.log(attempt.key, n_lines)
            pod_id = None if attempt.handle is None else attempt.handle["pod_id"]
            if not lines and pod_id is not None and not self._files.has(attempt.key, ENDED):
                return [shortened(line) for line in self._api.log_lines(str(pod_id), n_lines)]
        except ComputeError:
            return []
        return lines

    def fetch(self, attempt: Attempt) -> Path:
        """A folder here with what the worker left on the volume."""
        return self._files.fetch(attempt.key)

    def checkpoint(self, attempt: Attempt) -> bytes | None:
        """How far the worker was, as it lies on the volume."""
        return self._files.checkpoint(attempt.key)

    def clean(self, key: str) -> None:
        """Remove the attempt's table and output; the log and the result stay."""
        self._files.clean(key)

    def running(self) -> tuple[str, ...]:
        """The keys of all pods of this installation that are there, running or not: a stopped one costs too."""
        return () if self._missing else self._pods.keys()

    def billed_usd(self, attempt: Attempt) -> Decimal | None:
        """What RunPod's billing says of the attempt's pods, in whole hours around their lives."""
        pod_id = None if attempt.handle is None else attempt.handle["pod_id"]
        ids = dict.fromkeys([*([] if pod_id is None else [str(pod_id)]), *self._pods.others(attempt.key)])
        found = [self._api.billed_usd(one, attempt.created_at) for one in ids]
        told = [usd for usd in found if usd is not None]
        return sum(told, Decimal(0)) if told and len(told) == len(found) else None

    def terminate(self, attempt: Attempt) -> None:
        """Delete the pod, and see that it is gone."""
        self.end(attempt.key, attempt.handle)

    def end(self, key: str, handle: Json | None = None) -> None:
        """Delete every pod of that key and see that they are gone; a worker that begins later finds its claim taken.

        A volume that cannot be reached keeps no pod alive: it is said once the pods are gone, and tried again.
        """
        known = set() if handle is None or handle["pod_id"] is None else {str(handle["pod_id"])}
        # Before anything that may not answer: this is what ends the bill.
        for pod_id in known:
            with suppress(ComputeError):
                self._api.delete(pod_id)
        may_have_begun, problem = self._files.shut(key)
        # Without a handle a create may have been sent whose pod the list does not show yet.
        self._pods.end(key, known, self._patience.settle_s if handle is None and may_have_begun else 0.0)
        if problem is not None:
            raise problem
