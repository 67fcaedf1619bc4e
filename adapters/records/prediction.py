"""What is predicted elsewhere than in the conversation's own process, as plain data: frozen into a quote."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from adapters.records.training import Closed, Task


class PredictionSpec(Closed):
    """One model over all rows of one table: everything that decides the predictions beside the table itself.

    `files` are the model's, each with its SHA-256: what a machine loads is what was signed here. `features` are the
    columns that it needs, in their order; no other leaves this machine. With `threshold` the prediction is `event`
    from that probability on; `threshold_kept` with the model, not asked for.
    """

    kind: Literal["prediction"] = "prediction"
    model_id: str
    model: str
    target: str
    task: Task
    files: dict[str, str]
    features: tuple[str, ...]
    each_class: bool = False
    threshold: float | None = Field(default=None, gt=0, le=1)
    event: str | None = None
    threshold_kept: bool = False

    @property
    def cut(self) -> tuple[str, float] | None:
        """The event and its threshold, where one was asked for."""
        return None if self.threshold is None or self.event is None else (self.event, self.threshold)
