"""Sentences that ask for predictions."""

from __future__ import annotations

from tools.asked import Sentences, without_data
from tools.model_words import NAMED

WITH = f"(with|by|using) {NAMED}"
TABLE = "({file:file}|{rows:data})"
IF = "(if|when|where|for|at|given|with|assuming)"
SENTENCES = (
    Sentences(
        (
            "[now] (predict|predictions for|predict for|make predictions for|make predictions on|score) "
            f"[rows of|rows in|file] {TABLE} [{WITH}]",
            f"(apply|use|run) [{{model:model}}|model] (to|on|for) {TABLE}",
            f"(use|take) ([my|this|that] model|{NAMED}) to (predict|score) {TABLE}",
            f"predict {{target:col}} (for|of|in) {TABLE} [{WITH}]",
        ),
        ("backend",),
        without_data,
    ),
    Sentences(
        (
            f"predict {{target:col}} {IF} {{cells:cells}} [{WITH}]",
            f"(use|take) {NAMED} to predict {{target:col}} {IF} {{cells:cells}}",
            f"predict {IF} {{cells:cells}} [{WITH}]",
            f"what (would|will|is|should) {{target:col}} [be] {IF} {{cells:cells}} [{WITH}]",
            f"how (much|many|high|large) (would|will) {{target:col}} be {IF} {{cells:cells}} [{WITH}]",
            f"what does {NAMED} (say|predict) {IF} {{cells:cells}}",
        ),
        (),
        without_data,
    ),
)
