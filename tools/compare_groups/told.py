"""What is told of a result of compare_groups without Claude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.telling import Outcome, as_table, listed, p_of, warned

RANKED = {"kruskal": ("difference of mean ranks (b - a)", "Dunn"), "friedman": ("median of b - a", "Wilcoxon")}


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    groups = listed(result, "groups")
    head = ["group", "n", *(["yes", "share"] if groups and "share" in groups[0] else ["mean", "sd", "median"])]
    table = as_table(head, [[group[name] for name in head] for group in groups])
    more = _pairs_of_groups(listed(result, "post_hoc"), str(result["test"]))
    why = [f"Why this test: {result['why']}."] if "why" in result else []
    return "\n\n".join([result["interpretation"], *why, table, *more, *warned(listed(result, "warnings"))])


def _pairs_of_groups(pairs: Sequence[Mapping[str, Any]], test: str) -> list[str]:
    """Each two groups, and what corrected their p: the method of a pair says it after its last comma."""
    if not pairs:
        return []
    label, by_ranks = RANKED.get(test, ("b - a", None))
    ways = [method.split(", ")[-1] if ", " in method else "–" for method in (str(pair["p_method"]) for pair in pairs)]
    ways = [f"{by_ranks} with {way}" if by_ranks and way != "–" else way for way in ways]
    rows = [[pair["a"], pair["b"], pair["difference"], p_of(pair)] for pair in pairs]
    if len(set(ways)) == 1:
        return [as_table(["a", "b", label, f"p ({ways[0]})"], rows)]
    told = [[*row, way] for row, way in zip(rows, ways, strict=True)]
    return [as_table(["a", "b", label, "p (corrected)", "corrected by"], told)]
