"""Says of the rows of a CSV file what the model of model.onnx says of them: one line of JSON for each row.

    python -m pip install -r requirements_onnx.txt
    python predict_onnx.py ROWS.csv > PREDICTIONS.jsonl

It needs nothing else. ROWS.csv needs a column for each of the "features" of onnx.json, which says how they are
prepared; other columns are left alone. Empty cells, NA, N/A, NaN and null are missing.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
MISSING = frozenset(["", "NA", "N/A", "NaN", "nan", "null", "NULL"])
TRUE = frozenset(["true", "t", "yes", "1", "1.0"])
FALSE = frozenset(["false", "f", "no", "0", "0.0"])
NO_WORD = "(missing)"
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times of a table have no zone
CHUNK_ROWS = 10_000

Row = Mapping[str, str]


def main(arguments: Sequence[str]) -> int:
    """Predict, and say how many rows; gives the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("python predict_onnx.py ROWS.csv\n")
        return 2
    try:
        told: dict[str, Any] = json.loads((HERE / "onnx.json").read_text(encoding="utf-8"))
        session = open_model((HERE / "model.onnx").read_bytes())
        with Path(arguments[0]).open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        for start in range(0, len(rows), CHUNK_ROWS):
            for answer in predict(session, told, rows[start : start + CHUNK_ROWS]):
                sys.stdout.write(json.dumps(answer) + "\n")
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} predicted\n")
    return 0


def open_model(content: bytes) -> Any:
    """The model of an ONNX file, on the processor."""
    import onnxruntime

    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def predict(session: Any, told: Mapping[str, Any], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What the model says of each row: `prediction`, and of a class its `probability` where the model has one.

    Raises
    ------
    ValueError
        Names the column and the row of a value that is not of its kind, or a column that is not there.
    """
    X = matrix(told, rows).astype(told["dtype"])
    outputs = session.run(None, {session.get_inputs()[0].name: X})
    if told["classes"] is None:
        scale, mean = told["target"]
        return [{"prediction": float(value)} for value in outputs[0].ravel().astype("float64") * scale + mean]
    if not told["has_probabilities"]:
        return [{"prediction": str(label)} for label in outputs[0]]
    return [_class_of(told, each) for each in outputs[1].astype("float64")]


def _class_of(told: Mapping[str, Any], probabilities: np.ndarray) -> dict[str, Any]:
    classes, cut, place = told["classes"], told["cut"], int(probabilities.argmax())
    if cut is not None:
        event = classes.index(cut["event"])
        place = event if probabilities[event] >= cut["threshold"] else 1 - event
    return {"prediction": classes[place], "probability": float(probabilities[place])}


def matrix(told: Mapping[str, Any], rows: Sequence[Row]) -> np.ndarray:
    """The rows as the model takes them: gaps filled, numbers scaled, words as columns of 0 and 1 or as codes."""
    features = {one["name"]: one for one in told["features"]}
    values = {name: _values(rows, one) for name, one in features.items()}
    blocks = []
    for column in told["numbers"]:
        part = column["part"]
        plain = values[column["feature"]]
        numbers = np.array(plain if part is None else [_part(moment, part) for moment in plain], dtype="float64")
        blocks.append(_prepared(numbers, column["steps"])[:, None])
    for column in told["words"]:
        codes, other = column["codes"], column["other"]
        blocks.append(np.array([codes.get(word, other) for word in values[column["feature"]]], dtype="float64"))
    X = np.concatenate(blocks, axis=1)
    return X if told["places"] is None else X[:, told["places"]]


def _prepared(numbers: np.ndarray, steps: Sequence[tuple[str, float]]) -> np.ndarray:
    for what, value in steps:
        if what == "fill":
            numbers = np.where(np.isnan(numbers), value, numbers)
        elif what == "subtract":
            numbers = numbers - value
        elif what == "divide":
            numbers = numbers / value
        elif what == "multiply":
            numbers = numbers * value
        else:
            numbers = numbers + value
    return numbers


def _values(rows: Sequence[Row], feature: Mapping[str, Any]) -> list[Any]:
    name, kind, known = feature["name"], feature["kind"], frozenset(feature["values"] or ())
    found = []
    for place, row in enumerate(rows, start=1):
        text = row.get(name)
        if text is None:
            raise ValueError(f"the file lacks {name!r}" if name not in row else f"row {place} is cut short")
        try:
            found.append(_value(text.strip(), kind, known))
        except ValueError as error:
            raise ValueError(f"{name!r}, row {place}: {text[:40]!r} is no {kind}") from error
    return found


def _value(text: str, kind: str, known: frozenset[str]) -> Any:
    if kind == "category":
        return text if text in known else NO_WORD if text in MISSING else _known_word(text, known)
    if text in MISSING:
        return None if kind == "date" else math.nan
    if kind == "date":
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            raise ValueError(text)
        return moment
    if kind == "boolean":
        if text.casefold() not in TRUE | FALSE:
            raise ValueError(text)
        return float(text.casefold() in TRUE)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _known_word(text: str, known: frozenset[str]) -> str:
    """The word of training that the text stands for: 2.0 is its 2, True its true, a midnight its day."""
    words = [text.casefold(), text.removesuffix(" 00:00:00")]
    try:
        number = float(text)
        words.append(str(int(number)) if number.is_integer() else repr(number))
    except (ValueError, OverflowError):
        pass
    return next((word for word in words if word in known), text)


def _part(moment: datetime | None, part: str) -> float:
    if moment is None:
        return math.nan
    if part == "days":
        return (moment - EPOCH).total_seconds() / 86_400
    return float(moment.weekday() if part == "day_of_week" else getattr(moment, part))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
