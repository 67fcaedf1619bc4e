"""A search over settings as results show it, and in words."""

from __future__ import annotations

from tools.ml.searched import Ended, NotCompared, Ranked, Searched, StoppedBy, Trial
from tools.ml.spec import Setting
from tools.results import Fields, if_any
from tools.telling import as_table, number

FIRST = 10
"""Settings that are shown where a model is not shown in full."""
MOST = 500
"""All of them."""
STOPPED = {
    "trials": "It ended after as many settings as were to be tried",
    "seconds": "It ended with its time",
    "nothing_left": "It ended as there were no others to try",
}
ENDED = {
    "scored": "",
    "dropped": "dropped: behind",
    "failed": "could not be fitted",
    "out_of_time": "no time was left",
}
NOT_COMPARED = {
    "too_many_rows": "takes fewer rows",
    "too_many_terms": "would make too many terms",
    "missing_kept": "takes no missing numbers",
    "rows_weighed": "cannot weigh rows",
    "too_slow": "a fit would have taken longer than was left",
}
HOW = (
    "Each is the mean over the same {n_folds} folds of the {n_rows} training rows; what fell behind was dropped before "
    "the last fold. The best of many such means is a little too good: the test rows, which the search never saw, say "
    "what the model is worth."
)


class TriedSetting(Fields):
    """A type of model, its parameters that are not defaults, its mean score and how many folds that is of."""

    model: str
    params: dict[str, Setting]
    mean: float | None
    sd: float | None
    folds: int
    ended: Ended
    reason: str | None = None


class SearchLine(Fields):
    """What was tried on the training rows, the best first; `n_trials` are all of them."""

    score: Ranked
    n_folds: int
    n_rows: int
    n_trials: int
    baseline: float
    stopped_by: StoppedBy
    seconds: float
    not_compared: dict[str, NotCompared] | None = None
    trials: tuple[TriedSetting, ...]


def search_line(found: Searched | None, most: int = FIRST) -> SearchLine | None:
    """The line of a search, with so many of its settings; none where there was none."""
    if found is None:
        return None
    return SearchLine(
        **{name: getattr(found, name) for name in ("score", "n_folds", "n_rows", "baseline", "stopped_by", "seconds")},
        n_trials=len(found.trials),
        trials=tuple(map(_tried, found.trials[:most])),
        **if_any(not_compared=found.not_compared or None),
    )


def _tried(trial: Trial) -> TriedSetting:
    params = {one.name: one.value for one in trial.params}
    shown = {name: getattr(trial, name) for name in ("model", "mean", "sd", "ended")}
    return TriedSetting(params=params, folds=len(trial.folds), **shown, **if_any(reason=trial.reason))


def search_told(found: SearchLine | None) -> list[str]:
    """A table of the settings with the baseline behind them, and how it was made; nothing where none was tried."""
    if found is None:
        return []
    rows: list[list[object]] = [
        [place, one.model, _said(one.params), one.mean, one.sd, f"{one.folds} of {found.n_folds}", ENDED[one.ended]]
        for place, one in enumerate(found.trials, start=1)
    ]
    rows.append(["", "baseline", "", found.baseline, None, "", ""])
    head = [f"{found.n_trials} settings tried", "model", "parameters", f"{found.score}, mean", "sd", "folds", ""]
    left = [f"{name} ({NOT_COMPARED[reason]})" for name, reason in (found.not_compared or {}).items()]
    return [
        as_table(head, rows),
        HOW.format(n_folds=found.n_folds, n_rows=found.n_rows),
        f"{STOPPED[found.stopped_by]}, {found.seconds:.0f} s.",
        *([f"Not compared: {', '.join(left)}."] if left else []),
    ]


def _said(params: dict[str, Setting]) -> str:
    return ", ".join(f"{name} {number(value) if isinstance(value, float) else value}" for name, value in params.items())
