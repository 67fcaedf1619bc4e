"""A model's ONNX form, where it has one that says the same: it is made, asked, and left out where it does not."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from tools.export_model import standalone_onnx
from tools.export_model.onnx_preparation import preparation_of
from tools.ml.metadata import Metadata, SeenFeature
from tools.ml.predictor import Predictor

SCRIPT = Path(standalone_onnx.__file__)
NEEDED = ("numpy", "onnxruntime")
MOST_NODES = 500_000
"""Of trees: to convert a million took 9 s and 0.65 GB on the project's machine."""
N_ROWS = 500
MOST_LETTERS = 160
AGREES = 1e-5
"""Of a number, relative to itself or to how far predictions lie apart; of a probability as it is."""


class OnnxState(StrEnum):
    """What became of it."""

    INCLUDED = "included"
    NOT_INSTALLED = "not_installed"
    TOO_LARGE = "too_large"
    NOT_CONVERTED = "not_converted"
    OTHER_NUMBERS = "other_numbers"


@dataclass(frozen=True)
class OnnxForm:
    """The files of the form, or why there are none; how far it is off at most on the rows that it was asked about."""

    state: OnnxState
    why: str
    largest_difference: float | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


def onnx_form(pipeline: Pipeline, metadata: Metadata, most_nodes: int = MOST_NODES) -> OnnxForm:
    """The form, if it says what the pipeline says of 500 rows made of the model's schema, gaps and new words too."""
    if find_spec("skl2onnx") is None or find_spec("onnxruntime") is None:
        return OnnxForm(OnnxState.NOT_INSTALLED, "install statagent with its extra `onnx`")
    n_nodes = _n_nodes(pipeline)
    if n_nodes > most_nodes:
        return OnnxForm(
            OnnxState.TOO_LARGE, f"its trees have {n_nodes:,} nodes, and {most_nodes:,} are converted at most"
        )
    try:
        frame, texts = _sample(metadata.features)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # words that are new to it are meant
            wanted = Predictor(pipeline, metadata, cut=_cut(metadata)).predict(frame)
            told = _told(pipeline, metadata)
    except (ValueError, AttributeError) as error:
        return OnnxForm(OnnxState.NOT_CONVERTED, " ".join(str(error).split())[:MOST_LETTERS])
    found = OnnxForm(OnnxState.NOT_CONVERTED, f"skl2onnx has no form for {metadata.spec.model}")
    for dtype in ("float64", "float32"):
        made = _made(pipeline, {**told, "dtype": dtype}, texts, wanted)
        if made.state is OnnxState.INCLUDED:
            return made
        found = made if made.state is OnnxState.OTHER_NUMBERS else found
    return found


def _n_nodes(pipeline: Pipeline) -> int:
    model = getattr(pipeline[-1], "regressor_", pipeline[-1])
    trees = np.ravel(getattr(model, "estimators_", [model]))
    return sum(tree.tree_.node_count for tree in trees if hasattr(tree, "tree_"))


def _cut(metadata: Metadata) -> tuple[str, float] | None:
    return None if metadata.cut is None else (metadata.cut.event, metadata.cut.threshold)


def _told(pipeline: Pipeline, metadata: Metadata) -> dict[str, Any]:
    model, classes = pipeline[-1], getattr(pipeline[-1], "classes_", None)
    target = [1.0, 0.0]
    if isinstance(model, TransformedTargetRegressor):
        target = [float(model.transformer_.scale_[0]), float(model.transformer_.mean_[0])]
    return {
        "features": [{"name": one.name, "kind": one.kind, "values": one.values} for one in metadata.features],
        **preparation_of(pipeline),
        "classes": None if classes is None else [str(name) for name in classes],
        "has_probabilities": hasattr(model, "predict_proba"),
        "target": target,
        "cut": None if metadata.cut is None else metadata.cut.model_dump(mode="json"),
    }


