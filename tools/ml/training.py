"""One fit, wherever it runs: a table in, a tested model in a folder out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from prompts.visible import visible
from tools.ml.against_baseline import compare_with_baseline, doubt_of, doubt_of_classes, small_classes
from tools.ml.checkpoint import WHOLE, Checkpoint, identity
from tools.ml.coefficients import doubts_of, read_coefficients
from tools.ml.conformal import conformal_margin
from tools.ml.counting import Counting, counting_of, weights_of
from tools.ml.cross_validation import cross_validated_in
from tools.ml.curves import MAX_CLASSES, trace_curves
from tools.ml.devices import device_at_hand, fitting_on
from tools.ml.drift import shares_of
from tools.ml.few_rows import doubt_of_shares, doubts_of_size
from tools.ml.fitting import fit_pipeline
from tools.ml.importance import rank_features
from tools.ml.leaks import find_leaks
from tools.ml.library_versions import hyper_parameters, installed_versions, say_of_probe
from tools.ml.metadata import Metadata, RowCounts, Scores, SeenFeature
from tools.ml.model_files import write_model
from tools.ml.model_types import find_model_type
from tools.ml.preprocessing import pooled_values, to_words
from tools.ml.reporting import Report, within
from tools.ml.score_intervals import Intervals, area_interval, score_intervals
from tools.ml.search import settle
from tools.ml.searched import Searched
from tools.ml.spec import Feature, TrainingSpec
from tools.ml.splitting import Split, n_without_target, split_rows
from tools.ml.spreading import cluster_use, is_joined
from tools.ml.training_warns import TrainingWarns
from tools.ml.validation import (
    Vector,
    baseline_value,
    count_confusions,
    rank_scores,
    score,
    score_classes,
)
from tools.ml.without_holdout import (
    FoldModel,
    OutOfFold,
    first_fold,
    keep_every_row,
    rank_in_folds,
    tested_in_folds,
)
from tools.ml.word_order import in_order
from tools.warned import Warned, said


def fit_job(
    spec: TrainingSpec,
    frame: pd.DataFrame,
    data_sha256: str,
    folder: Path,
    report: Report,
    has_gpu: bool = False,
    checkpoint: Path | None = None,
) -> Metadata:
    """Fit the model on a training part, score it on the rest, and write it to `folder`.

    The folder gets model.skops, metadata.json and training_log.txt. The model that is kept is the very one that was
    scored: it has not seen the test rows.

    Parameters
    ----------
    frame : DataFrame with the target and every feature
        Rows without a target are left out and counted.
    data_sha256 : str
        Of the file that the table came from; kept in the metadata.
    has_gpu : bool
        Whether the machine was rented with a GPU: it is used where the type of model has a way to, and is said to be
        left alone where it has not.
    checkpoint : Path
        A file of what was found so far (tools/ml/checkpoint.py): it is gone on from where it is there, and kept.

    Returns
    -------
    Metadata
        What it saw of each feature, metrics on the test rows, baseline and how the model stands against it, importance,
        penalty, coefficients, rows, warnings, versions.

    Raises
    ------
    ValueError
        If fewer than 10 rows have a target, a regression target is constant, or fewer than two classes are there.
    """
    model = find_model_type(spec.model, spec.task)
    device = device_at_hand(model.gpu) if has_gpu else "cpu"
    of = identity(spec, data_sha256, device, installed_versions(model.libraries))
    with fitting_on(device):
        return _fit_job(spec, frame, data_sha256, folder, report, has_gpu, Checkpoint.opened(checkpoint, of))


def _fit_job(
    spec: TrainingSpec,
    frame: pd.DataFrame,
    data_sha256: str,
    folder: Path,
    report: Report,
    has_gpu: bool,
    checkpoint: Checkpoint,
) -> Metadata:
    log: list[str] = []

    def note(sentence: str) -> None:
        log.append(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {visible(' '.join(sentence.split()))}")

    def say(sentence: str, fraction: float) -> None:
        note(sentence)
        report(sentence, fraction)

    keeps_all = spec.test_size == 0
    split = keep_every_row(spec, frame) if keeps_all else split_rows(spec, frame)
    once = within(say, 0.0, 1.0 if spec.cv is None else 1 / (1 + spec.cv.folds))
    tested = "each tested in a fold" if keeps_all else f"{len(split.test)} to test on"
    once(f"{len(split.train)} rows to train on, {tested}", 0.1)
    if checkpoint.told:
        once(checkpoint.told, 0.1)
    in_search, kept = within(once, 0.1, 0.5), checkpoint.search(WHOLE)
    asked, (spec, searched) = spec, settle(spec, split.train, split.y_train, in_search, kept=kept)
    of_fit = within(once, 0.5 if searched else 0.1, 0.6)
    pipeline, penalty, device = fit_pipeline(spec, split.train, split.y_train, of_fit)
    once(f"{spec.model} is fitted{' on the GPU' if device == 'cuda' else ''}", 0.6)
    models: list[FoldModel] = []
    folded, rare = cross_validated_in(asked, frame, say, models if keeps_all else None, checkpoint)
    judge, seen = pipeline, split
    if keeps_all:
        judge = OutOfFold(models, getattr(pipeline, "classes_", None))
        split, seen = tested_in_folds(split, judge), first_fold(split, judge)
    scores, doubts = _scores(spec, split, judge)
    if penalty is not None:
        scores["penalty"] = penalty
    pooled = [TrainingWarns.POOLED_VALUES(name=name, n=n) for name, n in pooled_values(pipeline).items()]
    is_given = penalty is not None and penalty.chosen_by == "given"
    equation = read_coefficients(pipeline)
    cluster = cluster_use()
    folded |= ({} if searched is None else {"searched": searched}) | ({} if cluster is None else {"cluster": cluster})
    features = tuple(describe_feature(split.train, feature) for feature in spec.features)
    metadata = Metadata(
        # All of its fields stand in the file, those with their defaults too.
        spec=TrainingSpec.model_validate(spec.model_dump()),
        features=features,
        **scores,
        **{name: getattr(equation, name) for name in equation.model_fields_set},
        rows=RowCounts(train=len(split.train), test=len(split.test), without_target=n_without_target(spec, frame)),
        stratified=split.is_stratified,
        **folded,
        **said(
            [
                *doubts,
                *doubts_of(pipeline, is_given),
                *find_leaks(spec, seen),
                *pooled,
                *doubts_of_size(spec, split, pipeline),
                *split.warnings,
                *rare,
                *_by_time(searched),
                *([TrainingWarns.GPU_UNUSED(model=spec.model)] if has_gpu and device == "cpu" else []),
                *([TrainingWarns.CLUSTER_UNUSED(model=spec.model)] if is_joined() and cluster is None else []),
            ]
        ),
        hyper_parameters=hyper_parameters(pipeline),
        probe=say_of_probe(pipeline, features),
        data_sha256=data_sha256,
        versions=installed_versions(find_model_type(spec.model, spec.task).libraries),
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        device=device,
    )
    say(f"scores on the test rows: {_shown(metadata.metrics)}; baseline: {_shown(metadata.baseline)}", 0.9)
    for words in metadata.warnings:
        note(f"warning: {words}")
    settings = ", ".join(f"{name} {value}" for name, value in spec.settings.items()) or "all as by default"
    note(f"{spec.model} for {spec.target!r}, {len(features)} features, seed {spec.seed}; settings: {settings}")
    note(f"with {', '.join(f'{name} {version}' for name, version in metadata.versions.items())}")
    write_model(folder, pipeline, metadata, log)
    return metadata


def _by_time(searched: Searched | None) -> list[Warned]:
    if searched is None or searched.stopped_by != "seconds":
        return []
    return [TrainingWarns.SEARCHED_BY_TIME(seconds=searched.seconds, n=len(searched.trials))]


def _scores(spec: TrainingSpec, split: Split, pipeline: Pipeline | OutOfFold) -> tuple[dict[str, Any], list[Warned]]:
    """How the model does on the test rows, beside its baseline, and what is doubtful about that."""
    counting = counting_of(spec, split.test)
    y_predicted = pipeline.predict(split.test)
    always = baseline_value(spec.task, split.y_train, weights_of(spec, split.train))
    y_baseline = np.full(len(split.y_test), always)
    metrics = score(spec.task, split.y_test, y_predicted, counting.weights)
    baseline = score(spec.task, split.y_test, y_baseline, counting.weights)
    standing = compare_with_baseline(spec.task, split.y_test, y_predicted, y_baseline, counting)
    scores: dict[str, Any] = {
        "metrics": metrics,
        "intervals": score_intervals(spec.task, split.y_test, y_predicted, spec.seed, counting),
        "baseline": baseline,
        "against_baseline": standing,
    }
    if spec.task == "regression":
        scores["margin"] = conformal_margin(split.y_test, y_predicted)
    features = split.test[[*spec.kinds]]
    ranked = (features, split.y_test, spec.task, spec.seed, counting.weights)
    scores["importance"] = (
        rank_in_folds(pipeline, *ranked) if isinstance(pipeline, OutOfFold) else rank_features(pipeline, *ranked)
    )
    small_ones: list[Warned] = []
    if spec.task == "classification":
        scores |= _class_scores(spec, split, pipeline, y_predicted)
        small = small_classes(np.concatenate([split.y_train, split.y_test]))
        scores["small_classes"] = small
        small_ones = [*doubt_of_classes(small), *doubt_of_shares(spec, split)]
        if scores["curves"]:
            metrics["roc_auc"] = float(np.mean([curve.area for curve in scores["curves"]]))
            baseline["roc_auc"] = 0.5
            scores["intervals"] |= _area_interval(split, pipeline, counting)
    doubts = doubt_of(standing, metrics, baseline, scores["intervals"], always, len(split.test))
    return scores, [*doubts, *small_ones]


def _class_scores(
    spec: TrainingSpec, split: Split, pipeline: Pipeline | OutOfFold, y_predicted: Vector
) -> dict[str, Any]:
    classes, confusion = count_confusions(split.y_test, y_predicted)
    names, weights = [str(name) for name in pipeline.classes_], weights_of(spec, split.test)
    curves = trace_curves(split.y_test, rank_scores(pipeline, split.test), names, weights)
    scores = score_classes(split.y_test, y_predicted) if len(classes) <= MAX_CLASSES else {}
    return {"classes": classes, "confusion": confusion, "curves": curves, "class_scores": scores}


def _area_interval(split: Split, pipeline: Pipeline | OutOfFold, counting: Counting) -> Intervals:
    """Of two classes; the mean of several areas has none."""
    classes = [str(name) for name in pipeline.classes_]
    if len(classes) != 2:
        return {}
    return area_interval(split.y_test == classes[1], rank_scores(pipeline, split.test)[:, 1], counting)


def describe_feature(frame: pd.DataFrame, feature: Feature) -> SeenFeature:
    """What training saw of a feature: its range, or its values; a prediction is checked against it."""
    values = frame[feature.name]
    seen = SeenFeature(name=feature.name, kind=feature.kind, missing=int(values.isna().sum()))
    if (shares := shares_of(values, feature.kind)) is not None:
        seen = seen.model_copy(update={"shares": shares})
    if feature.kind == "category":
        words = tuple(in_order(to_words(values[values.notna()]).unique()))
        return seen.model_copy(update={"values": words})
    if values.isna().all():
        return seen
    shown = str if feature.kind == "date" else float
    return seen.model_copy(update={"low": shown(values.min()), "high": shown(values.max())})


def _shown(metrics: Scores) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in metrics.items() if value is not None)
