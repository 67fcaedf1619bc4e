"""The server: moto's services behind the world's own keys, faults, and records of what was asked."""

from __future__ import annotations

import functools
import json
import logging
import os
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.world.aws.answers import Answer, listed_price, refusal, told_quota
from evals.world.aws.asked import Asked, read_request
from evals.world.aws.ec2 import ACCOUNT, REGION, Ec2, Market, tell_moto
from evals.world.aws.functions import Functions
from evals.world.aws.machines import Ec2Machines
from evals.world.aws.metadata import MetadataServer
from evals.world.runpod.faults import Fault, Faults

KEY, SECRET = "AKIAWORLD0123456789A", "world/secret/0123456789abcdefghijklmnopq"
BUCKET, IMAGE, PROFILE = "statagent-jobs", "ami-0a1b2c3d4e5f60718", "statagent-machine"
SCHEDULER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/statagent-scheduler"
FUNCTION_ROLE = f"arn:aws:iam::{ACCOUNT}:role/statagent-function"
INVOKE = "InvokeFunction"
LOOK_S = 0.1


@dataclass
class AwsWorld:
    """The state behind the server, and what a test may turn."""

    machines: Ec2Machines
    market: Market
    ec2: Ec2
    app: Any
    """moto's own."""
    functions: Functions
    faults: Faults = field(default_factory=Faults)
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Whose (`program` or `machine`), and what, as a policy names it."""
    files: list[tuple[str, str, str]] = field(default_factory=list)
    """Of requests to S3: whose, what, and the bucket's and the file's name."""
    refused_to_machines: set[str] = field(default_factory=set)
    url: str = ""
    _schedules_due: bool = False

    @property
    def spent_usd(self) -> float:
        """What all machines have cost so far, without disks and addresses."""
        return sum(machine.spent_usd for machine in self.machines.all)

    def environment(self) -> dict[str, str]:
        """AWS's own variables of a program that is to use this world."""
        return {
            "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": REGION,
        }  # fmt: skip

    def options(self) -> dict[str, Any]:
        """The settings of a program that is to use this world, by name."""
        return {
            "aws_bucket": BUCKET, "aws_region": REGION, "aws_image": IMAGE, "aws_instance_profile": PROFILE,
            "aws_scheduler_role": SCHEDULER_ROLE, "aws_lambda_role": FUNCTION_ROLE,
        }  # fmt: skip

    def n_asked(self, name: str) -> int:
        """How often the program asked for that."""
        return self.requests.count(("program", name))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Carry out one request."""
        asked = read_request(environ)
        whose = self._whose(asked)
        if whose is None:
            return _send(refusal(asked.service, 401, "AuthFailure"), start_response)
        self.requests.append((whose, asked.name))
        if asked.service == "lambda" and asked.action == "unknown":
            return _send(refusal("lambda", 404, "UnknownOperationException"), start_response)
        if asked.service == "s3":
            self.files.append((whose, asked.name, asked.path.strip("/")))
        if whose == "machine" and asked.name in self.refused_to_machines:
            return _send(refusal(asked.service, 403, "AccessDenied"), start_response)
        fault = self.faults.take(asked.service, asked.action)
        if fault is not None and not fault.is_done:
            return _faulty(fault, asked, environ, start_response)
        if asked.service in ("ec2", "pricing", "servicequotas") or asked.action == INVOKE or fault is not None:
            answer = self._answer(asked, lambda: self._passed(environ))
            return _send(answer, start_response) if fault is None else _faulty(fault, asked, environ, start_response)
        passed: Iterable[bytes] = self.app(environ, start_response)
        return passed

    def _whose(self, asked: Asked) -> str | None:
        if asked.key == KEY:
            return "program"
        return "machine" if any(machine.role_key == asked.key for machine in self.machines.alive()) else None

    def _answer(self, asked: Asked, passed: Callable[[], Answer]) -> Answer:
        if asked.action == INVOKE:
            return self.functions.invoke(asked)
        if asked.service == "pricing":
            wanted = {one["Field"]: one["Value"] for one in asked.parameters.get("Filters", [])}
            sku = wanted.get("instanceType", "")
            return listed_price(sku, self.market.on_demand.get(sku))
        if asked.service == "servicequotas":
            return told_quota(self.market.quotas, str(asked.parameters.get("QuotaCode")))
        return self.ec2.answer(asked, passed) if asked.service == "ec2" else passed()

    def _passed(self, environ: dict[str, Any]) -> Answer:
        """moto's answer."""
        begun: list[Any] = []
        body = b"".join(self.app(environ, lambda status, headers, problem=None: begun.append((status, headers))))
        status, headers = begun[0]
        return Answer(int(status.split()[0]), body, dict(headers).get("Content-Type", "text/xml"))

    def schedules(self) -> list[str]:
        """The names of the schedules that there are."""
        return [name for name, _, _ in _schedules()]

    def make_schedules_due(self) -> None:
        """Let it be the time of all schedules."""
        self._schedules_due = True

    def look(self) -> None:
        """Do what is due: shutdowns, interruptions, schedules."""
        self.machines.look()
        for name, at, target in _schedules():
            if time.time() >= at or self._schedules_due:
                for instance_id in json.loads(target["Input"])["InstanceIds"]:
                    machine = self.machines.of(instance_id)
                    if machine is not None:
                        self.machines.end(machine, "Client.UserInitiatedShutdown")
                _forget_schedule(name)


