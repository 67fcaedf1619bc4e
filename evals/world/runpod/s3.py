"""A network volume's S3: the folder that pods mount, behind signed requests, with what RunPod's lacks refused."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote
from xml.sax.saxutils import escape

MOST_PUT_BYTES = 500 * 10**6


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class VolumeS3:
    """The bucket of that name in that region: a folder."""

    folder: Path
    volume_id: str
    region: str
    access_key: str
    secret_key: str
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        """Carry out a request, if it is signed and is one that there is."""
        refused = self._unsigned(request)
        if refused is not None:
            return _error(403, refused)
        bucket, _, key = unquote(request.path).lstrip("/").partition("/")
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        if bucket != self.volume_id:
            return _error(404, "NoSuchBucket")
        if any(name.lower().startswith("if-") for name in request.headers):
            return _error(501, "NotImplemented")
        if not key:
            is_list = request.method == "GET" and query.get("list-type") == "2"
            return self._list(query) if is_list else _error(501, "NotImplemented")
        path = self.folder / key
        if not path.resolve().is_relative_to(self.folder.resolve()):
            return _error(400, "InvalidArgument")
        if "uploads" in query or "uploadId" in query:
            return self._in_parts(request, query, path)
        return self._one(request, path)

    def _one(self, request: Request, path: Path) -> Answer:
        if request.method == "PUT":
            if len(request.body) >= MOST_PUT_BYTES:
                return _error(400, "EntityTooLarge")
            return _put(path, request.body)
        if request.method == "DELETE":
            path.unlink(missing_ok=True)
            return Answer(204)
        if not path.is_file():
            return _error(404, "NoSuchKey")
        if request.method == "HEAD":
            length, written = path.stat().st_size, formatdate(path.stat().st_mtime, usegmt=True)
            return Answer(200, headers={"Content-Length": str(length), "Last-Modified": written})
        content = path.read_bytes()
        if request.method != "GET":
            return _error(501, "NotImplemented")
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if found is None:
            return Answer(200, content, {"ETag": _etag(content)})
        first, last = int(found[1]), int(found[2] or len(content) - 1)
        if first >= len(content):
            return _error(416, "InvalidRange")
        part = content[first : last + 1]
        where = f"bytes {first}-{first + len(part) - 1}/{len(content)}"
        return Answer(206, part, {"Content-Range": where, "ETag": _etag(content)})

    def _in_parts(self, request: Request, query: Mapping[str, str], path: Path) -> Answer:
        if request.method == "POST" and "uploads" in query:
            upload = secrets.token_hex(8)
            self.parts[upload] = {}
            return _xml(f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>")
        upload = query["uploadId"]
        if upload not in self.parts:
            return _error(404, "NoSuchUpload")
        if request.method == "PUT":
            self.parts[upload][int(query["partNumber"])] = request.body
            return Answer(200, headers={"ETag": _etag(request.body)})
        parts = self.parts.pop(upload)
        if request.method == "DELETE":
            return Answer(204)
        content = b"".join(parts[number] for number in sorted(parts))
        etag = _put(path, content).headers["ETag"]
        return _xml(f"<CompleteMultipartUploadResult><ETag>{escape(etag)}</ETag></CompleteMultipartUploadResult>")

    def _list(self, query: Mapping[str, str]) -> Answer:
        prefix = query.get("prefix", "")
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        keys = [(str(path.relative_to(self.folder)), path.stat().st_size) for path in files]
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{size}</Size></Contents>"
            for key, size in keys
            if key.startswith(prefix)
        )
        return _xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>")

    def _unsigned(self, request: Request) -> str | None:
        """Why the signature (version 4) is not good; None where it is."""
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?"
            r"Signature=([0-9a-f]{64})",
            request.headers.get("authorization", ""),
        )
        if found is None:
            return "AccessDenied"
        access, day, region, names, signature = found.groups()
        if access != self.access_key:
            return "InvalidAccessKeyId"
        if region != self.region:
            return "AuthorizationHeaderMalformed"
        stated = request.headers.get("x-amz-content-sha256", "")
        if stated not in ("UNSIGNED-PAYLOAD", hashlib.sha256(request.body).hexdigest()):
            return "XAmzContentSHA256Mismatch"
        query = sorted(parse_qsl(request.query, keep_blank_values=True))
        canonical = "\n".join(
            [
                request.method,
                quote(unquote(request.path), safe="/-_.~"),
                "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query),
                *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names.split(";")),
                "",
                names,
                stated,
            ]
        )
        scope = f"{day}/{region}/s3/aws4_request"
        to_sign = "\n".join(
            [
                "AWS4-HMAC-SHA256",
                request.headers.get("x-amz-date", ""),
                scope,
                hashlib.sha256(canonical.encode()).hexdigest(),
            ]
        )
        key = f"AWS4{self.secret_key}".encode()
        for word in (day, region, "s3", "aws4_request"):
            key = hmac.digest(key, word.encode(), "sha256")
        mine = hmac.digest(key, to_sign.encode(), "sha256").hex()
        return None if hmac.compare_digest(mine, signature) else "SignatureDoesNotMatch"


def _put(path: Path, content: bytes) -> Answer:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.write_bytes(content)
    part.replace(path)
    return Answer(200, headers={"ETag": _etag(content)})


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _xml(text: str) -> Answer:
    return Answer(200, f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode(), {"Content-Type": "application/xml"})


def _error(status: int, code: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
    return Answer(status, body, {"Content-Type": "application/xml"})
