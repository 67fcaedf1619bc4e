"""Sentences that ask for a cleaned or changed table: one step of transform."""

from __future__ import annotations

from collections.abc import Callable

from adapters.data.base import quote_identifier
from adapters.records import JsonValue
from tools.asked import Asked, Bound, KnownTable, Sentences, arguments_of, negated, take_columns

REMOVE = "(remove|drop|delete)"


def _step(op: str, change: Callable[[Asked], Asked | None] = dict) -> Callable[[Bound, KnownTable], Asked | None]:
    """A builder of transform's arguments: the dataset and one step with all that was said."""

    def build(bound: Bound, table: KnownTable) -> Asked | None:
        said = arguments_of(bound, table)
        if said is None:
            return None
        dataset, saved = said.pop("dataset"), said.pop("save_as", None)
        changed = change(said)
        if changed is None:
            return None
        step: JsonValue = {"op": op, **changed}
        return {"dataset": dataset, "steps": [step], **({} if saved is None else {"save_as": saved})}

    return build


def _sorted(said: Asked) -> Asked:
    # Behind several columns an order may be meant of all or of the last: that is not read.
    columns = take_columns(said, "columns") or [said.get("column")]
    is_descending = bool(said.get("descending", False))
    return {"by": [{"column": name, "descending": is_descending} for name in columns]}


def _grouped(said: Asked) -> Asked:
    by = said.get("by")
    return said if by is None or isinstance(by, list) else {**said, "by": [by]}


def _joined(said: Asked) -> Asked:
    other = said.pop("other")
    return {**said, "dataset": other}


def _binned(said: Asked) -> Asked:
    return {"column": said["column"], "into": f"{said['column']}_bin", **said}


def _removed(said: Asked) -> Asked | None:
    if " IS NULL" in str(said["where"]):
        return None  # drop_missing
    return {"where": negated(str(said["where"]))}


def _frame(
    op: str, *heads: str, change: Callable[[Asked], Asked | None] = dict, more: tuple[str, ...] = ()
) -> Sentences:
    return Sentences(heads, ("data", "saved", *more), _step(op, change))


def _nulled(said: Asked) -> Asked:
    column = quote_identifier(str(said["column"]))
    return {"column": said["column"], "expression": f"nullif({column}, {said['code']})"}


SENTENCES = (
    _frame(
        "derive",
        "(replace|set|make|treat|recode|convert|turn) {code:num} [(with|to|as|into|by)] (missing|na|null|nothing) "
        "(in|of|for) {column:number}",
        "(in|for) {column:number} (replace|set|make|treat|recode|convert|turn) {code:num} [(with|to|as|into|by)] "
        "(missing|na|null|nothing)",
        change=_nulled,
    ),
    _frame(
        "derive",
        "(create|add|make|derive|compute|calculate) [new] [column|variable] [called|named] {column:name} (=|as|:) "
        "{expression:arithmetic}",
        "[new] (column|variable) [called|named] {column:name} (=|as|:) {expression:arithmetic}",
    ),
    _frame(
        "dedupe",
        f"{REMOVE} [all] (duplicates|duplicate rows|duplicated rows|repeated rows|double rows)",
        f"{REMOVE} [all] (duplicates|duplicate rows) (of|in|on|by|based on) {{columns:cols}}",
        "(dedupe|deduplicate) [data|rows|it]",
    ),
    _frame(
        "drop_missing",
        f"{REMOVE} [all] [rows] [with|that have|having] [any] missing [values|data|rows]",
        f"{REMOVE} [all] rows (with|that have|having) [any] missing [values] (in|of|for) {{columns:cols}}",
        f"{REMOVE} [all] rows (with|that have|having) [a] missing {{columns:cols}}",
        f"{REMOVE} [all] rows where {{columns:cols}} (is|are) missing",
        f"{REMOVE} [all] rows without {{columns:cols}}",
    ),
    _frame(
        "fill_missing",
        "(fill|impute|replace) [in] missing [values] [of|in|for] {columns:cols} (with|by|using) [its|their] "
        "{method:filling}",
        '(fill|replace) missing [values] [of|in] {columns:numbers} (with|by) {value:num} {method="value"}',
        '(fill|replace) [in] missing [values] [of|in|for] {columns:texts} (with|by) {value:word} {method="value"}',
        change=_grouped,
        more=("by",),
    ),
    _frame(
        "sort",
        "(sort|order|arrange) [data|rows|it|table] by {columns:cols}",
        "(sort|order|arrange) [data|rows|it|table] by {column:col} {descending:order}",
        change=_sorted,
    ),
    _frame("sort", "(sort|order|arrange) [data|rows|it|table] [by] {by:sortkeys}"),
    _frame(
        "aggregate",
        "aggregate [data] {by:groupings} (by|with|to) {values:measures}",
        "aggregate {values:measures} (by|per|for each|over) {by:groupings}",
    ),
    _frame(
        "pivot",
        "pivot [table] [of] [mean|average] {values:number} (by|with) {index:cols} (and|by|against|vs) {columns:col} "
        '{function="mean"}',
        "pivot {columns:col} (by|against|vs) {index:cols} (with|of|using) [mean|average] {values:number} "
        '{function="mean"}',
    ),
    _frame(
        "join",
        "(join|merge|combine) [it|this|{dataset:data}] with {other:data} (on|by|using) {on:cols}",
        change=_joined,
    ),
    _frame("rename", "rename [column] {column:col} (to|as|into) {to:name}"),
    _frame(
        "drop",
        f"{REMOVE} (column|columns) {{columns:cols}}",
        f"{REMOVE} {{columns:cols}} (column|columns)",
        "drop {columns:named}",
    ),
    _frame(
        "select",
        "(keep|select) [only] (column|columns) {columns:cols}",
        "keep only {columns:cols}",
        "keep {columns:allbut}",
        f"{REMOVE} (everything|all columns) (but|except|except for|other than) {{columns:cols}}",
    ),
    _frame(
        "filter",
        "(filter|keep|select) [only] [to|for] [rows|data|{dataset:data}] (where|with|if|for which|by) "
        "{where:condition}",
        "(filter|keep|select) [only] [to|for] [rows|data] [(in|for|of|from)] ({where:values}|{where:year}) [only|"
        "alone]",
        "filter {where:condition}",
    ),
    _frame(
        "filter",
        f"{REMOVE} [all] (rows|{{dataset:data}}) (where|with|if|for which) {{where:condition}}",
        f"{REMOVE} [all] rows (for|of|from|in) ({{where:values}}|{{where:year}})",
        "(remove|exclude) [all] {where:values}",
        change=_removed,
    ),
    _frame("scale", "{method:scaling} {columns:numbers}"),
    _frame("encode", "{method:encoding} encode {columns:cols}", "{method:encoding} encoding of {columns:cols}"),
    _frame(
        "bin",
        "(bin|cut|divide|split) {column:number} into {n_bins:whole} [equal] [bins|categories|groups|intervals]",
        '(bin|cut|divide|split) {column:number} into {n_bins:whole} (quantiles|quantile bins) {method="quantile"}',
        change=_binned,
    ),
    _frame("cast", "(convert|cast|change|turn) [column] {columns:cols} (to|into) {to:totype}"),
    _frame(
        "sample",
        "(sample|draw|take|take a sample of|take a random sample of) {n:whole} [random] rows",
        "[random] sample of {n:whole} rows",
        "(sample|draw|take|random sample of|sample of) {fraction:share} of (rows|data|it)",
        more=("seed",),
    ),
)
