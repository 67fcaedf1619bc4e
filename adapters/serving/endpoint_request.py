"""The request for a serverless endpoint of RunPod: the same for every program of one version."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from adapters.compute.runpod_request import as_one_word

MOUNT = "/runpod-volume"
"""Where RunPod mounts a network volume in a serverless worker."""
DISK_GB = 10
IDLE_S = 5
"""So long a worker waits for another part, and is paid for, before it ends."""
WORKERS = 3
EXECUTION_S = 600
"""Of a job that states no limit of its own; ours all do."""
BOOT = Path(__file__).with_name("serverless_boot.py")
POOL = "AMPERE_16"
"""The cheapest GPUs. Version 2 of the API makes no endpoint without one; predictions do not use it."""


def endpoint_request(*, name: str, image: str, volume_id: str, payload: str, payload_sha256: str) -> dict[str, Any]:
    """What is created; `payload` is our own code's path on the volume."""
    return {
        "name": name,
        "type": "QUEUE",
        "image": image,
        "disk": DISK_GB,
        "gpu": {"pools": [POOL], "count": 1},
        "workers": {"min": 0, "max": WORKERS, "idleTimeout": IDLE_S},
        # A worker for each part that waits, as far as workers go.
        "scaling": {"type": "REQUEST_COUNT", "requestCount": 1},
        "timeout": EXECUTION_S * 1000,
        "networkVolumes": [volume_id],
        "args": shlex.join(["python3", "-c", as_one_word(BOOT.read_bytes())]),
        "env": {
            "STATAGENT_MOUNT": MOUNT,
            "STATAGENT_PAYLOAD": f"{MOUNT}/{payload}",
            "STATAGENT_PAYLOAD_SHA256": payload_sha256,
            # The image has no CUDA, and nothing of ours uses the GPU: a worker is fit without it.
            "RUNPOD_SKIP_GPU_CHECK": "true",
            "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true",
        },
    }
