"""Cross-validation: the job's own fit, again on each fold, scored on the rows that it was not fitted to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.pipeline import Pipeline

from tools.ml.against_baseline import CHANCE
from tools.ml.checkpoint import Checkpoint, FoldScores
from tools.ml.corrected_t import corrected_interval, corrected_se
from tools.ml.counting import weights_of
from tools.ml.cross_validated import CrossValidated, FoldedScore, Standing
from tools.ml.curves import trace_curves
from tools.ml.fitting import fit_pipeline
from tools.ml.folds import make_folds
from tools.ml.kept_together import Places, Sides
from tools.ml.known_scores import MAIN, RANGES
from tools.ml.metadata import Scores
from tools.ml.model_types import find_model_type
from tools.ml.reporting import Report, nobody, within
from tools.ml.search import settle
from tools.ml.search_bounds import searches
from tools.ml.spec import Task, TrainingSpec
from tools.ml.splitting import as_many_as_it_takes, usable_rows
from tools.ml.spreading import each_fold
from tools.ml.validation import Vector, baseline_value, rank_scores, score
from tools.ml.without_holdout import FoldModel
from tools.warned import Warned

_Fold = tuple[Scores, Scores, Pipeline | None]


def cross_validated_in(
    spec: TrainingSpec,
    frame: pd.DataFrame,
    report: Report,
    models: list[FoldModel] | None = None,
    checkpoint: Checkpoint | None = None,
) -> tuple[dict[str, Any], tuple[Warned, ...]]:
    """What it finds, as a field of the metadata, where the job asks for it; and what is said of it.

    Each fold's model is added to `models`, where they are wanted. Folds that the checkpoint holds are not done again.

    The folds come behind the fit that is kept, and are as much work each: they take that share of what is reported.
    """
    if spec.cv is None:
        return {}, ()
    inside = within(report, 1 / (1 + spec.cv.folds), 0.9)
    found, warnings = cross_validate(spec, frame, spec.cv.folds, inside, models, checkpoint)
    return {"cross_validated": found}, warnings


def cross_validate(
    spec: TrainingSpec,
    frame: pd.DataFrame,
    n_folds: int,
    report: Report,
    models: list[FoldModel] | None = None,
    checkpoint: Checkpoint | None = None,
) -> tuple[CrossValidated, tuple[Warned, ...]]:
    """Scores on each fold of all rows that can be used, beside a baseline on the same fold.

    Everything that is chosen (what fills gaps, scales, a penalty, what is searched for) is chosen anew in each fold
    from its training rows alone. The rows stand in the table's order, so that scikit-learn's `cross_val_score` with the
    same folds finds the same.
    """
    checkpoint = checkpoint or Checkpoint.opened(None)
    usable, y, _ = usable_rows(spec, frame)
    folds = make_folds(spec, usable, y, n_folds)
    found: list[Scores] = []
    baselines: list[Scores] = []
    numbered = enumerate(((train[as_many_as_it_takes(spec, len(train))], test) for train, test in folds.parts), start=1)
    parts: dict[int, Sides] = dict(numbered)

    def searched(number: int) -> _Fold:
        train, test = parts[number]
        told, search = _of_fold(report, number, n_folds), checkpoint.search(f"fold {number}")
        settled, _ = settle(spec, usable.iloc[train], y[train], told, kept=search)
        return _fold(settled, usable, y, models is not None, train, test)

    to_do = {number: part for number, part in parts.items() if models is not None or checkpoint.fold(number) is None}
    doing = map(searched, to_do) if searches(spec) else _plain_folds(spec, usable, y, models is not None, to_do)
    for number, (_, test) in parts.items():
        kept = checkpoint.fold(number)
        if kept is None or models is not None:
            ours, theirs, pipeline = next(doing)
            kept = FoldScores(ours=ours, baseline=theirs)
            if models is None:
                checkpoint.keep_fold(number, kept, f"fold {number}")
            else:
                models.append(FoldModel(usable.index[test], pipeline))
            main = kept.ours[MAIN[spec.task]]
            shown = "" if main is None else f": {MAIN[spec.task]} {main:.4g}"
            report(f"fold {number} of {n_folds}{shown}", number / n_folds)
        found.append(kept.ours)
        baselines.append(kept.baseline)
    names, has_interval = dict.fromkeys(name for scores in found for name in scores), folds.of != "times"
    scores = {name: _over_folds(name, found, baselines, has_interval) for name in names}
    ratio = None if has_interval else float(np.mean([len(test) / len(train) for train, test in folds.parts]))
    standing = _standing(spec.task, found, baselines, ratio)
    return CrossValidated(
        n_folds=n_folds,
        n_rows=len(usable),
        stratified=folds.is_stratified,
        scores=scores,
        against_baseline=standing,
        parts=folds.of,
        interval="corrected_t" if has_interval else "none",
    ), folds.warnings


def _of_fold(report: Report, number: int, n_folds: int) -> Report:
    """Told how far the search inside a fold is."""
    inside = within(report, (number - 1) / n_folds, number / n_folds)
    return lambda sentence, fraction: inside(f"fold {number}, {sentence}", fraction)


def _plain_folds(
    spec: TrainingSpec, usable: pd.DataFrame, y: Vector, keeps: bool, parts: Mapping[int, Sides]
) -> Iterator[_Fold]:
    """Of a job whose parameters are settled: side by side on a cluster, unless each fit is spread itself."""
    is_spread_inside = find_model_type(spec.model, spec.task).spreads
    return each_fold(_fold, (spec, usable, y, keeps), [*parts.values()], here=is_spread_inside)


def _fold(spec: TrainingSpec, usable: pd.DataFrame, y: Vector, keeps: bool, rows: Places, tested: Places) -> _Fold:
    """The scores of the fold's model and of the baseline, and the model where it is to be kept."""
    train, y_train, test, y_test = usable.iloc[rows], y[rows], usable.iloc[tested], y[tested]
    if spec.task == "classification" and len(np.unique(y_train)) < 2:
        raise ValueError(f"a fold has one value of {spec.target!r} only: take fewer folds, or leave out stratify")
    pipeline, *_ = fit_pipeline(spec, train, y_train, nobody)
    always = np.full(len(y_test), baseline_value(spec.task, y_train, weights_of(spec, train)))
    weights = weights_of(spec, test)
    ours: Scores = dict(score(spec.task, y_test, pipeline.predict(test), weights))
    theirs: Scores = dict(score(spec.task, y_test, always, weights))
    if spec.task == "classification":
        ours["roc_auc"] = _area(y_test, rank_scores(pipeline, test), [str(name) for name in pipeline.classes_], weights)
        theirs["roc_auc"] = None if ours["roc_auc"] is None else 0.5
    return ours, theirs, pipeline if keeps else None


