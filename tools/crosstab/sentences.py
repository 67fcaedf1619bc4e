"""Sentences about two categories."""

from __future__ import annotations

from tools.asked import Sentences

SENTENCES = (
    Sentences(
        (
            "(crosstab|cross tab|cross tabulate|cross tabulation|crosstabulation|contingency table|two way table|"
            "frequency "
            "table|count|cross) [of|for|between] {row:col} (and|by|with|vs|against) {column:col}",
            "{test:tabletest} [of|for|on] [independence] [of|between|for] {row:col} (and|by|with|vs|against) "
            "{column:col}",
            "(is|are) {row:category} (associated with|related to|dependent on|independent of|associated to) "
            "{column:category}",
            "(are|is) {row:category} and {column:category} (associated|related|independent|dependent)",
            "is there [any] (association|relationship) between {row:category} and {column:category}",
        ),
        ("by", "where", "data"),
    ),
)
