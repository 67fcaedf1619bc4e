"""A model's card: what it is, what it was made of, how good it is, and what it must not be used for, in Markdown.

The form follows Mitchell et al. (2019), Model Cards for Model Reporting, FAT* '19, https://doi.org/10.1145/3287560.3287596.
"""

from __future__ import annotations

import json
import re
from typing import Any

from adapters.records import Model
from prompts import render
from prompts.visible import one_line
from tools.cluster_lines import cluster_told
from tools.fold_lines import folds_told
from tools.ml.metadata import Metadata, SeenFeature
from tools.ml.spec import Task
from tools.search_lines import search_line, search_told
from tools.telling import as_table, number

MARKS = re.compile(r"([\\`*\[\]<>#~]|(?<![^\W_])_|_(?![^\W_]))")
"""What Markdown could take for more than text; an underscore inside a word is none of it."""
LONGEST_JOB = 2_000
MOST_CLASSES = 10
MOST_VALUES = 5
IMPORTANCE: dict[Task, str] = {"regression": "drop in r2", "classification": "drop in accuracy"}


def card_of(model: Model, metadata: Metadata) -> str:
    """The card in Markdown; of a model whose row is not written yet its version is left out."""
    spec, rows = metadata.spec, metadata.rows
    job = json.dumps(spec.model_dump(mode="json", exclude_defaults=True), ensure_ascii=True)
    values: dict[str, Any] = {
        "title": _text(model.name or model.model_id),
        "model_id": _text(model.model_id),
        "version": model.version or None,
        "parent": None if metadata.parent is None else _text(metadata.parent.model_id),
        "type": spec.model,
        "task": spec.task,
        "target": _text(spec.target),
        "created_at": metadata.created_at,
        "dataset": None if metadata.dataset is None else _text(metadata.dataset),
        "data_sha256": _text(metadata.data_sha256),
        "rows": rows,
        "share": f"{rows.test / (rows.train + rows.test):.0%}",
        "seed": spec.seed,
        "split": _split(metadata),
        "scores": _scores(metadata),
        "is_folded": spec.test_size == 0,
        "standing": metadata.against_baseline,
        "measure": "rmse" if spec.task == "regression" else "accuracy",
        "cut": None if model.cut is None else (_text(model.cut[0]), number(model.cut[1])),
        "margin": None if metadata.margin is None else number(metadata.margin),
        "folds": "\n\n".join(folds_told(metadata.cross_validated)),
        "searched": "\n\n".join(search_told(search_line(metadata.searched))),
        "confusion": _confusion(metadata),
        "n_features": len(metadata.features),
        "features": _features(metadata),
        "settings": as_table(["setting", "value"], [[_text(n), _text(v)] for n, v in spec.settings.items()]),
        "has_settings": bool(spec.settings),
        "parameters": as_table(["parameter", "value"], [[n, _text(v)] for n, v in metadata.hyper_parameters.items()]),
        "has_parameters": bool(metadata.hyper_parameters),
        "warnings": [_text(words, 600) for words in metadata.warnings],
        "has_probabilities": spec.task == "classification",
        "versions": ", ".join(f"{name} {version}" for name, version in metadata.versions.items()),
        "device": metadata.device,
        "cluster": _text(cluster_told(metadata.cluster).strip(), 600),
        "cost": metadata.cost,
        "job": job if len(job) <= LONGEST_JOB else None,
    }
    return render("model_card", **values) + "\n"


def _split(metadata: Metadata) -> str:
    spec = metadata.spec
    if spec.time is not None:
        return f"the latest by {_text(spec.time)}"
    if spec.groups is not None:
        return f"whole groups of {_text(spec.groups)}, drawn at random"
    if not spec.shuffle:
        return "the last rows of the table"
    return "drawn at random, in strata of the classes" if metadata.stratified else "drawn at random"


def _scores(metadata: Metadata) -> str:
    lines = []
    for name, value in metadata.metrics.items():
        ends = metadata.intervals.get(name)
        interval = None if ends is None else f"{number(ends[0])} to {number(ends[1])}"
        lines.append([name, value, interval, metadata.baseline.get(name)])
    return as_table(["on the test rows", "model", "95 % interval", "baseline"], lines)


def _confusion(metadata: Metadata) -> str:
    if not metadata.classes or not metadata.confusion or len(metadata.classes) > MOST_CLASSES:
        return ""
    names = [_text(name) for name in metadata.classes]
    rows = [[name, *counts] for name, counts in zip(names, metadata.confusion, strict=True)]
    return as_table(["true class", *(f"said {name}" for name in names)], rows)


def _features(metadata: Metadata) -> str:
    """The features, the most important first."""
    importance = metadata.importance
    features = sorted(metadata.features, key=lambda one: -importance.get(one.name, 0.0))
    rows = [[_text(one.name), one.kind, _seen(one), one.missing, importance.get(one.name)] for one in features]
    return as_table(["feature", "kind", "in training", "missing", IMPORTANCE[metadata.spec.task]], rows)


def _seen(feature: SeenFeature) -> str:
    if feature.values is not None:
        more = len(feature.values) - MOST_VALUES
        shown = ", ".join(_text(value, 24) for value in feature.values[:MOST_VALUES])
        return f"{shown} and {more} more" if more > 0 else shown
    if feature.low is None or feature.high is None:
        return "nothing"
    return f"{number(feature.low)} to {number(feature.high)}"


def _text(value: object, most: int = 80) -> str:
    """What came from data, as text on one line: no mark of Markdown in it does anything."""
    return MARKS.sub(r"\\\1", one_line(value, most))
