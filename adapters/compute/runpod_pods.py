"""The pods of this installation at RunPod, by the key that is in their names; a list of them may lag behind.

Of several pods of a key, which a list that lags has let begin, the oldest stays. What the others have cost is kept on
the volume, for the bill.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from adapters.compute.attempt_files import BEGUN, AttemptFiles
from adapters.compute.base import ComputeError
from adapters.compute.paid_time import paid_seconds
from adapters.compute.runpod_api import RunPodApi
from adapters.compute.runpod_pod import ID, handle_of
from adapters.records import Attempt

OTHERS = "others.json"
"""The pods of a key that were ended beside the one that stayed, with the seconds that each was there."""


@dataclass(frozen=True)
class Pods:
    """Pods by their key, and the files by which they are known."""

    api: RunPodApi
    files: AttemptFiles
    install: Callable[[], str]

    def name(self, key: str) -> str:
        """The name of the key's pod; without a key, what all of ours begin with."""
        return f"statagent-{self.install()}-{key}"

    def of(self, key: str) -> list[dict[str, Any]]:
        """The key's pods that the list shows, the oldest first."""
        found = [pod for pod in self.api.pods(self.name(key)) if pod.get("name") == self.name(key)]
        return sorted(found, key=lambda pod: (str(pod.get("createdAt")), str(pod["id"])))

    def settled(self, key: str, patience_s: float) -> dict[str, Any] | None:
        """The oldest pod of the key, looked for as long as a list may lag; others of the key are deleted."""
        deadline = time.monotonic() + patience_s
        while not (pods := self.of(key)) and time.monotonic() < deadline:
            time.sleep(min(self.api.patience.look_s, max(0.0, deadline - time.monotonic())))
        for pod in pods[1:]:
            self.api.delete(str(pod["id"]))
            self._keep_cost(key, pod)
        return pods[0] if pods else None

    def begun(self, attempt: Attempt) -> dict[str, Any] | None:
        """The pod that began with the attempt, though no list shows it yet; None where it is gone.

        Raises
        ------
        ComputeError
            If it may be there, and nobody can say where.
        """
        if self.files.is_over(attempt):
            return None
        pod_id = self._own_word(attempt.key)
        pod = None if pod_id is None else self.api.pod(pod_id)
        if pod_id is None or (pod is not None and pod.get("name") != self.name(attempt.key)):
            raise ComputeError("its pod has begun, and RunPod does not show it yet: no other one is started")
        return pod

    def keys(self) -> tuple[str, ...]:
        """The keys of all pods of this installation that are there, each with one pod."""
        mine = self.name("")
        keys = [str(pod["name"]).removeprefix(mine) for pod in self.api.pods(mine)]
        for key in {key for key in keys if keys.count(key) > 1}:
            self.settled(key, 0.0)
        return tuple(dict.fromkeys(keys))

    def others(self, key: str) -> dict[str, float]:
        """The pods of the key that were ended beside the one that stayed, each with the seconds that it was there."""
        found = self.files.told(key, OTHERS)
        numbers = {pod_id: seconds for pod_id, seconds in found.items() if not isinstance(seconds, bool)}
        return {pod_id: float(one) for pod_id, one in numbers.items() if isinstance(one, int | float) and one >= 0}

    def end(self, key: str, known: Iterable[str], patience_s: float) -> None:
        """Delete these pods and all others of the key, looked for so long, and see that they are gone."""
        known = {*known}
        self.settled(key, patience_s)
        known |= {str(pod["id"]) for pod in self.of(key)}
        own = self._own_word(key) if patience_s and not known else None
        if own is not None and (self.api.pod(own) or {}).get("name") == self.name(key):
            known.add(own)
        for pod_id in known:
            self.api.delete(pod_id)
        deadline = time.monotonic() + self.api.patience.gone_s
        while any(self.api.pod(pod_id) is not None for pod_id in known):
            if time.monotonic() > deadline:
                raise ComputeError("the pod is not gone yet; it will be tried again")
            time.sleep(self.api.patience.look_s)

    def _own_word(self, key: str) -> str | None:
        """The id of the key's pod as it wrote it down when it began."""
        said = self.files.told(key, BEGUN).get("pod_id")
        return said if isinstance(said, str) and ID.fullmatch(said) else None

    def _keep_cost(self, key: str, pod: dict[str, Any]) -> None:
        """Write down a pod that was ended beside another; that it cannot be written keeps no pod alive."""
        try:
            seconds = paid_seconds(handle_of(pod, self.files.asked_at(key)), None, int(time.time()))
            self.files.put(key, OTHERS, {**self.others(key), str(pod["id"]): seconds})
        except ComputeError:
            logging.getLogger(__name__).exception("what %s has cost is not in the bill", pod["id"])
