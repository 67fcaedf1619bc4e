"""What is told of a result of compare_groups without Claude."""

from __future__ import annotations

from collections.abc import Sequence

from tools.compare_groups.result import Comparison, MeanOfGroup, Pair, ShareOfGroup
from tools.results import MadeCall
from tools.telling import as_table, p_shown, warned

RANKED = {"kruskal": ("difference of mean ranks (b - a)", "Dunn"), "friedman": ("median of b - a", "Wilcoxon")}


def told(call: MadeCall[Comparison]) -> str:
    """The sentences and tables."""
    result = call.result
    shares = [[one.group, one.n, one.yes, one.share] for one in result.groups if isinstance(one, ShareOfGroup)]
    means = [[one.group, one.n, one.mean, one.sd, one.median] for one in result.groups if isinstance(one, MeanOfGroup)]
    table = (
        as_table(["group", "n", "yes", "share"], shares)
        if shares
        else as_table(["group", "n", "mean", "sd", "median"], means)
    )
    more = _pairs_of_groups(result.post_hoc, result.test)
    why = [] if result.why is None else [f"Why this test: {result.why}."]
    return "\n\n".join([result.interpretation, *why, table, *more, *warned(result.warnings)])


def _pairs_of_groups(pairs: Sequence[Pair], test: str) -> list[str]:
    """Each two groups, and what corrected their p."""
    if not pairs:
        return []
    label, by_ranks = RANKED.get(test, ("b - a", None))
    ways = [pair.p_method.corrected_by for pair in pairs]
    named = ["–" if way is None else way if by_ranks is None else f"{by_ranks} with {way}" for way in ways]
    rows = [[pair.a, pair.b, pair.difference, p_shown(pair.p, pair.p_is_bound)] for pair in pairs]
    if len(set(named)) == 1:
        return [as_table(["a", "b", label, f"p ({named[0]})"], rows)]
    told = [[*row, way] for row, way in zip(rows, named, strict=True)]
    return [as_table(["a", "b", label, "p (corrected)", "corrected by"], told)]
