"""What a serverless worker runs first: our own code, if it is the one that was deployed, in this very process.

Only Python's own library; given to the worker as text.
"""

import hashlib
import os
import sys
import tempfile
import zipfile
from pathlib import Path


def main() -> None:
    """Unpack the payload on the volume, and go on as the worker in it."""
    payload, sha256 = Path(os.environ["STATAGENT_PAYLOAD"]), os.environ["STATAGENT_PAYLOAD_SHA256"]
    if hashlib.sha256(payload.read_bytes()).hexdigest() != sha256:
        raise SystemExit("the payload is not the one that was deployed")
    place = tempfile.mkdtemp(prefix="statagent-")
    with zipfile.ZipFile(payload) as archive:
        archive.extractall(place)
    os.environ["PYTHONPATH"] = place
    os.chdir(place)
    os.execv(sys.executable, [sys.executable, "-P", "-m", "runtime.serverless_worker"])  # noqa: S606


if __name__ == "__main__":
    main()
