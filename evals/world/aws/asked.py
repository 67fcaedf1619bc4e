"""One request of AWS's services, read as far as the world must know it: service, action, key, and its parameters."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
LAMBDA_ACTIONS = (
    ("POST", r"/functions/[^/]+/invocations", "InvokeFunction"),
    ("POST", r"/functions/?", "CreateFunction"),
    ("GET", r"/functions/[^/]+", "GetFunction"),
    ("DELETE", r"/functions/[^/]+", "DeleteFunction"),
    ("PUT", r"/functions/[^/]+/code", "UpdateFunctionCode"),
    ("PUT", r"/functions/[^/]+/configuration", "UpdateFunctionConfiguration"),
    ("GET", r"/functions/[^/]+/configuration", "GetFunctionConfiguration"),
    ("PUT", r"/functions/[^/]+/event-invoke-config", "PutFunctionEventInvokeConfig"),
    ("POST", r"/layers/[^/]+/versions", "PublishLayerVersion"),
    ("GET", r"/layers/[^/]+/versions", "ListLayerVersions"),
    ("DELETE", r"/layers/[^/]+/versions/\d+", "DeleteLayerVersion"),
    ("POST", r"/tags/.+", "TagResource"),
)
S3_ACTIONS = {
    "GET": "GetObject",
    "HEAD": "GetObject",
    "PUT": "PutObject",
    "POST": "PutObject",
    "DELETE": "DeleteObject",
}


@dataclass(frozen=True)
class Asked:
    """The request; `parameters` are those of EC2's form or of a JSON body."""

    service: str
    action: str
    key: str
    region: str
    path: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As a policy names it."""
        return f"{self.service}:{self.action}"


def read_request(environ: dict[str, Any]) -> Asked:
    """Read it, and leave the body to be read again."""
    method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    signed = f"Credential={query['X-Amz-Credential']}" if "X-Amz-Credential" in query else ""
    found = SCOPE.search(environ.get("HTTP_AUTHORIZATION", "") or signed)
    key, region, service = found.groups() if found else ("", "", "")
    if service == "s3":
        return Asked(service, _s3_action(method, path, query), key, region, path, query)
    body = _body(environ)
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return Asked(service, target.rpartition(".")[2], key, region, path, json.loads(body or b"{}"))
    if service == "lambda":
        kind = environ.get("HTTP_X_AMZ_INVOCATION_TYPE", "RequestResponse")
        return Asked(service, _lambda_action(method, path), key, region, path, {"body": body, "kind": kind})
    if service == "scheduler":
        words = {"POST": "CreateSchedule", "DELETE": "DeleteSchedule", "GET": "GetSchedule", "PUT": "UpdateSchedule"}
        return Asked(service, words.get(method, method), key, region, path, json.loads(body or b"{}"))
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Asked(service, form.get("Action", ""), key, region, path, form)


def _lambda_action(method: str, path: str) -> str:
    """The action of a request whose path begins with the date of its API."""
    rest = re.sub(r"^/\d{4}-\d\d-\d\d", "", path).rstrip("/") or "/"
    return next((name for how, form, name in LAMBDA_ACTIONS if how == method and re.fullmatch(form, rest)), "unknown")


def _s3_action(method: str, path: str, query: dict[str, str]) -> str:
    if method == "GET" and "/" not in path.strip("/"):
        return "ListBucket"
    if method == "DELETE" and "uploadId" in query:
        return "AbortMultipartUpload"
    return S3_ACTIONS.get(method, method)


def _body(environ: dict[str, Any]) -> bytes:
    content: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(content)
    return content
