"""Sentences about the table itself: load, show, count, describe, check."""

from __future__ import annotations

from adapters.records import JsonValue
from agent.offline.frames import NOUN, Arguments, Bound, Frame, arguments_of
from agent.offline.table import KnownTable, quoted_name

SHOWN_ROWS = 10
SHARE = "(proportion|percentage|percent|share|fraction|%)"
IT = "(it|this|everything|all columns|[this|my|our] (data|dataset|table|file)|{dataset:data})"


def _query(bound: Bound, table: KnownTable) -> Arguments | None:
    said = arguments_of([entry for entry in bound if entry[0] != "grouped"], table)
    if said is None:
        return None
    if said["what"] == "most":
        if str(said["dataset"]).lower() in {f"{name}s" for name in map(str.lower, table.kinds)}:
            return None  # "the most tips" of tips may be rows, or what the column tip adds up to
        said["what"] = "count"
    by = said.get("by", [])
    groups = [quoted_name(str(name)) for name in (by if isinstance(by, list) else [by])]
    shown, order = _shown(said, groups)
    sql = f"SELECT {', '.join([*groups, shown] if shown else groups)} FROM {quoted_name(str(said['dataset']))}"  # noqa: S608 - query locks the engine
    if "where" in said:
        sql += f" WHERE {said['where']}"
    if groups:
        sql += f" GROUP BY {', '.join(groups)}"
    limit: dict[str, JsonValue] = {"limit": said["limit"]} if "limit" in said else {}
    return {"sql": sql + order, **limit}


def _shown(said: Arguments, groups: list[str]) -> tuple[str, str]:
    """What is selected beside the groups, and the order of the rows."""
    in_order = f" ORDER BY {', '.join(groups)}" if groups else ""
    column = quoted_name(str(said.get("column")))
    if said["what"] == "count":
        return "count(*) AS n", " ORDER BY n DESC" if groups else ""
    if said["what"] == "share":
        # Of the rows in which it is known: of the others nobody can tell.
        holds = said["holds"]
        return f"avg(CAST(({holds}) AS INTEGER)) AS share, count({holds}) AS n_known", in_order
    if said["what"] == "percentile":
        return f"quantile_cont({column}, {int(str(said['rank'])) / 100}) AS p{said['rank']}", in_order
    if said["what"] == "distinct":
        return f"DISTINCT {column}", f" ORDER BY {column}"
    if said["what"] == "n_distinct":
        return f"count(DISTINCT {column}) AS n", in_order
    columns = said.get("columns")
    names = ", ".join(quoted_name(str(name)) for name in columns) if isinstance(columns, list) else "*"
    if said["what"] == "last":
        return names, " ORDER BY _row DESC"
    if "order" in said:
        return names, f" ORDER BY {quoted_name(str(said['order']))} {said.get('direction', 'DESC')} NULLS LAST"
    return names, ""


def _describe(bound: Bound, table: KnownTable) -> Arguments | None:
    said = arguments_of(bound, table)
    asked = None if said is None else said.get("asked")
    statistics = asked if isinstance(asked, list) else []
    if said is not None and said.get("columns") == [*table.kinds]:
        del said["columns"]  # what describe does unasked
    if said is not None and any("in detail" in str(one["of"]) for one in statistics if isinstance(one, dict)):
        said["detail"] = True
    return said


def _rows(bound: Bound, table: KnownTable) -> Arguments | None:
    return _query((("limit", SHOWN_ROWS), *bound), table)


