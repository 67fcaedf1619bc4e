"""A job that predicts, as estimate_cost takes it: checked against what training saw before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.compute.registered import OWN_NAME
from adapters.data.base import Watch
from adapters.records import Dataset, PredictionSpec
from tools import ml, predictions
from tools.context import ToolContext
from tools.estimate_cost.result import Checked
from tools.jobs.quoting import Need
from tools.predictions.cut import cut_of
from tools.results import if_any
from tools.warned import Warned, Warns

MOST_UNUSED = 50


class PredictionJob(BaseModel):
    """A loaded dataset to predict with a trained model; what predict does here at once, as a job on a machine."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["prediction"] = Field(description="What is done.")
    model: str = Field(description="A model's name as list_models gives it, or its type, or its target.")
    dataset: str = Field(description="Name of a loaded dataset; a row of predictions for each of its rows.")
    each_class: bool = Field(default=False, description="Give the probability of each class too.")
    threshold: float | None = Field(default=None, gt=0, le=1, description="As predict takes it.")
    event: str | None = Field(default=None, description="With threshold: the class; the second by default.")


class PredictionQuoteWarns(Warns):
    """What a person should know before predictions are paid for."""

    FREE_HERE = "here predict takes about {seconds} s for these rows and costs nothing"


@dataclass(frozen=True)
class ToBePredicted:
    """The table, the frozen work, what it takes, and what the first rows show."""

    dataset: Dataset
    work: PredictionSpec
    need: Need
    checked: Checked
    warned: tuple[Warned, ...]


def prediction_need(
    job: PredictionJob, where: str, context: ToolContext, need: Callable[[int, int, int], Need]
) -> ToBePredicted:
    """What is to be predicted, once the model is seen to take it.

    Parameters
    ----------
    where : str
        Where it may run: elsewhere than here is worth a word on what it takes here.
    need : callable
        Makes the need of seconds, bytes and rows.

    Raises
    ------
    ToolError
        If the model cannot predict the table.
    """
    dataset, model = context.data.get(job.dataset), context.models.get(job.model)
    pipeline, metadata = context.models.load(model)
    cut = cut_of(model, job.threshold, job.event, pipeline, metadata)
    model_bytes = sum((model.path / name).stat().st_size for name in context.models.hashes(model))
    try:
        predictor = ml.Predictor(pipeline, metadata, job.each_class, cut)
        with context.data.open(job.dataset, watch=Watch(context.cancel, _untold), is_lean=True) as table:
            look = predictions.first_look(table, metadata, predictor, model_bytes)
    except ValueError as error:
        raise predictions.misfit_error(error) from error
    features = tuple(feature.name for feature in metadata.features)
    work = PredictionSpec(
        model_id=model.model_id,
        model=metadata.spec.model,
        target=model.target,
        task=metadata.spec.task,
        files=context.models.hashes(model),
        features=features,
        each_class=job.each_class,
        event=None if cut is None else cut[0],
        threshold=None if cut is None else cut[1],
        threshold_kept=cut is not None and job.threshold is None,
    )
    used = {*features, model.target}
    unused = tuple(column.name for column in dataset.columns if column.name not in used)[:MOST_UNUSED]
    odd = predictions.odd_values(look.odd)
    said = predictions.threshold_of(work.cut, work.threshold_kept)
    more = if_any(odd=odd, unused=unused, threshold=said)
    checked = Checked(rows=look.n, columns=features, model_bytes=model_bytes, **more)
    work_s = math.ceil(look.seconds)
    free = () if where == OWN_NAME else (PredictionQuoteWarns.FREE_HERE(seconds=work_s),)
    return ToBePredicted(dataset, work, need(work_s, look.memory_bytes, dataset.rows), checked, free)


def _untold(sentence: str, fraction: float | None) -> None:
    """It takes less than a second."""
