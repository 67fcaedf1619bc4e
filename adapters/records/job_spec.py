"""What is to be done, on which table: one specification, from the quote to the worker and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.records.places import OWN, Place
from adapters.records.prediction import PredictionSpec
from adapters.records.training import Closed, TrainingSpec

Work = TrainingSpec | PredictionSpec
"""What a machine is asked to do; its `kind` says which."""


class JobSpec(Closed):
    """A frozen job: the work, and the very table that it is about.

    `warnings` are what a person must know before saying yes; `memory_bytes` is about what it takes, 0 where nobody has
    said; `machine` are the words that the person wants in its machine's name. In JSON the work stands under "spec".
    """

    work: Work = Field(validation_alias="spec", serialization_alias="spec")
    dataset: str
    dataset_id: str
    data_sha256: str
    rows: int
    warnings: tuple[str, ...] = ()
    memory_bytes: int = 0
    machine: str = ""

    @property
    def training(self) -> TrainingSpec:
        """The work of a job that trains; TypeError where it is another."""
        if not isinstance(self.work, TrainingSpec):
            raise TypeError(f"the job is a {self.work.kind}, not a training")
        return self.work


class Order(Closed):
    """What a machine gets beside the files: the work, its rows, and its limit, price and place.

    `part_rows` are the rows of the parts that predictions are made in, 0 where the machine may choose.
    """

    quote_id: str
    work: Work = Field(validation_alias="spec", serialization_alias="spec")
    data_sha256: str
    max_seconds: int
    usd_per_hour: Decimal
    place: Place = OWN
    rows: int = 0
    part_rows: int = 0


class JobEnd(BaseModel):
    """How a job ended: the model and its scores, or what was predicted, or why there is neither; and how far it was, a
    share in [0, 1].

    `ask_again` says that no machine was left at the price that was agreed to: a dearer one is asked about anew.
    `predicted` is what `tools.predictions` says of predictions. What an earlier version wrote down has no `progress`.
    """

    model_config = ConfigDict(frozen=True)

    metrics: dict[str, float | None] | None = None
    model: str | None = None
    predicted: dict[str, Any] | None = None
    error: str | None = None
    seconds: float = 0.0
    progress: float | None = None
    ask_again: bool = False
