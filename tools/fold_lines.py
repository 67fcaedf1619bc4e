"""Cross-validation in words."""

from __future__ import annotations

from tools.ml.cross_validated import CrossValidated
from tools.telling import as_table, number

HOW = (
    "The interval is of the mean over the folds, by t with Nadeau and Bengio's correction for training rows that the "
    "folds share: a rule that holds well enough, not a theorem. The model that is kept was fitted to the training rows "
    "alone."
)
WINDOWS = (
    "Each window was trained on the times before those that it was tested on, so each on more rows than the one "
    "before: their mean has no interval. The model that is kept was fitted to the training rows alone."
)
OF = {"rows": "", "groups": " of whole groups", "times": " in expanding windows of time"}


def folds_told(found: CrossValidated | None) -> list[str]:
    """A table with a line for each score, and how its interval was made; nothing where there was none."""
    if found is None:
        return []
    title = f"{found.n_folds}-fold cross-validation{OF[found.parts]}, {found.n_rows} rows"
    head = [title, "mean", "sd", "95 % interval", "baseline"]
    rows = [
        [
            name,
            score.mean,
            score.sd,
            None if score.low is None or score.high is None else f"{number(score.low)} to {number(score.high)}",
            score.baseline,
            ", ".join("–" if one is None else number(one) for one in score.folds),
        ]
        for name, score in found.scores.items()
    ]
    return [as_table([*head, "each fold"], rows), WINDOWS if found.interval == "none" else HOW]
