"""By how much two models differ on the same rows, measure by measure, with an interval of the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import log_loss, roc_auc_score

from tools.compare_models.rows import Loaded, Rows
from tools.ml.metadata import Scores
from tools.ml.spec import Task
from tools.ml.validation import Vector, rank_scores, score
from tools.stats.multiplicity import correct
from tools.stats.paired_areas import paired_area_difference
from tools.stats.paired_proportions import paired_share_interval

RESAMPLES = 2_000
MOST_BLOCKS = 20_000
"""Of more rows, blocks of them drawn by chance are resampled in their place: their sums are as independent."""
CHUNK_ROWS = 50_000
CHUNK_VALUES = 4_000_000
SEED = 42
LOWER_IS_BETTER = frozenset(["mse", "rmse", "mae", "log_loss"])
MEASURES: Mapping[Task, tuple[str, ...]] = {
    "regression": ("mse", "mae", "rmse", "r2"),
    "classification": ("accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "log_loss"),
}
"""In the order in which they are told; the first decides which model is named."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A model's answers for the rows: what it says, its scores, and where it has them the classes' probabilities."""

    model_id: str
    predicted: Vector
    metrics: Scores
    event_scores: Numbers | None
    row_losses: Numbers | None
    """The log loss of each row."""


@dataclass(frozen=True)
class Found:
    """The measure of the first minus that of the second."""

    measure: str
    first: int
    second: int
    difference: float
    ci_low: float
    ci_high: float
    interval_method: str
    p: float | None = None
    p_method: str | None = None
    p_adjusted: float | None = None
    alpha: float = 0.05

    @property
    def p_said(self) -> float:
        """The corrected p where there are more than two models; NaN of a measure that has no test."""
        p = self.p if self.p_adjusted is None else self.p_adjusted
        return float("nan") if p is None else p

    @property
    def favors(self) -> int | None:
        """The model that is better beyond chance."""
        if self.ci_low <= 0 <= self.ci_high or (self.p is not None and self.p_said > self.alpha):
            return None
        return self.first if (self.difference < 0) == (self.measure in LOWER_IS_BETTER) else self.second


def ask(one: Loaded, rows: Rows) -> Asked:
    """Let the model answer for every row."""
    pipeline, task, y_true = one.pipeline, one.metadata.spec.task, rows.y_true
    parts = [rows.frame.iloc[start : start + CHUNK_ROWS] for start in range(0, len(y_true), CHUNK_ROWS)]
    predicted = np.concatenate([pipeline.predict(part) for part in parts])
    metrics = {name: value for name, value in score(task, y_true, predicted).items() if name in MEASURES[task]}
    if task == "regression":
        return Asked(one.model.model_id, predicted, metrics, None, None)
    classes = [str(name) for name in pipeline.classes_]
    ranked = np.concatenate([rank_scores(pipeline, part) for part in parts])
    is_known = np.isin(y_true, classes).all()
    event_scores = losses = None
    if len(classes) == 2 and is_known and _has_two_of_each(y_true == classes[1]):
        event_scores = ranked[:, 1]
        metrics["roc_auc"] = float(roc_auc_score(y_true == classes[1], event_scores))
    if is_known and hasattr(pipeline, "predict_proba"):
        least = np.finfo("float64").eps
        own = ranked[np.arange(len(y_true)), [classes.index(name) for name in y_true]]
        losses = -np.log(np.clip(own / ranked.sum(axis=1), least, 1.0))
        metrics["log_loss"] = float(log_loss(y_true, ranked, labels=classes))
    return Asked(one.model.model_id, predicted, metrics, event_scores, losses)


def _has_two_of_each(is_event: NDArray[np.bool_]) -> bool:
    return bool(2 <= is_event.sum() <= len(is_event) - 2)


def differences(task: Task, y_true: Vector, asked: Sequence[Asked], confidence: float) -> list[Found]:
    """Each pair of models by each measure; of more than two models the intervals hold together.

    p is corrected by Holm's method over the pairs of a measure, the intervals by Bonferroni's.

    References
    ----------
    McNemar (1947). Psychometrika 12(2), 153-157. Diebold, Mariano (1995). Journal of Business & Economic Statistics
    13(3), 253-263. Efron, Tibshirani (1993). An Introduction to the Bootstrap, section 13.3.
    """
    pairs = list(combinations(range(len(asked)), 2))
    level = 1 - (1 - confidence) / len(pairs)
    make = _of_numbers if task == "regression" else _of_classes
    alpha = 1 - confidence
    found = [replace(one, alpha=alpha) for pair in pairs for one in make(y_true, asked, pair, level)]
    if len(pairs) > 1:
        found = _corrected(found)
    order = {measure: place for place, measure in enumerate(MEASURES[task])}
    return sorted(found, key=lambda one: order[one.measure])


def _corrected(found: Sequence[Found]) -> list[Found]:
    tested: dict[str, list[float]] = {}
    for one in found:
        if one.p is not None:
            tested.setdefault(one.measure, []).append(one.p)
    adjusted = {measure: iter(correct(p_values)) for measure, p_values in tested.items()}
    return [one if one.p is None else replace(one, p_adjusted=next(adjusted[one.measure])) for one in found]


