"""What a model does: its prediction along a feature, its errors, its probabilities, one prediction, its learning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tools.plots.canvas import PALETTE, SMALL, Drawn, new_sheet, words
from tools.plots.notes import Notes
from tools.plots.values import Floats

MAX_POINTS = 5_000
MAX_BARS = 15
MAX_MARKS = 200
ALPHA = 0.5


@dataclass(frozen=True)
class Bin:
    """Rows of like probability: how many, the mean of what the model says, the share of events and its interval."""

    n: int
    said: float
    share: float
    low: float
    high: float


def dependence(
    values: Sequence[float | str], means: Sequence[float], names: tuple[str, str], title: str, seen: Floats
) -> Drawn:
    """The mean prediction for each value of a feature, a line over numbers and a dot for each word.

    `names` are the feature's and the prediction's; `seen` are the feature's own numbers, marked along the foot.
    """
    name, said = names
    if isinstance(values[0], str):
        sheet = new_sheet(title, said, "", height=max(4.0, 1.6 + 0.3 * len(values)))
        sheet.axes.plot(means, range(len(values)), color=PALETTE[0], linestyle="none", marker="o", markersize=8)
        sheet.axes.margins(0.1)
        sheet.axes.set_yticks(range(len(values)), [words(str(value), 24) for value in values])
        sheet.axes.invert_yaxis()
        return Drawn(sheet, len(seen), (Notes.DEPENDENCE(),))
    sheet = new_sheet(title, name, said)
    sheet.axes.plot(values, means, color=PALETTE[0], linewidth=2, marker="o", markersize=3)
    marks = np.quantile(seen, np.linspace(0, 1, MAX_MARKS)) if len(seen) > MAX_MARKS else seen
    foot = sheet.axes.get_xaxis_transform()
    sheet.axes.vlines(marks, 0, 0.02, transform=foot, color="#999999", linewidth=0.6)
    return Drawn(sheet, len(seen), (Notes.DEPENDENCE(), Notes.MARKS()))


def errors(predicted: Floats, residuals: Floats, target: str, title: str) -> Drawn:
    """The error of each test row against what the model said of it."""
    sheet = new_sheet(title, f"predicted {words(target, 20)}", "error")
    drawn = np.random.default_rng(0).permutation(len(predicted))[:MAX_POINTS]
    sheet.axes.axhline(0, color="#999999", linestyle="--", linewidth=1)
    sheet.axes.scatter(predicted[drawn], residuals[drawn], s=12, color=PALETTE[0], alpha=ALPHA, linewidths=0)
    sample = [Notes.SAMPLE(n_drawn=len(drawn), n_all=len(predicted))] if len(drawn) < len(predicted) else []
    return Drawn(sheet, len(predicted), (Notes.ERRORS(), Notes.TEST_ROWS(), *sample))


def learning(sizes: Sequence[int], trained: Floats, later: tuple[Floats, Floats], measure: str, title: str) -> Drawn:
    """The score on the rows of the fit and on others, with one sd of it, by how many rows were fitted to."""
    mean, sd = later
    sheet = new_sheet(title, "rows fitted to", measure)
    sheet.axes.plot(
        sizes, trained, color=PALETTE[1], linewidth=2, marker="o", markersize=4, label="the rows of the fit"
    )
    sheet.axes.plot(sizes, mean, color=PALETTE[0], linewidth=2, marker="o", markersize=4, label="other rows")
    sheet.axes.fill_between(sizes, mean - sd, mean + sd, color=PALETTE[0], alpha=0.2, linewidth=0)
    sheet.axes.legend(fontsize=SMALL)
    return Drawn(sheet, max(sizes), (Notes.LEARNING(),))


def calibration(bins: Sequence[Bin], event: str, title: str, error: float, brier: float) -> Drawn:
    """The share of events among rows of like probability against that probability."""
    name = words(event, 20)
    sheet = new_sheet(title, f"probability of {name}", f"share that is {name}")
    said, share = np.array([one.said for one in bins]), np.array([one.share for one in bins])
    reach = np.array([[one.share - one.low for one in bins], [one.high - one.share for one in bins]])
    sheet.axes.plot([0, 1], [0, 1], color="#999999", linestyle="--", linewidth=1)
    sheet.axes.errorbar(said, share, yerr=np.maximum(reach, 0), color=PALETTE[0], fmt="o-", linewidth=2, elinewidth=1)
    sheet.axes.set_xlim(-0.02, 1.02)
    sheet.axes.set_ylim(-0.02, 1.02)
    noted = (Notes.CALIBRATION_ERROR(error=error, brier=brier), Notes.CALIBRATION(), Notes.TEST_ROWS())
    return Drawn(sheet, sum(one.n for one in bins), noted)


def threshold(tried: Floats, values: Floats, chosen: tuple[float, int], names: tuple[str, str], title: str) -> Drawn:
    """The aim at each threshold on training rows out of fold, with the one that was chosen and 0.5.

    `chosen` is the threshold and the number of rows, `names` are the event's and the aim's.
    """
    (at, n), (event, aim) = chosen, names
    sheet = new_sheet(title, f"{words(event, 20)} from this probability on", aim)
    sheet.axes.plot(tried, values, color=PALETTE[0], linewidth=2)
    sheet.axes.axvline(at, color=PALETTE[1], linewidth=1.5, label=f"chosen: {at:.3g}")
    sheet.axes.axvline(0.5, color="#999999", linestyle="--", linewidth=1, label="0.5")
    sheet.axes.set_xlim(-0.02, 1.02)
    sheet.axes.legend(fontsize=SMALL)
    return Drawn(sheet, n, (Notes.OUT_OF_FOLD(),))


def contributions(added: Mapping[str, float], average: float, said: float, scale: str, title: str) -> Drawn:
    """What each feature adds to the mean prediction, the largest first; `added` are names with the row's values."""
    ordered = sorted(added.items(), key=lambda item: -abs(item[1]))
    shown = ordered[:MAX_BARS]
    sheet = new_sheet(title, f"adds to {scale}", "", height=max(4.0, 1.6 + 0.3 * len(shown)))
    numbers = [value for _, value in shown]
    colors = [PALETTE[0] if value >= 0 else PALETTE[1] for value in numbers]
    drawn = sheet.axes.barh(range(len(shown)), numbers, color=colors, alpha=0.85)
    sheet.axes.bar_label(drawn, [f"{value:+.3g}" for value in numbers], fontsize=SMALL, padding=2)
    sheet.axes.axvline(0, color="#666666", linewidth=1)
    sheet.axes.set_yticks(range(len(shown)), [words(name, 28) for name, _ in shown])
    sheet.axes.invert_yaxis()
    sheet.axes.margins(x=0.18)
    left = len(ordered) - len(shown)
    noted = (Notes.CONTRIBUTIONS(average=average, said=said), *([Notes.OTHER_COLUMNS(n_left=left)] if left else []))
    return Drawn(sheet, 1, noted)
