"""Sentences that compare groups, pairs, and one sample with a value."""

from __future__ import annotations

from tools.asked import NOUN, Asked, Bound, KnownTable, Sentences, arguments_of, take_columns

BETWEEN = "(between|by|across|among|over|for|in|with|per|for each|within)"


def _repeated(bound: Bound, table: KnownTable) -> Asked | None:
    said = arguments_of(bound, table)
    if said is None:
        return None
    columns = take_columns(said, "columns")
    return {**said, "value": columns[0], "repeated": columns[1:]}


SENTENCES = (
    Sentences(
        (
            f"(does|do|did) [mean|average] {{value:col}} [significantly] (differ|vary) [significantly] {BETWEEN} "
            f"({{group:col}}|{{pair:groups}})",
            f"[is there] [any] [significant|statistically significant] (difference|differences) (in|of) [mean|"
            f"average] {{value:col}} {BETWEEN} ({{group:col}}|{{pair:groups}})",
            "(is|are) [difference|differences] in [mean|average] {value:col} (between|by|across|among) "
            "({group:col}|{pair:groups}) significant",
            f"[test] (whether|if|that) [mean|average] {{value:col}} (differs|is different) {BETWEEN} ({{group:col}}|"
            f"{{pair:groups}})",
            f"is [mean|average] {{value:col}} [significantly] different {BETWEEN} ({{group:col}}|{{pair:groups}})",
            f"(do|does) {{pair:groups}} [{NOUN}] differ [significantly] in [mean|average] {{value:number}}",
            "(which|what) [pairs of] {group:text} differ [significantly] in [mean|average] {value:number}",
            "effect [size] of {group:text} on {value:number}",
            f"(effect size|(post hoc|posthoc|pairwise) (test|tests|comparison|comparisons)) (of|for|in|on) "
            f"{{value:number}} {BETWEEN} ({{group:text}}|{{pair:groups}})",
            "[test] (whether|if|that) [mean|average] {value:col} (differs|is different) (between|for|across) "
            "{pair:groups} {where:values}",
            "(does|do|did) [mean|average] {value:col} [significantly] (differ|vary) (between|for|across) "
            "{pair:groups} {where:values}",
            "(does|do) {group:text} (affect|influence|matter for|make difference in|make difference for) "
            "{value:number}",
            "compare [mean|average] {value:number} (between|by|across|among|of|for|in|at|on) [all|different] "
            "({group:text}|{pair:groups})",
            f"{{test:grouptest}} {{value:number}} {BETWEEN} ({{group:text}}|{{pair:groups}})",
            f"{{test:grouptest}} (of|for|on|comparing|to compare|with) {{value:col}} {BETWEEN} ({{group:col}}|"
            f"{{pair:groups}})",
            "(two way anova|two way analysis of variance) (of|for) {value:number} (by|with|on|across) {group:col} "
            'and {group2:col} {test="two_way_anova"}',
            "(is|are) {value:measure} (related to|associated with) {group:text}",
            f"(does|do) [share|proportion|rate|percentage] of {{value:col}} differ {BETWEEN} {{group:col}} "
            f'{{test="proportions"}}',
            "is [mean|average] {value:number} [significantly] {alternative:direction} (in|for|among|of) {pair:groups}",
        ),
        ("by", "where", "data", "test"),
    ),
    Sentences(
        (
            "{test:pairtest} (of|between|for|on|comparing|to compare) {value:number} (and|with|vs|against|to) "
            "{value2:number}",
            "{test:onetest} (of|for|on|whether) {value:number} (against|vs|with mu|with mean|with mean of|=|is|to|"
            "at) {mu:num}",
            "(is|whether|test whether|test if) (mean|average) [of] {value:number} [equal to|equals|is|different "
            "from|differs from] {mu:num}",
            "(does|whether) (mean|average) [of] {value:number} (differ|differs) [significantly] from {mu:num}",
        ),
        ("by", "where", "data"),
    ),
    Sentences(
        ("{test:manytest} (of|between|for|on|comparing|across) {columns:numbers3}",), ("by", "where", "data"), _repeated
    ),
)
