"""A program that rents in a simulated AWS, as patient as a test is."""

from __future__ import annotations

from adapters.compute.aws import Ec2Backend
from adapters.compute.aws_api import AwsApi, Patience
from adapters.compute.aws_request import Setup
from adapters.compute.base import Surroundings
from evals.world.aws.server import BUCKET, IMAGE, PROFILE, REGION, SCHEDULER_ROLE

QUICK = Patience(settle_s=0.8, look_s=0.05, gone_s=10.0, connect_s=3.0, answer_s=5.0, n_tries=2)


def ec2_backend(surroundings: Surroundings, role: str = SCHEDULER_ROLE, patience: Patience = QUICK) -> Ec2Backend:
    """EC2 as `detect` makes it, with less patience."""
    setup = Setup(BUCKET, IMAGE, PROFILE, scheduler_role=role)
    return Ec2Backend(surroundings, AwsApi(REGION, patience), setup)
