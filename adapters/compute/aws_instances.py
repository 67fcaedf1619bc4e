"""The machines of this installation at EC2, whose list may lag behind what was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.compute.aws_api import AwsApi, RefusedError, asking
from adapters.compute.aws_instance import COSTING, state_of
from adapters.compute.aws_request import TAG
from adapters.compute.base import ComputeError
from adapters.records import Json

LAG_S = 60.0
"""A machine that AWS does not know so soon after its launch is one that it does not show yet."""


@dataclass(frozen=True)
class Instances:
    """Machines by the tags that they were launched with."""

    api: AwsApi
    install: Callable[[], str]

    def listed(self, states: tuple[str, ...] = (), key: str = "") -> list[dict[str, Any]]:
        """Those in these states, of that key: all by default, as far as the list has heard of them, oldest first."""
        wanted = {f"tag:{TAG}install": [self.install()], **({f"tag:{TAG}key": [key]} if key else {})}
        wanted |= {"instance-state-name": [*states]} if states else {}
        filters = [{"Name": name, "Values": values} for name, values in wanted.items()]
        with asking("DescribeInstances"):
            pages = self.api.client("ec2").get_paginator("describe_instances").paginate(Filters=filters)
            found = [one for page in pages for many in page["Reservations"] for one in many["Instances"]]
        return sorted(found, key=lambda one: (str(one.get("LaunchTime")), str(one["InstanceId"])))

    def oldest(self, key: str) -> dict[str, Any] | None:
        """The key's machine, there or gone; of several the oldest, and the others are ended."""
        found = self.listed(key=key)
        for one in found[1:]:
            if state_of(one) in COSTING:
                self.terminate(str(one["InstanceId"]))
        return found[0] if found else None

    def settled(self, key: str, patience_s: float) -> dict[str, Any] | None:
        """The key's machine, looked for as long as a list may lag."""
        deadline = time.monotonic() + patience_s
        while (found := self.oldest(key)) is None and time.monotonic() < deadline:
            time.sleep(min(self.api.patience.look_s, max(0.0, deadline - time.monotonic())))
        return found

    def of(self, handle: Json | None) -> dict[str, Any] | None:
        """The handle's machine; None where AWS does not know it (any more)."""
        if handle is None or handle["instance_id"] is None:
            return None
        instance_id, created = str(handle["instance_id"]), handle["created_at"]
        try:
            with asking("DescribeInstances"):
                answer = self.api.client("ec2").describe_instances(InstanceIds=[instance_id])
            found = [one for many in answer["Reservations"] for one in many["Instances"]]
        except RefusedError as error:
            if not error.code.startswith("InvalidInstanceID"):
                raise
            found = []
        if not found and isinstance(created, int | float) and time.time() - created < LAG_S:
            return {"InstanceId": instance_id, "State": {"Name": "pending"}}
        return found[0] if found else None

    def taken_at(self, instance: Mapping[str, Any] | None) -> float | None:
        """When AWS took a spot machine away, as its request says; None where that does not."""
        request_id = None if instance is None else instance.get("SpotInstanceRequestId")
        if request_id is None:
            return None
        try:
            with asking("DescribeSpotInstanceRequests"):
                client = self.api.client("ec2")
                found = client.describe_spot_instance_requests(SpotInstanceRequestIds=[request_id])
        except RefusedError:
            # The request is forgotten, or may not be seen: then the time counts until somebody looks.
            return None
        status = found["SpotInstanceRequests"][0].get("Status", {}) if found["SpotInstanceRequests"] else {}
        at, is_over = status.get("UpdateTime"), str(status.get("Code", "")).startswith("instance-terminated")
        return at.timestamp() if is_over and isinstance(at, datetime) else None

    def terminate(self, instance_id: str) -> None:
        """Ask for its end; that there is no such machine is no error."""
        try:
            with asking("TerminateInstances"):
                self.api.client("ec2").terminate_instances(InstanceIds=[instance_id])
        except RefusedError as error:
            if not error.code.startswith("InvalidInstanceID"):
                raise

    def end(self, handles: list[Json]) -> None:
        """End these machines, and wait until none of them costs any more; ComputeError where one does for too long."""
        for handle in handles:
            self.terminate(str(handle["instance_id"]))
        deadline = time.monotonic() + self.api.patience.gone_s
        while any(state_of(self.of(handle)) in COSTING for handle in handles):
            if time.monotonic() > deadline:
                raise ComputeError("the machine is not gone yet; it will be tried again")
            time.sleep(self.api.patience.look_s)
