"""What predict finds, and what it warns of beside what the rows themselves make doubtful."""

from __future__ import annotations

from tools.ml.prediction_summary import ClassesPredicted, NumbersPredicted
from tools.results import Result
from tools.warned import Warns


class Predicted(Result):
    """The predictions in short, their first rows, and the file that holds all of them."""

    n: int
    model: str
    target: str
    summary: NumbersPredicted | ClassesPredicted
    preview: tuple[dict[str, bool | int | float | str | None], ...]
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    artifact: str


class FileWarns(Warns):
    """Of cells that begin like a formula (= + - @, tab, line break)."""

    FORMULAS_QUOTED = (
        "{n} cells or headers begin like a formula (= + - @, tab, line break): in the file a quote mark ' stands "
        "before each, so that a spreadsheet shows it and runs nothing"
    )
    FORMULAS_AS_THEY_ARE = (
        "{n} cells or headers begin like a formula (= + - @, tab, line break): raw_csv is on, so they stand in the "
        "file as they are; do not open it in a spreadsheet"
    )
