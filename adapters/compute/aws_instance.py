"""What is believed of a machine of EC2 as AWS describes it: since when it is paid for, and how it ended."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.records import Json

CLOCKS_DIFFER_S = 120.0
"""How far AWS's clock may be from ours before its times are not believed."""
LEAST_PAID_S = 60.0
"""A second is the unit of the bill, and a minute the least."""
THERE = frozenset(["pending", "running"])
COSTING = (*THERE, "stopping", "stopped")
"""A stopped machine's disk is paid for; one that shuts down costs nothing any more."""
BY_ITSELF = "Client.InstanceInitiatedShutdown"
BY_US = "Client.UserInitiatedShutdown"


def handle_of(instance: Mapping[str, Any] | None, asked_at: float | None) -> Json:
    """How a machine is told apart, and since when it is paid for; of None it is known that it was there and is gone.

    AWS's own time counts where it lies between the request for the machine and now; ours of the request else.
    """
    now = time.time()
    first = now if asked_at is None else asked_at
    launched = None if instance is None else instance.get("LaunchTime")
    created = launched.timestamp() if isinstance(launched, datetime) else first
    if created > now + CLOCKS_DIFFER_S or (asked_at is not None and created < first - CLOCKS_DIFFER_S):
        created = first
    return {"instance_id": None if instance is None else str(instance["InstanceId"]), "created_at": created}


def state_of(instance: Mapping[str, Any] | None) -> str:
    """AWS's word for how it stands; `terminated` where it is not there."""
    return "terminated" if instance is None else str(instance.get("State", {}).get("Name"))


def is_taken_away(instance: Mapping[str, Any] | None) -> bool:
    """Whether a machine that is gone was taken away, and neither shut itself down nor was ended by a person."""
    if instance is None:
        return True
    code = str(instance.get("StateReason", {}).get("Code"))
    is_spot = instance.get("InstanceLifecycle") == "spot"
    return code != BY_ITSELF and (is_spot or code != BY_US)


def ended_at(instance: Mapping[str, Any] | None) -> float | None:
    """When it ended, if AWS says so: `User initiated (2026-11-28 05:43:24 GMT)`."""
    said = "" if instance is None else str(instance.get("StateTransitionReason", ""))
    found = re.search(r"\((\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?:GMT|UTC)\)", said)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
