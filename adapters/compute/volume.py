"""What machines and this program share, reached from here in the language of S3: a network volume, or a bucket."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from adapters.compute.base import ComputeError, UnusableResult

PART_BYTES = 64 * 2**20
"""A PutObject takes less than 500 MB: larger files go in parts."""
MOST_FETCHED_BYTES = 2 * 2**30
MOST_FETCHED_FILES = 250
"""Of what a worker may leave: far more than any model has, and the parts of ten million predictions."""
GONE = frozenset(["404", "NoSuchKey", "NotFound"])
THERE = frozenset(["412", "PreconditionFailed", "409", "ConditionalRequestConflict"])


@dataclass(frozen=True)
class VolumeKeys:
    """Where the volume is and what opens it; at None, boto3's own settings say so, as for a bucket of AWS.

    With `is_encrypted`, the server is told to encrypt every file where it lies (SSE-S3); `called` is its kind in words.
    """

    endpoint: str | None
    region: str
    volume_id: str
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    is_encrypted: bool = False
    called: str = "volume"


class Volume:
    """Files by their path on the volume. Every method raises ComputeError where it cannot be reached."""

    def __init__(self, keys: VolumeKeys) -> None:
        self._keys = keys
        self._bucket = keys.volume_id
        self._extra = {"ServerSideEncryption": "AES256"} if keys.is_encrypted else {}

    @functools.cached_property
    def _client(self) -> Any:  # boto3 makes the client's class while it runs
        return boto3.client(
            "s3",
            endpoint_url=self._keys.endpoint,
            aws_access_key_id=self._keys.access_key,
            aws_secret_access_key=self._keys.secret_key,
            region_name=self._keys.region,
            config=Config(
                connect_timeout=10,
                read_timeout=60,
                retries={"max_attempts": 4, "mode": "standard"},
                s3={"addressing_style": "path"},
                signature_version="s3v4",
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def close(self) -> None:
        """Give the connections back; the next request opens new ones."""
        opened = self.__dict__.pop("_client", None)
        if opened is not None:
            opened.close()

    def put(self, path: str, content: bytes) -> None:
        """Write a small file."""
        with self._asking(path):
            self._client.put_object(Bucket=self._bucket, Key=path, Body=content, **self._extra)

    def put_new(self, path: str, content: bytes) -> bool:
        """Write a small file where there is none; False where there is one."""
        with self._asking(path, THERE) as found:
            self._client.put_object(Bucket=self._bucket, Key=path, Body=content, IfNoneMatch="*", **self._extra)
            found.append(True)
        return bool(found)

    def upload(self, path: str, file: Path) -> None:
        """Write a file of any size, and see that it has arrived whole."""
        config = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, use_threads=False)
        # upload_file would wrap what was refused in an error of another kind.
        with self._asking(path), file.open("rb") as content:
            self._client.upload_fileobj(content, self._bucket, path, ExtraArgs=self._extra, Config=config)
        if self.size(path) != file.stat().st_size:
            raise ComputeError(f"{path} did not arrive whole on the {self._keys.called} {self._bucket}")

    def size(self, path: str) -> int | None:
        """Bytes of a file; None where there is none."""
        with self._asking(path) as found:
            found.append(self._client.head_object(Bucket=self._bucket, Key=path)["ContentLength"])
        return int(found[0]) if found else None

    def written_at(self, path: str) -> float | None:
        """When a file was last written, by the volume's own clock, in seconds since 1970; None where it is not said."""
        with self._asking(path) as found:
            found.append(self._client.head_object(Bucket=self._bucket, Key=path).get("LastModified"))
        return float(found[0].timestamp()) if found and found[0] is not None else None

    def get(self, path: str, last_bytes: int = 2**20) -> bytes | None:
        """The last bytes of a file; None where there is none."""
        size = self.size(path)
        if not size:
            return None if size is None else b""
        first = max(0, size - last_bytes)
        with self._asking(path) as found:
            body = self._client.get_object(Bucket=self._bucket, Key=path, Range=f"bytes={first}-{size - 1}")["Body"]
            with contextlib.closing(body):
                found.append(body.read())
        return bytes(found[0]) if found else None

    def files(self, folder: str) -> dict[str, int]:
        """The files of a folder, by path, with their bytes."""
        found: dict[str, int] = {}
        with self._asking(folder):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{folder}/")
            for page in pages:
                found |= {one["Key"]: one["Size"] for one in page.get("Contents", [])}
        return found

    def download(self, folder: str, to: Path) -> None:
        """The files of a folder, of none of its folders, are copied into `to`.

        Raises
        ------
        UnusableResult
            If they are more than a worker may leave.
        """
        files = self.files(folder)
        if sum(files.values()) > MOST_FETCHED_BYTES or len(files) > MOST_FETCHED_FILES:
            raise UnusableResult(
                f"what the worker left is {sum(files.values()):,} bytes in {len(files):,} files; that is no model"
            )
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in files:
            name = PurePosixPath(path).name
            if path == f"{folder}/{name}" and name not in (".", ".."):
                with self._asking(path):
                    self._client.download_file(self._bucket, path, str(to / name))

    def signed(self, path: str, life_s: int, is_new: bool = False) -> str:
        """An address of just this file, to read it; with `is_new` to write it where there is none (If-None-Match)."""
        asked = {"Bucket": self._bucket, "Key": path, **({"IfNoneMatch": "*"} if is_new else {})}
        with self._asking(path) as found:
            found.append(
                self._client.generate_presigned_url(
                    "put_object" if is_new else "get_object", Params=asked, ExpiresIn=life_s
                )
            )
        return str(found[0])

    def remove(self, path: str) -> None:
        """Delete a file; that there is none is no error."""
        with self._asking(path):
            self._client.delete_object(Bucket=self._bucket, Key=path)

    @contextmanager
    def _asking(self, path: str, expected: frozenset[str] = GONE) -> Iterator[list[Any]]:
        found: list[Any] = []
        try:
            yield found
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "an error"))
            if code not in expected:
                raise ComputeError(f"the {self._keys.called} {self._bucket} refuses {path}: {code}") from error
        except (BotoCoreError, Boto3Error, ResponseParserError, OSError) as error:
            where = f"the {self._keys.called} {self._bucket}"
            raise ComputeError(f"{where} cannot be reached: {type(error).__name__}") from error
