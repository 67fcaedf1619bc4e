"""Sentences that ask what a model does."""

from __future__ import annotations

from tools.asked import Sentences, without_data

MODEL = "([my|this|that|last] model|model {model:kept}|it)"
SENTENCES = (
    Sentences(
        (
            'partial dependence [of|on|for] {feature:col} {kind="partial_dependence"}',
            "how does [the] [model|prediction|predictions] [of model] (depend on|use|go with|change with) "
            '{feature:col} {kind="partial_dependence"}',
            f'(residuals|errors|residual plot) of {MODEL} {{kind="residuals"}}',
            f'(calibration|calibration plot|calibration curve) of {MODEL} {{kind="calibration"}}',
            f'is {MODEL} calibrated {{kind="calibration"}}',
            f'explain [the] prediction (for|of) row {{row:whole}} [by {MODEL}] {{kind="prediction"}}',
            f'learning curve [of {MODEL}] {{kind="learning_curve"}}',
            f'would more (rows|data) help [{MODEL}] {{kind="learning_curve"}}',
            f'(choose|find|pick) [a] [best] threshold [for {MODEL}] {{kind="threshold"}}',
            f'(choose|find|pick) [a] [best] threshold [for {MODEL}] (by|for) f1 {{kind="threshold"}} {{aim="f1"}}',
            f"(choose|find|pick) [a] [best] threshold [for {MODEL}] where missing one costs {{missed_cost:num}} "
            '[times] [a false alarm] {kind="threshold"} {aim="cost"}',
        ),
        (),
        without_data,
    ),
)
