"""Sentences about two raters."""

from __future__ import annotations

from tools.asked import Sentences

KAPPA = "(kappa|cohen kappa|cohens kappa)"
AND = "(and|with|vs|against)"
BETWEEN = f"{KAPPA} (of|for|between) {{first:col}} {AND} {{second:col}}"
SENTENCES = (
    Sentences(
        (
            BETWEEN,
            f'(linear|linearly) weighted {BETWEEN} {{weights="linear"}}',
            f'(quadratic|quadratically) weighted {BETWEEN} {{weights="quadratic"}}',
            "(agreement|interrater agreement|inter rater agreement|interrater reliability|inter rater reliability) "
            f"(of|for|between) {{first:col}} {AND} {{second:col}}",
            "(do|how far do|how well do) {first:col} and {second:col} agree",
        ),
        ("where", "data"),
    ),
)
