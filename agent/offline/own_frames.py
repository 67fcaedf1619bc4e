"""Sentences of which the planner makes several calls, and those that need no tool."""

from __future__ import annotations

from agent.offline.frames import Frame
from tools.asked import Sentences, without_data
from tools.estimate_cost.sentences import FROM, LEARNING, QUOTE, TRAINED, training_job
from tools.model_words import MODEL, NAMED
from tools.plot.sentences import DRAW
from tools.predict.sentences import TABLE, WITH

PRICE = "price of predictions"
"""The sentences that ask what predictions would cost."""
OF_MODEL = f"[(of|for|in) {MODEL}]"
MODEL_PICTURES = (
    f'(roc|roc curve) {OF_MODEL} {{kind="roc"}}',
    f'precision recall [curve] {OF_MODEL} {{kind="precision_recall"}}',
    f'confusion matrix {OF_MODEL} {{kind="confusion"}}',
    f'(feature|variable) (importance|importances) {OF_MODEL} {{kind="importance"}}',
    "(which|what) (features|columns|variables) (matter|matter most|matter the most|are important|are most important|"
    f'are the most important|count most) {OF_MODEL} {{kind="importance"}}',
)
OWN = (
    Frame(
        "train",
        Sentences(
            (
                *LEARNING,
                "predict {target:col} [(with|using|by) {model:model}]",
                f"predict {{target:col}} {FROM} {{features:cols}} [(with|using) {{model:model}}]",
                "learn to predict {target:col}",
            ),
            TRAINED,
            training_job,
        ),
    ),
    Frame(
        PRICE,
        Sentences(
            (
                f"{QUOTE} (predict|predictions for|predict for|make predictions for|score) [rows of|rows in] {TABLE} "
                f"[{WITH}]",
                f"{QUOTE} predict {{target:col}} (for|of|in) {TABLE} [{WITH}]",
                f"where (is it|would it be) (cheapest|fastest|quickest) to (predict|score) {TABLE} [{WITH}]",
                f"(what|how much) (would|will|does|do) (predicting|predictions (for|of)) {TABLE} [{WITH}] cost",
            ),
            ("backend",),
            without_data,
        ),
    ),
    Frame("plot of model", Sentences(tuple(f"{DRAW} {head}" for head in MODEL_PICTURES), ("pictured",))),
    Frame(
        "version of model",
        Sentences(
            (
                "(which|what) version [of model] is (that|it|this|[this|that|my] model)",
                "show [this|that|my|last] model [in full]",
                f"(list|show|explain|summarize) {NAMED} [in full]",
                "(list|show) model {model:name} in full",
                "(which|what) version is model {model:name}",
                f"how (good|well) is {NAMED}",
                f"how well (did|does) {NAMED} (do|perform|work)",
                f"(coefficients|equation|scores|metrics|parameters|settings|hyperparameters) (of|in|for) {MODEL}",
                f"(what|how much) (did|does) {NAMED} cost",
                f"how long did {NAMED} take",
            ),
            (),
            without_data,
        ),
    ),
    Frame(
        "delete several",
        Sentences(
            (
                "(delete|remove|discard) all [my|our|of my|these] models",
                "(delete|remove|discard) {models:severalmodels}",
                "yes [,] (delete|remove|discard) [these|all|all of these|them] {n:whole} [models]",
            ),
            (),
            without_data,
        ),
    ),
    Frame(
        "use dataset",
        Sentences(
            (
                "[now] (use|take|switch to|switch back to|change to|go back to|come back to|go on with|continue with|"
                "work with|work on) [dataset|table|data|file] {dataset:data} [dataset|table|data] [again|now]",
            ),
            (),
            without_data,
        ),
    ),
    Frame(
        "train again",
        Sentences(
            (
                "(ask|show|put|tell) [me] [(it|that|this|question|price|card|offer) [to me]] (again|once more)",
                "(start|launch|run|begin|train) (it|that|training) [(after all|anyway|now|again|then)]",
                "(price|question|card|offer) again",
            ),
            (),
            without_data,
        ),
    ),
    Frame(
        "about the price",
        Sentences(
            (
                "why (is it|does it take|will it take|would it take) so (long|expensive|much)",
                "why [so|that] (long|expensive|much)",
                "how long (will|does|would) (it|that|training) take",
                "(what|how much) (does|will|would) (it|that|training) cost",
                "(how much is it|how expensive is it|how long)",
                "(where|on what) (does|will|would) (it|that|training) run",
            ),
            (),
            without_data,
        ),
    ),
    Frame(
        "help",
        Sentences(
            (
                "[i need] help",
                "what can you do",
                "how does this work",
                "(hello|hi|hey|good morning|good afternoon)",
                "(who|what) are you",
            ),
            (),
            without_data,
        ),
    ),
    Frame("yes", Sentences(("(yes|ok|okay|go ahead|do it|y|sure)",), (), without_data)),
    Frame("no", Sentences(("(no|no thanks|do not do it|never mind|n|nope)",), (), without_data)),
    Frame("thanks", Sentences(("(thanks|thank you|great|perfect|perfect thanks|many thanks)",), (), without_data)),
)
