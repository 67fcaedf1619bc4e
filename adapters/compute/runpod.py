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
from adapters.compute.base import TRAINS, ComputeError, Machine, NoCapacity, Offer, Staged, Surroundings
from adapters.compute.paid_time import paid_seconds
from adapters.compute.payload import pack
from adapters.compute.runpod_answers import AmbiguousError, SilentError
from adapters.compute.runpod_api import Patience, RunPodApi
from adapters.compute.runpod_catalogue import Shelf, has_gpu, kinds_in, memory_of, shipped_shelf
from adapters.compute.runpod_pod import ID, handle_of, usd_an_hour
from adapters.compute.runpod_request import DISK_GB, pod_request
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
        self._install = surroundings.install
        self._max_seconds = surroundings.max_job_s
        self._api = api
        self._files = AttemptFiles(volume, surroundings.folder)
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
        if not self._files.has(attempt.key, CREATED):
            self._files.stage(attempt.key, files)

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Create the attempt's pod, unless there is one; a lost answer is waited out before it is created again."""
        if (attempt.owner_id, attempt.request.quote_id) != (approval.owner_id, approval.quote_id):
            raise ComputeError("the approval is for another quote: nothing was started")
        sku = attempt.request.place.sku
        order = WorkerOrder(**dict(attempt.request), max_memory_bytes=memory_of(sku), has_gpu=has_gpu(sku))
        self._files.put(attempt.key, REQUEST, order.model_dump(mode="json"))
        is_first = not self._files.has(attempt.key, CREATED)
        found = self._settled(attempt.key, 0.0 if is_first else self._patience.settle_s)
        if found is None and not is_first and self._files.has(attempt.key, BEGUN, ENDED, RESULT):
            found = self._begun(attempt)
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
                found = self._settled(attempt.key, self._patience.settle_s)
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

    def _begun(self, attempt: Attempt) -> dict[str, Any] | None:
        """The pod that began with the attempt, though no list shows it yet; None where it is gone.

        Raises
        ------
        ComputeError
            If it may be there, and nobody can say where.
        """
        if self._files.is_over(attempt):
            return None
        pod_id = self._own_word(attempt.key)
        pod = None if pod_id is None else self._api.pod(pod_id)
        if pod_id is None or (pod is not None and pod.get("name") != self._pod_name(attempt.key)):
            raise ComputeError("its pod has begun, and RunPod does not show it yet: no other one is started")
        return pod

    def _own_word(self, key: str) -> str | None:
        """The id of the key's pod as it wrote it down when it began."""
        said = self._files.told(key, BEGUN).get("pod_id")
        return said if isinstance(said, str) and ID.fullmatch(said) else None

    def _other(self, key: str, handle: Json) -> tuple[Json, dict[str, Any] | None]:
        """The pod of the key that is there in place of the handle's, which is gone; paid for since the first one."""
        found = self._settled(key, 0.0)
        return (handle, None) if found is None else ({**handle, "pod_id": str(found["id"])}, found)

    def _settled(self, key: str, patience_s: float) -> dict[str, Any] | None:
        """The oldest pod of the key, looked for as long as a list may lag; others of the key are deleted."""
        deadline = time.monotonic() + patience_s
        while not (pods := self._pods_of(key)) and time.monotonic() < deadline:
            time.sleep(min(self._patience.look_s, max(0.0, deadline - time.monotonic())))
        for pod in pods[1:]:
            self._api.delete(str(pod["id"]))
        return pods[0] if pods else None

    def _pods_of(self, key: str) -> list[dict[str, Any]]:
        found = [pod for pod in self._api.pods(self._pod_name(key)) if pod.get("name") == self._pod_name(key)]
        return sorted(found, key=lambda pod: (str(pod.get("createdAt")), str(pod["id"])))

    def _pod_name(self, key: str) -> str:
        return f"statagent-{self._install()}-{key}"

    def _request(self, attempt: Attempt) -> dict[str, Any]:
        sha256, _ = pack()
        return pod_request(
            attempt,
            name=self._pod_name(attempt.key),
            image=self._image,
            volume_id=self._keys.volume_id,
            folder=self._files.path(attempt.key),
            payload=self._files.payload(sha256),
            api_url=self._api.url,
            payload_sha256=sha256,
        )

    def find(self, key: str) -> Json | None:
        """The pod of the key, as long as there is one."""
        pod = self._settled(key, 0.0)
        return None if pod is None else handle_of(pod, self._files.asked_at(key))

    def state(self, attempt: Attempt) -> Machine:
        """How the pod and its worker stand now; what is paid for counts from the pod's creation to its end."""
        handle = attempt.handle or self.find(attempt.key)
        pod = self._pod_of(handle)
        if pod is None and handle is not None and handle["pod_id"] is not None:
            # Of two pods of its key the other one may have stayed.
            handle, pod = self._other(attempt.key, handle)
        dear = None if pod is None else self._too_dear(pod, attempt)
        if pod is not None and dear is not None:
            self._api.delete(str(pod["id"]))
            seconds = paid_seconds(handle, None, attempt.request.max_seconds)
            return Machine(False, 0.0, "the pod is deleted", seconds, None, dear, is_lost=True)
        limit = attempt.request.max_seconds
        try:
            done, status = self._files.progress(attempt.key, "the pod begins")
            ended = self._files.told(attempt.key, ENDED)
            seconds = paid_seconds(handle, self._files.ended_at(attempt.key, ended) if pod is None else None, limit)
        except ComputeError:
            # What the worker left is read once the volume answers again; until then nothing is paid beyond the limit.
            if pod is not None and paid_seconds(handle, None, limit) >= limit:
                self._api.delete(str(pod["id"]))
            raise
        result = self._files.result(attempt.key, limit)
        if result is not None:
            return Machine(False, done if result.error else 1.0, status, seconds, result, None)
        is_there = self._is_hidden(attempt.key, handle) if pod is None else pod.get("status") not in ("EXITED", "ERROR")
        if is_there and seconds < limit and not ended:
            return Machine(True, done, status, seconds, None, None)
        at_limit = ended.get("at_limit") is True or (not ended and seconds >= limit)
        if at_limit:
            return Machine(False, done, status, seconds, None, f"stopped at its limit of {limit} s", True)
        if ended:
            lines = self.logs(attempt, 1)
            said = f"the worker ended without a result ({lines[-1]})" if lines else "the worker ended without a result"
            return Machine(False, done, status, seconds, None, said)
        if handle is None:
            return Machine(False, 0.0, "not started", 0.0, None, "no pod was started")
        return Machine(False, done, status, seconds, None, "the pod was taken away", is_lost=True)

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
        """The keys of all pods of this installation that are there, running or not: a stopped one costs too.

        Of several of one key, which a lagging list may have let begin, the oldest stays.
        """
        if self._missing:
            return ()
        mine = self._pod_name("")
        keys = [str(pod["name"]).removeprefix(mine) for pod in self._api.pods(mine)]
        for key in {key for key in keys if keys.count(key) > 1}:
            self._settled(key, 0.0)
        return tuple(dict.fromkeys(keys))

    def billed_usd(self, attempt: Attempt) -> Decimal | None:
        """What RunPod's billing says of the attempt's pod, in whole hours around its life."""
        pod_id = None if attempt.handle is None else attempt.handle["pod_id"]
        return None if pod_id is None else self._api.billed_usd(str(pod_id), attempt.created_at)

    def terminate(self, attempt: Attempt) -> None:
        """Delete the pod, and see that it is gone."""
        self.end(attempt.key, attempt.handle)

    def end(self, key: str, handle: Json | None = None) -> None:
        """Delete every pod of that key and see that they are gone; a worker that begins later finds its claim taken.

        A volume that cannot be reached keeps no pod alive: it is said once the pods are gone, and tried again.
        """
        problem: ComputeError | None = None
        known = set() if handle is None or handle["pod_id"] is None else {str(handle["pod_id"])}
        # Before anything that may not answer: this is what ends the bill.
        for pod_id in known:
            with suppress(ComputeError):
                self._api.delete(pod_id)
        # Without a handle a create may have been sent whose pod the list does not show yet.
        is_unsure = handle is None
        try:
            if not self._files.has(key, CLAIM):
                self._files.put(key, CLAIM, {"pid": None, "created": None, "started_at": 0})
            is_unsure = is_unsure and self._files.has(key, CREATED)
        except ComputeError as error:
            problem = error
        self._settled(key, self._patience.settle_s if is_unsure else 0.0)
        known |= {str(pod["id"]) for pod in self._pods_of(key)}
        own = self._own_word(key) if is_unsure and not known else None
        if own is not None and (self._api.pod(own) or {}).get("name") == self._pod_name(key):
            known.add(own)
        for pod_id in known:
            self._api.delete(pod_id)
        deadline = time.monotonic() + self._patience.gone_s
        while any(self._api.pod(pod_id) is not None for pod_id in known):
            if time.monotonic() > deadline:
                raise ComputeError("the pod is not gone yet; it will be tried again")
            time.sleep(self._patience.look_s)
        if problem is not None:
            raise problem
