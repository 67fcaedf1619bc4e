"""explain_model in an exported script: the model that the script has fitted, looked at in the same way."""

from __future__ import annotations

from typing import Any

from tools.explain_model import look_numbers
from tools.explain_model.result import Explained
from tools.ml import (
    contributions,
    corrected_t,
    dependence,
    folds,
    kept_together,
    learning,
    threshold,
    validation,
    word_order,
)
from tools.ml.estimators import make_estimator
from tools.ml.folds import fold_order
from tools.ml.known_scores import MAIN
from tools.ml.model_types import find_model_type
from tools.ml.spec import TrainingSpec
from tools.model_lines import metadata_of
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.trained import counted, parted_lines, ranks_in, weighed
from tools.stats import proportions

IMPORTS = {
    "from collections.abc import Callable, Iterable, Mapping, Sequence",
    "from dataclasses import dataclass",
    "from typing import Literal",
    "from numpy.typing import NDArray",
    "from sklearn.base import clone",
    "import numpy as np",
}
ANSWERS = {
    "target": "model.predict",
    "log_odds": "lambda frame: (1.0 if place == 1 else -1.0) * model.decision_function(frame)",
}
"""What is taken apart, by its scale; of others the probability or the margin of the class."""


def script(writer: Script, number: int, call: MadeCall[Explained]) -> None:
    """The lines that look at the model again."""
    found = call.result
    if not writer.fits(found.model):
        writer.lines.append("# (this model was not trained in this conversation)")
        return
    job, model = writer.model(found.model)
    metadata = metadata_of(model)
    writer.imports |= IMPORTS
    writer.need(validation.rank_scores)
    looks = {
        "partial_dependence": _dependence,
        "residuals": _residuals,
        "calibration": _calibration,
        "prediction": _prediction,
        "threshold": _threshold,
        "learning_curve": _learning,
    }
    writer.lines += [*parted_lines(writer, job.spec.dataset, metadata), f"model = models[{found.model!r}]"]
    if found.event is not None:
        writer.lines.append(f"place = list(map(str, model.classes_)).index({found.event!r})")
    writer.lines += [
        *looks[found.kind](writer, metadata.spec, call),
        f"show({number}, 'explain_model', {{'kind': {found.kind!r}, **found}})",
    ]


def _dependence(writer: Script, spec: TrainingSpec, call: MadeCall[Explained]) -> list[str]:
    writer.imports.add("from sklearn.inspection import partial_dependence")
    writer.need(word_order.in_order, dependence._of_class, dependence.depend_on)
    name = str(call.result.feature)
    place = "0" if call.result.event is None else "place"
    asked = f"{name!r}, {spec.kinds[name]!r}, {place}, {spec.seed}"
    return [
        f"values, means = depend_on(model, test[{[*spec.kinds]!r}], {asked})",
        "found = {'points': [{'value': value, 'mean': mean} for value, mean in zip(values, means)]}",
    ]


def _residuals(writer: Script, spec: TrainingSpec, call: MadeCall[Explained]) -> list[str]:
    writer.need(look_numbers.error_numbers)
    return ["predicted = model.predict(test)", "found = error_numbers(predicted, y_test - predicted)"]


def _calibration(writer: Script, spec: TrainingSpec, call: MadeCall[Explained]) -> list[str]:
    writer.imports.add("from sklearn.metrics import brier_score_loss")
    writer.need(proportions.wilson, look_numbers.probability_bins)
    is_event = f"y_test == {call.result.event!r}"
    return [f"found = probability_bins(rank_scores(model, test)[:, place], {is_event})"]


def _prediction(writer: Script, spec: TrainingSpec, call: MadeCall[Explained]) -> list[str]:
    writer.need(
        contributions.Parts,
        contributions.apart,
        contributions._with,
        contributions._by_sampling,
        look_numbers.plain_values,
    )
    result = call.result
    is_additive = all(one.se is None for one in result.contributions)
    answer = ANSWERS.get(str(result.scale), "lambda frame: rank_scores(model, frame)[:, place]")
    se = "" if is_additive else ", 'se': parts.se[name]"
    return [
        f"kinds = {spec.kinds!r}",
        f"row = {_row(writer, call)}",
        "row, known = (plain_values(part[[*kinds]], kinds) for part in (row, train))",
        f"answer = {answer}",
        f"parts = apart(answer, {result.scale!r}, {is_additive}, row, known, {spec.seed})",
        f"names = sorted(parts.added, key=lambda name: -abs(parts.added[name]))[:{len(result.contributions)}]",
        f"listed = [{{'feature': name, 'adds': parts.added[name]{se}}} for name in names]",
        "found = {'said': parts.said, 'average': parts.average, 'contributions': listed}",
    ]


def _row(writer: Script, call: MadeCall[Explained]) -> str:
    """The expression of the row as a table."""
    cells: Any = call.arguments.get("cells")
    if cells is None:
        job, _ = writer.model(call.result.model)
        return f"data[{job.spec.dataset!r}].iloc[[{call.arguments['row']}]]"
    return f"pd.DataFrame([{ {str(cell['name']): cell['value'] for cell in cells}!r}])"


