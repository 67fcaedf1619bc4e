"""explain_model: what a trained model does, looked at in one of six ways, each with a picture."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from tools import ml, plots
from tools.context import ToolContext
from tools.errors import ToolError
from tools.explain_model.result import Explained, Kind
from tools.explain_model.sentences import SENTENCES
from tools.explain_model.told import told
from tools.held_out import Held, Tables
from tools.ml.spec import Aim
from tools.results import Artifact, ToolOutput
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import said

if TYPE_CHECKING:
    import pandas as pd

    from tools.explain_model.looks import Look


class RowCell(BaseModel):
    """One value of a row."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: str = Field(description="Name of the column.")
    value: float | bool | str | None = Field(description="Its value; a date as 2026-11-24; null if missing.")


class ExplainModel(Arguments):
    """Which model, and how it is looked at."""

    kind: Kind = Field(
        description="partial_dependence: the mean prediction along one `feature`. residuals: errors of numbers. "
        "calibration: whether an event is as frequent as its probability says. prediction: what each feature adds in "
        "one row. threshold: from which probability on a row is said to be the `event`. learning_curve: whether more "
        "rows would help."
    )
    model: str | None = Field(default=None, description="A model by name, id, type or target; the newest by default.")
    feature: str | None = Field(default=None, description="partial_dependence: the feature.")
    event: str | None = Field(
        default=None, description="Of a classifier the class that is looked at; of two the second by default."
    )
    row: int | None = Field(
        default=None, ge=0, description="prediction: the row of the table that the model was trained on, by its _row."
    )
    cells: list[RowCell] | None = Field(
        default=None, description="prediction: a row given in words, by its columns.", min_length=1
    )
    aim: Aim | None = Field(
        default=None,
        description="threshold: what it serves. youden (default): events found less others taken for one; f1 of the "
        "event; cost: the least cost of false alarms and missed events.",
    )
    false_alarm_cost: float | None = Field(default=None, gt=0, description="aim cost: of a false alarm; 1 by default.")
    missed_cost: float | None = Field(default=None, gt=0, description="aim cost: of a missed event; 1 by default.")
    keep: bool = Field(default=False, description="threshold: keep it with the model, so that predict uses it.")


TAKEN: dict[Kind, tuple[str, ...]] = {
    "partial_dependence": ("feature", "event"),
    "residuals": (),
    "calibration": ("event",),
    "prediction": ("event", "row", "cells"),
    "threshold": ("event", "aim", "false_alarm_cost", "missed_cost", "keep"),
    "learning_curve": (),
}


