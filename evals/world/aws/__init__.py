"""AWS as a server on loopback: moto, with what it lacks, and machines of EC2 that are processes of this machine."""

from __future__ import annotations

from evals.world.aws.server import AwsWorld, aws_world

__all__ = ["AwsWorld", "aws_world"]
