"""A schedule at AWS that ends a machine at its deadline, whatever becomes of the machine and of this program."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from datetime import UTC, datetime

from adapters.compute.aws_api import AwsApi, RefusedError, asking
from adapters.compute.base import ComputeError

TARGET = "arn:aws:scheduler:::aws-sdk:ec2:terminateInstances"
LATER_S = 60
"""After the machine's own timer, which tells how it ended."""


def arm(api: AwsApi, role: str, key: str, instance_id: str, deadline: float) -> None:
    """Have AWS end that machine then; again, it does no harm. That it cannot be done is logged: a timer runs there."""
    at = datetime.fromtimestamp(deadline + LATER_S, UTC)
    try:
        with asking("CreateSchedule"):
            api.client("scheduler").create_schedule(
                Name=_name(key),
                ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={"Arn": TARGET, "RoleArn": role, "Input": json.dumps({"InstanceIds": [instance_id]})},
            )
    except ComputeError as error:
        if not (isinstance(error, RefusedError) and error.code == "ConflictException"):
            logging.getLogger(__name__).exception("no schedule ends the machine of %s", key)


def disarm(api: AwsApi, key: str) -> None:
    """Remove the schedule of a machine that is gone; one that stays ends nothing, and AWS removes it then."""
    with suppress(ComputeError), asking("DeleteSchedule"):
        api.client("scheduler").delete_schedule(Name=_name(key))


def _name(key: str) -> str:
    return f"statagent-{key}"
