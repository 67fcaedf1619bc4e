"""What explain_model gives beside its picture."""

from __future__ import annotations

from typing import Literal

from tools.ml.spec import Aim, Scale
from tools.results import Fields, Result
from tools.warned import Warns

Kind = Literal["partial_dependence", "residuals", "calibration", "prediction", "threshold", "learning_curve"]


class Point(Fields):
    """A value of the feature, and the mean prediction where every row has it."""

    value: float | str
    mean: float


class CalibrationBin(Fields):
    """Test rows of like probability: the mean of it, and the share of events with its 95 % interval."""

    n: int
    said: float
    share: float
    ci_low: float
    ci_high: float


class Contribution(Fields):
    """What a feature, by its value in the row, adds to the average prediction; `se` is the error of sampling."""

    feature: str
    value: float | str | None
    adds: float
    se: float | None = None


class AtThreshold(Fields):
    """The test rows, parted at a threshold."""

    threshold: float
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    precision: float | None
    recall: float


class Learning(Fields):
    """The mean score of models fitted to `n` rows: on those rows, and on others with its sd over the folds."""

    n: int
    trained: float
    score: float
    sd: float


class Explained(Result):
    """One look at a model; of each kind its own fields.

    `n` counts the rows that were looked at. Partial dependence: `points`, of a class's probability where `event`.
    Residuals: mean and sd of true minus predicted, `rank_correlation` of their size with the prediction. Calibration:
    `bins`, expected calibration error and Brier score. Prediction: `said` is `average` plus all that the features add,
    on `scale`. Threshold: chosen by `aim` on training rows out of fold, where it reached `reached` against
    `reached_at_half` at 0.5; `on_test_rows` what it does there; `kept` with the model. Learning curve: `learning`, by
    `measure`, and `gain`, what the last step of rows has brought, with its 95 % interval.
    """

    model: str
    kind: Kind
    method: str
    n: int
    feature: str | None = None
    event: str | None = None
    points: tuple[Point, ...] = ()
    mean_residual: float | None = None
    sd_residual: float | None = None
    rank_correlation: float | None = None
    bins: tuple[CalibrationBin, ...] = ()
    calibration_error: float | None = None
    brier: float | None = None
    scale: Scale | None = None
    said: float | None = None
    average: float | None = None
    contributions: tuple[Contribution, ...] = ()
    aim: Aim | None = None
    threshold: float | None = None
    kept: bool = False
    reached: float | None = None
    reached_at_half: float | None = None
    on_test_rows: tuple[AtThreshold, ...] = ()
    measure: str | None = None
    learning: tuple[Learning, ...] = ()
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    warnings: tuple[str, ...] = ()
    warning_codes: tuple[str, ...] = ()
    artifact: str | None = None


class ExplainWarns(Warns):
    """What is to be said of an explanation."""

    NOT_CAUSES = "this says how the model uses {name!r}, not what {name!r} causes"
    UNEVEN_ERRORS = (
        "errors grow or shrink with the prediction (Spearman's r of their size {r:.2f}): one margin for all rows is "
        "too wide for some and too narrow for others"
    )
    SEEN_ROW = "the model was trained on this row"
    STILL_LEARNING = "the last step of rows has raised {measure} by {gain:.3f}: more rows would probably help"
    FEW_EVENTS = "only {n} test [row is|rows are] {event!r}: what is said of them is rough"
