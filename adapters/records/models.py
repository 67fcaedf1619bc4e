"""Trained models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.records.json_values import Json


@dataclass(frozen=True)
class Model:
    """A trained model: a folder with model.skops, metadata.json, training_log.txt and a signature.

    A model of the same type for the same target is a further `version` of the former one; `name` is what the owner
    calls all of these versions. With `threshold`, which is of one version, it says `event` from that probability on.
    One that is deleted is kept for a while, and its row for ever: no version is counted twice.
    """

    model_id: str
    owner_id: str
    type: str
    target: str
    version: int
    path: Path
    metadata: Json
    job_id: str | None
    created_at: datetime
    name: str | None = None
    deleted_at: datetime | None = None
    event: str | None = None
    threshold: float | None = None

    @property
    def cut(self) -> tuple[str, float] | None:
        """The event and its threshold, where one is kept."""
        return None if self.event is None or self.threshold is None else (self.event, self.threshold)
