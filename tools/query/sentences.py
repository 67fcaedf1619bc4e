"""Sentences that count, list and show rows."""

from __future__ import annotations

from adapters.data.base import quote_identifier
from adapters.records import JsonValue
from tools.asked import NOUN, Asked, Bound, KnownTable, Sentences, arguments_of

SHOWN_ROWS = 10


SHARE = "(proportion|percentage|percent|share|fraction|%)"


def _query(bound: Bound, table: KnownTable) -> Asked | None:
    said = arguments_of([entry for entry in bound if entry[0] != "grouped"], table)
    if said is None:
        return None
    if said["what"] == "most":
        if str(said["dataset"]).lower() in {f"{name}s" for name in map(str.lower, table.kinds)}:
            return None  # "the most tips" of tips may be rows, or what the column tip adds up to
        said["what"] = "count"
    by = said.get("by", [])
    groups = [quote_identifier(str(name)) for name in (by if isinstance(by, list) else [by])]
    shown, order = _shown(said, groups)
    sql = f"SELECT {', '.join([*groups, shown] if shown else groups)} FROM {quote_identifier(str(said['dataset']))}"  # noqa: S608 - query locks the engine
    if "where" in said:
        sql += f" WHERE {said['where']}"
    if groups:
        sql += f" GROUP BY {', '.join(groups)}"
    limit: dict[str, JsonValue] = {"limit": said["limit"]} if "limit" in said else {}
    return {"sql": sql + order, **limit}


def _shown(said: Asked, groups: list[str]) -> tuple[str, str]:
    """What is selected beside the groups, and the order of the rows."""
    in_order = f" ORDER BY {', '.join(groups)}" if groups else ""
    column = quote_identifier(str(said.get("column")))
    if said["what"] == "count":
        return "count(*) AS n", " ORDER BY n DESC" if groups else ""
    if said["what"] == "share":
        # Of the rows in which it is known: of the others nobody can tell.
        holds = said["holds"]
        return f"avg(CAST(({holds}) AS INTEGER)) AS share, count({holds}) AS n_known", in_order
    if isinstance(rank := said.get("rank"), int):
        return f"quantile_cont({column}, {rank / 100}) AS p{rank}", in_order
    if said["what"] == "distinct":
        return f"DISTINCT {column}", f" ORDER BY {column}"
    if said["what"] == "n_distinct":
        return f"count(DISTINCT {column}) AS n", in_order
    columns = said.get("columns")
    names = ", ".join(quote_identifier(str(name)) for name in columns) if isinstance(columns, list) else "*"
    if said["what"] == "last":
        return names, " ORDER BY _row DESC"
    if "order" in said:
        return names, f" ORDER BY {quote_identifier(str(said['order']))} {said.get('direction', 'DESC')} NULLS LAST"
    return names, ""


def _rows(bound: Bound, table: KnownTable) -> Asked | None:
    return _query((("limit", SHOWN_ROWS), *bound), table)


SENTENCES = (
    Sentences(
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
    Sentences(
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
    Sentences(
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
)
