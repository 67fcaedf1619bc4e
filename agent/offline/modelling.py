"""Sentences about models, jobs and money, and those that need no tool."""

from __future__ import annotations

from adapters.records import JsonValue
from agent.offline.frames import Arguments, Bound, Frame, arguments_of
from agent.offline.table import KnownTable

FROM = "(from|using|with|based on|given)"
TRAIN = "(train|fit|build|make|learn|create)"
TO = "(to predict|that predicts|which predicts|predicting|for predicting|predicting|for|to forecast)"
QUOTE = (
    "(what would it cost|how much would it cost|what does it cost|how much does it cost|cost of|price of|estimate cost|"
    "estimate cost of|quote|quote for) [to]"
)


def _job(bound: Bound, table: KnownTable) -> Arguments | None:
    said = arguments_of(bound, table)
    if said is None:
        return None
    where, trees = said.pop("backend", None), said.pop("trees", None)
    job: dict[str, JsonValue] = {"kind": "training", **said}
    job["model"] = said.get("model", "random_forest")
    if trees is not None:
        if job["model"] != "random_forest":
            return None
        job["params"] = [{"name": "n_estimators", "value": trees}]
    return {"job": job} if where is None else {"job": job, "where": where}


def _said(bound: Bound, table: KnownTable) -> Arguments | None:
    return dict(bound)


LEARNING = (
    f"{TRAIN} [{{model:model}}|model] {TO} {{target:col}}",
    f"{TRAIN} [{{model:model}}|model] {TO} {{target:col}} {FROM} {{features:cols}}",
)
TRAINED = ("data", "backend", "seed", "trees", "testsize")
MODELLING = (
    Frame(
        "detect_schema",
        (
            "what (could|can) (i|we) predict",
            "what (could|can) be predicted [from (it|data|{dataset:data})]",
            "what is [best] target",
            "which column should (i|we) predict",
            "what could we learn from (this|it|data)",
            "what model (could|can|should) (i|we) train",
            "detect schema",
            "suggest [a] target",
            f"{TRAIN} model",
        ),
        ("data",),
    ),
    Frame(
        "train",
        (
            *LEARNING,
            "predict {target:col} [(with|using|by) {model:model}]",
            f"predict {{target:col}} {FROM} {{features:cols}} [(with|using) {{model:model}}]",
            "learn to predict {target:col}",
        ),
        TRAINED,
        _job,
    ),
    Frame("estimate_cost", tuple(f"{QUOTE} {head}" for head in LEARNING), TRAINED, _job),
    Frame(
        "predict",
        (
            "[now] (predict|predictions for|predict for|make predictions for|make predictions on|score) "
            "[rows of|rows in|file] ({file:file}|{rows:data})",
            "(apply|use|run) [{model:model}|model] (to|on|for) ({file:file}|{rows:data})",
            "predict {target:col} (for|of|in) ({file:file}|{rows:data})",
        ),
        (),
        _said,
    ),
    Frame(
        "poll_job",
        (
            "how is (it|training|job|my job|{job_id:job}) (going|doing)",
            "is (it|training|job|model|{job_id:job}) (done|finished|ready) [yet]",
            "[what is] [current] status [of (it|job|my job|training|{job_id:job})]",
            "progress [of (it|job|training|{job_id:job})]",
            "how far is (it|job|training|{job_id:job})",
            "are you done [training]",
            "how good is (it|model|my model)",
            "how well did (it|model) do",
            "what is accuracy [of model]",
            "accuracy [of model]",
            "[did] training (finish|finished|done)",
        ),
        (),
        _said,
    ),
    Frame("cancel_job", ("(cancel|stop|abort|kill) (it|job|my job|training|{job_id:job})",), (), _said),
    Frame(
        "list_models",
        (
            "(list|show) [all|my|our] models",
            "which models (do i have|are there|do we have|have i trained)",
            "what models (are there|do i have|do we have)",
            "[my] models",
        ),
        (),
        _said,
    ),
    Frame(
        "show_spending",
        (
            "(what|how much) (did i spend|have i spent|did we spend|have we spent|did this cost|has this cost|did "
            "it cost) [today|so far|in all]",
            "[show] [my] (spending|costs)",
            "(what|how much) is left of [my] budget",
            "how much budget is left",
        ),
        (),
        _said,
    ),
    Frame(
        "help",
        (
            "[i need] help",
            "what can you do",
            "how does this work",
            "(hello|hi|hey|good morning|good afternoon)",
            "(who|what) are you",
        ),
        (),
        _said,
    ),
    Frame("yes", ("(yes|ok|okay|go ahead|do it|y|sure)",), (), _said),
    Frame("no", ("(no|no thanks|do not do it|never mind|n|nope)",), (), _said),
    Frame("thanks", ("(thanks|thank you|great|perfect|perfect thanks|many thanks)",), (), _said),
)
"""What can be asked of the tools that train, predict and count money, and what is only said."""
