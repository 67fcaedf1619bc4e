"""Sentences that ask for a price."""

from __future__ import annotations

from adapters.records import JsonValue
from tools.asked import Asked, Bound, KnownTable, Sentences, arguments_of

FROM = "(from|using|with|based on|given)"


TRAIN = "(train|fit|build|make|learn|create)"


TO = "(to predict|that predicts|which predicts|predicting|for predicting|predicting|for|to forecast)"


NETWORK = "mlp"
"""A network of the kind that the target needs."""
QUOTE = (
    "(what would it cost|how much would it cost|what does it cost|how much does it cost|cost of|price of|estimate cost|"
    "estimate cost of|quote|quote for) [to]"
)


def training_job(bound: Bound, table: KnownTable) -> Asked | None:
    """The job to estimate: the features and the model that were named, else all and a random forest."""
    said = arguments_of(bound, table)
    if said is None:
        return None
    where, trees = said.pop("backend", None), said.pop("trees", None)
    job: dict[str, JsonValue] = {"kind": "training", **said}
    job["model"] = said.get("model", "random_forest")
    if job["model"] == NETWORK:
        job["model"] = "mlp_regressor" if table.is_number(str(said["target"])) else "mlp_classifier"
    if trees is not None:
        if job["model"] != "random_forest":
            return None
        job["params"] = [{"name": "n_estimators", "value": trees}]
    return {"job": job} if where is None else {"job": job, "where": where}


LEARNING = (
    f"{TRAIN} [{{model:model}}|model] {TO} {{target:col}}",
    f"{TRAIN} [{{model:model}}|model] {TO} {{target:col}} {FROM} {{features:cols}}",
)


TRAINED = ("data", "backend", "seed", "trees", "testsize")
SENTENCES = (Sentences(tuple(f"{QUOTE} {head}" for head in LEARNING), TRAINED, training_job),)
