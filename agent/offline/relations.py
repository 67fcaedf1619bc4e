"""Sentences about what goes with what: correlate, compare, count, explain; distributions and outliers."""

from __future__ import annotations

from agent.offline.frames import NOUN, Arguments, Bound, Frame, arguments_of
from agent.offline.table import KnownTable

BETWEEN = "(between|by|across|among|over|for|in|with|per|for each|within)"
AND = "(and|with|to|vs|versus|against|on)"


def _regress(bound: Bound, table: KnownTable) -> Arguments | None:
    said = arguments_of(bound, table)
    if said is None:
        return None
    rest = said.pop("rest", None)
    if isinstance(rest, list):
        said["features"] = [name for name in rest if name != said["target"]]
    features, more, between = said.pop("features"), said.pop("more", []), said.pop("between", None)
    assert isinstance(features, list)  # noqa: S101 - a slot of columns
    assert isinstance(more, list)  # noqa: S101 - a slot of columns
    said["features"] = [*features, *(name for name in more if name not in features)]
    if between is not None:
        columns = between or features
        if not isinstance(columns, list) or len(columns) < 2 or not set(map(str, columns)) <= set(map(str, features)):
            return None
        said["interactions"] = [{"columns": list(columns)}]
    if said.get("kind") == "ols":
        del said["kind"]
    if "weights" in said:
        said["kind"] = "wls"
    return None if said["target"] in features else said


def _repeated(bound: Bound, table: KnownTable) -> Arguments | None:
    said = arguments_of(bound, table)
    if said is None:
        return None
    columns = said.pop("columns")
    assert isinstance(columns, list)  # noqa: S101 - a slot of columns
    return {**said, "value": columns[0], "repeated": columns[1:]}


def _one_by(bound: Bound, table: KnownTable) -> Arguments | None:
    said = arguments_of(bound, table)
    return None if said is None or isinstance(said.get("by"), list) else said


RELATIONS = (
    Frame(
        "correlate",
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
    Frame(
        "correlate",
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
    Frame(
        "compare_groups",
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
    Frame(
        "compare_groups",
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
    Frame(
        "compare_groups",
        ("{test:manytest} (of|between|for|on|comparing|across) {columns:numbers3}",),
        ("by", "where", "data"),
        _repeated,
    ),
    Frame(
        "crosstab",
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
    Frame(
        "analyze_distribution",
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
        _one_by,
    ),
    Frame(
        "find_outliers",
        (
            "[show|list|detect|identify|report] [which are|are there] [any|all] (outliers|outlying values) (of|in|"
            "for|from|among) {columns:numbers}",
            "(has|have|does) {columns:numbers} [have] [any] outliers",
            "which (rows|values) (of|in) {columns:numbers} are (outliers|outlying)",
            "(are there|detect|identify|any) [any] outliers (of|in|for) {columns:numbers}",
            '(remove|drop|delete|exclude) [all] outliers (of|in|from|for) {columns:numbers} {action="remove"}',
            '(remove|drop|delete|exclude) [all] {columns:numbers} outliers {action="remove"}',
            "{columns:numbers} outliers",
            'find outliers (of|in) {columns:numbers} and (remove|drop) them {action="remove"}',
            "replace [all] outliers (of|in|from) {columns:numbers} (with|by) {replace_with:replacement} "
            '{action="replace"}',
            'winsorize {columns:numbers} {action="replace"}',
            '(high|upper|large) outliers (of|in) {columns:numbers} {side="high"}',
            '(low|lower|small) outliers (of|in) {columns:numbers} {side="low"}',
            "multivariate outliers (of|in|for) {columns:numbers2} (by|using|with) {method:outliermethod}",
        ),
        ("by", "where", "data", "outliers"),
        _one_by,
    ),
    Frame(
        "regress",
        (
            "regress {target:col} (on|against) {features:cols}",
            "[linear|least squares] regression (of|for) {target:col} (on|against|from|using) {features:cols}",
            "{kind:regression} [of|for] {target:col} (on|against|from|using|with|explained by) {features:cols}",
            "regress {target:col} (on|against) {rest:allbut}",
            "[linear|least squares] regression (of|for) {target:col} (on|against|from|using|with) {rest:allbut}",
            "{kind:regression} [of|for] {target:col} (on|against|from|using|with|explained by) {rest:allbut}",
            "(explain|model) {target:col} (by|with|from|using|as a function of|on) {features:cols}",
        ),
        ("by", "where", "data", "robust", "origin", "adjusted", "interaction", "codes", "weights", "exposure"),
        _regress,
    ),
)
"""What can be asked of correlate, compare_groups, crosstab, analyze_distribution, find_outliers and regress."""
