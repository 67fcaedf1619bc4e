"""A program that rents in a simulated AWS, as patient as a test is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from adapters.compute.aws import Ec2Backend
from adapters.compute.aws_api import AwsApi, Patience
from adapters.compute.aws_request import Setup
from adapters.compute.base import Backend, Surroundings
from adapters.model.scripted import ScriptedModel
from evals.world.aws.ec2 import REGION
from evals.world.aws.server import BUCKET, IMAGE, PROFILE, SCHEDULER_ROLE
from evals.world.home import Clock, settings_in
from runtime.program import build
from runtime.session import Session
from runtime.settings import Settings

QUICK = Patience(settle_s=0.8, look_s=0.05, gone_s=10.0, connect_s=3.0, answer_s=5.0, n_tries=2)


def renting_session(home: Path) -> Session:
    """The program at `home` with the AWS of its environment as its only backend."""

    def backends(settings: Settings) -> Mapping[str, Backend]:
        surroundings = Surroundings(lambda: "abc123", home / "jobs", settings.worker_environment(), 100, None)
        backend = ec2_backend(surroundings)
        return {backend.name: backend}

    return Session(build(settings_in(home), ScriptedModel([]), Clock(), backends))


def ec2_backend(surroundings: Surroundings, role: str = SCHEDULER_ROLE, patience: Patience = QUICK) -> Ec2Backend:
    """EC2 as `detect` makes it, with less patience."""
    setup = Setup(BUCKET, IMAGE, PROFILE, scheduler_role=role)
    return Ec2Backend(surroundings, AwsApi(REGION, patience), setup)
