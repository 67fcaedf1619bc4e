"""Each look at a model: what is computed, and its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tools import plots
from tools.columns import find_value
from tools.errors import ToolError
from tools.explain_model.look_numbers import at_threshold, error_numbers, plain_values, probability_bins
from tools.explain_model.result import AtThreshold, CalibrationBin, Contribution, ExplainWarns, Learning, Point
from tools.held_out import Held
from tools.ml.contributions import take_apart
from tools.ml.corrected_t import corrected_interval
from tools.ml.dependence import depend_on
from tools.ml.learning import N_FITS, learn
from tools.ml.spec import Aim, Scale
from tools.ml.threshold import Costs, choose_threshold
from tools.ml.validation import Vector, rank_scores
from tools.ml.whole_time import training_seconds
from tools.ml.word_order import in_order
from tools.warned import Warned

UNEVEN = 0.3
FEW_EVENTS = 10
MAX_SECONDS = 60.0
MAX_LISTED = 20
AIMS: Mapping[Aim, str] = {
    "youden": "share of events found less share of others taken for one",
    "f1": "f1 of the event",
    "cost": "mean cost of a row",
}
WORDS: Mapping[Scale, str] = {
    "target": "the prediction",
    "probability": "the probability",
    "log_odds": "the log odds",
    "margin": "the margin",
}


@dataclass(frozen=True)
class Look:
    """The fields of the result, what is warned of, and the picture."""

    fields: dict[str, Any]
    warned: tuple[Warned, ...]
    drawn: plots.Drawn


def find_event(held: Held, event: str | None) -> tuple[str, int]:
    """The class that is looked at and its place; of two classes the second where none is named."""
    classes = [str(name) for name in held.pipeline.classes_]
    if event is None and len(classes) > 2:
        raise ToolError(f"event: name the class that is looked at; there are {', '.join(in_order(classes)[:20])}")
    name = classes[-1] if event is None else find_value(event, classes, "event", held.model.model_id)
    return name, classes.index(name)


def partial_dependence(held: Held, name: str, event: tuple[str, int] | None, title: str) -> Look:
    """The mean prediction along one feature, over the test rows."""
    spec = held.metadata.spec
    kind = spec.kinds[name]
    rows = held.split.test[[*spec.kinds]]
    values, means = depend_on(held.pipeline, rows, name, kind, 0 if event is None else event[1], spec.seed)
    seen = rows[name].dropna()
    numbers = np.zeros(len(rows)) if kind == "category" else seen.to_numpy(dtype="float64")
    said = f"predicted {spec.target}" if event is None else f"probability of {event[0]}"
    if event is not None and not hasattr(held.pipeline, "predict_proba"):
        said = f"margin of {event[0]}"
    points = tuple(Point(value=value, mean=mean) for value, mean in zip(values, means, strict=True))
    drawn = plots.dependence(values, means, (name, said), title, numbers)
    fields = {"method": "partial dependence by brute force (Friedman)", "feature": name, "points": points}
    return Look(fields | {"n": min(len(rows), 1_000)}, (ExplainWarns.NOT_CAUSES(name=name),), drawn)


def residuals(held: Held, title: str) -> Look:
    """The errors of the test rows against what the model said."""
    predicted = held.pipeline.predict(held.split.test)
    off = held.split.y_test - predicted
    fields = {"method": "true minus predicted, test rows", **error_numbers(predicted, off)}
    rank = fields["rank_correlation"]
    warned = (ExplainWarns.UNEVEN_ERRORS(r=rank),) if rank is not None and abs(rank) >= UNEVEN else ()
    return Look(fields, warned, plots.errors(predicted, off, held.metadata.spec.target, title))


def calibration(held: Held, event: tuple[str, int], title: str) -> Look:
    """Whether the event is as frequent as the model says, in ten bins of as many test rows."""
    name, place = event
    probability, is_event = _probability(held, place), held.split.y_test == name
    found = probability_bins(probability, is_event)
    bins = tuple(CalibrationBin(**one) for one in found["bins"])
    error, brier = found["calibration_error"], found["brier"]
    shown = [plots.Bin(one.n, one.said, one.share, one.ci_low, one.ci_high) for one in bins]
    few = int(is_event.sum()) < FEW_EVENTS
    fields = {"method": f"{len(bins)} bins of as many test rows each", **found, "bins": bins}
    warned = (ExplainWarns.FEW_EVENTS(n=int(is_event.sum()), event=name),) if few else ()
    return Look(fields, warned, plots.calibration(shown, name, title, error, brier))


def prediction(held: Held, row: pd.DataFrame, event: tuple[str, int] | None, is_seen: bool, title: str) -> Look:
    """What each feature adds to the mean prediction of the training rows, for one row."""
    spec = held.metadata.spec
    names = [*spec.kinds]
    frame, known = (plain_values(part[names], spec.kinds) for part in (row, held.split.train))
    found = take_apart(held.pipeline, frame, known, 0 if event is None else event[1], spec.seed)
    is_exact = found.method == "additive"
    values = {name: _shown(frame[name].iloc[0]) for name in names}
    ordered = sorted(found.added, key=lambda name: -abs(found.added[name]))[:MAX_LISTED]
    listed = tuple(
        Contribution(feature=name, value=values[name], adds=found.added[name], se=None if is_exact else found.se[name])
        for name in ordered
    )
    method = "exact: the model adds its features up" if is_exact else "Shapley values by sampling"
    fields = {"method": method, "n": 1, "scale": found.scale, "said": found.said, "average": found.average}
    bars = {f"{name} = {_short(values[name])}": value for name, value in found.added.items()}
    warned = (ExplainWarns.SEEN_ROW(),) if is_seen else ()
    drawn = plots.contributions(bars, found.average, found.said, WORDS[found.scale], title)
    return Look(fields | {"contributions": listed}, warned, drawn)


def learning_curve(held: Held, title: str) -> Look:
    """The score on folds of the training rows by how many rows were fitted to."""
    _check_time("learning_curve", N_FITS, held)
    spec, split = held.metadata.spec, held.split
    found = learn(spec.model_copy(update={"cv": None}), split.train, split.y_train)
    means, sds = found.later.mean(axis=1), found.later.std(axis=1, ddof=1)
    trained = found.known.mean(axis=1)
    lines = zip(found.sizes, trained, means, sds, strict=True)
    steps = found.later[-1] - found.later[-2]
    gain, (low, high) = float(steps.mean()), corrected_interval([*steps])
    fields = {
        "method": f"{len(steps)} folds of the training rows, fitted to growing parts of them",
        "n": len(split.train),
        "measure": found.measure,
        "learning": tuple(Learning(n=n, trained=float(a), score=float(b), sd=float(c)) for n, a, b, c in lines),
        "gain": gain,
        "gain_low": low,
        "gain_high": high,
    }
    warned = (ExplainWarns.STILL_LEARNING(measure=found.measure, gain=gain),) if low > 0 else ()
    return Look(fields, warned, plots.learning(found.sizes, trained, (means, sds), found.measure, title))


def _check_time(what: str, n_fits: float, held: Held) -> None:
    """ToolError where so many fits to all training rows would take too long here."""
    spec = held.metadata.spec
    seconds = n_fits * training_seconds(spec.model_copy(update={"cv": None, "tune": None}), len(held.split.train))
    if seconds > MAX_SECONDS:
        raise ToolError(f"{what}: its fits of {spec.model} would take about {seconds:.0f} s here; 60 s are allowed")


def threshold(held: Held, event: tuple[str, int], aim: Aim, costs: Costs, title: str) -> Look:
    """The threshold that serves the aim on training rows out of fold, and what it does on the test rows."""
    name, place = event
    spec, split = held.metadata.spec, held.split
    if len(held.pipeline.classes_) != 2:
        raise ToolError(f"threshold: {held.model.model_id} tells {len(held.pipeline.classes_)} classes apart, not two")
    probability, is_event = _probability(held, place), split.y_test == name
    _check_time("threshold", 5, held)
    chosen = choose_threshold(spec.model_copy(update={"cv": None}), split.train, split.y_train, name, aim, costs)
    at = tuple(AtThreshold(**at_threshold(value, probability, is_event)) for value in (chosen.threshold, 0.5))
    fields = {
        "method": f"best of all thresholds on training rows, {chosen.n_folds} folds, never on test rows",
        "n": chosen.n,
        "aim": aim,
        "threshold": chosen.threshold,
        "reached": chosen.reached,
        "reached_at_half": chosen.at_half,
        "on_test_rows": at,
    }
    drawn = plots.threshold(chosen.tried, chosen.values, (chosen.threshold, chosen.n), (name, AIMS[aim]), title)
    return Look(fields, (), drawn)


def _probability(held: Held, place: int) -> Vector:
    if not hasattr(held.pipeline, "predict_proba"):
        raise ToolError(f"{held.model.model_id} is of type {held.model.type}, which gives no probabilities")
    scores: Vector = rank_scores(held.pipeline, held.split.test)[:, place]
    return scores


def _shown(value: object) -> float | str | None:
    if isinstance(value, float | int | np.number):
        return float(value) if np.isfinite(value) else None
    return None if pd.isna(value) else str(value)  # type: ignore[call-overload]  # a word or a day


def _short(value: float | str | None) -> str:
    return "missing" if value is None else f"{value:.4g}" if isinstance(value, float) else value[:20]
