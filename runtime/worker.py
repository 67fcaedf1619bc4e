"""The program on a job's machine: reads request.json in its folder, fits a model or predicts, writes result.json."""

from __future__ import annotations

import resource
import signal
import sys
import time
from functools import partial
from pathlib import Path

from adapters.compute.cluster import ClusterError
from adapters.compute.local import claim, describe_worker
from adapters.compute.worker_files import (
    CHECKPOINT,
    HASHES,
    OUT,
    PROGRESS,
    REQUEST,
    RESULT,
    TABLE,
    WorkerOrder,
    hashes_in,
)
from adapters.data.parquet import read_parquet
from adapters.files import read_json, write_json
from adapters.records import JsonValue, PredictionSpec
from runtime.on_cluster import fit_on_cluster
from runtime.way_out import say, say_traceback, show_all
from tools import ml
from tools.predictions.machine import predict_job


def main(folder: Path) -> int:
    """Do the folder's job, once: a second worker for the same folder ends at once."""
    request = read_json(folder / REQUEST)
    if request is None:
        raise SystemExit(f"no {REQUEST} in {folder}")
    order = WorkerOrder.model_validate(request)
    # Armed before the work: the kernel ends this process at the limit that the price bought, even with the
    # program dead and inside a library that never comes back.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(order.max_seconds)
    # Private memory, so that the libraries' own mappings do not count.
    resource.setrlimit(resource.RLIMIT_DATA, (order.max_memory_bytes, order.max_memory_bytes))
    if not claim(folder, describe_worker()):
        say("another worker has this job")
        return 0
    started = time.monotonic()
    try:
        result = _do(folder, order)
    except (ValueError, ClusterError) as error:
        result = {"error": str(error)}
    except MemoryError as error:
        say_traceback(error)
        most = f"the {order.max_memory_bytes / 2**30:.1f} GiB that it may take"
        needed = f"the {order.work.kind} needs more memory than {most}"
        result = {"error": f"{needed}; take fewer rows or columns, or a smaller model"}
    except Exception as error:  # noqa: BLE001 - the one handler of this program
        say_traceback(error)
        result = {"error": f"the {order.work.kind} failed: {type(error).__name__}; its log says more"}
    write_json(folder / RESULT, {**result, "seconds": time.monotonic() - started})
    return 1 if "error" in result else 0


def _do(folder: Path, order: WorkerOrder) -> dict[str, JsonValue]:
    def report(sentence: str, fraction: float) -> None:
        _report(folder, sentence, fraction)

    if isinstance(order.work, PredictionSpec):
        n = predict_job(order.work, order.rows, folder, report)
        return {"rows": n, HASHES: hashes_in(folder / OUT)}
    report("loading", 0.02)
    frame = read_parquet(folder / TABLE)
    out, kept = folder / OUT, folder / CHECKPOINT
    fit = partial(ml.fit_job, order.work, frame, order.data_sha256, out, report, order.has_gpu, kept)
    metadata = fit_on_cluster(order.cluster, fit, report)
    return {"metrics": dict(metadata.metrics), HASHES: hashes_in(folder / OUT)}


def _report(folder: Path, sentence: str, fraction: float) -> None:
    say(f"{time.strftime('%H:%M:%S', time.gmtime())} {sentence}")
    write_json(folder / PROGRESS, {"sentence": sentence, "fraction": fraction})


if __name__ == "__main__":
    show_all()
    sys.exit(main(Path(sys.argv[1])))
