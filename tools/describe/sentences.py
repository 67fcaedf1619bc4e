"""Sentences about columns as they are: statistics, summaries."""

from __future__ import annotations

from tools.asked import IT, Asked, Bound, KnownTable, Sentences, arguments_of


def _describe(bound: Bound, table: KnownTable) -> Asked | None:
    said = arguments_of(bound, table)
    asked = None if said is None else said.get("asked")
    statistics = asked if isinstance(asked, list) else []
    if said is not None and said.get("columns") == [*table.kinds]:
        del said["columns"]  # what describe does unasked
    if said is not None and any("in detail" in str(one["of"]) for one in statistics if isinstance(one, dict)):
        said["detail"] = True
    return said


SENTENCES = (
    Sentences(
        (
            "(describe|summarize|summary of|summary for|summary statistics of|summary statistics for|descriptive "
            "statistics of|descriptive statistics for|statistics of|statistics for|stats of|stats for) {columns:cols}",
            f"(describe|summarize) [{IT}] [please]",
            "(describe|summarize|summary of|summary statistics of|statistics of|statistics for) {columns:allbut}",
            "{asked:statistics} [value|values] [of|for|in] {columns:allnumbers}",
            "(describe|summarize|summary of|summary statistics of|statistics of|statistics for) {columns:allnumbers}",
            "{asked:statistics} [value|values] (of|for|in) {where:values} {columns:cols}",
            "{asked:statistics} {where:values} {columns:cols}",
            f"(summary|overview|descriptive statistics|summary statistics) [(of|for) {IT}]",
            "[what|which] columns (are there|does it have|do we have|are in it)",
            "{columns:named} by {by:groupings}",
            "{asked:statistics} [value|values] [of|for|in] {columns:cols}",
            "{asked:statistics} [value|values] {columns:cols} (is|are) there",
            "{columns:named} {asked:statistics}",
            "population (sd|standard deviation) (of|for) {columns:cols} {ddof=0}",
            "[95 [%]] (confidence interval|confidence intervals|ci) (of|for|around) [(mean|average) [of]] "
            "{columns:cols} {detail=true}",
        ),
        ("by", "where", "data"),
        _describe,
    ),
)
