"""Predictions on AWS Lambda: a real runtime client, real zip files, lost answers, dead processes, double runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from adapters.compute.base import Backend, ComputeError, Surroundings
from adapters.compute.local import detect as detect_local
from adapters.model.scripted import ScriptedModel
from adapters.serving.aws_lambda import LambdaBackend, detect
from adapters.serving.functions import VERSIONS_TAG
from adapters.serving.lambda_deploy import LambdaDeployment, deployment
from evals.world.aws import AwsWorld, aws_world
from evals.world.home import Clock, settings_in
from evals.world.runpod.faults import Fault
from runtime.confirmation import Confirmation
from runtime.program import build
from runtime.session import Session
from runtime.settings import Settings
from tests.tools.conftest import told
from tests.tools.test_prediction_jobs import call, table
from tools.errors import ToolError

DOCS = Path(__file__).parents[3] / "docs"
INVOKE = ("lambda", "InvokeFunction")
SIZES = {"small": 500, "middle": 2500, "large": 10_001}
pytestmark = pytest.mark.usefixtures("real_children")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsWorld]:
    with aws_world(tmp_path_factory.mktemp("aws")) as world, pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment().items():
            patch.setenv(name, value)
        yield world


def surroundings_of(world: AwsWorld, settings: Settings, **options: str) -> Surroundings:
    chosen = {**world.options(), **options}
    environment = settings.worker_environment()
    return Surroundings(lambda: "abc123", settings.home / "jobs", environment, 900, None, chosen)


@pytest.fixture(scope="module")
def session(world: AwsWorld, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A program with a model, three tables, and the function deployed."""
    folder = tmp_path_factory.mktemp("lambda")

    def backends(settings: Settings) -> dict[str, Any]:
        around = surroundings_of(world, settings)
        return {"local": detect_local(around), "aws_lambda": detect(around)}

    session = Session(build(settings_in(folder / "home"), ScriptedModel([]), Clock(), backends))
    said: list[str] = []
    deployment(surroundings_of(world, session.settings), said.append).deploy()
    assert said[1].startswith("made the function statagent-abc123 (1769 MB, python3.")
    for name, n in {"train": 400, **SIZES}.items():
        table(n, n).to_csv(folder / f"{name}.csv", index=False)
        told(session, "load_dataset", {"source": str(folder / f"{name}.csv")})
    for target, model in (("price", "ridge"), ("dear", "decision_tree")):
        job = {"kind": "training", "dataset": "train", "target": target, "model": model}
        (quote,) = told(session, "estimate_cost", {"job": job, "where": "local"})["quotes"]
        begun = call(session, "launch_training", {"quote_id": quote["quote_id"]}, quote["quote_id"])
        assert told(session, "poll_job", {"job_id": begun["job_id"], "wait_s": 120})["state"] == "succeeded"
    yield session
    session.program.close()


def backend_of(session: Session) -> LambdaBackend:
    found: Backend = session.program.backends["aws_lambda"]
    assert isinstance(found, LambdaBackend)
    return found


def quoted(session: Session, dataset: str, model: str = "price", **more: Any) -> dict[str, Any]:
    job = {"kind": "prediction", "model": model, "dataset": dataset, **more}
    (quote,) = told(session, "estimate_cost", {"job": job, "where": "aws"})["quotes"]
    return dict(quote)


def predicted(session: Session, quote: dict[str, Any], model: str = "price") -> tuple[dict[str, Any], Path | None]:
    """What comes of a yes to the quote, waited for."""
    arguments = json.dumps({"model": model, "quote_id": quote["quote_id"]})
    output = session.call_tool("predict", arguments, Confirmation(quote["quote_id"], Decimal(1)))
    found, files = json.loads(json.dumps(output.content)), output.artifacts
    if "job_id" in found:
        polled = session.call_tool("poll_job", json.dumps({"job_id": found["job_id"], "wait_s": 120}), None)
        found, files = json.loads(json.dumps(polled.content)), polled.artifacts
    return found, files[0].path if files else None