def _made(
    pipeline: Pipeline, told: dict[str, Any], texts: Sequence[Mapping[str, str]], wanted: Mapping[str, Any]
) -> OnnxForm:
    """The form in numbers of that kind, and how it agrees."""
    # An extra: whoever asks for no such form needs them not.
    from onnxruntime.capi import onnxruntime_pybind11_state as refusals
    from skl2onnx import to_onnx

    model = getattr(pipeline[-1], "regressor_", pipeline[-1])
    refused = (refusals.Fail, refusals.NotImplemented, refusals.InvalidGraph, refusals.InvalidArgument)
    try:
        X = standalone_onnx.matrix(told, texts[:1]).astype(told["dtype"])
        options = None if told["classes"] is None else {id(model): {"zipmap": False}}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = to_onnx(model, X, options=options).SerializeToString()
        session = standalone_onnx.open_model(content)
        answers = standalone_onnx.predict(session, told, texts)
    except (*refused, RuntimeError, ValueError, TypeError, NameError, AttributeError, LookupError):
        return OnnxForm(OnnxState.NOT_CONVERTED, "")
    difference = _difference(answers, wanted)
    if not difference <= AGREES:
        why = f"of {len(texts)} rows made of its schema it says other than the model, by {difference:.2g}"
        return OnnxForm(OnnxState.OTHER_NUMBERS, why, difference)
    files = {
        "model.onnx": content,
        "onnx.json": json.dumps(told, indent=1, allow_nan=False).encode(),
        "predict_onnx.py": SCRIPT.read_bytes(),
        "requirements_onnx.txt": "".join(f"{name}=={version(name)}\n" for name in NEEDED).encode(),
    }
    return OnnxForm(OnnxState.INCLUDED, "", difference, files)


def _difference(answers: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]) -> float:
    """The largest, as `AGREES` counts it; infinity where a class is another."""
    predicted = np.array([answer["prediction"] for answer in answers])
    if predicted.dtype.kind != "f":
        if list(map(str, predicted)) != list(map(str, wanted["prediction"])):
            return math.inf
        if "probability" not in wanted:
            return 0.0
        probabilities = np.array([answer["probability"] for answer in answers])
        return float(np.max(np.abs(probabilities - wanted["probability"])))
    true = np.asarray(wanted["prediction"], dtype="float64")
    return float(np.max(np.abs(predicted - true) / np.maximum(np.abs(true), np.std(true) + np.finfo("float64").tiny)))


def _sample(features: Sequence[SeenFeature]) -> tuple[pd.DataFrame, list[dict[str, str]]]:
    """Rows such as training has seen, with gaps and words that it has not, as a table and as texts."""
    draw = np.random.default_rng(0)
    table, texts = dict[str, pd.Series](), dict[str, list[str]]()
    for one in features:
        values, texts[one.name] = _drawn(one, draw)
        table[one.name] = values
    return pd.DataFrame(table), [dict(zip(texts, row, strict=True)) for row in zip(*texts.values(), strict=True)]


def _drawn(feature: SeenFeature, draw: np.random.Generator) -> tuple[pd.Series, list[str]]:
    is_gap = draw.random(N_ROWS) < 0.05
    if feature.kind == "category":
        words = [*(feature.values or ()), "a word that nobody has seen"]
        drawn = draw.integers(0, len(words), N_ROWS)
        found = [None if gap else words[place] for place, gap in zip(drawn, is_gap, strict=True)]
        return pd.Series(found, dtype="object"), [word or "" for word in found]
    if feature.kind == "date":
        first, last = (datetime.fromisoformat(str(end)) for end in (feature.low, feature.high))
        seconds = draw.integers(0, max(1, int((last - first).total_seconds())), N_ROWS)
        moments = [None if gap else first + timedelta(seconds=int(n)) for n, gap in zip(seconds, is_gap, strict=True)]
        return pd.Series(pd.to_datetime(pd.Series(moments))), [str(one or "") for one in moments]
    low, high = float(feature.low or 0), float(feature.high or 0)
    numbers = low + (high - low) * draw.random(N_ROWS)
    whole = draw.random(N_ROWS) < (1.0 if feature.kind == "boolean" else 0.5)
    numbers = np.where(whole, np.round(numbers), numbers)
    numbers[is_gap] = np.nan
    return pd.Series(numbers), ["" if math.isnan(number) else repr(float(number)) for number in numbers]