def _area(y_test: Vector, scores: Vector, classes: list[str], weights: Vector | None) -> float | None:
    """The mean area over the classes that are in the fold; None where there is none."""
    curves = trace_curves(y_test, scores, classes, weights)
    return float(np.mean([curve.area for curve in curves])) if curves else None


def _over_folds(name: str, found: Sequence[Scores], baselines: Sequence[Scores], has_interval: bool) -> FoldedScore:
    # A fold with one class of two has no f1 of the second.
    folds = tuple(scores.get(name) for scores in found)
    values = [value for value in folds if value is not None]
    theirs = [value for scores in baselines if (value := scores.get(name)) is not None]
    baseline = float(np.mean(theirs)) if len(theirs) == len(folds) else None
    if len(values) < len(folds):
        return FoldedScore(mean=None, sd=None, low=None, high=None, baseline=baseline, folds=folds)
    mean, sd = float(np.mean(values)), float(np.std(values, ddof=1))
    if not has_interval:
        return FoldedScore(mean=mean, sd=sd, low=None, high=None, baseline=baseline, folds=folds)
    low, high = corrected_interval(values)
    least, most = RANGES[name]
    return FoldedScore(mean=mean, sd=sd, low=max(low, least), high=min(high, most), baseline=baseline, folds=folds)


def _standing(task: Task, found: Sequence[Scores], baselines: Sequence[Scores], ratio: float | None) -> Standing:
    """By the corrected t test of the folds' differences, at 2.5 % on one side."""
    pairs = [(ours[MAIN[task]], theirs[MAIN[task]]) for ours, theirs in zip(found, baselines, strict=True)]
    gains = [ours - theirs for ours, theirs in pairs if ours is not None and theirs is not None]
    mean = float(np.mean(gains))
    if mean <= 0:
        return "not_better"
    t = mean / max(corrected_se(gains, ratio), np.finfo("float64").tiny)
    return "better" if float(stats.t.sf(t, len(gains) - 1)) <= CHANCE else "within_chance"
