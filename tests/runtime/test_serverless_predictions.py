"""Predictions on RunPod Serverless through the tools: a price, a yes, parts, and the file that predict writes here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from adapters.records import JobState
from adapters.serving.runpod_deploy import deployment
from evals.world.home import build_in, used_home, wait_until
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.serverless import deployed_endpoint
from runtime import doctor
from runtime.confirmation import Confirmation
from runtime.program import surroundings_of
from runtime.session import Session
from runtime.sweep_command import sweep, unknown
from tests.tools.conftest import told

pytestmark = pytest.mark.usefixtures("real_children")
N = 120_000


@dataclass(frozen=True)
class Place:
    """A program, and the world that it predicts in."""

    session: Session
    world: RunPodWorld

    def call(self, tool: str, arguments: dict[str, Any], quote_id: str) -> dict[str, Any]:
        output = self.session.call_tool(tool, json.dumps(arguments), Confirmation(quote_id, Decimal(1)))
        return {**json.loads(json.dumps(output.content)), "files": [one.path for one in output.artifacts]}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("serverless")
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"area": rng.normal(100, 20, N).round(2), "town": rng.choice(["Ash", "Élm", "=1+1"], N)})
    frame.loc[rng.choice(N, 500, replace=False), "area"] = None
    frame["price"] = (frame["area"].fillna(90) * 3 + rng.normal(0, 9, N)).round(3)
    frame.head(400).to_csv(folder / "train.csv", index=False)
    frame.drop(columns="price").to_csv(folder / "fresh.csv", index=False)
    with runpod_world() as world:
        home = used_home(folder / "home")
        endpoint_id = deployed_endpoint(world)
        world.endpoints.all[endpoint_id].body["workers"]["max"] = 1
        session = build_in(home, **world.options(), runpod_endpoint=endpoint_id)
        for name in ("train", "fresh"):
            told(session, "load_dataset", {"source": str(folder / f"{name}.csv")})
        place = Place(session, world)
        job = {"kind": "training", "dataset": "train", "target": "price", "model": "ridge"}
        (quote,) = told(session, "estimate_cost", {"job": job, "where": "local"})["quotes"]
        begun = place.call("launch_training", {"quote_id": quote["quote_id"]}, quote["quote_id"])
        assert told(session, "poll_job", {"job_id": begun["job_id"], "wait_s": 90})["state"] == "succeeded"
        yield place
        session.program.close()


def quoted(place: Place, where: str) -> list[dict[str, Any]]:
    job = {"kind": "prediction", "model": "ridge", "dataset": "fresh"}
    quotes: list[dict[str, Any]] = told(place.session, "estimate_cost", {"job": job, "where": where})["quotes"]
    return quotes


def test_the_file_is_the_one_that_predict_writes_here(place: Place) -> None:
    (quote,) = quoted(place, "runpod_serverless")
    assert quote["provider"] == "runpod_serverless"
    assert any(line.startswith("120,000 rows in 3 parts of 50,000 at most, 1 side") for line in quote["breakdown"])
    place.call("predict", {"model": "ridge", "quote_id": quote["quote_id"]}, quote["quote_id"])
    (job, *_) = place.session.jobs.all()
    wait_until(lambda: place.session.jobs.get(job.job_id).job.state.is_final, 90)
    view = place.session.jobs.get(job.job_id)
    assert view.job.state is JobState.SUCCEEDED, (view.status, view.log_tail)
    assert 0 < view.job.cost_usd <= Decimal(str(quote["cap_usd"]))
    seen = place.session.call_tool("poll_job", json.dumps({"job_id": job.job_id}), None)
    here = place.session.call_tool("predict", json.dumps({"model": "ridge", "dataset": "fresh"}), None)
    assert seen.artifacts[0].path.read_bytes() == here.artifacts[0].path.read_bytes()
    # Only what tells of the tries stays on the volume.
    left = {path.suffix for path in (place.world.s3.folder / "attempts").rglob("*") if path.is_file()}
    assert left == {".json"}
    assert sweep(place.session.program) == []


def test_this_machine_is_offered_first_and_doctor_knows_the_endpoint(place: Place) -> None:
    assert quoted(place, "auto")[0]["provider"] == "local"
    (found,) = [one for one in doctor.examine(place.session.settings) if one.name == "jobs on runpod_serverless"]
    assert (found.state, found.detail) == (
        "ok",
        "2 kinds of machine from $0.5800 an hour; 0 machines of this installation are there",
    )


def test_a_sweep_names_an_endpoint_that_no_setting_names(place: Place) -> None:
    program = place.session.program
    made = deployment(surroundings_of(program.settings), lambda sentence: None)
    made.deploy()
    (mine,) = [one for one in place.world.endpoints.all if one != program.settings.runpod_endpoint]
    (found,) = unknown(program)
    assert found["machine"] == mine
    assert found["state"].startswith(f"an endpoint that no setting names: export STATAGENT_RUNPOD_ENDPOINT={mine}, or ")
    made.remove()
    assert unknown(program) == []
    made.endpoints.api.close()
