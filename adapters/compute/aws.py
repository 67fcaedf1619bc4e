"""AWS: each attempt is a machine of EC2 of its own, which reads the job from a bucket and leaves the model there.

The attempt's key is the request's ClientToken, so a request that is sent again finds the machine of the first one. The
machine shuts itself down at its end and at the limit that the price bought (adapters/compute/aws_boot.py), which
terminates it; whoever looks after the job ends it too, and a schedule at AWS where a role for that is set.
"""

from __future__ import annotations

import time
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.compute import aws_deadman
from adapters.compute.attempt_files import CREATED, ENDED, AttemptFiles
from adapters.compute.aws_api import AwsApi, Patience, RefusedError, UnsureError, asking, region_of_chain
from adapters.compute.aws_catalogue import Catalogue, read_catalogue
from adapters.compute.aws_instance import (
    COSTING,
    LEAST_PAID_S,
    THERE,
    ended_at,
    handle_of,
    is_taken_away,
    state_of,
)
from adapters.compute.aws_instances import Instances
from adapters.compute.aws_offers import offers_of
from adapters.compute.aws_prices import Prices
from adapters.compute.aws_request import (
    MILLIONTH,
    TAG,
    Setup,
    agreed_usd_per_hour,
    boot_text,
    extras_usd_per_hour,
    run_request,
)
from adapters.compute.base import TRAINS, ComputeError, Machine, NoCapacity, Offer, Staged, Surroundings, check_approval
from adapters.compute.paid_time import paid_seconds
from adapters.compute.payload import pack
from adapters.compute.standing import Seen, machine_of
from adapters.compute.volume import Volume, VolumeKeys
from adapters.compute.worker_files import CLAIM, REQUEST, WorkerOrder, shortened
from adapters.records import Approval, Attempt, Json, Market

NAME = "aws"
NEEDED = ("image", "instance_profile")
LOG_GROUP = "/statagent"
CATALOGUE_S = 3600.0


def detect(surroundings: Surroundings) -> Ec2Backend:
    """EC2 with the bucket that is set; what else is missing is said when offers are asked for."""
    options = {name.removeprefix(f"{NAME}_"): value for name, value in surroundings.options.items()}
    region = options.get("region") or region_of_chain()
    missing = [f"STATAGENT_AWS_{name.upper()}" for name in NEEDED if not options.get(name)]
    missing += [] if region else ["STATAGENT_AWS_REGION"]
    names = ("image", "instance_profile", "subnet", "security_group", "scheduler_role")
    setup = Setup(options["bucket"], *(options.get(name, "") for name in names))
    return Ec2Backend(surroundings, AwsApi(region), setup, tuple(missing))


