"""The score of predictions where the true values stand in the table too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tools import ml
from tools.predictions.result import FileWarns, Scored
from tools.warned import Warned

if TYPE_CHECKING:
    import pandas as pd

    from tools.ml.validation import Vector

MAX_ROWS = 2_000_000
"""Whose true values and predictions are held: of more rows the first so many are scored."""


class ScoreSoFar:
    """True values and predictions of the rows that came so far."""

    def __init__(self, metadata: ml.Metadata, names: tuple[str, ...]) -> None:
        self.target = metadata.spec.target
        self._metadata = metadata
        self._parts: list[tuple[Vector, Vector]] = []
        self._n = self._left = 0
        self.is_open = self.target in names and self.target not in metadata.spec.kinds
        self._is_strange = False

    def add(self, truth: pd.Series, predicted: Vector) -> None:
        """Take rows more, those that have a true value."""
        # Loaded when they are first used: the prompt waits for no scikit-learn.
        from tools.ml.splitting import target_values

        is_known = truth.notna().to_numpy()
        self._left += int(is_known.sum())
        if self._n >= MAX_ROWS or not is_known.any():
            return
        try:
            values = target_values(self._metadata.spec, truth[is_known].to_frame(self.target))
        except (ValueError, TypeError):
            self._is_strange, self.is_open = True, False
            return
        self._parts.append((values, predicted[is_known]))
        self._n += len(values)

    def told(self) -> tuple[Scored | None, list[Warned]]:
        """The score, and what is to be said of it; None where no true value is known."""
        from tools.ml.validation import score

        if self._is_strange:
            return None, [FileWarns.NOT_SCORED(target=self.target)]
        if not self._parts:
            return None, []
        y_true, y_predicted = (np.concatenate(side) for side in zip(*self._parts, strict=True))
        spec = self._metadata.spec
        found = Scored(
            n=len(y_true),
            metrics=score(spec.task, y_true, y_predicted),
            on_test_rows=self._metadata.metrics,
        )
        return found, [FileWarns.SCORED_PART(n=len(y_true), target=self.target)] if self._left > len(y_true) else []
