"""Predictions of 500 to 1,000,000 rows, here and at each place: `python -m evals.bench.prediction [ROWS …]`.

A simulated AWS and a simulated RunPod stand on loopback: their functions and workers are processes of this machine, on
its cores, so seconds are those of the work and the way, not of their machines. Every place gives the bytes that predict
writes here; a run that does not ends with an error. `first` is a function or worker that was not there yet.

For each size and place: seconds from the yes to the file, dollars as the job's row has them, the quote's expected
seconds and dollars, and the peak of memory of predict here.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from adapters.compute.base import Backend, Surroundings
from adapters.compute.local import detect as detect_local
from adapters.model.scripted import ScriptedModel
from adapters.serving.aws_lambda import detect as detect_lambda
from adapters.serving.lambda_deploy import deployment
from evals.world.aws import aws_world
from evals.world.home import Clock, settings_in
from evals.world.runpod import runpod_world
from evals.world.runpod.serverless import deployed_endpoint, serverless_backend
from runtime.confirmation import Confirmation
from runtime.program import build
from runtime.session import Session
from runtime.settings import Settings

SIZES = (500, 5_000, 50_000, 1_000_000)
TYPES = ("ridge", "random_forest")
WAIT_S = 600.0


def table(n: int, seed: int) -> pd.DataFrame:
    """Ten columns of numbers and words, and a target."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {f"x{k}": rng.normal(size=n).round(4) for k in range(8)}
    columns |= {"town": rng.choice(["Ash", "Elm", "Oak", "Yew"], n), "kind": rng.choice(list("abcdefgh"), n)}
    frame = pd.DataFrame(columns)
    frame["y"] = (
        frame["x0"] + 2 * frame["x1"] * frame["x2"] + (frame["town"] == "Oak") + rng.normal(size=n) / 3
    ).round(4)
    return frame


def tool(
    session: Session, name: str, arguments: Mapping[str, Any], quote_id: str = ""
) -> tuple[dict[str, Any], Path | None]:
    """A tool's result, and its file."""
    yes = Confirmation(quote_id, Decimal(5)) if quote_id else None
    output = session.call_tool(name, json.dumps(dict(arguments)), yes)
    return json.loads(json.dumps(output.content)), output.artifacts[0].path if output.artifacts else None


def train(session: Session, model: str) -> None:
    """A model of that type, of 2,000 rows."""
    job = {"kind": "training", "dataset": "train", "target": "y", "model": model}
    (quote,) = tool(session, "estimate_cost", {"job": job, "where": "local"})[0]["quotes"]
    begun, _ = tool(session, "launch_training", {"quote_id": quote["quote_id"]}, quote["quote_id"])
    done, _ = tool(session, "poll_job", {"job_id": begun["job_id"], "wait_s": 120})
    assert done["state"] == "succeeded", done


def measure(session: Session, model: str, n: int, where: str, expected: bytes) -> list[str]:
    """The line of one place; nothing where it takes no table of that size."""
    job = {"kind": "prediction", "model": model, "dataset": f"rows{n}"}
    quotes = tool(session, "estimate_cost", {"job": job, "where": "auto"})[0]["quotes"]
    quote = next((one for one in quotes if one["provider"] == where), None)
    if quote is None:
        return []
    began = time.monotonic()
    found, path = tool(session, "predict", {"model": model, "quote_id": quote["quote_id"]}, quote["quote_id"])
    while path is None and time.monotonic() - began < WAIT_S:
        found, path = tool(session, "poll_job", {"job_id": found["job_id"], "wait_s": 60})
        assert found["state"] in ("active", "queued", "succeeded"), found
    seconds, (done, *_) = time.monotonic() - began, session.jobs.all()
    assert path is not None
    assert path.read_bytes() == expected, f"{where} predicts otherwise than here"
    usd = f"{done.cost_usd:.6f}"
    return [where, f"{seconds:.1f}", usd, str(quote["expected_seconds"]), f"{quote['expected_usd']:.6f}"]


def main(sizes: Sequence[int]) -> None:
    """Print the table."""
    with ExitStack() as stack:
        aws, runpod = stack.enter_context(aws_world()), stack.enter_context(runpod_world())
        os.environ.update(aws.environment())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"

        def backends(settings: Settings) -> dict[str, Backend]:
            environment, folder = settings.worker_environment(), settings.home / "jobs"
            around = Surroundings(lambda: "abc123", folder, environment, 3600, None, aws.options())
            endpoint = serverless_backend(runpod, deployed_endpoint(runpod), around)
            made: list[Backend] = [detect_local(around), detect_lambda(around), endpoint]
            deployment(around, lambda sentence: None).deploy()
            return {one.name: one for one in made}

        session = Session(build(settings_in(home), ScriptedModel([]), Clock(), backends))
        for name, n in {"train": 2_000, **{f"rows{n}": n for n in sizes}}.items():
            table(n, n).to_csv(home.parent / f"{name}.csv", index=False)
            tool(session, "load_dataset", {"source": str(home.parent / f"{name}.csv")})
        print("model | rows | place | seconds | dollars | expected s | expected dollars")  # noqa: T201 - the result
        for model in TYPES:
            train(session, model)
            for n in sizes:
                began = time.monotonic()
                _, path = tool(session, "predict", {"model": model, "dataset": f"rows{n}"})
                assert path is not None
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
                lines = [["here", f"{time.monotonic() - began:.1f}", "0", f"(peak {peak} MB)", ""]]
                lines += [measure(session, model, n, where, path.read_bytes()) for where in session.program.backends]
                for line in filter(None, lines):
                    print(" | ".join([model, f"{n:,}", *line]), flush=True)  # noqa: T201
        session.program.close()


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or SIZES)