def here(session: Session, dataset: str, model: str = "price", **more: Any) -> bytes:
    arguments = json.dumps({"model": model, "dataset": dataset, **more})
    return session.call_tool("predict", arguments, None).artifacts[0].path.read_bytes()


@pytest.mark.parametrize(
    ("dataset", "parts", "how"),
    [("small", 1, "at once"), ("middle", 3, "at once"), ("large", 2, "over the bucket")],
)
def test_each_size_goes_its_way_and_gives_the_bytes_of_here(
    session: Session, world: AwsWorld, dataset: str, parts: int, how: str
) -> None:
    before, usd = len(world.functions.calls), world.functions.spent_usd
    quote = quoted(session, dataset)
    assert how in quote["breakdown"][1]
    assert f"in {parts} parts" in quote["breakdown"][1] or parts == 1
    assert quote["price_source"] == "statagent's own list"
    _, path = predicted(session, quote)
    assert path is not None
    assert path.read_bytes() == here(session, dataset)
    assert len(pd.read_csv(path)) == SIZES[dataset]
    assert len(world.functions.calls) - before == parts
    (job, *_) = session.jobs.all()
    # Lambda's own count of a call that answers at once; of one that writes to the bucket the function's, some ms less.
    paid = world.functions.spent_usd - usd
    assert float(job.cost_usd) == pytest.approx(
        paid, rel=0.02 if how == "at once" else 0.6, abs=2e-6 if how == "at once" else 2e-5
    )
    assert float(job.cost_usd) <= quote["cap_usd"]


def test_probabilities_and_a_threshold_are_those_of_here(session: Session) -> None:
    for more in ({"each_class": True}, {"threshold": 0.3, "event": "yes"}):
        _, path = predicted(session, quoted(session, "small", "dear", **more), "dear")
        assert path is not None
        assert path.read_bytes() == here(session, "small", "dear", **more)


@pytest.mark.parametrize("dataset", ["middle", "large"])
def test_a_function_that_dies_is_called_again_for_its_part_alone(
    session: Session, world: AwsWorld, dataset: str
) -> None:
    before = len(world.functions.calls)
    quote = quoted(session, dataset)
    quote_max = session.jobs.offered(quote["quote_id"])
    assert quote_max is not None
    world.functions.kills = 1 if dataset == "middle" else 0
    world.functions.runs_twice = dataset == "large"
    try:
        _, path = predicted(session, quote)
    finally:
        world.functions.kills, world.functions.runs_twice = 0, False
    assert path is not None
    assert path.read_bytes() == here(session, dataset)
    assert len(world.functions.calls) - before == 4


def test_a_refused_call_costs_nothing_and_is_made_again(session: Session, world: AwsWorld) -> None:
    world.faults.add(Fault(*INVOKE, 429, body=b"TooManyRequestsException"))
    quote = quoted(session, "small")
    usd = world.functions.spent_usd
    _, path = predicted(session, quote)
    assert path is not None
    assert path.read_bytes() == here(session, "small")
    (job, *_) = session.jobs.all()
    assert float(job.cost_usd) == pytest.approx(world.functions.spent_usd - usd, rel=0.02, abs=2e-6)


@pytest.mark.parametrize("dataset", ["small", "large"])
def test_a_right_that_is_missing_ends_the_job_at_once(session: Session, world: AwsWorld, dataset: str) -> None:
    before = len(world.functions.calls)
    world.faults.add(*[Fault(*INVOKE, 403, body=b"AccessDeniedException")] * 4)
    found, path = predicted(session, quoted(session, dataset))
    world.faults.clear()
    assert path is None
    assert found["state"] == "failed"
    assert "Lambda refuses the call: AccessDeniedException; your keys need lambda:InvokeFunction" in found["status"]
    assert len(world.functions.calls) - before == 0
    (job, *_) = session.jobs.all()
    assert job.cost_usd < Decimal("0.00001")


def test_what_fails_three_times_fails_the_job_with_a_sentence(session: Session, world: AwsWorld) -> None:
    world.functions.kills = 3
    found, path = predicted(session, quoted(session, "small"))
    world.functions.kills = 0
    assert path is None
    assert (found["state"], found["status"]) == ("failed", found["status"])
    assert found["status"].startswith("part 1 of 1 failed 3 times: the function failed: ")


