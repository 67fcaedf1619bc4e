"""How a try of a part has ended, by what its worker wrote down and what RunPod says of its job."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.compute.worker_files import shortened
from adapters.records import JsonValue
from adapters.serving.runpod_jobs import DONE, JobStatus

Told = Mapping[str, JsonValue]


def end_of_made(made: Told) -> Told:
    """The end that the worker has written down."""
    return {name: made[name] for name in ("rows", "sha256", "error", "is_final", "ms", "worker") if name in made}


def end_of_job(status: JobStatus, made: Told | None, is_claimed: bool) -> Told:
    """How the try has ended whose job is over, with the milliseconds that are paid for.

    Where neither RunPod nor the worker says how long it took, nothing is said here: then its limit counts.
    """
    if made is not None:
        end = dict(end_of_made(made))
        return end if status.execution_ms is None else {**end, "ms": status.execution_ms}
    took: Told = {} if status.execution_ms is None else {"ms": status.execution_ms}
    if not took and not is_claimed:
        took = {"ms": 0}
    if status.worker:
        took = {**took, "worker": status.worker}
    if status.status == DONE and isinstance(status.output.get("sha256"), str):
        return {"sha256": str(status.output["sha256"]), "rows": status.output.get("rows"), **took}
    why = status.error or status.output.get("error") or f"RunPod says {status.status or 'that there is no such job'}"
    return {"error": shortened(str(why)), **took}
