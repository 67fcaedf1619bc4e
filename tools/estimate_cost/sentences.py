"""Sentences that ask for a price."""

from __future__ import annotations

from adapters.records import JsonValue
from tools.asked import Asked, Bound, KnownTable, Sentences, arguments_of

FROM = "(from|using|with|based on|given)"


TRAIN = "(train|fit|build|make|learn|create)"


TO = "(to predict|that predicts|which predicts|predicting|for predicting|predicting|for|to forecast)"


NETWORK = "mlp"
"""A network of the kind that the target needs."""
UNNAMED = "time"
QUOTE = (
    "(what would it cost|how much would it cost|what does it cost|how much does it cost|cost of|price of|estimate cost|"
    "estimate cost of|quote|quote for) [to]"
)


def training_job(bound: Bound, table: KnownTable) -> Asked | None:
    """The job to estimate: the features and the model that were named, else all and a random forest."""
    said = arguments_of(bound, table)
    if said is None:
        return None
    where = said.pop("backend", None)
    folds = said.pop("folds", None)
    _in_order_of_time(said, table)
    is_tuned = said.pop("tune", False)
    if not _share(said):
        return None
    if "minutes" in said:
        said["seconds"] = 60 * int(str(said.pop("minutes")))
    bounds: dict[str, JsonValue] = {name: said.pop(name) for name in ("trials", "seconds") if name in said}
    job: dict[str, JsonValue] = {"kind": "training", **said}
    job["model"] = said.get("model", "random_forest")
    if job["model"] == NETWORK:
        job["model"] = "mlp_regressor" if table.is_number(str(said["target"])) else "mlp_classifier"
    if job.pop("class_weight", None) is not None:
        settings = job.get("params")
        balanced: JsonValue = {"name": "class_weight", "value": "balanced"}
        job["params"] = [*(settings if isinstance(settings, list) else ()), balanced]
    if folds is not None:
        job["cv"] = {"folds": folds}
    if is_tuned or bounds:
        job["tune"] = bounds
    return {"job": job} if where is None else {"job": job, "where": where}


def _share(said: Asked) -> bool:
    """Put the second number of `80/20` under `test_size`; False where the two are no whole."""
    train, test = said.pop("trainpart", None), said.pop("testpart", None)
    if train is None or test is None:
        return True
    if float(str(train)) + float(str(test)) not in (1.0, 100.0) or "test_size" in said:
        return False
    said["test_size"] = float(str(test)) / (float(str(train)) + float(str(test)))
    return True


def _in_order_of_time(said: Asked, table: KnownTable) -> None:
    """Put the column that tells the time under `time`; where nobody knows which one that is, the tool says what can."""
    past, groups = said.pop("past", False), said.get("groups")
    if groups is not None and table.is_date(str(groups)):
        said["time"] = said.pop("groups")
    if not past or "time" in said:
        return
    dates = [name for name in table.kinds if table.is_date(name)]
    said["time"] = dates[0] if len(dates) == 1 else UNNAMED


KIND = (
    "{model:model} [model] [(with|having) {params:settings}] "
    "[(on|using) (this data|data|{dataset:data} [data|dataset|table])]"
)
ALL_BUT = (
    f"{FROM} (everything|all columns|all features|all variables|all other columns|all others) "
    "[(but|except|except for|without|other than|excluding) {without:cols}]"
)
BUT = "[,] (without|excluding|leaving out|except|but not) {without:cols}"
TUNE = "(tune|optimize|search for best) [(parameters|hyperparameters|settings) (of|for)] {model:model} [model]"
LEARNING = (
    f"{TRAIN} [{KIND}|model] {TO} {{target:col}} [{BUT}]",
    f"{TRAIN} [{KIND}|model] {TO} {{target:col}} {ALL_BUT}",
    f"{TRAIN} [{KIND}|model] {TO} {{target:col}} {FROM} {{features:cols}}",
    f"(find|search for|get) {{model:model}} model {TO} {{target:col}}",
    f"(find|search for|get) {{model:model}} model {TO} {{target:col}} {FROM} {{features:cols}}",
    f"{TUNE} {TO} {{target:col}} [{BUT}] {{tune=true}}",
    f"{TUNE} {TO} {{target:col}} {FROM} {{features:cols}} {{tune=true}}",
    f"(find|search for|get) best (parameters|hyperparameters|settings) (of|for) {{model:model}} [model] {TO} "
    "{target:col} {tune=true}",
    f"[parameter|hyperparameter] tuning (of|for) {{model:model}} [model] {TO} {{target:col}} {{tune=true}}",
    f"{{folds:whole}} fold (cross validation|cv) (of|for) {KIND} {TO} {{target:col}}",
    f"evaluate {KIND} {TO} {{target:col}} (with|by|in|using) {{folds:whole}} fold (cross validation|cv)",
    f"cross validate {KIND} {TO} {{target:col}} {{folds=5}}",
    f"cross validate {KIND} {TO} {{target:col}} (in|with|on) {{folds:whole}} folds",
    f"cross validate {KIND} {TO} {{target:col}} {FROM} {{features:cols}} {{folds=5}}",
)


TRAINED = (
    "data",
    "backend",
    "seed",
    "settings",
    "testsize",
    "folds",
    "together",
    "intime",
    "weights",
    "balanced",
    "tuned",
)
SENTENCES = (Sentences(tuple(f"{QUOTE} {head}" for head in LEARNING), TRAINED, training_job),)