def _of_numbers(y_true: Vector, asked: Sequence[Asked], pair: tuple[int, int], level: float) -> Iterator[Found]:
    errors = [asked[place].predicted - y_true for place in pair]
    with np.errstate(over="ignore"):
        yield from _mean_difference("mse", pair, errors[0] ** 2 - errors[1] ** 2, level)
    yield from _mean_difference("mae", pair, np.abs(errors[0]) - np.abs(errors[1]), level)
    if len(y_true) < 2:
        return
    size = float(np.max(np.abs(np.concatenate([y_true, *errors])))) or 1.0
    centered = (y_true - np.mean(y_true)) / size
    sums, n = _resampled_sums(np.column_stack([*((one / size) ** 2 for one in errors), centered, centered**2]))
    first, second, linear, square = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = {
            "rmse": size * (np.sqrt(first / n) - np.sqrt(second / n)),
            "r2": (second - first) / (square - linear**2 / n),
        }
    for measure, values in drawn.items():
        yield from _bootstrapped(measure, pair, asked, values, level)


def _of_classes(y_true: Vector, asked: Sequence[Asked], pair: tuple[int, int], level: float) -> Iterator[Found]:
    one, other = (asked[place] for place in pair)
    gained = int(np.sum((one.predicted == y_true) & (other.predicted != y_true)))
    lost = int(np.sum((one.predicted != y_true) & (other.predicted == y_true)))
    n = len(y_true)
    low, high = paired_share_interval(gained, lost, n, level)
    p = float(stats.binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    yield Found("accuracy", *pair, (gained - lost) / n, low, high, "Tango's score", p, "McNemar, exact")
    for measure, values in _resampled_shares(y_true, one.predicted, other.predicted).items():
        yield from _bootstrapped(measure, pair, asked, values, level)
    if one.event_scores is not None and other.event_scores is not None:
        is_event = y_true == np.unique(y_true)[-1]
        difference, se = paired_area_difference(is_event, one.event_scores, other.event_scores)
        half = float(stats.norm.ppf((1 + level) / 2)) * se
        p = float(2 * stats.norm.sf(abs(difference / se))) if se > 0 else float(difference == 0)
        yield Found("roc_auc", *pair, difference, difference - half, difference + half, "DeLong", p, "DeLong, normal")
    if one.row_losses is not None and other.row_losses is not None:
        yield from _mean_difference("log_loss", pair, one.row_losses - other.row_losses, level)


def _mean_difference(measure: str, pair: tuple[int, int], gains: Numbers, level: float) -> Iterator[Found]:
    """The paired t interval and test of a mean over rows."""
    n, mean = len(gains), float(np.mean(gains))
    if n < 2 or not np.isfinite(mean):
        return
    size = float(np.max(np.abs(gains))) or 1.0  # squares of values near 1 neither over- nor underflow
    se = size * float(np.std(gains / size, ddof=1)) / np.sqrt(n)
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * se
    p = float(2 * stats.t.sf(abs(mean / se), n - 1)) if se > 0 else float(mean == 0)
    yield Found(measure, *pair, mean, mean - half, mean + half, "paired t", p, "paired t")


def _bootstrapped(
    measure: str, pair: tuple[int, int], asked: Sequence[Asked], drawn: Numbers, level: float
) -> Iterator[Found]:
    """The percentile interval of what resamples gave; none where the scores themselves are not defined."""
    first, second = (asked[place].metrics[measure] for place in pair)
    whole = drawn[np.isfinite(drawn)]
    if first is None or second is None or not len(whole):
        return
    low, high = np.quantile(whole, [(1 - level) / 2, (1 + level) / 2])
    yield Found(measure, *pair, first - second, float(low), float(high), f"bootstrap, {len(drawn):,} resamples")


def _resampled_sums(parts: Numbers) -> tuple[Numbers, int]:
    """Sums of the columns over resampled rows, of shape (n_resamples, n_columns), and the number of rows."""
    n, rng = len(parts), np.random.default_rng(SEED)
    if n > MOST_BLOCKS:
        starts = np.linspace(0, n, MOST_BLOCKS, endpoint=False).astype(int)
        parts = np.add.reduceat(parts[rng.permutation(n)], starts)
    size = len(parts)
    at_once = max(1, CHUNK_VALUES // size)
    drawn = [
        rng.multinomial(size, np.full(size, 1 / size), size=min(at_once, RESAMPLES - start)) @ parts
        for start in range(0, RESAMPLES, at_once)
    ]
    return np.vstack(drawn), n


def _resampled_shares(y_true: Vector, first: Vector, second: Vector) -> dict[str, Numbers]:
    """Differences of the mean recall and of the mean F1 in resamples: they hang on counts alone, which are drawn."""
    labels, places = np.unique(np.concatenate([y_true, first, second]), return_inverse=True)
    cells, counts = np.unique(places.reshape(3, -1), axis=1, return_counts=True)
    rng, n, k = np.random.default_rng(SEED), len(y_true), len(labels)
    drawn = rng.multinomial(n, counts / n, size=RESAMPLES).astype(np.float64)
    true = drawn @ np.eye(k)[cells[0]]
    found: dict[str, list[Numbers]] = {"balanced_accuracy": [], "f1_macro": []}
    for said in cells[1:]:
        right = drawn @ (np.eye(k)[cells[0]] * (said == cells[0])[:, None])
        named = true + drawn @ np.eye(k)[said]
        recalls = np.divide(right, true, out=np.zeros_like(right), where=true > 0)
        f1 = np.divide(2 * right, named, out=np.zeros_like(right), where=named > 0)
        found["balanced_accuracy"].append(recalls.sum(axis=1) / (true > 0).sum(axis=1))
        found["f1_macro"].append(f1.sum(axis=1) / (named > 0).sum(axis=1))
    return {measure: values[0] - values[1] for measure, values in found.items()}
