"""Sentences about normality and distributions."""

from __future__ import annotations

from tools.asked import Sentences, of_one_group

SENTENCES = (
    Sentences(
        (
            "(is|are) {column:number} [(of|for|in|among) {where:values}] (normal|normally distributed|gaussian)",
            "does {column:number} follow [normal|gaussian] distribution",
            "test [whether|if] {column:number} (for normality|is normal|is normally distributed)",
            "(normality|normality test|test normality|check normality|test of normality|test for normality|shapiro|"
            "shapiro wilk|"
            "shapiro test|shapiro wilk test) (of|for|on) {column:number}",
            "(whether|if) {column:number} is (normal|normally distributed)",
            "how (is|are) {column:number} distributed",
            "distribution of {column:number}",
            "(which|what) distribution (fits|describes) {column:number} [best]",
            "what distribution does {column:number} follow",
        ),
        ("by", "where", "data"),
        of_one_group,
    ),
)
