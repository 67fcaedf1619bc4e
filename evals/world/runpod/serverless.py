"""A program that predicts at a simulated RunPod Serverless, as patient as a test is."""

from __future__ import annotations

from adapters.compute.base import Surroundings
from adapters.compute.runpod_api import RunPodApi
from adapters.compute.volume import VolumeKeys
from adapters.serving.runpod_deploy import RunPodDeployment
from adapters.serving.runpod_endpoints import RunPodEndpoints
from adapters.serving.runpod_serverless import ServerlessBackend
from evals.world.runpod.program import QUICK
from evals.world.runpod.server import ACCESS, CENTRE, IMAGE, KEY, SECRET, VOLUME, RunPodWorld


def deployed_endpoint(world: RunPodWorld, install: str = "abc123") -> str:
    """The endpoint that `statagent deploy runpod` makes there; its id."""
    endpoints = RunPodEndpoints(RunPodApi(f"{world.url}/v2", KEY, QUICK))
    try:
        return RunPodDeployment(
            f"statagent-{install}", endpoints, keys_of(world), IMAGE, lambda sentence: None
        ).deploy()
    finally:
        endpoints.api.close()


def serverless_backend(world: RunPodWorld, endpoint_id: str, surroundings: Surroundings) -> ServerlessBackend:
    """RunPod Serverless as `detect` makes it, with less patience."""
    api = RunPodApi(f"{world.url}/v2", KEY, QUICK)
    jobs = RunPodApi(f"{world.jobs_url}/v2/{endpoint_id}", KEY, QUICK)
    return ServerlessBackend(surroundings, api, jobs, endpoint_id, keys_of(world))


def keys_of(world: RunPodWorld) -> VolumeKeys:
    """What opens the world's volume."""
    return VolumeKeys(world.s3_url, CENTRE, VOLUME, ACCESS, SECRET)
