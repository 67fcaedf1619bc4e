"""What a model has said elsewhere, part by part: it stands for the model where the file is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from adapters.compute.worker_files import PART
from adapters.packed_columns import unpack_columns

if TYPE_CHECKING:
    from tools.ml.validation import Vector

LOW, HIGH = 0.0, 1.0 + 1e-9
"""Of a probability."""


class FetchedPredictions:
    """The added columns of a folder of parts, in the order of their numbers.

    Parameters
    ----------
    names : sequence of str
        The columns that each part must have, in this order.
    classes : sequence of str or None
        What may be predicted; None for numbers.

    Raises
    ------
    ValueError
        By any method: if a part is missing, holds other columns, or something that the model cannot have said.
    """

    def __init__(self, folder: Path, names: Sequence[str], classes: Sequence[str] | None) -> None:
        self.names = tuple(names)
        self._classes = None if classes is None else frozenset(classes)
        self._parts = self._read(sorted(folder.iterdir()))
        self._left: dict[str, Vector] = {name: np.empty(0) for name in self.names}
        self._n_left = 0

    def predict(self, frame: pd.DataFrame) -> Mapping[str, Vector]:
        """The next rows, as many as the frame has."""
        n, waiting = len(frame), [self._left]
        while self._n_left < n:
            part = next(self._parts, None)
            if part is None:
                raise ValueError("there are fewer predictions than rows")
            waiting.append(part)
            self._n_left += len(part[self.names[0]])
        if len(waiting) > 1:
            waiting = [one for one in waiting if len(one[self.names[0]])]
        whole = {name: np.concatenate([one[name] for one in waiting]) for name in self.names}
        self._left = {name: values[n:] for name, values in whole.items()}
        self._n_left -= n
        return {name: values[:n] for name, values in whole.items()}

    def finish(self) -> None:
        """ValueError where there are more predictions than rows."""
        if self._n_left or next(self._parts, None) is not None:
            raise ValueError("there are more predictions than rows")

    def _read(self, paths: Sequence[Path]) -> Iterator[dict[str, Vector]]:
        for number, path in enumerate(paths):
            if path.name != PART.format(number):
                raise ValueError(f"part {number} of the predictions is missing")
            columns = unpack_columns(path.read_bytes())
            if tuple(columns) != self.names:
                raise ValueError(f"part {number} of the predictions holds other columns")
            yield {name: self._checked(name, values) for name, values in columns.items()}

    def _checked(self, name: str, values: pd.Series[Any]) -> Vector:
        """The values, which the model can have said."""
        if name == self.names[0] and self._classes is not None:
            if not set(map(str, values.unique())) <= self._classes:
                raise ValueError(f"{name} holds something that is no class of the model")
        elif values.dtype.kind != "f" or not np.isfinite(values).all():
            raise ValueError(f"{name} holds something that is no number")
        elif name.startswith("probability") and not values.between(LOW, HIGH).all():
            raise ValueError(f"{name} holds something that is no probability")
        return values.to_numpy()
