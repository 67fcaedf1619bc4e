"""The clauses that may stand before and after a sentence's head, and how a wish may begin."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.compute.registered import OWN_NAME
from tools.asked import PERSONS, Sentences


@dataclass(frozen=True)
class Frame:
    """One way to ask for one tool, or for what the planner does by itself."""

    tool: str
    sentences: Sentences


LEAD = (
    "[ok|okay|hi|hello|hey|so] [,] [(can|could|would|will) you|let us|lets|(i|we) (want|need|would like|d like|id "
    "like) "
    "to (see|know|have|get)|(i|we) (want|need|would like) to|(i|we) (want|need|would like)|id like to (see|know|have)] "
    "[tell|show|give|calculate|compute|get|find|do|run|perform|conduct|make|produce|fit|estimate|draw|display|"
    "what is|what are|what was|what were|what|check|test|determine|show what is] [us]"
)
"""How a wish or a question may begin, whatever it is about."""
ROWS = f"(rows|row|observations|records|cases|data|those|ones|values|{PERSONS}|{{dataset:data}})"
FOR = f"(for|of|in|among|from|on) [only|all|just] [{ROWS}]"
HAVING = "(where|with|whose|having|have|that have|which have|for which|if|when|for|in|among|of)"
CLAUSES: dict[str, tuple[str, ...]] = {
    "loading": (
        "(as|call it|named|name it) {name:name}",
        "[,] [with] sheet {sheet:name}",
        "with (delimiter|separator) {delimiter:character}",
        "(without|with no) header {header=false}",
        "with day first {day_first=true}",
    ),
    "by": (
        "(by|for each|in each|on each|of each|for every|in every|for all|grouped by|group by|split by|broken down "
        "by|within|"
        "within each|across|separately for|separately for each|separately by) {by:groupings}",
        "per {by:repeating}",
        "(each|every|by each|by every) {by:groupings}",
        "by {by:groupings} [,] (and by|for each|in each|within each|and for each) {bymore:groupings}",
    ),
    "where": (
        f"[{FOR}] {HAVING} [only] {{where:condition}} [only|alone]",
        f"(for|of|in|among|from) [only|all] {ROWS} {{where:condition}}",
        "at {where:values}",
        f"[(for|of|in|among|from) [all] [{ROWS}]] [that are|who are|which are|,] not [from|in|on|for|of|at] "
        "{where:othervalues}",
        "(for|of|in|among|from) neither {where_not:values}",
        f"(for|of|in|among|from) (all|everything|everyone) [{ROWS}] (but|except|except for|other than|apart from) "
        "{where_not:values}",
        f"(for|in|among|within|of|from|on) [only|just|all] [{ROWS}] {{where:values}} [{{where:values}}] [only|alone|"
        f"{ROWS}]",
        "only [for|in] ({where:values}|{where:condition}|{where:year})",
        "(for|in|during|of|from) {where:years} [only|alone]",
        "{where:sinceyear}",
        "({where:values}|{where:year}) only",
        "(restricted|limited) to [only] [(rows|data) (where|with|of|for)] ({where:values}|{where:condition})",
        f"(excluding|not counting|not including|after removing|after dropping|after excluding|"
        f"except|except for|except in|without|but not|but not for|not for|not in|other than|apart from|"
        f"leaving out|omitting) [{ROWS} (where|with|of|for|from)] [in|for] "
        "({where_not:values}|{where_not:condition}|{where_not:year})",
    ),
    "data": (
        "(in|of|from|for|on|using) [this|dataset|data|table|file] {dataset:data} [data|dataset|table]",
        "(in|of|from|for|on) [this|my|our] (data|dataset|table|file|sample)",
        "{dataset:data} [data|dataset]",
    ),
    "color": ("(colored|color|grouped|split|by color|shaded) by {color:col}", "with color {color:col}"),
    "saved": ("[and] (call it|save it as|save as|saved as|save the result as|named) {save_as:name}",),
    "correlation": (
        "(using|with|by) [method] {method:correlation} [correlation|method|coefficient]",
        "{method:correlation}",
    ),
    "controls": (
        "[,] (controlling|controlled|adjusting|adjusted|correcting) for {controls:numbers}",
        "[,] partialling out {controls:numbers}",
        "(given|holding) {controls:numbers} [constant]",
    ),
    "correction": ("(with|using) {correction:correction} [correction|adjustment|method]",),
    "outliers": (
        "(using|with|by) [method] {method:outliermethod} [method|rule|scores|score|test|fences]",
        "(with|and|using|at|,|by) [{method:outliermethod} [method|rule|scores|score] [,] (with|and|at)] "
        "(threshold|cutoff|limit) [of|=] {threshold:num}",
        'beyond {threshold:num} (sd|sds|standard deviations) {method="zscore"}',
        'with (threshold|cutoff|limit) [of|=] {threshold:num} (sd|sds|standard deviations) {method="zscore"}',
    ),
    "test": ("(using|with|by) {test:grouptest}",),
    "robust": ("with (robust|heteroskedasticity robust|hc3) (standard errors|errors|se|ses) {robust=true}",),
    "origin": ("(without|with no) (intercept|constant) {intercept=false}", "through origin {intercept=false}"),
    "adjusted": ("(controlling|controlled|adjusting|adjusted) for {more:cols}",),
    "interaction": (
        "(with|and) (interaction|interactions) (of|between) {between:cols}",
        "(with|and) [their] interaction {between=[]}",
    ),
    "codes": ("(with|treating|,) {categories:cols} as (category|categories|categorical|factor|factors)",),
    "weights": ("weighted by {weights:number}", "with weights {weights:number}"),
    "exposure": ("with (exposure|offset) {exposure:number}", "with {exposure:number} as (exposure|offset)"),
    "commonline": (
        "(with|and|plus|,) [also] (common|overall|pooled|one common|single) [regression|trend|fitted|fit|least "
        "squares] line [for|over|across|of|through] [all] [groups|points|rows|data] {common_fit=true}",
        "(with|and|plus|,) [also] (one|line) [regression|trend|fitted] [line] (for|over|across|through) "
        "all [groups|points|rows|data] {common_fit=true}",
    ),
    "testsize": (
        "(with|and|using|,) test (size|share|fraction|set) [of|=] {test_size:share}",
        "(with|and|using|,|keeping|holding out|keep) {test_size:share} (for|as) (testing|test [set|data|rows])",
        "test (size|share|fraction|set) [of|=] {test_size:share}",
        "(with|and|using|,) {test_size:share} test (set|data|rows|share)",
        "(with|and|using|,|on|by) {trainpart:num} (/|:|to) {testpart:num} [train test] (split|splits)",
        "{trainpart:num} (/|:) {testpart:num} [train test] (split|splits)",
    ),
    "noline": ("(without|with no) [regression|fitted|trend|fit|least squares] line {fit=false}",),
    "backend": ("(on|in) {backend:backend}", f'locally {{backend="{OWN_NAME}"}}'),
    "seed": ("(with|using|and) [random] seed [of|=] {seed:whole}",),
    "folds": (
        "(with|using|and|by|in) {folds:whole} (fold|folds) [of] [cross validation|cv]",
        "(with|using|and|by) (cross validation|cv) {folds=5}",
        "(with|using|and|by) (cross validation|cv) (in|of|with|on) {folds:whole} folds",
        "(and|,) (cross validate|cross validate it) {folds=5}",
        "(and|,) (cross validate|cross validate it) (in|on|with) {folds:whole} folds",
    ),
    "together": (
        "[and|,] (split|splitting|parted|grouped|grouping) by {groups:col}",
        "[and|with|,] (keep|keeping) [each|every|same|rows of each|rows of one|all rows of each] {groups:col} together",
        "(with|and|,) no {groups:col} in both [parts|sides|sets]",
        "with groups [of|by|from|=] {groups:col}",
    ),
    "intime": (
        "[and|,] (train|training|trained) on past [by {time:col}] "
        "[and (test|testing|tested) on (future|later rows|latest rows|rest)] {past=true}",
        "[and|,] [split|parted|trained|tested] in order of {time:col} {past=true}",
        "[and|,] (split|splitting|parted) by time [(of|on|in|by) {time:col}] {past=true}",
    ),
    "balanced": ("(with|using|and) balanced (classes|class weights|class weight) {class_weight=true}",),
    "settings": ("(with|using|and|of|,) [(parameter|parameters|setting|settings)] {params:settings}",),
    "pictured": ("(with|and|as) (picture|plot|chart|graph|diagram)", "[and] (plot|draw) it"),
    "tuned": (
        "(with|using|and|,) (tuning|tuned parameters|parameter tuning|hyperparameter tuning) {tune=true}",
        "(and|,) (tune|tune it|tune its parameters) {tune=true}",
        "(with|using|and|,) [parameter|hyperparameter] tuning (and|with|,|of|in|over|by) [at most|up to] "
        "{trials:whole} (trials|settings) {tune=true}",
        "(with|using|and|,|trying) {trials:whole} (trials|settings)",
        "(in|within|for|taking|and|,) [at most|up to] {seconds:whole} (s|sec|seconds)",
        "(in|within|for|taking|and|,) [at most|up to] {minutes:whole} (min|minute|minutes)",
    ),
}
"""Clauses by name. What can follow a head beside them is a word that nothing accounts for."""
