"""Sentences that ask what a model does."""

from __future__ import annotations

from tools.asked import Sentences, without_data
from tools.model_words import MODEL

DRAW = "[plot|plot of|picture of]"
KEEP = "[(and|,) (keep|use) it {keep=true}]"
BEST = "[a|best|good|right] (threshold|cutoff|cut off) [value]"
SENTENCES = (
    Sentences(
        (
            f"{DRAW} partial dependence [plot] [of|on|for] {{feature:col}} [(in|of|for|by) {MODEL}] "
            '{kind="partial_dependence"}',
            "how (do|does) [the] [prediction|predictions] [of model] (depend on|use|go with|change with) "
            f'{{feature:col}} [(in|of|for) {MODEL}] {{kind="partial_dependence"}}',
            f'how does {MODEL} (depend on|use) {{feature:col}} {{kind="partial_dependence"}}',
            f'{DRAW} (residuals|errors|residual plot|residual plots) (of|for|from) {MODEL} {{kind="residuals"}}',
            f'{DRAW} (residuals|residual plot) {{kind="residuals"}}',
            f'explain row {{row:whole}} [(by|of|with) {MODEL}] {{kind="prediction"}}',
            f"{DRAW} (calibration|calibration plot|calibration curve|reliability diagram) (of|for) {MODEL} "
            '{kind="calibration"}',
            f'(is|how) [well|how well] [is] {MODEL} [well] calibrated {{kind="calibration"}}',
            f'(are|how well are) [probabilities of] {MODEL} [well] calibrated {{kind="calibration"}}',
            f'explain [the] prediction (for|of) row {{row:whole}} [(by|of|with) {MODEL}] {{kind="prediction"}}',
            f'{DRAW} learning curve [(of|for) {MODEL}] {{kind="learning_curve"}}',
            f'would more (rows|data) help [{MODEL}] {{kind="learning_curve"}}',
            f'[choose|find|pick] {BEST} (for|of) {MODEL} {{kind="threshold"}} {KEEP}',
            f'(choose|find|pick) {BEST} {{kind="threshold"}} {KEEP}',
            f'(what|which) {BEST} (should i use|is best|do you recommend) [for {MODEL}] {{kind="threshold"}}',
            f'[choose|find|pick] {BEST} [(for|of) {MODEL}] (by|for) f1 {{kind="threshold"}} {{aim="f1"}} {KEEP}',
            f"[choose|find|pick] {BEST} [(for|of) {MODEL}] where missing one costs {{missed_cost:num}} "
            f'[times] [a false alarm] {{kind="threshold"}} {{aim="cost"}} {KEEP}',
        ),
        ("pictured",),
        without_data,
    ),
)
