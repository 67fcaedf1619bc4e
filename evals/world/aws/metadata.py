"""What machines ask their own address for: version 2 of the instance metadata, one path a machine, and `shutdown`."""

from __future__ import annotations

import json
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from evals.world.aws.machines import Ec2Machine, Ec2Machines, stamp

ROLE = "statagent-machine"


class MetadataServer(ThreadingHTTPServer):
    """The metadata of all machines."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, machines: Ec2Machines) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.machines = machines
        self.tokens: set[str] = set()
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MetadataServer

    def do_PUT(self) -> None:
        """A token."""
        if self._path() == "latest/api/token" and self.headers.get("X-aws-ec2-metadata-token-ttl-seconds"):
            token = secrets.token_hex(16)
            self.server.tokens.add(token)
            self._send(200, token)
        else:
            self._send(400, "")

    def do_POST(self) -> None:
        """The machine's own shutdown."""
        machine, path = self._machine(), self._path()
        self._send(200, "")
        if machine is not None and path.startswith("world/shutdown/"):
            self.server.machines.shut_down(machine, path.rpartition("/")[2])

    def do_GET(self) -> None:
        """What is asked for, to who has a token."""
        machine = self._machine()
        if self.headers.get("X-aws-ec2-metadata-token") not in self.server.tokens:
            self._send(401, "")
        elif machine is None or (text := _told(machine, self._path().removeprefix("latest/").rstrip("/"))) is None:
            self._send(404, "")
        else:
            self._send(200, text)

    def _path(self) -> str:
        return self.path.lstrip("/").partition("/")[2]

    def _machine(self) -> Ec2Machine | None:
        found = self.server.machines.of(self.path.lstrip("/").partition("/")[0])
        return None if found is None or found.gone_at is not None else found

    def _send(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        return


def _told(machine: Ec2Machine, path: str) -> str | None:
    match path:
        case "dynamic/instance-identity/document":
            document = {"instanceId": machine.instance_id, "pendingTime": stamp(machine.launched_at)}
            return json.dumps({**document, "instanceType": machine.sku, "availabilityZone": machine.zone})
        case "meta-data/instance-id":
            return machine.instance_id
        case "meta-data/iam/security-credentials":
            return ROLE
        case "meta-data/spot/instance-action" if machine.notice_at is not None:
            return json.dumps({"action": "terminate", "time": stamp(machine.notice_at)})
        case _ if path == f"meta-data/iam/security-credentials/{ROLE}":
            now = time.time()
            return json.dumps(
                {
                    "Code": "Success", "LastUpdated": stamp(now), "Type": "AWS-HMAC", "AccessKeyId": machine.role_key,
                    "SecretAccessKey": "world", "Token": "world", "Expiration": stamp(now + 6 * 3600),
                }
            )  # fmt: skip
    return None
