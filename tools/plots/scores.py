"""How good a classifier is: ROC and precision-recall curves, tables of confusion, importances."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adapters.data.base import quote_string
from tools.plots.canvas import COUNTS, PALETTE, SMALL, Drawn, new_sheet, words
from tools.plots.notes import Notes
from tools.plots.tables import draw_map
from tools.plots.values import Axis, Fetch, Floats, NothingToDraw, count
from tools.warned import Warned

MAX_IMPORTANCES = 20
MAX_CLASSES = 20
MAX_STEPS = 2_000
"""Steps of a curve that are drawn; beyond, the scores are counted in so many bins of equal numbers."""


@dataclass(frozen=True)
class Curve:
    """What lies above each threshold, the highest first: the shares of events (found) and of others (false).

    Both begin at 0 and end at 1. `area` is that under `found` over `false`, `average` the average precision, `share`
    the events' part of all n rows.
    """

    event: str
    found: Sequence[float]
    false: Sequence[float]
    area: float
    average: float
    share: float
    n: int
    notes: tuple[Warned, ...] = ()


def trace(fetch: Fetch, score: Axis, truth: str, event: str) -> Curve:
    """The curve of a column of scores against the truth; ties of scores count half in the area.

    Average precision is the sum of precisions, each weighed by the step in recall that it stands for.
    """
    steps, n, notes = _steps(fetch, score, truth, event)
    n_events, n_others = steps.sum(axis=0)
    found = np.concatenate([[0.0], np.cumsum(steps[:, 0]) / n_events])
    false = np.concatenate([[0.0], np.cumsum(steps[:, 1]) / n_others])
    precision = np.cumsum(steps[:, 0]) / np.cumsum(steps.sum(axis=1))
    area = float((np.diff(false) * (found[1:] + found[:-1]) / 2).sum())
    average = float((np.diff(found) * precision).sum())
    return Curve(event, found.tolist(), false.tolist(), area, average, float(n_events / n), n, notes)


def roc(curve: Curve, title: str) -> Drawn:
    """The share of events found against the share of others taken for one, and the line of chance.

    Below it stands the area, the chance that an event's score is above another's.
    """
    event = words(curve.event)
    sheet = new_sheet(title, f"share of others taken for {event}", f"share of {event} found")
    sheet.axes.plot([0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1)
    sheet.axes.plot(curve.false, curve.found, color=PALETTE[0], linewidth=2)
    sheet.axes.set_aspect("equal")
    return Drawn(sheet, curve.n, (Notes.AREA(area=curve.area), Notes.DASHED_IS_CHANCE(), *curve.notes))


def precision_recall(curve: Curve, title: str) -> Drawn:
    """The share of events among those taken for one against the share found, by steps; the share of all as chance."""
    event = words(curve.event)
    sheet = new_sheet(title, f"recall: share of {event} found", f"precision: truly {event}")
    recall, false = np.array(curve.found[1:]), np.array(curve.false[1:])
    precision = recall * curve.share / (recall * curve.share + false * (1 - curve.share))
    recall, precision = np.append(0.0, recall), np.append(precision[0], precision)
    sheet.axes.axhline(curve.share, color="#999999", linestyle="--", linewidth=1)
    sheet.axes.plot(recall, precision, color=PALETTE[0], linewidth=2, drawstyle="steps-pre")
    sheet.axes.set_xlim(-0.02, 1.02)
    sheet.axes.set_ylim(-0.02, 1.02)
    said = (Notes.AVERAGE_PRECISION(average=curve.average), Notes.DASHED_IS_SHARE(share=curve.share))
    return Drawn(sheet, curve.n, (*said, *curve.notes))


def _steps(fetch: Fetch, score: Axis, truth: str, event: str) -> tuple[Floats, int, tuple[Warned, ...]]:
    """Numbers of (events, others) with each score, the highest first, shape (n_steps, 2)."""
    n, notes = count(fetch, score.sql, truth)
    is_event = f"CAST({truth} AS VARCHAR) = {quote_string(event)}"
    whole = f"({score.sql}) IS NOT NULL AND ({truth}) IS NOT NULL"
    ((different,),) = fetch(f"SELECT count(DISTINCT {score.sql}) FROM data WHERE {whole}")
    step = score.sql
    if different > MAX_STEPS:
        notes = (*notes, Notes.SCORES_IN_STEPS(n_scores=different, n_steps=MAX_STEPS))
        rows = fetch(
            f"SELECT count(*) FILTER ({is_event}), count(*) FILTER (NOT ({is_event})) FROM "
            f"(SELECT *, ntile({MAX_STEPS}) OVER (ORDER BY {step} DESC) AS step_of_score FROM data WHERE {whole}) "
            "GROUP BY step_of_score ORDER BY step_of_score"
        )
    else:
        rows = fetch(
            f"SELECT count(*) FILTER ({is_event}), count(*) FILTER (NOT ({is_event})) FROM data WHERE {whole} "
            f"GROUP BY {step} ORDER BY {step} DESC"
        )
    steps = np.array(rows, dtype=np.float64).reshape(-1, 2)
    if not steps[:, 0].sum() or not steps[:, 1].sum():
        raise NothingToDraw("there are no two kinds of rows, events and others, to tell apart")
    return steps, n, notes


def confusion(classes: Sequence[str], table: Sequence[Sequence[float]], title: str, notes: tuple[Warned, ...]) -> Drawn:
    """A row for each true class, a column for each predicted one; the share on the diagonal is the accuracy."""
    counts = np.array(table, dtype=np.float64)
    sheet = new_sheet(title, "predicted", "true", height=max(4.0, 1.8 + 0.3 * len(classes)))
    texts = [[f"{value:.0f}" for value in row] for row in counts]
    draw_map(sheet, counts, classes, classes, texts, COUNTS, (0.0, max(1.0, float(counts.max()))))
    n = int(counts.sum())
    return Drawn(sheet, n, (Notes.ACCURACY(accuracy=np.trace(counts) / max(1, n)), *notes))


def confusion_of(fetch: Fetch, predicted: str, true: str, title: str) -> Drawn:
    """The table of two columns, at most 20 classes."""
    _, notes = count(fetch, predicted, true)
    rows = fetch(
        f"SELECT CAST({true} AS VARCHAR), CAST({predicted} AS VARCHAR), count(*) FROM data "
        f"WHERE ({true}) IS NOT NULL AND ({predicted}) IS NOT NULL GROUP BY 1, 2"
    )
    classes = _by_size({value for *pair, _ in rows for value in pair})
    if len(classes) > MAX_CLASSES:
        raise NothingToDraw(f"{len(classes)} classes; a table of confusion takes {MAX_CLASSES}")
    counts = np.zeros((len(classes), len(classes)))
    for one, other, number in rows:
        counts[classes.index(one), classes.index(other)] = number
    return confusion(classes, counts.tolist(), title, notes)


def _by_size(names: Iterable[str]) -> list[str]:
    """By size where all are numbers, else by letters."""
    listed = sorted(names)
    try:
        return sorted(listed, key=float)
    except ValueError:
        return listed


def values_of(fetch: Fetch, sql: str) -> list[str]:
    """The column's values as text, in their own order, the first 21 of them."""
    rows = fetch(
        f"SELECT CAST({sql} AS VARCHAR), min({sql}) FROM data WHERE ({sql}) IS NOT NULL "
        f"GROUP BY 1 ORDER BY 2 LIMIT {MAX_CLASSES + 1}"
    )
    return [value for value, _ in rows]


def importances(values: Mapping[str, float], measure: str, title: str, n: int) -> Drawn:
    """How much a model's score drops when a column is shuffled, the largest first."""
    if not values:
        raise NothingToDraw("this model has no importances")
    ordered = sorted(values.items(), key=lambda item: -item[1])
    shown = ordered[:MAX_IMPORTANCES]
    sheet = new_sheet(title, f"drop in {measure} when shuffled", "", height=max(4.0, 1.6 + 0.3 * len(shown)))
    numbers = [0.0 if math.isnan(value) else value for _, value in shown]
    drawn = sheet.axes.barh(range(len(shown)), numbers, color=PALETTE[0], alpha=0.85)
    sheet.axes.bar_label(drawn, [f"{value:.3f}" for value in numbers], fontsize=SMALL, padding=2)
    sheet.axes.set_yticks(range(len(shown)), [words(name, 24) for name, _ in shown])
    sheet.axes.invert_yaxis()
    sheet.axes.margins(x=0.12)
    left = len(ordered) - len(shown)
    return Drawn(sheet, n, (Notes.IMPORTANCE(), *([Notes.OTHER_COLUMNS(n_left=left)] if left else [])))
