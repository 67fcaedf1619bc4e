"""Whether new rows come as the training rows did: the population stability index of each feature."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from tools.ml.metadata import SeenFeature, SeenShares
from tools.ml.preprocessing import to_words
from tools.ml.spec import FeatureKind

N_BINS = 10
MAX_WORDS = 50
MUCH = 0.25
"""A common rule: below 0.1 hardly any, above 0.25 much (Siddiqi 2006, Credit Risk Scorecards)."""
CHANCE = 0.999

Counts = NDArray[np.float64]


def shares_of(values: pd.Series, kind: FeatureKind) -> SeenShares | None:
    """How the training rows are spread over ten bins of a number, or over the values of a category; None of a date."""
    if kind == "date" or values.isna().all():
        return None
    if kind == "category":
        words = to_words(values[values.notna()]).value_counts()
        shares = SeenShares(words=tuple(map(str, words.index[:MAX_WORDS])), edges=(), counts=())
    else:
        known = values.dropna().astype("float64")
        edges = np.unique(np.quantile(known, np.arange(1, N_BINS) / N_BINS))
        shares = SeenShares(words=(), edges=tuple(edges.tolist()), counts=())
    return shares.model_copy(update={"counts": tuple(int(n) for n in count(shares, values, kind))})


def count(shares: SeenShares, values: pd.Series, kind: FeatureKind) -> Counts:
    """Rows in each bin, in all other values, and without a value."""
    n_missing = int(values.isna().sum())
    known = values[values.notna()]
    if kind == "category":
        found = to_words(known).value_counts()
        named = [int(found.get(word, 0)) for word in shares.words]
        return np.array([*named, len(known) - sum(named), n_missing], dtype="float64")
    bins = np.searchsorted(np.array(shares.edges), known.to_numpy(dtype="float64"), side="left")
    return np.append(np.bincount(bins, minlength=len(shares.edges) + 1), n_missing).astype("float64")


@dataclass
class Drift:
    """Counts of one feature over all rows that were seen."""

    feature: SeenFeature
    counts: Counts = field(default_factory=lambda: np.zeros(0))

    def see(self, values: pd.Series) -> None:
        """Count rows more."""
        if self.feature.shares is not None:
            found = count(self.feature.shares, values, self.feature.kind)
            self.counts = found if not len(self.counts) else self.counts + found

    def index(self) -> tuple[float, bool] | None:
        """The index, and whether it is much and beyond chance; None where training kept no shares.

        The sum over bins of (new - trained) ln(new / trained), of shares with half a row added to each bin. Where
        nothing has changed it is about chi-square over (1 / n + 1 / m), of as many degrees of freedom as bins less one.

        References
        ----------
        Yurdakul (2018). Statistical properties of the population stability index. Western Michigan University.
        """
        if self.feature.shares is None or not self.counts.sum():
            return None
        old = np.array(self.feature.shares.counts, dtype="float64")
        is_there = (old + self.counts) > 0
        old, new = old[is_there], self.counts[is_there]
        trained, now = (old + 0.5) / (old + 0.5).sum(), (new + 0.5) / (new + 0.5).sum()
        psi = float(np.sum((now - trained) * np.log(now / trained)))
        by_chance = stats.chi2.ppf(CHANCE, max(1, len(old) - 1)) * (1 / old.sum() + 1 / new.sum())
        return psi, psi >= max(MUCH, float(by_chance))
