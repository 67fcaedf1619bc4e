"""What a comparison of models says: the best by the first measure, and every measure that tells two models apart."""

from __future__ import annotations

from collections.abc import Sequence

from prompts import render
from tools.compare_models.differences import Asked, Found
from tools.compare_models.rows import Rows
from tools.p_values import p_words
from tools.telling import number


def sentence(rows: Rows, asked: Sequence[Asked], found: Sequence[Found], best: Sequence[int]) -> str:
    """Which model is best by the first measure, which it is told apart from, and what the other measures show.

    Parameters
    ----------
    best : sequence of int
        The models' places, the best by the first measure first.
    """
    first, measure = best[0], found[0].measure
    shown = "rmse" if measure == "mse" else measure
    names = [one.model_id for one in asked]
    mine = [one for one in found if one.measure == measure and first in (one.first, one.second)]
    alike = [one for one in mine if one.favors != first]
    certain = [one for one in found if one.favors is not None and one not in mine]
    return render(
        "compare_models",
        n=f"{len(rows.y_true):,}",
        rows=rows.kind,
        dataset=rows.dataset,
        measure=shown,
        best=names[first],
        scores=[(names[at], number(asked[at].metrics[shown])) for at in best],
        tested="squared errors" if measure == "mse" else "rows that only one of them has right",
        beaten=[_other(one, first, names) for one in mine if one.favors == first],
        alike=[_other(one, first, names) for one in alike],
        certain=_by_winner(certain, names),
        silent=[name for name in dict.fromkeys(one.measure for one in found) if name not in (measure, shown)],
    )


def _other(one: Found, first: int, names: Sequence[str]) -> tuple[str, str]:
    return names[one.second if one.first == first else one.first], _how_sure(one)


def _by_winner(certain: Sequence[Found], names: Sequence[str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each measure and the model that it finds better, with the models that are worse by it."""
    found: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for one in certain:
        assert one.favors is not None  # noqa: S101 - those that favor none are not certain
        found.setdefault((one.measure, one.favors), []).append(_other(one, one.favors, names))
    return [(measure, names[winner], worse) for (measure, winner), worse in found.items()]


def _how_sure(one: Found) -> str:
    """The p, or of a measure without a test the interval of the difference."""
    if one.p is not None:
        return f"p {p_words(one.p_said)}"
    return f"interval of the difference {number(one.ci_low)} to {number(one.ci_high)}"
