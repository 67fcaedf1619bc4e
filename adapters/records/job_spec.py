"""What is to be done, on which table: one specification, from the quote to the worker and back."""

from __future__ import annotations

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from adapters.records.places import OWN, Place
from adapters.records.training import Closed, TrainingSpec


class JobSpec(Closed):
    """A frozen job: the training, and the very table that it is about.

    `warnings` are what a person must know before saying yes; `memory_bytes` is about what it takes, 0 where nobody has
    said; `machine` are the words that the person wants in its machine's name. In JSON the training stands under "spec".
    """

    training: TrainingSpec = Field(validation_alias="spec", serialization_alias="spec")
    dataset: str
    dataset_id: str
    data_sha256: str
    rows: int
    warnings: tuple[str, ...] = ()
    memory_bytes: int = 0
    machine: str = ""


class Order(Closed):
    """What a machine gets beside the table: the training, and its limit, price and place."""

    quote_id: str
    training: TrainingSpec = Field(validation_alias="spec", serialization_alias="spec")
    data_sha256: str
    max_seconds: int
    usd_per_hour: Decimal
    place: Place = OWN


class JobEnd(BaseModel):
    """How a job ended: the model and its scores, or why there is none, and how far it was, a share in [0, 1].

    What an earlier version wrote down has no `progress`.
    """

    model_config = ConfigDict(frozen=True)

    metrics: dict[str, float | None] | None = None
    model: str | None = None
    error: str | None = None
    seconds: float = 0.0
    progress: float | None = None
