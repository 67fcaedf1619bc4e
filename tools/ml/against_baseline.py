"""Whether a model is any better than its baseline, and what its scores rest on."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from tools.ml.counting import Counting
from tools.ml.cross_validated import Standing
from tools.ml.metadata import Scores
from tools.ml.score_intervals import Intervals
from tools.ml.spec import Task
from tools.ml.training_warns import TrainingWarns
from tools.ml.validation import Vector
from tools.ml.word_order import in_order
from tools.warned import Warned

FEW_ROWS = 10
"""Of a class, below which it can neither be learned nor judged."""
CHANCE = 0.025
PLAIN = Counting()
MAX_NAMED = 5


def compare_with_baseline(
    task: Task, y_true: Vector, y_predicted: Vector, y_baseline: Vector, counting: Counting = PLAIN
) -> Standing:
    """Whether the model is nearer to the truth, on the same test rows, than what its baseline says.

    Numbers: by a paired t test of the squared errors. Classes: by McNemar's exact test of which of the two is right.
    "within_chance" is nearer, but not at 2.5 % on one side. Of rows that are alike in groups, or have weights, both are
    judged by the mean gain and its standard error between groups.

    References
    ----------
    Diebold, Mariano (1995). Journal of Business & Economic Statistics 13(3), 253-263. McNemar (1947). Psychometrika
    12(2), 153-157. Cochran (1977). Sampling Techniques, section 6.4 (the ratio of two sums over groups).
    """
    if task == "classification" and not counting.is_plain:
        return _standing((y_predicted == y_true).astype("float64") - (y_baseline == y_true), counting)
    if task == "classification":
        gained = int(np.sum((y_predicted == y_true) & (y_baseline != y_true)))
        lost = int(np.sum((y_predicted != y_true) & (y_baseline == y_true)))
        if gained <= lost:
            return "not_better"
        p = float(stats.binomtest(gained, gained + lost, alternative="greater").pvalue)
        return "better" if p <= CHANCE else "within_chance"
    size = float(np.max(np.abs(y_baseline - y_true))) or 1.0  # squares of errors near 1 neither over- nor underflow
    gains = ((y_baseline - y_true) / size) ** 2 - ((y_predicted - y_true) / size) ** 2
    return _standing(gains, counting)


def _standing(gains: Vector, counting: Counting) -> Standing:
    """By the t test of the mean gain; the standard error is that of a ratio of sums over groups."""
    places, n = counting.units(len(gains))
    weights = np.ones(len(gains)) if counting.weights is None else counting.weights
    mean = float(np.average(gains, weights=weights))
    if mean <= 0:
        return "not_better"
    if n < 2:
        return "within_chance"
    off = np.bincount(places, weights * (gains - mean), n)
    se = math.sqrt(n / (n - 1) * float(np.sum(off**2))) / float(np.sum(weights))
    p = float(stats.t.sf(mean / max(se, np.finfo("float64").tiny), n - 1))
    return "better" if p <= CHANCE else "within_chance"


def doubt_of(
    standing: Standing,
    metrics: Scores,
    baseline: Scores,
    intervals: Intervals,
    said_by_baseline: float | str,
    n_test: int,
) -> list[Warned]:
    """The warning about a score that is not clearly better than that of always saying the same.

    It names the score that it is about, and says what the scores show that weigh classes the same.
    """
    if standing == "better":
        return []
    is_number = isinstance(said_by_baseline, float)
    measure, always = ("rmse", "the training mean") if is_number else ("accuracy", repr(str(said_by_baseline)[:40]))
    warns = TrainingWarns.NOT_BETTER if standing == "not_better" else TrainingWarns.WITHIN_CHANCE
    scores = {"model": metrics[measure], "baseline": baseline[measure]}
    more = _other_scores(metrics, baseline, intervals)
    return [warns(always=always, measure=measure, **scores, n=n_test, more=more)]


def _other_scores(metrics: Scores, baseline: Scores, intervals: Intervals) -> str:
    """Which scores that hang on no class's size are above the baseline's beyond chance, and which are not."""
    above, not_above = list[str](), list[str]()
    for name in ("balanced_accuracy", "roc_auc"):
        ours, theirs, ends = metrics.get(name), baseline.get(name), intervals.get(name)
        if ours is None or theirs is None or ends is None:
            continue
        shown = f"{name} {ours:.4g}, 95 % interval {ends[0]:.4g} to {ends[1]:.4g}, against {theirs:.4g}"
        (above if ends[0] > theirs else not_above).append(shown)
    better = f"; better beyond chance: {'; '.join(above)}" if above else ""
    also = "not so" if above else "neither"
    return better + (f"; {also}: {'; '.join(not_above)}" if not_above else "")


def small_classes(y: Vector) -> dict[str, int]:
    """The classes that have fewer than ten rows in all, the smallest first."""
    labels, counts = np.unique(y, return_counts=True)
    small = {str(label): int(count) for label, count in zip(labels, counts, strict=True) if count < FEW_ROWS}
    return {name: small[name] for name in sorted(in_order(small), key=small.__getitem__)}


def doubt_of_classes(small: dict[str, int]) -> list[Warned]:
    """The warning that names them."""
    if not small:
        return []
    named = ", ".join(f"{label[:40]!r} {count}" for label, count in list(small.items())[:MAX_NAMED])
    more = f" and {len(small) - MAX_NAMED} more" if len(small) > MAX_NAMED else ""
    return [TrainingWarns.SMALL_CLASSES(few=FEW_ROWS, named=named, more=more)]
