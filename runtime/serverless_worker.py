"""The worker of RunPod Serverless: each job is one part of an attempt, whose files are on the network volume.

A part is worked on in a child of this process, which keeps the model for the next part and is killed when the part's
time is over or its job is cancelled. A claim beside the attempt's files lets each try of a part be made once, however
often its job is sent or delivered.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import runpod.serverless

from adapters.compute.attempt_files import ENDED
from adapters.files import write_json
from adapters.serving.part_tries import try_name
from adapters.serving.serverless_words import CLAIMED, MADE

KEPT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS", "PYTHONPATH")
"""What the child sees of the environment: no key of the provider's."""
KEY = re.compile(r"[0-9a-zA-Z_-]{8,64}")
MOST_LINE_BYTES = 2**20


class WrongJobError(Exception):
    """The job is none of ours."""


@dataclass(frozen=True)
class Part:
    """What a job asks for: a part by its number, which try of it this is, and how many seconds that may take."""

    job_id: str
    folder: Path
    number: int
    n: int
    limit_s: float

    @classmethod
    def of(cls, job: Mapping[str, Any], volume: Path) -> Part:
        """The job's part; WrongJobError where it is none."""
        asked = job.get("input") or {}
        try:
            key, number, n, limit_s = (
                str(asked["key"]),
                int(asked["number"]),
                int(asked["try"]),
                float(asked["limit_s"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise WrongJobError("the job names no key, number, try and limit_s") from error
        folder = volume / "attempts" / key
        if not KEY.fullmatch(key) or not folder.is_dir():
            raise WrongJobError("there is no such attempt on the volume")
        return cls(str(job["id"]), folder, number, n, limit_s)

    @property
    def name(self) -> str:
        """The name of this try's files."""
        return try_name(self.number, self.n)


@dataclass
class Worker:
    """The handler of one worker, with its child."""

    volume: Path
    _child: asyncio.subprocess.Process | None = field(default=None)

    async def handle(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Predict the job's part, once; the answer states its rows and its hash, or why there is none."""
        try:
            part = Part.of(job, self.volume)
        except WrongJobError as error:
            return {"error": str(error)}
        left_s = _claim(part)
        if left_s is None:
            # The same try was sent twice: the other job has it, and this one is no failure.
            return {"number": part.number, "taken": True}
        if left_s <= 0 or (part.folder / ENDED).exists():
            return {"error": "its time is over" if left_s <= 0 else "the attempt was ended"}
        began = time.monotonic()
        answer = {"number": part.number, **await self._within(part, left_s)}
        # What an earlier delivery of the same job has taken is paid for too.
        spent_ms = round(1000 * (part.limit_s - left_s + time.monotonic() - began))
        told = {**answer, "ms": spent_ms, "worker": os.environ.get("RUNPOD_POD_ID", "")}
        made = part.folder / MADE / part.name
        made.parent.mkdir(exist_ok=True)
        write_json(made, told)
        return answer

    async def _within(self, part: Part, left_s: float) -> dict[str, Any]:
        try:
            return await asyncio.wait_for(self._asked(part), left_s)
        except TimeoutError:
            await self.close()
            return {"error": f"stopped at its limit of {part.limit_s:.0f} s"}
        except asyncio.CancelledError:
            await self.close()
            raise

    async def _asked(self, part: Part) -> dict[str, Any]:
        child = await self._living_child()
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101 - as above
        line = json.dumps({"folder": str(part.folder), "number": part.number})
        with suppress(ConnectionError):
            child.stdin.write(f"{line}\n".encode())
            await child.stdin.drain()
        said = await child.stdout.readline()
        if not said.endswith(b"\n"):
            code = await child.wait()
            return {"error": f"the process that predicts has died (code {code})"}
        answer: dict[str, Any] = json.loads(said)
        return answer

    async def _living_child(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "runtime.part_worker",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=MOST_LINE_BYTES,
                env={name: os.environ[name] for name in KEPT if name in os.environ},
            )  # fmt: skip
        return self._child

    async def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            with suppress(ProcessLookupError):
                child.kill()
            # Until its pipes are closed, which is when it is gone.
            await child.communicate()


def _claim(part: Part) -> float | None:
    """Seconds that this job may still take for its try; None where another job has the same try.

    A job whose worker died is delivered again: what its first delivery took is gone.
    """
    path, now = part.folder / CLAIMED / part.name, time.time()
    path.parent.mkdir(exist_ok=True)
    mine = {"job": part.job_id, "at": now, "worker": os.environ.get("RUNPOD_POD_ID", "")}
    try:
        with path.open("x", encoding="utf-8") as file:
            json.dump(mine, file)
    except FileExistsError:
        with suppress(OSError, ValueError, KeyError, TypeError):
            claim = json.loads(path.read_text(encoding="utf-8"))
            if claim["job"] == part.job_id:
                return part.limit_s - (now - float(claim["at"]))
        return None
    return part.limit_s


def main() -> None:
    """Take jobs until the provider ends this machine."""
    worker = Worker(Path(os.environ["STATAGENT_MOUNT"]))
    # The package reads what follows the program's name.
    sys.argv = sys.argv[:1]
    runpod.serverless.start({"handler": worker.handle})


if __name__ == "__main__":
    main()
