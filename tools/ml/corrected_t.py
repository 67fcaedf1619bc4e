"""How sure the mean of the folds' scores is: the t interval with Nadeau and Bengio's correction."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

LEVEL = 0.95


def corrected_se(scores: Sequence[float], ratio: float | None = None) -> float:
    """The standard error of the mean score of k folds: s sqrt(1 / k + 1 / (k - 1)), s the folds' sd.

    `ratio` is the size of a test part over that of its training part where that isn't 1 / (k - 1).

    The plain s / sqrt(k) takes the folds for independent, but any two of them share most of their training rows. The
    second term is the size of a test part over that of a training part. It was made for parts drawn anew each time: for
    folds it is a rule that holds well enough, not a theorem, as no unbiased estimate of their variance exists.

    References
    ----------
    Nadeau, Bengio (2003). Inference for the generalization error. Machine Learning 52, 239-281. Bengio, Grandvalet
    (2004). No unbiased estimator of the variance of k-fold cross-validation. JMLR 5, 1089-1105.
    """
    k = len(scores)
    return float(np.std(scores, ddof=1)) * math.sqrt(1 / k + (1 / (k - 1) if ratio is None else ratio))


def corrected_interval(scores: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the mean score, by t of k - 1 degrees of freedom."""
    mean, k = float(np.mean(scores)), len(scores)
    reach = float(stats.t.ppf((1 + LEVEL) / 2, k - 1)) * corrected_se(scores)
    return mean - reach, mean + reach
