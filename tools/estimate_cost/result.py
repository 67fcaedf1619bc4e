"""What estimate_cost finds."""

from __future__ import annotations

from tools.ml.spec import Task
from tools.predictions.result import OddValues, Threshold
from tools.quote_lines import QuoteLine
from tools.results import Fields, Result


class Checked(Fields):
    """What was looked at before a price for predictions: the first `rows` rows, and the columns that the model needs.

    `odd` are features with values that training did not see, `unused` columns that stay here: the model takes no notice
    of them. `threshold` is what a class is said from, as it was asked for or as it is kept with the model.
    """

    rows: int
    columns: tuple[str, ...]
    model_bytes: int
    odd: tuple[OddValues, ...] = ()
    unused: tuple[str, ...] = ()
    threshold: Threshold | None = None


class Quoted(Result):
    """The quotes, cheapest first; of predictions what was `checked`."""

    quotes: tuple[QuoteLine, ...]
    task: Task
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    checked: Checked | None = None