@tool(
    effect="write",
    gives="what a model does: partial dependence, residuals, calibration, one prediction explained, a threshold "
    "chosen on purpose, a learning curve; with a picture",
    example={"kind": "calibration", "model": "model_3f9a"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.explain_model.script"),
)
def explain_model(arguments: ExplainModel, context: ToolContext) -> ToolOutput[Explained]:
    """Look at what a trained model does, with a picture: on its own test rows, but training rows for `threshold` and
    `learning_curve`.

    partial_dependence gives the mean prediction with every row's feature set to each value: how the model uses it, not
    what it causes. residuals: mean, sd, and whether errors grow with the prediction. calibration: shares of events in
    ten bins of like probability with intervals, expected calibration error, Brier score. prediction: what each feature
    adds to the average prediction in one row, exact for linear models (in the target's unit; of two classes in log
    odds), else Shapley values by sampling with their error; `method` says which. threshold: the best by Youden's index,
    f1 or stated costs on training rows out of fold, never on test rows, and what it does on the test rows beside 0.5;
    with `keep` it is kept with the model (keep_threshold) and predict uses it. learning_curve: r2 or accuracy of models
    fitted to growing parts of the training rows, on those rows and on others (folds), and what the last step brought.
    """
    given = [
        name
        for name in ("feature", "event", "row", "cells", "aim", "false_alarm_cost", "missed_cost")
        if getattr(arguments, name) is not None
    ]
    given += ["keep"] if arguments.keep else []
    if unused := [name for name in given if name not in TAKEN[arguments.kind]]:
        raise ToolError(f"{arguments.kind} takes no {' or '.join(unused)}; leave it out")
    models = context.models.all()
    if arguments.model is None and not models:
        raise ToolError("there is no trained model yet: use estimate_cost, then launch_training")
    model = models[0] if arguments.model is None else context.models.get(arguments.model)
    held = Tables(context).held_out(model)
    try:
        look, event = _look(arguments, held)
    except ValueError as error:
        raise ToolError(str(error)) from error
    fields = look.fields | ({} if event is None else {"event": event})
    if arguments.keep and event is not None:
        context.models.keep_threshold(model, (event, float(fields["threshold"])))
        fields["kept"] = True
    path = context.artifacts / f"{arguments.kind}_{secrets.token_hex(4)}.png"
    context.artifacts.mkdir(parents=True, exist_ok=True, mode=0o700)
    plots.save(look.drawn, path)
    found = Explained(model=model.model_id, kind=arguments.kind, **fields, **said(look.warned), artifact=path.name)
    return ToolOutput(found, (Artifact(path, "png", f"{arguments.kind.replace('_', ' ')} of {model.model_id}"),))


def _look(arguments: ExplainModel, held: Held) -> tuple[Look, str | None]:
    # Loaded when they are first used: the prompt waits for no scikit-learn.
    from tools.explain_model import looks
    from tools.ml.threshold import Costs

    spec, kind = held.metadata.spec, arguments.kind
    is_regression = spec.task == "regression"
    if is_regression and (kind in ("calibration", "threshold") or arguments.event is not None):
        raise ToolError(f"{held.model.model_id} predicts numbers: it has no classes, so no {kind} of an event")
    if not is_regression and kind == "residuals":
        raise ToolError(f"residuals: {held.model.model_id} predicts classes; look at calibration")
    if kind == "learning_curve":
        return looks.learning_curve(held, f"learning curve, {spec.model}"), None
    event = None if is_regression else looks.find_event(held, arguments.event)
    title = f"{kind.replace('_', ' ')}, {spec.model}"
    if kind == "residuals":
        return looks.residuals(held, title), None
    if kind == "partial_dependence":
        name = _feature(arguments.feature, held)
        look = looks.partial_dependence(held, name, event, f"{name} in {spec.model}")
    elif kind == "prediction":
        row, is_seen = _row(arguments, held)
        look = looks.prediction(held, row, event, is_seen, title)
    elif event is not None and kind == "calibration":
        look = looks.calibration(held, event, title)
    else:
        assert event is not None  # noqa: S101 - numbers were refused above
        if arguments.aim != "cost" and (arguments.false_alarm_cost or arguments.missed_cost):
            raise ToolError("false_alarm_cost and missed_cost go with aim cost")
        costs = Costs(arguments.false_alarm_cost or 1.0, arguments.missed_cost or 1.0)
        look = looks.threshold(held, event, arguments.aim or "youden", costs, title)
    return look, None if event is None else event[0]


def _feature(name: str | None, held: Held) -> str:
    names = list(held.metadata.spec.kinds)
    if name is None:
        raise ToolError(f"feature: name one of {', '.join(names[:20])}")
    found = [own for own in names if own.casefold() == name.casefold()]
    if not found:
        raise ToolError(f"feature: {held.model.model_id} has no {name[:64]!r}; it has {', '.join(names[:20])}")
    return name if name in names else found[0]


def _row(arguments: ExplainModel, held: Held) -> tuple[pd.DataFrame, bool]:
    """The row as a table of one, and whether the model was trained on it."""
    if (arguments.row is None) == (arguments.cells is None):
        raise ToolError("prediction: give one of: row, cells")
    if arguments.cells is not None:
        given = {cell.name: cell.value for cell in arguments.cells}
        if lacking := [name for name in held.metadata.spec.kinds if name not in given]:
            raise ToolError(f"cells: {', '.join(map(repr, lacking[:10]))} are needed; null where unknown")
        return ml.table_of_rows([given], held.metadata.spec.kinds), False
    if arguments.row not in held.table.index:
        raise ToolError(f"row: {held.dataset!r} has rows 0 to {len(held.table) - 1}")
    return held.table.loc[[arguments.row]], arguments.row in held.split.train.index
