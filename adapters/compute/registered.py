"""Which backends there are. A new one is a file here and a line in this table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from adapters.compute.base import Backend, Surroundings


@dataclass(frozen=True)
class Registered:
    """A backend's module, whose `detect(surroundings)` makes it, and the setting that says that it may be used.

    The module is imported when the setting is there: a provider's libraries cost time. `phrase` is what people call
    it, as the offline planner reads it; `variable` is the environment's name of the setting.
    """

    module: str
    phrase: str
    option: str | None = None
    variable: str = ""

    @property
    def where(self) -> str:
        """How a sentence says that something is done there."""
        return f"on {self.phrase.strip('()').partition('|')[0]}"


REGISTERED: Mapping[str, Registered] = {
    "local": Registered("adapters.compute.local", "(this machine|this computer|local)"),
    "runpod": Registered("adapters.compute.runpod", "runpod", "runpod_api_key", "RUNPOD_API_KEY"),
    "runpod_serverless": Registered(
        "adapters.serving.runpod_serverless", "serverless", "runpod_endpoint", "STATAGENT_RUNPOD_ENDPOINT"
    ),
    "aws_lambda": Registered("adapters.serving.aws_lambda", "lambda", "aws_lambda_role", "STATAGENT_AWS_LAMBDA_ROLE"),
    "aws": Registered("adapters.compute.aws", "(aws|amazon|ec2)", "aws_bucket", "STATAGENT_AWS_BUCKET"),
}
OWN_NAME = "local"
"""The backend that is this machine."""


def detect_backends(surroundings: Surroundings) -> dict[str, Backend]:
    """The backends whose setting is there, by name; one that is half set up says so when it is asked for offers."""
    return {
        name: import_module(one.module).detect(surroundings)
        for name, one in REGISTERED.items()
        if one.option is None or surroundings.options.get(one.option)
    }