def test_a_function_of_other_libraries_is_not_used(session: Session, world: AwsWorld) -> None:
    import boto3

    client = boto3.client("lambda")
    known = client.get_function(FunctionName="statagent-abc123")
    arn, made = known["Configuration"]["FunctionArn"], known["Tags"][VERSIONS_TAG]
    client.tag_resource(Resource=arn, Tags={VERSIONS_TAG: "scikit-learn=1.0"})
    try:
        with pytest.raises(
            ToolError, match="was made of other libraries than are here: `statagent deploy lambda` again"
        ):
            quoted(session, "small")
    finally:
        client.tag_resource(Resource=arn, Tags={VERSIONS_TAG: made})


def test_no_call_is_sent_after_an_end(session: Session, world: AwsWorld) -> None:
    predicted(session, quoted(session, "small"))
    before, backend = len(world.functions.calls), backend_of(session)
    backend.end("0" * 32)
    attempt = replace(attempt_of(session), key="0" * 32)
    assert backend.state(attempt).is_running is False
    backend.terminate(attempt)
    assert len(world.functions.calls) == before


def attempt_of(session: Session) -> Any:
    from adapters.store.jobs import JobTable

    return JobTable(session.program.database).attempt(session.jobs.all()[0])


def test_without_a_function_the_offer_names_the_command(world: AwsWorld, tmp_path: Path) -> None:
    around = surroundings_of(world, settings_in(tmp_path / "home"))
    other = detect(replace(around, install=lambda: "ffffff"))
    with pytest.raises(ComputeError, match="no function is deployed: `statagent deploy lambda` makes it, at no cost"):
        other.offers()
    with pytest.raises(ComputeError, match="half set up: set STATAGENT_AWS_BUCKET"):
        detect(replace(around, options={})).offers()
    with pytest.raises(ComputeError, match="set STATAGENT_AWS_LAMBDA_ROLE"):
        deployment(replace(around, options={"aws_bucket": "b", "aws_region": "us-east-1"}), print)


def deployed_twice(session: Session, world: AwsWorld, install: str) -> tuple[LambdaDeployment, list[str]]:
    """Another installation's function, of libraries that need not be made for it; and what was said."""
    around = replace(surroundings_of(world, session.settings), install=lambda: install)
    said: list[str] = []
    made = deployment(around, said.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.serving.lambda_deploy.write_layer", _small_layer)
        made.deploy()
        made.deploy()
    return made, said


def test_deploying_again_changes_nothing_and_removing_leaves_nothing(session: Session, world: AwsWorld) -> None:
    import boto3

    made, said = deployed_twice(session, world, "eeeeee")
    assert said.count("the libraries are there already") == 1
    made.remove()
    client = boto3.client("lambda")
    assert client.list_layer_versions(LayerName="statagent-eeeeee")["LayerVersions"] == []
    assert not made.volume.files("layers")
    said.clear()
    made.remove()
    assert said == ["there is no function statagent-eeeeee"]


def _small_layer(path: Path) -> int:
    import zipfile

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("python/none.py", "")
    return 1


def test_what_was_asked_of_aws_is_what_the_policy_allows(session: Session, world: AwsWorld) -> None:
    deployed_twice(session, world, "dddddd")[0].remove()
    predicted(session, quoted(session, "small"))
    policy = json.loads((DOCS / "aws-lambda-policy.json").read_text())
    allowed = {name for one in policy["Statement"] for name in _listed(one["Action"])}
    asked = {name for whose, name in world.requests if whose == "program"}
    assert asked - allowed == set()
    assert {name for name in allowed if name.startswith("lambda:")} - asked - {"lambda:GetLayerVersion"} == set()
    for one in policy["Statement"]:
        assert not any("*" in name for name in _listed(one["Action"]))
        if one["Resource"] == "*":
            assert one["Action"] == "pricing:GetProducts"
    for _, action, path in {one for one in world.files if one[1] != "s3:ListBucket"}:
        assert action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), action
        assert path.startswith(("statagent-jobs/attempts/", "statagent-jobs/layers/")), path


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
