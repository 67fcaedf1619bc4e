"""The endpoint is made at RunPod Serverless, or brought to this version of ours, or removed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.compute.attempt_files import AttemptFiles
from adapters.compute.base import ComputeError, Surroundings
from adapters.compute.payload import pack
from adapters.compute.runpod_answers import AmbiguousError
from adapters.compute.runpod_api import RunPodApi
from adapters.compute.volume import Volume, VolumeKeys
from adapters.serving.endpoint_request import IDLE_S, WORKERS, endpoint_request
from adapters.serving.runpod_endpoints import RunPodEndpoints

NEEDED = ("api_key", "image", "volume", "s3_endpoint", "s3_region", "s3_access_key", "s3_secret_key")


def deployment(surroundings: Surroundings, tell: Callable[[str], None]) -> RunPodDeployment:
    """RunPod with the settings that are there.

    Raises
    ------
    ComputeError
        If one of them is missing.
    """
    options = {name.removeprefix("runpod_"): value for name, value in surroundings.options.items()}
    missing = [_variable(name) for name in NEEDED if not options.get(name)]
    if missing:
        raise ComputeError(f"RunPod is half set up: set {', '.join(missing)} (docs/cloud.md)")
    keys = VolumeKeys(
        options["s3_endpoint"],
        options["s3_region"],
        options["volume"],
        options["s3_access_key"],
        options["s3_secret_key"],
    )
    return RunPodDeployment(
        name=f"statagent-{surroundings.install()}",
        endpoints=RunPodEndpoints(_api(options["api_url"], options["api_key"])),
        keys=keys,
        image=options["image"],
        tell=tell,
    )


def unknown_endpoints(surroundings: Surroundings) -> list[str]:
    """Ids of endpoints that go by this installation's name, and that its settings do not name: nobody watches them.

    Raises
    ------
    ComputeError
        If RunPod cannot be asked.
    """
    options = surroundings.options
    if not options.get("runpod_api_key"):
        return []
    api = _api(options["runpod_api_url"], options["runpod_api_key"])
    try:
        found = RunPodEndpoints(api).named(f"statagent-{surroundings.install()}")
    finally:
        api.close()
    return [str(one["id"]) for one in found if one["id"] != options.get("runpod_endpoint")]


@dataclass(frozen=True)
class RunPodDeployment:
    """Makes and removes one installation's endpoint, which goes by its name; `tell` gets a sentence on each step."""

    name: str
    endpoints: RunPodEndpoints
    keys: VolumeKeys
    image: str
    tell: Callable[[str], None]

    def deploy(self) -> str:
        """Make the endpoint, or bring it to this version; done again it changes nothing. Gives its id.

        Raises
        ------
        ComputeError
            If RunPod or the volume refuses.
        """
        sha256, content = pack()
        volume, payload = Volume(self.keys), AttemptFiles.payload(sha256)
        if volume.size(payload) != len(content):
            volume.put(payload, content)
        volume.close()
        body = endpoint_request(
            name=self.name,
            image=self.image,
            volume_id=self.keys.volume_id,
            payload=payload,
            payload_sha256=sha256,
        )
        found = self.endpoints.named(self.name)
        if found:
            endpoint_id = str(found[0]["id"])
            self.endpoints.change(endpoint_id, {name: value for name, value in body.items() if name != "type"})
            self.tell(f"brought the endpoint {self.name} ({endpoint_id}) to this version of statagent")
        else:
            endpoint_id = str(self._created(body)["id"])
            self.tell(f"made the endpoint {self.name} ({endpoint_id})")
        self._tell_costs(endpoint_id, body["gpu"]["pools"])
        return endpoint_id

    def _created(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A new endpoint; one whose answer was lost is looked for by its name before anything is said."""
        try:
            return self.endpoints.create(body)
        except AmbiguousError:
            patience = self.endpoints.api.patience
            deadline = time.monotonic() + patience.settle_s
            while not (found := self.endpoints.named(self.name)):
                if time.monotonic() > deadline:
                    raise
                time.sleep(patience.look_s)
            return found[0]

    def _tell_costs(self, endpoint_id: str, pools: list[str]) -> None:
        price = self.endpoints.price(pools)
        self.tell(
            f"it costs nothing until it is used (no worker waits for work); then ${price.usd_per_hour:.4f} an hour for "
            f"each of up to {WORKERS} workers, from a worker's start to {IDLE_S} s after its last part "
            f"({price.source}, {price.as_of})"
        )
        self.tell(f"to use it: export STATAGENT_RUNPOD_ENDPOINT={endpoint_id}")
        self.tell("`statagent deploy runpod --remove` removes it")

    def remove(self) -> None:
        """Delete every endpoint of this installation's name; that there is none is said, and no error."""
        found = self.endpoints.named(self.name)
        for one in found:
            self.endpoints.delete(str(one["id"]))
            self.tell(f"removed the endpoint {self.name} ({one['id']})")
        if not found:
            self.tell(f"there is no endpoint {self.name}")


def _api(url: str, key: str) -> RunPodApi:
    """RunPod at that address, with its version behind it or not."""
    url = url.rstrip("/")
    return RunPodApi(url if url.endswith("/v2") else f"{url}/v2", key)


def _variable(name: str) -> str:
    return "RUNPOD_API_KEY" if name == "api_key" else f"STATAGENT_RUNPOD_{name.upper()}"
