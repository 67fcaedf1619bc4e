"""Sentences about what goes with what."""

from __future__ import annotations

from tools.asked import Sentences

AND = "(and|with|to|vs|versus|against|on)"
SENTENCES = (
    Sentences(
        (
            "correlate {x:number} (and|with|to|vs|against) {y:number}",
            f"[is there] [any] [{{method:correlation}}] (correlation|correlations|relationship|association) "
            f"(between|of|for) {{x:number}} {AND} {{y:number}}",
            f"{{method:correlation}} [correlation] (between|of|for) {{x:number}} {AND} {{y:number}}",
            "(how does|how do) {x:number} (go with|go together with|relate to|vary with|change with|depend on|"
            "correlate with) {y:number}",
            "how (are|is) {x:number} (and|with) {y:number} (related|correlated|associated)",
            "(are|is) {x:number} and {y:number} (related|correlated|associated)",
            "is {x:measure} (related to|related with|correlated with|correlated to|associated with) {y:number}",
            "does {x:number} (rise|increase|grow|go|correlate) with {y:number}",
            "partial [{method:correlation}] correlation (between|of) {x:number} (and|with) {y:number} "
            "(controlling for|adjusting for|adjusted for|controlled for|given|holding|partialling out) "
            "{controls:numbers} [constant]",
        ),
        ("by", "where", "data", "correlation", "controls"),
    ),
    Sentences(
        (
            "(what|which columns|which variables) (correlates|correlate|goes|go|is correlated|are correlated|is "
            "associated|are associated) with {target:number}",
            "what is {target:number} (correlated|associated|related) (with|to)",
            "(correlate|correlation of|correlations of|correlation between) {target:number} (with|and) (everything|"
            "all other columns|all others|all columns|the rest)",
            "correlate {columns:numbers3}",
            "[{method:correlation}] (correlations|correlation) (between|of|among|for) {columns:numbers3}",
            "[{method:correlation}] correlation matrix (of|for) {columns:numbers2}",
            "[{method:correlation}] (correlation matrix|correlations) [of (data|all columns|everything|it)]",
            "correlate (everything|all columns|all|it|data)",
        ),
        ("by", "where", "data", "correlation", "correction"),
    ),
)