def _send(answer: Answer, start_response: Callable[..., Any]) -> list[bytes]:
    headers = [("Content-Type", answer.kind), ("Content-Length", str(len(answer.body))), *answer.headers.items()]
    start_response(f"{answer.status} of the world", headers)
    return [answer.body]


def _faulty(fault: Fault, asked: Asked, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """A refusal whose code is the fault's body; with status 0 the connection is closed without a word."""
    if fault.status == 0:
        with suppress(OSError):
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return _send(Answer(500, b""), start_response)
    code = (fault.body or b"InternalError").decode()
    return _send(refusal(asked.service, fault.status, code), start_response)


def _schedules() -> list[tuple[str, float, dict[str, Any]]]:
    from moto.backends import get_backend

    backend: Any = get_backend("scheduler")[ACCOUNT][REGION]
    found = []
    for group in backend.schedule_groups.values():
        for schedule in list(group.schedules.values()):
            said = schedule.schedule_expression.removeprefix("at(").removesuffix(")")
            at = datetime.fromisoformat(said).replace(tzinfo=UTC).timestamp()
            found.append((schedule.name, at, schedule.target))
    return found


def _forget_schedule(name: str) -> None:
    from moto.backends import get_backend

    get_backend("scheduler")[ACCOUNT][REGION].delete_schedule(group_name=None, name=name)


def _begin_moto() -> Any:
    """moto's application with nothing in it but one image, one bucket and one instance profile."""
    from moto.backends import get_backend
    from moto.ec2.models.amis import Ami
    from moto.moto_api._internal.models import moto_api_backend

    # Reading the hundreds of images that it knows takes longer than most tests.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    moto_api_backend.reset()
    ec2: Any = get_backend("ec2")[ACCOUNT][REGION]
    ec2.amis[IMAGE] = Ami(
        ec2, IMAGE, name="statagent", description="Python with the libraries of requirements.lock",
        architecture="x86_64", image_location="world", image_type="machine", owner_id=ACCOUNT, platform=None,
        public=False, root_device_name="/dev/xvda", root_device_type="ebs", sriov="simple", state="available",
        virtualization_type="hvm", hypervisor="xen",
    )  # fmt: skip
    get_backend("s3")[ACCOUNT]["aws"].create_bucket(BUCKET, REGION)
    get_backend("iam")[ACCOUNT]["aws"].create_instance_profile(PROFILE, "/", [], [])
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    get_backend("iam")[ACCOUNT]["aws"].create_role("statagent-function", document, "/", None, "", [], "3600")
    get_backend("logs")[ACCOUNT][REGION].create_log_group("/statagent", {})
    return _application()


@functools.cache
def _application() -> Any:
    """moto's own, made once: what it keeps is elsewhere, and is emptied."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


@contextmanager
def aws_world(folder: Path | None = None) -> Iterator[AwsWorld]:
    """The server on loopback; at the end every machine is gone. One at a time in a process: moto has one memory."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="aws-world-", ignore_cleanup_errors=True) as made:
        place = (folder or Path(made)) / "ec2"
        machines = Ec2Machines(place, tell_moto)
        market = Market()
        functions = Functions(place.parent / "functions")
        world = AwsWorld(machines, market, Ec2(machines, market, IMAGE), _begin_moto(), functions)
        server = make_server("127.0.0.1", 0, world, threaded=True, request_handler=MotoRequestHandler)
        metadata = MetadataServer(machines)
        world.url, machines.metadata_url = f"http://127.0.0.1:{server.server_port}", metadata.url
        machines.environment = {"AWS_ENDPOINT_URL": world.url}
        over = threading.Event()
        threads = [
            threading.Thread(target=server.serve_forever, args=[0.05], daemon=True),
            threading.Thread(target=metadata.serve_forever, args=[0.05], daemon=True),
            threading.Thread(target=_look_until, args=[world, over], daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield world
        finally:
            over.set()
            machines.end_all()
            functions.end_all()
            for one in (server, metadata):
                one.shutdown()
                one.server_close()
            for thread in threads:
                thread.join()


def _look_until(world: AwsWorld, over: threading.Event) -> None:
    while not over.wait(LOOK_S):
        world.look()
