"""`python -m evals.world.runpod`: a RunPod to try the cloud with, without an account; it ends with Ctrl-C.

Its first lines are what a shell is told: `eval "$(…)"`, or copy them.
"""

from __future__ import annotations

import contextlib
import shlex
import threading

from evals.world.runpod.server import ACCESS, CENTRE, IMAGE, KEY, SECRET, VOLUME, runpod_world


def main() -> None:
    """Print the settings, and serve until somebody has enough."""
    with runpod_world() as world:
        settings = {
            "RUNPOD_API_KEY": KEY,
            "RUNPOD_API_URL": world.url,
            "STATAGENT_RUNPOD_IMAGE": IMAGE,
            "STATAGENT_RUNPOD_VOLUME": VOLUME,
            "STATAGENT_RUNPOD_S3_ENDPOINT": world.s3_url,
            "STATAGENT_RUNPOD_S3_REGION": CENTRE,
            "STATAGENT_RUNPOD_S3_ACCESS_KEY": ACCESS,
            "STATAGENT_RUNPOD_S3_SECRET_KEY": SECRET,
        }
        lines = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in settings.items())
        print(lines, flush=True)  # noqa: T201 - the result
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
