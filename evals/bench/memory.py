"""What a training takes of memory beside what the quote says: `python -m evals.bench.memory [ROWS …]`.

Each type is fitted in a process of its own, as a worker does it, to a table of twenty columns (four of words with 30
values), and the most that the process held at once is what the system says of it (VmHWM).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from tools import ml

N_NUMBERS, N_WORDS, N_VALUES = 16, 4, 30
ROWS = (2_000, 100_000)
LONGEST_S = 150
MB = 2**20


def main() -> None:
    """Print a line for each type and size."""
    sizes = [int(word) for word in sys.argv[1:]] or list(ROWS)
    sys.stdout.write(
        "| type | task | rows | predicted MB | measured MB | predicted / measured |\n|---|---|---|---|---|---|\n"
    )
    ratios: list[float] = []
    for model in ml.MODEL_TYPES:
        for task in model.estimators:
            for n in sizes:
                sys.stdout.write(_line(model.name, task, n, ratios))
                sys.stdout.flush()
    n_near = sum(0.5 <= ratio <= 2 for ratio in ratios)
    sys.stdout.write(f"\n{n_near} of {len(ratios)} are within a factor of two.\n")


def _line(model: str, task: str, n: int, ratios: list[float]) -> str:
    spec = spec_of(model, task)
    n_values = dict.fromkeys(spec.kinds, N_VALUES)
    predicted = ml.training_bytes(spec, n, n_values) / MB
    asked = [sys.executable, "-m", "evals.bench.memory", "--one", json.dumps([model, task, n])]
    try:
        ran = subprocess.run(asked, capture_output=True, text=True, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        return f"| {model} | {task} | {n:,} | {predicted:.0f} | longer than {LONGEST_S} s | – |\n"
    if ran.returncode:
        return f"| {model} | {task} | {n:,} | {predicted:.0f} | refused | – |\n"
    measured = float(ran.stdout)
    ratios.append(predicted / measured)
    return f"| {model} | {task} | {n:,} | {predicted:.0f} | {measured:.0f} | {predicted / measured:.2f} |\n"


def spec_of(model: str, task: str) -> ml.TrainingSpec:
    """The job, with the parameters that it has by default."""
    numbers = tuple(ml.Feature(name=f"x{place}", kind="number") for place in range(N_NUMBERS))
    # Of so many columns as words make there are more products than a fit takes.
    n_words = 0 if model == "polynomial_regression" else N_WORDS
    words = tuple(ml.Feature(name=f"w{place}", kind="category") for place in range(n_words))
    return ml.TrainingSpec.model_validate({"target": "y", "task": task, "features": [*numbers, *words], "model": model})


def table(task: str, n: int) -> pd.DataFrame:
    """Numbers and words, and a target that some of them make."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame({f"x{place}": draw.normal(size=n) for place in range(N_NUMBERS)})
    for place in range(N_WORDS):
        frame[f"w{place}"] = np.array([f"v{value}" for value in range(N_VALUES)])[draw.integers(0, N_VALUES, n)]
    y = frame["x0"] - frame["x1"] * frame["x2"] + draw.normal(size=n)
    return frame.assign(y=y if task == "regression" else np.where(y > 0, "yes", "no"))


def fit_one(model: str, task: str, n: int) -> None:
    """Fit, and print the peak in MB: of this process alone, whatever its parent held."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "table.parquet"
        table(task, n).to_parquet(path)
        ml.fit_job(spec_of(model, task), pd.read_parquet(path), "sha", Path(place) / "m", lambda words, part: None)
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    sys.stdout.write(f"{int(found[1]) / 1024}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        fit_one(*json.loads(sys.argv[2]))
    else:
        main()