class Ec2Backend:
    """Machines of one account in one region, with one bucket. Keeps `adapters.compute.base.Backend`."""

    name = NAME
    is_own = False
    kinds = TRAINS

    def __init__(self, surroundings: Surroundings, api: AwsApi, setup: Setup, missing: tuple[str, ...] = ()) -> None:
        self._install = surroundings.install
        self._max_seconds = surroundings.max_job_s
        self._api = api
        self._setup = setup
        self._missing = missing
        self._instances = Instances(api, surroundings.install)
        self._prices = Prices(api)
        self._known: tuple[float, Catalogue] | None = None
        keys = VolumeKeys(None, api.region, setup.bucket, is_encrypted=True, called="bucket")
        self._files = AttemptFiles(Volume(keys), surroundings.folder)

    @property
    def _patience(self) -> Patience:
        return self._api.patience

    def close(self) -> None:
        """Give the connections back."""
        self._api.close()
        self._files.volume.close()

    def offers(self) -> tuple[Offer, ...]:
        """Machines on demand, and spot machines by zone, with their disk and address, at AWS's prices of now."""
        if self._missing:
            raise ComputeError(f"{NAME} is half set up: set {', '.join(self._missing)}")
        if self._max_seconds < LEAST_PAID_S:
            raise ComputeError(f"AWS bills a minute at least, and STATAGENT_MAX_JOB_S is {self._max_seconds}")
        return offers_of(self._api, self._prices, self._catalogue(), self._setup.subnet, self._max_seconds)

    def _catalogue(self) -> Catalogue:
        if self._known is None or time.monotonic() - self._known[0] > CATALOGUE_S:
            catalogue = read_catalogue(self._api, self._setup.image)
            # That there is such a bucket is seen before anybody agrees to anything.
            self._files.volume.files("payload")
            self._known = (time.monotonic(), catalogue)
        return self._known[1]

    def stage(self, attempt: Attempt, files: Staged) -> None:
        """Put the files and our own code into the bucket, unless a machine may have begun with them."""
        self._files.stage(attempt.key, files)

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Start the attempt's machine, or find it; the same request again makes no second one."""
        check_approval(attempt, approval)
        key, catalogue = attempt.key, self._catalogue()
        kind = catalogue.kinds.get(attempt.request.place.sku)
        if kind is None:
            raise NoCapacity(f"AWS has no {attempt.request.place.sku} in {self._api.region}")
        found = self._instances.oldest(key)
        if found is None:
            if self._files.is_over(attempt):
                # Its machine was there, has done its work, and is gone: it is paid for, and there is no second one.
                return handle_of(None, self._files.asked_at(key))
            if self._files.has(key, CLAIM):
                raise ComputeError("the attempt was ended before its machine was asked for: nothing was started")
            self._check_price(attempt, catalogue)
            order = WorkerOrder(**dict(attempt.request), max_memory_bytes=kind.memory_bytes, has_gpu=kind.has_gpu)
            self._files.put(key, REQUEST, order.model_dump(mode="json"))
            found = self._run(attempt, catalogue)
        handle = handle_of(found, self._files.asked_at(key))
        self._arm(attempt, handle)
        return handle

    def _check_price(self, attempt: Attempt, catalogue: Catalogue) -> None:
        """Raise NoCapacity where AWS asks more than was agreed; a spot machine's highest price is in its request."""
        order = attempt.request
        is_fixed = order.place.market is Market.ON_DEMAND
        price = self._prices.on_demand([order.place.sku]).get(order.place.sku) if is_fixed else None
        if price is not None:
            usd = agreed_usd_per_hour(price.usd_per_hour, catalogue.image)
            if usd > order.usd_per_hour:
                raise NoCapacity(f"AWS asks ${usd:.4f} an hour, and ${order.usd_per_hour:.4f} was agreed")

    def _run(self, attempt: Attempt, catalogue: Catalogue) -> dict[str, Any]:
        """The machine of the attempt's request, which boto3 sends again with the same token where an answer is lost."""
        key = attempt.key
        # Written before the call: a later run knows that a machine may be there which the list does not show yet.
        is_first = not self._files.has(key, CREATED)
        if is_first:
            self._files.put(key, CREATED, {"at": time.time()})
        try:
            with asking("RunInstances"):
                answer = self._api.client("ec2").run_instances(**self._request(attempt, catalogue))
        except (UnsureError, RefusedError) as error:
            if isinstance(error, RefusedError) and error.code != "IdempotentParameterMismatch":
                self._forget(key, is_first)
                raise
            found = self._instances.settled(key, self._patience.settle_s)
            if found is None:
                raise NoCapacity("AWS's answers are lost, and no machine has come of them") from error
            return found
        except NoCapacity:
            self._forget(key, is_first)
            raise
        if answer.get("ResponseMetadata", {}).get("RetryAttempts"):
            # Of two machines, which the token should have prevented, the older one stays.
            return self._instances.oldest(key) or dict(answer["Instances"][0])
        return dict(answer["Instances"][0])

    def _forget(self, key: str, is_first: bool) -> None:
        """Take back that there may be a machine: AWS has refused the only request for one."""
        if is_first:
            self._files.remove(key, CREATED)

    def _request(self, attempt: Attempt, catalogue: Catalogue) -> dict[str, Any]:
        sha256, _ = pack()
        folder, payload = self._files.path(attempt.key), self._files.payload(sha256)
        boot = boot_text(attempt, self._api.region, self._setup, folder, payload, sha256)
        return run_request(attempt, self._install(), self._setup, catalogue.image, boot)

    def _arm(self, attempt: Attempt, handle: Json) -> None:
        deadline = handle["created_at"]
        if self._setup.scheduler_role and handle["instance_id"] is not None and isinstance(deadline, float):
            role, deadline = self._setup.scheduler_role, deadline + attempt.request.max_seconds
            aws_deadman.arm(self._api, role, attempt.key, str(handle["instance_id"]), deadline)

    def find(self, key: str) -> Json | None:
        """The machine of the key, as long as AWS knows it: for about an hour after its end."""
        found = self._instances.oldest(key)
        return None if found is None else handle_of(found, self._files.asked_at(key))

    def state(self, attempt: Attempt) -> Machine:
        """How the machine and its worker stand now; what is paid for counts from its launch to its end."""
        handle = attempt.handle or self.find(attempt.key)
        instance, limit = self._instances.of(handle), attempt.request.max_seconds
        is_there = state_of(instance) in THERE
        try:
            progress = self._files.progress(attempt.key, "the machine begins")
            ended = self._files.told(attempt.key, ENDED)
            result = self._files.result(attempt.key, limit)
            told_at = None if is_there else self._files.ended_at(attempt.key, ended)
        except ComputeError:
            # What the worker left is read once the bucket answers again; until then nothing is paid beyond the limit.
            if handle is not None and is_there and paid_seconds(handle, None, limit) >= limit:
                self._instances.end([handle])
            raise
        is_taken = not is_there and not ended and is_taken_away(instance)
        if is_taken:
            told_at = self._instances.taken_at(instance)
        ran_s = paid_seconds(handle, ended_at(instance) or told_at, limit)
        seconds = 0.0 if handle is None else min(limit, max(LEAST_PAID_S, ran_s))
        lost = "the machine was taken away" if is_taken else None
        seen = Seen(is_there, handle is not None, ran_s >= limit, seconds, limit, progress, ended, result, lost)
        return machine_of(seen, lambda: self.logs(attempt, 1))

    def logs(self, attempt: Attempt, n_lines: int) -> list[str]:
        """The last lines of the worker's log: CloudWatch's, or those in the bucket."""
        stream = {"logGroupName": LOG_GROUP, "logStreamName": attempt.key}
        try:
            with asking("GetLogEvents"):
                found = self._api.client("logs").get_log_events(**stream, limit=min(n_lines, 1000), startFromHead=False)
            lines = [shortened(str(event.get("message", ""))) for event in found.get("events", [])]
        except ComputeError:
            lines = []
        if not lines:
            try:
                lines = self._files.log(attempt.key, n_lines)
            except ComputeError:
                return []
        return lines[-n_lines:]

    def fetch(self, attempt: Attempt) -> Path:
        """A folder here with what the worker left in the bucket."""
        return self._files.fetch(attempt.key)

    def checkpoint(self, attempt: Attempt) -> bytes | None:
        """How far the worker was, as it lies on the bucket."""
        return self._files.checkpoint(attempt.key)

    def clean(self, key: str) -> None:
        """Remove the attempt's table and output; the log and the result stay."""
        self._files.clean(key)

    def running(self) -> tuple[str, ...]:
        """The keys of all machines of this installation that cost, running or stopped."""
        if self._missing:
            return ()
        tags = [one.get("Tags", []) for one in self._instances.listed(COSTING)]
        keys = [tag["Value"] for those in tags for tag in those if tag["Key"] == f"{TAG}key"]
        return tuple(dict.fromkeys(keys))

    def billed_usd(self, attempt: Attempt) -> Decimal | None:
        """What AWS charges for a spot machine by its prices as they were; on demand the price was agreed.

        AWS's own bill is of whole days, and a look at it costs more than most jobs.
        """
        place, created = attempt.request.place, (attempt.handle or {}).get("created_at")
        if place.market is not Market.SPOT or not isinstance(created, int | float) or isinstance(created, bool):
            return None
        usd = self._prices.spot_bill(place.sku, place.zone, created, attempt.seconds)
        if usd is None:
            return None
        extras = extras_usd_per_hour(self._catalogue().image) * Decimal(str(attempt.seconds)) / 3600
        return (usd + extras).quantize(MILLIONTH)

    def terminate(self, attempt: Attempt) -> None:
        """End the machine, and see that it costs nothing any more."""
        self.end(attempt.key, attempt.handle)

    def end(self, key: str, handle: Json | None = None) -> None:
        """End every machine of that key and see that its bill has ended; one that begins later finds its claim taken.

        A bucket that cannot be reached keeps no machine alive: it is said once they are gone, and tried again.
        """
        if handle is not None and handle["instance_id"] is not None:
            # Before anything that may not answer: this is what ends the bill.
            with suppress(ComputeError):
                self._instances.terminate(str(handle["instance_id"]))
        may_have_begun, problem = self._files.shut(key)
        # Without a handle a request may have been sent whose machine the list does not show yet.
        self._instances.settled(key, self._patience.settle_s if handle is None and may_have_begun else 0.0)
        known = {str(one["InstanceId"]): handle_of(one, None) for one in self._instances.listed(COSTING, key)}
        if handle is not None and state_of(self._instances.of(handle)) in COSTING:
            known[str(handle["instance_id"])] = handle
        self._instances.end([*known.values()])
        if self._setup.scheduler_role:
            aws_deadman.disarm(self._api, key)
        if problem is not None:
            raise problem
