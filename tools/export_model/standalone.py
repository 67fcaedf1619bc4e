"""Predicts the rows of a CSV file with the model that lies beside this script.

    python -m pip install -r requirements.txt
    python predict.py ROWS.csv PREDICTIONS.csv

It needs Python 3.11 or later and what requirements.txt names; the modules below `tools` and `adapters` lie beside it.
ROWS.csv needs a column for each feature of metadata.json's "schema"; other columns are carried along. Empty cells, NA,
N/A, NaN and null are missing. PREDICTIONS.csv must not be there yet. Text that a spreadsheet would run as a formula
gets a quote mark before it. "cut" in metadata.json, where it is not null, names one of two classes, which is said from
a probability on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import pandas as pd  # noqa: E402 - what lies beside this script is found from here on
import skops.io  # noqa: E402

from adapters.spreadsheet_csv import write_csv  # noqa: E402
from tools.ml.predictor import Predictor, given_names  # noqa: E402

MISSING = frozenset(["", "NA", "N/A", "NaN", "nan", "null", "NULL"])
TRUE = frozenset(["true", "t", "yes", "1", "1.0"])
FALSE = frozenset(["false", "f", "no", "0", "0.0"])
CHUNK_ROWS = 50_000


def main(arguments: list[str]) -> int:
    """Predict, and say how many rows; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rows", type=Path, help="a CSV file")
    parser.add_argument("predictions", type=Path, help="the file to write")
    parser.add_argument("--threshold", type=float, help="from which probability on the event is said; see `cut`")
    parser.add_argument("--event", help="with --threshold: the class; by default that of `cut`, else the second one")
    given = parser.parse_args(arguments)
    try:
        n = predict_file(given.rows, given.predictions, given.threshold, given.event)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{n} {'row' if n == 1 else 'rows'} predicted\n")
    return 0


def predict_file(rows: Path, predictions: Path, threshold: float | None = None, event: str | None = None) -> int:
    """Write the rows with what the model says of them; gives how many there are.

    Raises
    ------
    ValueError
        If the model's file was changed, a column is not there, a value is not of its kind, the file to write is there,
        or a threshold is given for a model that has no probabilities of two classes.
    """
    if predictions.exists():
        raise ValueError(f"{predictions} is there already")
    told: dict[str, Any] = json.loads((HERE / "metadata.json").read_text(encoding="utf-8"))
    table = pd.read_csv(rows, dtype=str, keep_default_na=False, encoding="utf-8-sig").astype(object)
    if table.empty:
        raise ValueError(f"{rows} holds no rows")
    frame = features_of(table, told)
    # Just what the predictor asks of it, as it stands in the file.
    metadata: Any = SimpleNamespace(**told | {"spec": SimpleNamespace(**told["spec"])})
    pipeline = load_model()
    predictor = Predictor(pipeline, metadata, cut=find_cut(pipeline, told, threshold, event))
    own = table.set_axis(given_names(list(table.columns), predictor.names), axis="columns")
    starts = range(0, len(frame), CHUNK_ROWS)
    parts = [pd.DataFrame(predictor.predict(frame.iloc[start : start + CHUNK_ROWS])) for start in starts]
    write_csv(pd.concat([own, pd.concat(parts, ignore_index=True)], axis="columns"), predictions)
    return len(table)


def load_model() -> Any:
    """The fitted pipeline, if its file is the one that was exported."""
    manifest: dict[str, Any] = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    content = (HERE / "model.skops").read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest["sha256"]["model.skops"]:
        raise ValueError("model.skops is not the file that was exported")
    return skops.io.loads(content, trusted=manifest["trusted"])


def find_cut(
    pipeline: Any, told: Mapping[str, Any], threshold: float | None, event: str | None
) -> tuple[str, float] | None:
    """The class and its threshold: as given, else as they were kept with the model ("cut" of metadata.json)."""
    kept = told.get("cut")
    if threshold is None:
        if event is not None:
            raise ValueError("--event goes with --threshold")
        return None if kept is None else (kept["event"], kept["threshold"])
    classes = list(map(str, getattr(pipeline[-1], "classes_", ())))
    if len(classes) != 2 or not hasattr(pipeline[-1], "predict_proba") or not 0 < threshold <= 1:
        raise ValueError("--threshold is in (0, 1], for a model of two classes that gives probabilities")
    event = event or (classes[1] if kept is None else kept["event"])
    if event not in classes:
        raise ValueError(f"--event: {event!r} is none of the classes {', '.join(map(repr, classes))}")
    return event, threshold


def features_of(table: pd.DataFrame, told: Mapping[str, Any]) -> pd.DataFrame:
    """The model's columns, each value of its kind; ValueError names the column, the row and the text."""
    lacking = [feature["name"] for feature in told["schema"] if feature["name"] not in table.columns]
    if lacking:
        raise ValueError(f"the file lacks {', '.join(map(repr, lacking))}")
    return pd.DataFrame({one["name"]: _column(table[one["name"]], one) for one in told["schema"]}, index=table.index)


def _column(texts: pd.Series, feature: Mapping[str, Any]) -> pd.Series:
    kind, known = feature["kind"], frozenset(feature["values"] or ())
    values = []
    for place, text in enumerate(texts, start=1):
        try:
            values.append(_value(text.strip(), kind, known))
        except ValueError as error:
            raise ValueError(f"{feature['name']!r}, row {place}: {text[:40]!r} is no {kind}") from error
    if kind == "date":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)).array, index=texts.index)
    return pd.Series(values, index=texts.index, dtype="object" if kind == "category" else "float64")


def _value(text: str, kind: str, known: frozenset[str]) -> object:
    if text in known:
        return text
    if text in MISSING:
        return None if kind == "category" else pd.NaT if kind == "date" else math.nan
    if kind == "number":
        number = float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return number
    if kind == "boolean":
        if text.casefold() not in TRUE | FALSE:
            raise ValueError(text)
        return float(text.casefold() in TRUE)
    if kind == "date":
        moment = pd.Timestamp(text)
        if moment.tzinfo is not None:
            raise ValueError(text)
        return moment
    return _known_word(text, known)


def _known_word(text: str, known: frozenset[str]) -> str:
    """The word of training that the text stands for: 2.0 is its 2, True its true, a midnight its day."""
    words = [text.casefold(), text.removesuffix(" 00:00:00")]
    try:
        number = float(text)
        words.append(str(int(number)) if number.is_integer() else repr(number))
    except (ValueError, OverflowError):
        pass
    return next((word for word in words if word in known), text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
