"""What a create must be, as RunPod's own specification of version 2 says it; broken, it is answered 400 or 422."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FIELDS = frozenset(
    "name image templateId gpu cpu cloud dataCenterIds disk env args ports mounts registry cmd entrypoint "
    "globalNetworking startJupyter startSsh".split()
)
MOST_BYTES = 102_400


@dataclass(frozen=True)
class Refusal:
    """A status and why."""

    status: int
    detail: str


@dataclass
class Catalogue:
    """What there is, at which price, and of what nothing is left."""

    centre: str
    volume_id: str
    cpus: dict[str, float]
    gpus: dict[str, float]
    none_left: set[str]
    forbidden: set[str]
    serverless: dict[str, tuple[str, float]] = field(
        default_factory=lambda: {
            "NVIDIA RTX A4000": ("AMPERE_16", 0.58),
            "NVIDIA RTX 4000 Ada": ("AMPERE_16", 0.57),
            "NVIDIA RTX A5000": ("AMPERE_24", 0.69),
        }
    )
    """Each GPU's pool, and dollars an hour."""

    def usd_per_hour(self, body: Mapping[str, Any]) -> float:
        """The price of a pod that is asked for so."""
        if "gpu" in body:
            return self.gpus[body["gpu"]["id"]] * int(body["gpu"].get("count", 1))
        return self.cpus[body["cpu"]["id"]] * int(body["cpu"]["vcpuCount"])

    def shown(self, kind: str) -> dict[str, Any]:
        """The list of that kind, with availability."""
        centres = [{"id": self.centre, "availability": "HIGH"}]
        if kind == "gpus":
            found = [
                {"id": name, "name": name, "manufacturer": "NVIDIA", "memory": 24, "secure": True, "community": False,
                 "price": {"secure": usd, "community": None}, **self._availability(name, centres)}
                for name, usd in self.gpus.items()
            ]  # fmt: skip
        else:
            found = [
                {"id": name, "name": "Compute-Optimized", "group": "Gen 5", "vcpu": {"min": 2, "max": 8},
                 "ramGbPerVcpu": 2.0, "price": {"securePerVcpu": usd}, **self._availability(name, centres)}
                for name, usd in self.cpus.items()
            ]  # fmt: skip
        return {kind: found}

    def shown_serverless(self) -> dict[str, Any]:
        """The GPUs that workers of endpoints may have."""
        return {
            "gpus": [
                {"id": name, "name": name, "pool": pool, "price": {"secure": None, "serverless": usd}}
                for name, (pool, usd) in self.serverless.items()
            ]
        }

    def _availability(self, name: str, centres: list[dict[str, str]]) -> dict[str, Any]:
        is_there = name not in self.none_left
        return {"availability": "HIGH" if is_there else "NONE", "dataCenters": centres if is_there else []}

    def refuses(self, body: object) -> Refusal | None:
        """Why such a create is not carried out; None where it is."""
        if not isinstance(body, dict):
            return Refusal(422, "the body must be an object")
        wrong = _wrong_shape(body)
        if wrong is not None:
            return Refusal(422, wrong)
        return self._against_rules(body)

    def _against_rules(self, body: Mapping[str, Any]) -> Refusal | None:
        if ("gpu" in body) == ("cpu" in body):
            return Refusal(400, "exactly one of gpu and cpu must be set")
        machine = body.get("gpu") or body["cpu"]
        if machine["id"] in self.forbidden:
            return Refusal(403, "access denied")
        if machine["id"] not in (self.gpus if "gpu" in body else self.cpus):
            return Refusal(400, "no such type")
        if machine["id"] in self.none_left:
            return Refusal(400, "there are no longer any instances available")
        for mount in body.get("mounts", {}).get("network", []):
            if mount["volumeId"] != self.volume_id:
                return Refusal(404, "no such network volume")
            if body.get("dataCenterIds", [self.centre]) != [self.centre]:
                return Refusal(400, "the volume is in another data center")
        if body.get("cloud", "SECURE") != "SECURE" and body.get("mounts", {}).get("network"):
            return Refusal(400, "network volumes need the secure cloud")
        return None


def _wrong_shape(body: Mapping[str, Any]) -> str | None:
    unknown = body.keys() - FIELDS
    if unknown:
        return f"unknown fields: {', '.join(sorted(unknown))}"
    for name, kind in (("name", str), ("image", str), ("args", str), ("env", dict), ("dataCenterIds", list)):
        if name in body and not isinstance(body[name], kind):
            return f"{name} has the wrong type"
    if not body.get("name") or not body.get("image"):
        return "name and image are required"
    if not all(isinstance(value, str) for value in body.get("env", {}).values()):
        return "env must be text"
    if "disk" in body and (not isinstance(body["disk"], int) or body["disk"] < 1):
        return "disk must be a whole number of GB"
    return _wrong_machine(body) or _wrong_mounts(body.get("mounts", {}))


def _wrong_machine(body: Mapping[str, Any]) -> str | None:
    for kind, allowed in (("gpu", {"id", "count"}), ("cpu", {"id", "vcpuCount"})):
        machine = body.get(kind, {"id": "x", "vcpuCount": 2})
        if not isinstance(machine, dict) or not isinstance(machine.get("id"), str):
            return f"{kind}.id is required"
        if kind in body and machine.keys() - allowed:
            return f"{kind} has unknown fields"
    n = body.get("cpu", {"vcpuCount": 2}).get("vcpuCount")
    return None if isinstance(n, int) and n >= 2 and n & (n - 1) == 0 else "vcpuCount must be a power of two"


def _wrong_mounts(mounts: object) -> str | None:
    if not isinstance(mounts, dict) or mounts.keys() - {"network", "persistent"}:
        return "mounts has unknown fields"
    network = mounts.get("network", [])
    if not isinstance(network, list) or len(network) > 1:
        return "at most one network volume can be mounted"
    if any(not isinstance(one, dict) or one.keys() != {"volumeId", "path"} for one in network):
        return "a network mount has volumeId and path"
    return None
