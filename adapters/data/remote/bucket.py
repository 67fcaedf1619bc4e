"""An object from S3, or from a RunPod network volume, which speaks the same language."""

from __future__ import annotations

import contextlib
from pathlib import Path

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.data.base import DataError, RemoteRules, Watch
from adapters.data.remote.saving import file_name, save

CHUNK_BYTES = 1 << 20
REASONS = {
    "404": "there is no such object",
    "NoSuchKey": "there is no such object",
    "NoSuchBucket": "there is no such bucket",
    "403": "the keys that are set up may not read it",
    "AccessDenied": "the keys that are set up may not read it",
    "InvalidAccessKeyId": "the keys that are set up are not known there",
    "SignatureDoesNotMatch": "the secret key that is set up is wrong",
}
NOT_OPEN = "only objects that anybody may read are read here; an https:// address that is signed for you works too"
OPEN_REASONS = {"403": NOT_OPEN, "AccessDenied": NOT_OPEN}


def fetch(source: str, folder: Path, rules: RemoteRules, watch: Watch) -> Path:
    """Download `s3://bucket/key` or `runpod://volume/key` into the folder; gives the new file, named as the key.

    Raises
    ------
    DataError
        If the address lacks a part, no keys are set up, the object is not there or too large.
    Cancelled
        The user stopped it.
    """
    scheme, _, rest = source.partition("://")
    bucket, _, key = rest.partition("/")
    if not bucket or not key or key.endswith("/"):
        raise DataError(
            f"{source[:80]!r} names no object; write {scheme}://{'volume' if scheme == 'runpod' else 'bucket'}/key"
        )
    if scheme == "runpod" and not rules.has_keys:
        raise DataError("runpod:// is not read here: its keys are the operator's, not yours")
    if scheme == "runpod" and rules.runpod_endpoint is None:
        raise DataError("runpod:// needs STATAGENT_RUNPOD_S3_ENDPOINT, _ACCESS_KEY and _SECRET_KEY to be set")
    config = Config(connect_timeout=10, read_timeout=20, retries={"max_attempts": 3, "mode": "standard"})
    try:
        if scheme == "runpod":
            client = boto3.client(
                "s3",
                endpoint_url=rules.runpod_endpoint,
                aws_access_key_id=rules.runpod_access_key,
                aws_secret_access_key=rules.runpod_secret_key,
                region_name=rules.runpod_region,
                config=config,
            )
        else:
            # What the operator's keys open is not everybody's who may write to a bot of theirs.
            way = config if rules.has_keys else config.merge(Config(signature_version=UNSIGNED))
            client = boto3.client("s3", endpoint_url=rules.s3_endpoint, config=way)
        with contextlib.closing(client):
            found = client.get_object(Bucket=bucket, Key=key)
            path = folder / file_name(key)
            with contextlib.closing(found["Body"]) as body:
                save(body.iter_chunks(CHUNK_BYTES), path, found["ContentLength"], rules.max_bytes, watch)
            return path
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "")) or "an error"
        reason = REASONS.get(code, code) if rules.has_keys else OPEN_REASONS.get(code, REASONS.get(code, code))
        raise DataError(f"{source[:80]!r} cannot be read: {reason}") from error
    except BotoCoreError as error:
        raise DataError(f"{source[:80]!r} cannot be read: {str(error).partition(chr(10))[0][:160]}") from error
