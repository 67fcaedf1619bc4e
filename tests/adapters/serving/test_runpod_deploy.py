"""The endpoint is made once, by its name; brought to this version; removed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.compute.base import ComputeError, Surroundings
from adapters.compute.payload import pack
from adapters.compute.runpod_api import RunPodApi
from adapters.serving.runpod_deploy import RunPodDeployment, deployment
from adapters.serving.runpod_endpoints import RunPodEndpoints
from evals.world.home import ROOT
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.faults import Fault
from evals.world.runpod.program import QUICK
from evals.world.runpod.server import IMAGE, KEY
from evals.world.runpod.serverless import keys_of


@pytest.fixture
def world() -> Iterator[RunPodWorld]:
    with runpod_world() as world:
        yield world


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def deploying(world: RunPodWorld, told: list[str]) -> Iterator[RunPodDeployment]:
    endpoints = RunPodEndpoints(RunPodApi(f"{world.url}/v2", KEY, QUICK))
    yield RunPodDeployment("statagent-abc123", endpoints, keys_of(world), IMAGE, told.append)
    endpoints.api.close()


def test_an_endpoint_is_made_that_costs_nothing_and_says_how_to_use_and_remove_it(
    deploying: RunPodDeployment, world: RunPodWorld, told: list[str]
) -> None:
    endpoint_id = deploying.deploy()
    (endpoint,) = world.endpoints.all.values()
    assert endpoint.shown()["workers"] == {"min": 0, "max": 3, "idleTimeout": 5}
    assert (world.s3.folder / "payload" / f"{pack()[0]}.zip").read_bytes() == pack()[1]
    assert told[0] == f"made the endpoint statagent-abc123 ({endpoint_id})"
    assert told[1].startswith("it costs nothing until it is used (no worker waits for work); then $0.5800 an hour")
    assert told[2] == f"to use it: export STATAGENT_RUNPOD_ENDPOINT={endpoint_id}"
    assert endpoint.workers == []


def test_a_second_deploy_changes_the_one_that_is_there(deploying: RunPodDeployment, world: RunPodWorld) -> None:
    endpoint_id = deploying.deploy()
    endpoint = world.endpoints.all[endpoint_id]
    endpoint.body["workers"]["min"] = 2
    endpoint.body["env"] = {}
    assert deploying.deploy() == endpoint_id
    assert list(world.endpoints.all) == [endpoint_id]
    assert endpoint.shown()["workers"]["min"] == 0
    assert endpoint.body["env"]["STATAGENT_PAYLOAD_SHA256"] == pack()[0]


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_makes_no_second_endpoint(deploying: RunPodDeployment, world: RunPodWorld, is_done: bool) -> None:
    world.faults.add(Fault("POST", "/v2/serverless", 0, is_done=is_done))
    if is_done:
        deploying.deploy()
    else:
        with pytest.raises(ComputeError, match="answer was lost"):
            deploying.deploy()
        deploying.deploy()
    assert len(world.endpoints.all) == 1


def test_it_is_removed_and_others_stay(deploying: RunPodDeployment, world: RunPodWorld, told: list[str]) -> None:
    deploying.deploy()
    another = world.endpoints.create({"name": "somebody-elses"})
    deploying.remove()
    assert list(world.endpoints.all) == [another.endpoint_id]
    deploying.remove()
    assert told[-1] == "there is no endpoint statagent-abc123"


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    options = {"runpod_api_key": "x", "runpod_volume": "v"}
    surroundings = Surroundings(lambda: "abc123", tmp_path, {}, 100, None, options)
    with pytest.raises(ComputeError, match="set STATAGENT_RUNPOD_IMAGE, STATAGENT_RUNPOD_S3_ENDPOINT"):
        deployment(surroundings, print)


def test_the_command_makes_and_removes_it_in_a_simulated_runpod(tmp_path: Path) -> None:
    statagent = f"{Path(sys.executable).parent}/statagent"
    words = f"{shlex.quote(statagent)} deploy runpod && {shlex.quote(statagent)} deploy runpod --remove"
    environment = {**os.environ, "STATAGENT_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [statagent, "world", "sh", "-c", words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(" statagent-")[0] for line in (lines[0], lines[-1])] == [
        "made the endpoint",
        "removed the endpoint",
    ]