LOOKING = (
    Frame(
        "load_dataset",
        (
            "(load|open|read|import|use|take|look at|here is) [my|file|data|in] [file|data|dataset] [from|in|:] "
            "{source:file}",
            "{source:file}",
        ),
        ("loading",),
        lambda bound, table: dict(bound),
    ),
    Frame(
        "describe",
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
    Frame(
        "query",
        (
            f'how many {NOUN} (are there|is there|does it have|do we have|are in it|do i have) {{what="count"}}',
            f'how many {NOUN} [are] {{what="count"}}',
            f'(count|number of|count of) [{NOUN}] {{what="count"}}',
            'count {by:spelled} {what="count"}',
            '(count of|value counts of|value counts for|frequencies of|counts of) {by:groupings} {what="count"}',
            'how many (unique|distinct|different) [values of|values in] {column:col} [are there] {what="n_distinct"}',
            f"how many {NOUN} (of|in|on|at|from) each {{by:groupings}} [are there|exist|do we have|is there] "
            '{what="count"}',
            f'(which|what) {{by:groupings}} (has|have) [the] most {NOUN} {{what="most"}}',
            f"{SHARE} of [all] {NOUN} (are|is|were) [in|on|at|from] ({{holds:values}}|{{holds:condition}}) "
            '{what="share"}',
            f'{SHARE} of [all] {NOUN} (with|have|has|whose|where) {{holds:condition}} {{what="share"}}',
            f'{SHARE} of {{holds:values}} [{NOUN}] {{what="share"}}',
            f'{SHARE} of [all] {NOUN} (in|on|at|from) {{holds:values}} {{what="share"}}',
            f"how many {{where:values}} [{{where:values}}] [{NOUN}] [are there|are in it|do we have|exist] "
            f'{{what="count"}}',
            f'how many {NOUN} (are|come from|live on) [from|in|on|at] {{where:values}} {{what="count"}}',
            f'how many {{where:values}} [{NOUN}] are [from|in|on|at] {{where:values}} {{what="count"}}',
            f'how many [{NOUN}] (have|has) {{where:condition}} {{what="count"}}',
            f'count {{where:values}} [{NOUN}] {{what="count"}}',
            'how many (by|per|for each|in each) {by:groupings} {what="count"}',
            'how many {column:kindsof} [are there|exist|do we have] {what="n_distinct"}',
            f'how many {NOUN} (are|were) {{where:condition}} {{what="count"}}',
            f'number of {{where:values}} [{NOUN}] {{what="count"}}',
            "(number of|count of|count) (unique|distinct|different) [values of|values in] {column:col} "
            '{what="n_distinct"}',
            '{rank:rank} percentile (of|for) {column:number} {what="percentile"}',
        ),
        ("by", "where", "data"),
        _query,
    ),
    Frame(
        "query",
        (
            '(list|print|what are) [all] (unique|distinct|different) values (of|in) {column:col} {what="distinct"}',
            '(unique|distinct) values (of|in) {column:col} {what="distinct"}',
            '(unique|distinct|different) {column:col} {what="distinct"}',
            'which (unique|distinct|different) {column:col} (are there|exist) {what="distinct"}',
            f'(which|what) {NOUN} (have|has|with|where|are|were) {{where:condition}} {{what="rows"}} '
            f"{{limit={SHOWN_ROWS}}}",
            f'(which|what) {NOUN} (are|were) [in|on|from|at] {{where:values}} {{what="rows"}} {{limit={SHOWN_ROWS}}}',
            '(who|which row|which one) (has|have) {direction:extreme} {order:number} {what="rows"} {limit=1}',
            '[show|print|list] [me] first row {what="rows"} {limit=1}',
            '[show|print|list] [me] last row {what="last"} {limit=1}',
            f'[show|print|list] [me] [first] {{limit:whole}} {NOUN} {{what="rows"}}',
            f'[show|print|list] [me] last {{limit:whole}} {NOUN} {{what="last"}}',
            f'[show|print|list] [me] top {{limit:whole}} [{NOUN}] (by|for) {{order:number}} {{what="rows"}}',
            f'[show|print|list] [me] bottom {{limit:whole}} [{NOUN}] (by|for) {{order:number}} {{direction="ASC"}} '
            f'{{what="rows"}}',
            '[show|print|list] [me] top {limit:whole} {order:number} {what="rows"}',
            '[show|print|list] [me] {limit:whole} {direction:extreme} {order:number} {what="rows"}',
            f"[show|print|list] [me] {{limit:whole}} {NOUN} with {{direction:extreme}} {{order:number}} "
            f'{{what="rows"}}',
        ),
        ("where", "data"),
        _query,
    ),
    Frame(
        "query",
        (
            "(show|print|list|display|view|see) [me] [some|first|head of] (rows|data|table|{dataset:data}) "
            '{what="rows"}',
            '[show] first rows {what="rows"}',
            'what does [this|my|our] [data|dataset|table|it] look like {what="rows"}',
            '(show|print|list|display) {columns:cols} {what="rows"}',
        ),
        ("where", "data"),
        _rows,
    ),
    Frame(
        "check_quality",
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
"""What can be asked of load_dataset, describe, query and check_quality."""
