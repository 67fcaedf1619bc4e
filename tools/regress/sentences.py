"""Sentences that explain one column by others."""

from __future__ import annotations

from tools.asked import Asked, Bound, KnownTable, Sentences, arguments_of, take_columns


def _regress(bound: Bound, table: KnownTable) -> Asked | None:
    said = arguments_of(bound, table)
    if said is None:
        return None
    rest, features, more = (take_columns(said, name) for name in ("rest", "features", "more"))
    features = features or [name for name in rest if name != said["target"]]
    between = said.pop("between", None)
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


SENTENCES = (
    Sentences(
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
