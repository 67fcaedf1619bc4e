"""How much memory a training takes: a law in bytes of the table that it is fitted to."""

from __future__ import annotations

from tools.ml.spec import TrainingSpec

BASE_BYTES = 450 * 2**20
"""Python and the libraries."""
BYTES_PER_CELL = 8
N_COPIES = 6
"""Of the table: as it is read, parted, prepared, and as the fit holds it."""


def training_bytes(spec: TrainingSpec, n_rows: int) -> int:
    """About what the training takes."""
    return BASE_BYTES + N_COPIES * BYTES_PER_CELL * n_rows * (len(spec.features) + 1)
