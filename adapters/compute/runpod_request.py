"""The request for a pod: everything in it is the attempt's own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from adapters.compute.runpod_catalogue import asked_for
from adapters.records import Attempt

MOUNT = "/statagent"
DISK_GB = 10
BOOT = Path(__file__).with_name("pod_boot.py")


def pod_request(
    attempt: Attempt,
    *,
    name: str,
    image: str,
    volume_id: str,
    folder: str,
    payload: str,
    payload_sha256: str,
    api_url: str,
) -> dict[str, Any]:
    """What is created: `folder` and `payload` are on the volume, `api_url` is where the pod deletes itself."""
    order = attempt.request
    return {
        "name": name,
        "image": image,
        "cloud": "SECURE",
        "dataCenterIds": [order.place.zone],
        "disk": DISK_GB,
        "mounts": {"network": [{"volumeId": volume_id, "path": MOUNT}]},
        "args": shlex.join(["python3", "-c", as_one_word(BOOT.read_bytes())]),
        "env": {
            "STATAGENT_API": api_url,
            "STATAGENT_FOLDER": f"{MOUNT}/{folder}",
            "STATAGENT_PAYLOAD": f"{MOUNT}/{payload}",
            "STATAGENT_PAYLOAD_SHA256": payload_sha256,
            "STATAGENT_MAX_SECONDS": str(order.max_seconds),
        },
        **asked_for(order.place.sku),
    }


def as_one_word(program: bytes) -> str:
    """The program as an expression without a space, a quote or a line's end: however words are parted, it arrives."""
    return f"exec((0x{program.hex()}).to_bytes({len(program)}))"
