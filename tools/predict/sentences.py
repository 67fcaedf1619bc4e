"""Sentences that ask for predictions."""

from __future__ import annotations

from tools.asked import Sentences, without_data

SENTENCES = (
    Sentences(
        (
            "[now] (predict|predictions for|predict for|make predictions for|make predictions on|score) "
            "[rows of|rows in|file] ({file:file}|{rows:data})",
            "(apply|use|run) [{model:model}|model] (to|on|for) ({file:file}|{rows:data})",
            "predict {target:col} (for|of|in) ({file:file}|{rows:data})",
        ),
        (),
        without_data,
    ),
)
