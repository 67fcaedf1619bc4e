"""What an endpoint and a job must be, as RunPod's documents say it; broken, it is answered 400 or 422."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evals.world.runpod.rules import Refusal

CREATED = frozenset(
    "name type image templateId gpu workers scaling dataCenterIds networkVolumes timeout flashboot disk env args ports "
    "registry minCudaVersion".split()
)
CHANGED = CREATED - {"type", "templateId"}
POOLS = frozenset("AMPERE_16 AMPERE_24 ADA_24 AMPERE_48 ADA_48_PRO AMPERE_80 ADA_80_PRO HOPPER_141".split())
TARGETS = {"REQUEST_COUNT": "requestCount", "QUEUE_DELAY": "queueDelay"}
LEAST_EXECUTION_MS, LEAST_TTL_MS = 5_000, 10_000
MOST_RUN_BYTES = 10 * 10**6


def refuses_endpoint(body: object, volume_id: str, is_new: bool) -> Refusal | None:
    """Why such an endpoint is not made, or not changed so; None where it is."""
    if not isinstance(body, dict):
        return Refusal(422, "the body must be an object")
    unknown = body.keys() - (CREATED if is_new else CHANGED)
    if unknown:
        return Refusal(422, f"additional properties not allowed: {', '.join(sorted(unknown))}")
    needed = ("name", "type", "scaling", "gpu", "image") if is_new else ("gpu",)
    lacking = [name for name in needed if not body.get(name)]
    if lacking:
        return Refusal(422, f"required: {', '.join(lacking)}")
    wrong = _wrong_parts(body)
    if wrong is not None:
        return Refusal(422, wrong)
    if any(volume != volume_id for volume in body.get("networkVolumes", [])):
        return Refusal(400, "no such network volume")
    return None


def _wrong_parts(body: Mapping[str, Any]) -> str | None:
    gpu, workers, scaling = body["gpu"], body.get("workers", {}), body.get("scaling")
    pools = gpu.get("pools") if isinstance(gpu, dict) else None
    if not isinstance(pools, list) or not pools or not set(pools) <= POOLS or gpu.keys() - {"pools", "count"}:
        return "gpu.pools must name one pool at least"
    if not isinstance(workers, dict) or workers.keys() - {"min", "max", "idleTimeout"}:
        return "workers has unknown fields"
    if not 1 <= workers.get("idleTimeout", 10) <= 3600 or workers.get("min", 0) > workers.get("max", 3):
        return "workers.idleTimeout is 1 to 3600, workers.min is workers.max at most"
    if scaling is not None and (not isinstance(scaling, dict) or scaling.get("type") not in TARGETS):
        return "scaling.type is REQUEST_COUNT or QUEUE_DELAY"
    if scaling is not None and scaling.keys() != {"type", TARGETS[scaling["type"]]}:
        return "scaling holds its type and that type's target"
    if body.get("type", "QUEUE") not in ("QUEUE", "LOAD_BALANCER"):
        return "type is QUEUE or LOAD_BALANCER"
    if not all(isinstance(value, str) for value in body.get("env", {}).values()):
        return "env must be text"
    return None


def refuses_job(body: object, size: int) -> Refusal | None:
    """Why such a job is not taken; None where it is."""
    if size > MOST_RUN_BYTES:
        return Refusal(413, "the job is too large")
    if not isinstance(body, dict) or not isinstance(body.get("input"), dict):
        return Refusal(400, "a job has an input, which is an object")
    if body.keys() - {"input", "policy", "webhook", "s3Config"}:
        return Refusal(400, "the job has unknown fields")
    policy = body.get("policy", {})
    if not isinstance(policy, dict) or policy.keys() - {"executionTimeout", "ttl", "lowPriority"}:
        return Refusal(400, "the policy has unknown fields")
    if not isinstance(policy.get("executionTimeout", LEAST_EXECUTION_MS), int | float):
        return Refusal(400, "executionTimeout is a number")
    if policy.get("executionTimeout", LEAST_EXECUTION_MS) < LEAST_EXECUTION_MS:
        return Refusal(400, "executionTimeout is 5 seconds at least")
    if policy.get("ttl", LEAST_TTL_MS) < LEAST_TTL_MS:
        return Refusal(400, "ttl is 10 seconds at least")
    return None
