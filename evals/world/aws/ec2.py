"""What EC2 does and moto's does not: tokens, capacity, spot prices, machines that work, a list that lags."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import xml.etree.ElementTree as ET
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evals.world.aws.answers import EC2_NAMESPACE, Answer, refusal, spot_prices, spot_requests
from evals.world.aws.asked import Asked
from evals.world.aws.machines import Ec2Machine, Ec2Machines, stamp

REGION, ACCOUNT = "us-east-1", "123456789012"
MOST_USER_DATA = 16_384
NAMES = {"ec2": EC2_NAMESPACE}
ON_DEMAND = {"c7i.large": 0.08925, "c7i.xlarge": 0.1785, "m7i.xlarge": 0.2016, "r7i.xlarge": 0.2646}
"""What the price list holds; kinds that it lacks have the price that the program was shipped with, or none."""
ZONES = ("us-east-1a", "us-east-1b")


@dataclass
class Market:
    """What machines cost, of what nothing is left, and what a request is refused for."""

    on_demand: dict[str, float] = field(default_factory=lambda: dict(ON_DEMAND))
    spot: dict[tuple[str, str], float] = field(
        default_factory=lambda: {
            (sku, zone): round(usd * share, 4)
            for sku, usd in ON_DEMAND.items()
            for zone, share in zip(ZONES, (0.36, 0.38), strict=True)
        }
    )
    quotas: dict[str, float] = field(
        default_factory=lambda: {"L-1216C47A": 32.0, "L-34B43A08": 32.0, "L-DB2E81BA": 0.0, "L-3819A6DF": 0.0}
    )
    """vCPUs: standard on demand and spot, with a GPU on demand and spot."""
    none_left: set[str] = field(default_factory=set)
    """Words such as `c7i.large`, `spot`, `c7i.large spot us-east-1a`: a request that holds all words of one fails."""

    def lacks(self, sku: str, market: str, zone: str) -> bool:
        """Whether there is no such machine now."""
        words = {sku, market, zone}
        return any(set(one.split()) <= words for one in self.none_left)


Passed = Callable[[], Answer]
"""Has moto carry the request out."""


class Ec2:
    """The part of EC2 that is the world's own; moto carries out the rest."""

    def __init__(self, machines: Ec2Machines, market: Market, image: str) -> None:
        self._machines = machines
        self._market = market
        self._image = image
        self._tokens: dict[str, tuple[str, Answer]] = {}
        self._lock = threading.Lock()
        self.lag_s = 0.0
        self.has_tokens = True
        self.is_deaf_to_ends = False

    def answer(self, asked: Asked, passed: Passed) -> Answer:
        """The answer to one request."""
        match asked.action:
            case "RunInstances":
                with self._lock:
                    return self._run(asked, passed)
            case "TerminateInstances":
                return self._terminate(asked, passed)
            case "DescribeInstances":
                return self._describe(asked, passed)
            case "DescribeSpotInstanceRequests":
                wanted = set(asked.parameters.values())
                found = [one for one in self._machines.all if one.is_spot and request_of(one.instance_id) in wanted]
                return spot_requests([(request_of(one.instance_id), one.gone_at) for one in found])
            case "DescribeSpotPriceHistory":
                skus = {value for name, value in asked.parameters.items() if name.startswith("InstanceType.")}
                return spot_prices(self._market.spot, stamp(time.time() - 3600), skus)
        return passed()

    def _run(self, asked: Asked, passed: Passed) -> Answer:
        parameters = asked.parameters
        token = parameters.get("ClientToken", "")
        known = {name: value for name, value in parameters.items() if name not in ("Action", "Version")}
        digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
        if token in self._tokens and self.has_tokens:
            first, answer = self._tokens[token]
            return answer if first == digest else refusal("ec2", 400, "IdempotentParameterMismatch")
        wrong = self._refuses(parameters)
        if wrong is not None:
            return wrong
        answer = passed()
        if answer.status == 200:
            self._tokens[token] = (digest, answer)
            self._begin(parameters, answer)
            machine = self._machines.all[-1]
            if machine.is_spot:
                moto_instance(machine).spot_instance_request_id = request_of(machine.instance_id)
        return answer

    def _refuses(self, parameters: Mapping[str, str]) -> Answer | None:
        sku, zone = parameters.get("InstanceType", ""), parameters.get("Placement.AvailabilityZone", "")
        is_spot = parameters.get("InstanceMarketOptions.MarketType") == "spot"
        if parameters.get("ImageId") != self._image:
            return refusal("ec2", 400, "InvalidAMIID.NotFound")
        if len(b64decode(parameters.get("UserData", ""))) > MOST_USER_DATA:
            return refusal("ec2", 400, "InvalidParameterValue", "User data is limited to 16384 bytes")
        if self._market.lacks(sku, "spot" if is_spot else "on-demand", zone):
            return refusal("ec2", 500, "InsufficientInstanceCapacity")
        most = parameters.get("InstanceMarketOptions.SpotOptions.MaxPrice")
        if is_spot and most is not None and float(most) < self._market.spot.get((sku, zone), 0.0):
            return refusal("ec2", 400, "SpotMaxPriceTooLow")
        return None

    def _begin(self, parameters: Mapping[str, str], answer: Answer) -> None:
        found = ET.fromstring(answer.body).find(".//ec2:instancesSet/ec2:item", NAMES)
        assert found is not None, answer.body
        sku, zone = parameters["InstanceType"], _text(found, "ec2:placement/ec2:availabilityZone")
        is_spot = parameters.get("InstanceMarketOptions.MarketType") == "spot"
        usd = self._market.spot[(sku, zone)] if is_spot else self._market.on_demand.get(sku, 1.0)
        self._machines.add(
            Ec2Machine(
                _text(found, "ec2:instanceId"), sku, is_spot, zone, usd,
                b64decode(parameters.get("UserData", "")).decode(),
                parameters.get("InstanceInitiatedShutdownBehavior") == "terminate",
                time.time(),
            )
        )  # fmt: skip

    def _terminate(self, asked: Asked, passed: Passed) -> Answer:
        if self.is_deaf_to_ends:
            return Answer(200, f'<TerminateInstancesResponse xmlns="{EC2_NAMESPACE}"/>'.encode())
        answer = passed()
        for name, value in asked.parameters.items():
            machine = self._machines.of(value) if name.startswith("InstanceId.") else None
            if machine is not None and answer.status == 200:
                self._machines.end(machine, "Client.UserInitiatedShutdown")
        return answer

    def _describe(self, asked: Asked, passed: Passed) -> Answer:
        answer = passed()
        hidden = {one.instance_id for one in self._machines.all if time.time() - one.launched_at < self.lag_s}
        if not hidden or answer.status != 200:
            return answer
        if hidden & set(asked.parameters.values()):
            return refusal("ec2", 400, "InvalidInstanceID.NotFound")
        ET.register_namespace("", EC2_NAMESPACE)
        tree = ET.fromstring(answer.body)
        listed = tree.find("ec2:reservationSet", NAMES)
        for one in [] if listed is None else list(listed):
            ids = {item.text for item in one.iterfind(".//ec2:instancesSet/ec2:item/ec2:instanceId", NAMES)}
            if listed is not None and ids & hidden:
                listed.remove(one)
        return Answer(200, ET.tostring(tree), answer.kind)


def request_of(instance_id: str) -> str:
    """The id of a spot machine's request."""
    return instance_id.replace("i-", "sir-")[:12]


def moto_instance(machine: Ec2Machine) -> Any:
    """What moto keeps of a machine."""
    from moto.backends import get_backend

    backend: Any = get_backend("ec2")[ACCOUNT][REGION]
    return backend.get_instance(machine.instance_id)


def tell_moto(machine: Ec2Machine, code: str) -> None:
    """Let moto's list show that a machine has ended, and why."""
    from moto.ec2.models.instances import StateReason

    instance = moto_instance(machine)
    if instance.state != "terminated":
        instance.terminate()
    instance.state_reason = StateReason(code, code)
    if code == "Client.UserInitiatedShutdown":
        at = stamp(machine.gone_at or time.time()).replace("T", " ").removesuffix("Z")
        instance._reason = f"User initiated ({at} GMT)"
    else:
        instance._reason = code


def _text(found: ET.Element, path: str) -> str:
    return found.findtext(path, "", NAMES)
