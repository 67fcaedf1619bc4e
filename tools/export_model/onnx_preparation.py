"""How a pipeline prepares its columns, as plain numbers: what `predict_onnx.py` does before it asks the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, RobustScaler, StandardScaler

from tools.missing_group import MISSING
from tools.ml.preprocessing import DATE_PARTS, column_names, encoder_of

UNSEEN = "(never seen in training)"


def preparation_of(pipeline: Pipeline) -> dict[str, Any]:
    """The steps of each number, the columns that each word becomes, and the places that all of them are put in."""
    kinds, prepare = pipeline["columns"].kw_args["kinds"], pipeline["prepare"]
    columns = {name: list(names) for name, _, names in prepare.transformers_}
    order = pipeline.named_steps.get("order")
    return {
        "numbers": _numbers(kinds, columns.get("numbers", []), prepare.named_transformers_.get("numbers")),
        "words": _words(pipeline, columns.get("words", [])),
        "places": None if order is None else [int(place) for place in order.kw_args["places"]],
    }


def _numbers(kinds: dict[str, str], names: Sequence[str], steps: Any) -> list[dict[str, Any]]:
    of = {column: name for name, kind in kinds.items() for column in column_names(name, kind)}
    parts = {f"{name} ({part})": part for name, kind in kinds.items() if kind == "date" for part in DATE_PARTS}
    each = [step for _, step in steps.steps] if isinstance(steps, Pipeline) else []
    told: list[dict[str, Any]] = []
    for place, name in enumerate(names):
        done = [one for step in each for one in _step(step, place)]
        told.append({"feature": of[name], "part": parts.get(name), "steps": done})
    return told


def _step(step: Any, place: int) -> list[tuple[str, float]]:
    if isinstance(step, SimpleImputer):
        return [("fill", float(step.statistics_[place]))]
    if isinstance(step, StandardScaler):
        return [("subtract", float(step.mean_[place])), ("divide", float(step.scale_[place]))]
    if isinstance(step, RobustScaler):
        return [("subtract", float(step.center_[place])), ("divide", float(step.scale_[place]))]
    if isinstance(step, MinMaxScaler):
        return [("multiply", float(step.scale_[place])), ("add", float(step.min_[place]))]
    raise ValueError(f"{type(step).__name__} has no plain form")


def _words(pipeline: Pipeline, names: Sequence[str]) -> list[dict[str, Any]]:
    """What each word of a category becomes, as the fitted encoder itself says."""
    encoder = encoder_of(pipeline["prepare"])
    if encoder is None:
        return []
    step, told, start = pipeline["prepare"].named_transformers_["words"], [], 0
    known = [[str(word) for word in words] for words in encoder.categories_]
    widths = _widths(encoder)
    for place, name in enumerate(names):
        words = [*known[place], *({MISSING, UNSEEN} - set(known[place]))]
        frame = pd.DataFrame({other: [words_[0]] * len(words) for other, words_ in zip(names, known, strict=True)})
        frame[name] = words
        block = np.asarray(step.transform(frame.astype(object)))[:, start : start + widths[place]]
        codes = dict(zip(words, block.astype("float64").tolist(), strict=True))
        other = codes.pop(UNSEEN) if UNSEEN in codes else block[0].tolist()
        told.append({"feature": name, "codes": codes, "other": other})
        start += widths[place]
    return told


def _widths(encoder: Any) -> list[int]:
    if not isinstance(encoder, OneHotEncoder):
        return [1] * len(encoder.categories_)
    rare = getattr(encoder, "infrequent_categories_", None) or [None] * len(encoder.categories_)
    dropped = encoder.drop_idx_ if encoder.drop_idx_ is not None else [None] * len(encoder.categories_)
    return [
        len(words) - (0 if pooled is None else len(pooled) - 1) - (left_out is not None)
        for words, pooled, left_out in zip(encoder.categories_, rare, dropped, strict=True)
    ]