def _sides(writer: Script, spec: TrainingSpec) -> list[str]:
    """The lines that part the training rows into five folds, or as many as the rarest class has rows."""
    order = fold_order(spec.model_copy(update={"cv": None}))
    n_folds = "5"
    if spec.task == "classification":
        n_folds = "int(max(2, min(5, np.unique(y_train, return_counts=True)[1].min())))"
    writer.helpers["places"] = "Places = NDArray[np.intp]\nSides = tuple[Places, Places]\n"
    if spec.groups is not None:
        writer.imports.add("from sklearn.model_selection import GroupKFold")
        writer.need(kept_together.fold_by_groups)
        return [f"sides = fold_by_groups(train[{spec.groups!r}].to_numpy(), {n_folds}, {order!r})"]
    if spec.time is not None:
        writer.imports.add("from sklearn.model_selection import TimeSeriesSplit")
        writer.need(kept_together.fold_by_time)
        return [f"sides = fold_by_time({ranks_in(spec, 'train')}, {n_folds})"]
    if spec.task == "regression" or spec.stratify is False:
        return [f"sides = tuple(KFold({n_folds}, **{order!r}).split(y_train))"]
    writer.imports.add("import warnings")
    writer.need(folds.fold_by_classes)
    return [f"sides, _ = fold_by_classes(y_train, {n_folds}, {order!r})"]


def _fit(spec: TrainingSpec, rows: str) -> list[str]:
    """The lines that fit the same model to some training rows, as `part`."""
    estimator = make_estimator(find_model_type(spec.model, spec.task), spec, spec.values)
    return [
        f"    known = train.iloc[{rows}]",
        f"    part = clone(model).fit(known, y_train[{rows}]{weighed(spec, estimator, 'known')})",
    ]


def _threshold(writer: Script, spec: TrainingSpec, call: MadeCall[Explained]) -> list[str]:
    writer.need(threshold.Costs, threshold.measure, threshold.best_threshold, look_numbers.at_threshold)
    result, asked = call.result, call.arguments
    costs = f"Costs({asked.get('false_alarm_cost') or 1.0!r}, {asked.get('missed_cost') or 1.0!r})"
    weights = "np.ones(len(train))" if spec.weights is None else counted(spec, "train").removeprefix(", ")
    return [
        *_sides(writer, spec),
        "order, scores = np.concatenate([new for _, new in sides]), []",
        "for inner, outer in sides:",
        *_fit(spec, "inner"),
        f"    at = list(map(str, part.classes_)).index({result.event!r})",
        "    scores.append(part.predict_proba(train.iloc[outer])[:, at])",
        f"is_event, scores, counted = y_train[order] == {result.event!r}, np.concatenate(scores), {weights}[order]",
        f"best, reached, at_half = best_threshold(is_event, scores, counted, {result.aim!r}, {costs})",
        f"said, is_event = rank_scores(model, test)[:, place], y_test == {result.event!r}",
        "on_test_rows = [at_threshold(value, said, is_event) for value in (best, 0.5)]",
        "found = {'n': len(order), 'threshold': best, 'reached': reached, 'reached_at_half': at_half, "
        "'on_test_rows': on_test_rows}",
    ]


def _learning(writer: Script, spec: TrainingSpec, call: MadeCall[Explained]) -> list[str]:
    writer.imports.add("import math")
    writer.need(corrected_t.corrected_se, corrected_t.corrected_interval, learning.grow)
    is_time, main = spec.time is not None, MAIN[spec.task]
    drawn = "sides" if is_time else "[(draws.permutation(inner), outer) for inner, outer in sides]"
    return [
        *_sides(writer, spec),
        f"draws = np.random.RandomState({spec.seed})",
        f"grown = {drawn}",
        "",
        "",
        "def scored(inner: Any, outer: Any) -> list[Any]:",
        *_fit(spec, "inner"),
        "    both = [(known, y_train[inner]), (train.iloc[outer], y_train[outer])]",
        f"    said = [score({spec.task!r}, y, part.predict(rows){counted(spec, 'rows')}) for rows, y in both]",
        f"    return [one[{main!r}] for one in said]",
        "",
        "",
        f"sizes, scores = grow(grown, y_train, {is_time}, scored)",
        "later, steps = scores[:, :, 1], scores[-1, :, 1] - scores[-2, :, 1]",
        "lines = zip(sizes, scores[:, :, 0].mean(axis=1), later.mean(axis=1), later.std(axis=1, ddof=1))",
        "listed = [{'n': n, 'trained': float(a), 'score': float(b), 'sd': float(c)} for n, a, b, c in lines]",
        "low, high = corrected_interval([*steps])",
        "found = {'n': len(train), 'learning': listed, 'gain': float(steps.mean())}",
        "found |= {'gain_low': low, 'gain_high': high}",
    ]
