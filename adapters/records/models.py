"""Trained models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.records.json_values import Json


@dataclass(frozen=True)
class Model:
    """A trained model: a folder with model.skops, metadata.json and training_log.txt."""

    model_id: str
    owner_id: str
    type: str
    target: str
    version: int
    path: Path
    metadata: Json
    job_id: str | None
    created_at: datetime
