"""What is doubtful about rows that are to be predicted, beside what training saw; the rows may come in parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import pandas as pd

from tools.ml.drift import Drift
from tools.ml.metadata import SeenFeature
from tools.ml.preprocessing import to_words
from tools.ml.wrong_kinds import WrongKindsError, find_wrong_kind
from tools.warned import Warned, Warns

MAX_SHOWN = 5
FEW_ROWS = 30
"""Of fewer, how they are spread over ten bins is chance."""


class PredictionWarns(Warns):
    """What is doubtful about rows that are to be predicted."""

    UNSEEN_VALUES = "{name!r}: {n} [row has a value|rows have values] that training never saw ({shown})"
    OUTSIDE_RANGE = "{name!r}: {n} [row is|rows are] outside the range of training ({low:g} to {high:g})"
    DRIFT = (
        "{name!r} is spread otherwise than in training (population stability index {psi:.2f}; above 0.25 is much): the "
        "scores of training may not hold for these rows"
    )
    MISSING_VALUES = "{name!r}: {n} [row has|rows have] no value; the usual one was put in"


@dataclass
class Odd:
    """Rows of one feature, so far: without a value, outside the range of training, of words that it never saw.

    `shown` are some of those words.
    """

    missing: int = 0
    outside: int = 0
    unseen: int = 0
    shown: list[str] = field(default_factory=list)


class Doubts:
    """Counts over all rows that were seen."""

    def __init__(self, features: Sequence[SeenFeature]) -> None:
        self._features = features
        self._n_rows = 0
        self._found = {feature.name: Odd() for feature in features}
        self._drift = {feature.name: Drift(feature) for feature in features}
        self._values = {feature.name: frozenset(feature.values or ()) for feature in features}

    def check(self, names: Sequence[str], n_rows: int) -> None:
        """ValueError unless a table of these columns can be predicted."""
        if n_rows == 0:
            raise ValueError("there are no rows to predict")
        lacking = [feature.name for feature in self._features if feature.name not in names]
        if lacking:
            needed = ", ".join(repr(feature.name) for feature in self._features)
            alike = suggest_names(lacking, [name for name in names if name not in self._found])
            raise ValueError(
                f"the table lacks {', '.join(map(repr, lacking))}; the model was trained on {needed}{alike}"
            )

    def see(self, frame: pd.DataFrame) -> None:
        """Look at rows more; WrongKindsError where a column holds another kind of value than in training."""
        self._n_rows += len(frame)
        for feature in self._features:
            values, found = frame[feature.name], self._found[feature.name]
            n_missing = int(values.isna().sum())
            found.missing += n_missing
            if n_missing == len(values):
                continue
            if (wrong := find_wrong_kind(feature, values)) is not None:
                raise WrongKindsError([wrong])
            self._drift[feature.name].see(values)
            if feature.kind == "category":
                self._see_words(feature, values, found)
            elif feature.kind == "number" and feature.low is not None:
                found.outside += int(((values < feature.low) | (values > feature.high)).sum())

    def _see_words(self, feature: SeenFeature, values: pd.Series, found: Odd) -> None:
        counts = values.value_counts()
        words = to_words(pd.Series(counts.index))
        is_unseen = ~words.isin(self._values[feature.name])
        found.unseen += int(counts.to_numpy()[is_unseen.to_numpy()].sum())
        new = [word for word in words[is_unseen] if word not in found.shown]
        found.shown += new[: MAX_SHOWN - len(found.shown)]

    @property
    def is_few(self) -> bool:
        """Whether the rows are too few to tell how they are spread."""
        return self._n_rows < FEW_ROWS

    def odd(self) -> dict[str, Odd]:
        """The features in which some row has no value, or one that training did not see."""
        return {name: one for name, one in self._found.items() if one.missing or one.outside or one.unseen}

    def drift(self) -> dict[str, float]:
        """The population stability index of each feature of which training kept the shares, the largest first.

        Nothing where there are fewer than 30 rows.
        """
        if self.is_few:
            return {}
        found = {name: one[0] for name, drift in self._drift.items() if (one := drift.index()) is not None}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def warned(self) -> list[Warned]:
        """What was found, feature by feature."""
        doubts: list[Warned] = []
        for feature in self._features:
            name, found = feature.name, self._found[feature.name]
            if found.unseen:
                shown = ", ".join(repr(word[:40]) for word in found.shown)
                doubts.append(PredictionWarns.UNSEEN_VALUES(name=name, n=found.unseen, shown=shown))
            if found.outside:
                low, high = feature.low, feature.high
                doubts.append(PredictionWarns.OUTSIDE_RANGE(name=name, n=found.outside, low=low, high=high))
            if not self.is_few and (drifted := self._drift[name].index()) is not None and drifted[1]:
                doubts.append(PredictionWarns.DRIFT(name=name, psi=drifted[0]))
            if found.missing:
                doubts.append(PredictionWarns.MISSING_VALUES(name=name, n=found.missing))
        return doubts


def suggest_names(lacking: Sequence[str], others: Sequence[str]) -> str:
    """Which of the table's other columns may be those that it lacks, under another name."""
    folded = {name.casefold().replace(" ", "_"): name for name in others}
    near = {
        name: folded[found[0]]
        for name in lacking
        if (found := get_close_matches(name.casefold().replace(" ", "_"), folded, n=1, cutoff=0.7))
    }
    if not near:
        return ""
    pairs = ", ".join(f"{other!r} may be {name!r}" for name, other in near.items())
    return f"; {pairs}: rename it (transform) if it is"
