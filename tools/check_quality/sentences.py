"""Sentences about missing values, duplicates and what is wrong."""

from __future__ import annotations

from tools.asked import IT, NOUN, Sentences

SENTENCES = (
    Sentences(
        (
            f"check [{IT}]",
            f"check [data] quality [of {IT}]",
            f"check quality of {IT}",
            "check {columns:cols}",
            f"is [anything|something] wrong with {IT}",
            f"what is wrong with {IT}",
            "anything wrong with data",
            "is [my|our] (data|dataset|table) clean",
            "are there [any] (missing values|duplicates|missing values or duplicates|duplicates or outliers)",
            "(how many) missing [values|data] [are|is] [there] (in|of) {columns:cols}",
            "[are there] [any] missing (values|data) (in|of) {columns:cols}",
            "how many missing values (are there|does it have)",
            "how many missing values",
            "how many (have|has) (missing|no) [values of|value of] {columns:cols}",
            "how many [values] are missing [(in|of|for) {columns:cols}]",
            f"how many {NOUN} (are missing|have missing|have no|lack|do not have) [values of|value of] "
            "{columns:cols}",
            "(percentage|percent|%|proportion|share|fraction|number|count) of missing [values|data] [(in|of|for)] "
            "{columns:cols}",
            "(which|what) (column|columns) (has|have|contains|contain) [the] most missing [values|data]",
            "(which|what) columns (have|has|contain) missing (values|data)",
            "check for (missing values|duplicates|duplicates and missing values|missing values and duplicates)",
            "data quality [report]",
        ),
        ("where", "data"),
    ),
)
