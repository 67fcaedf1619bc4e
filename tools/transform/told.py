"""What is told of a result of transform without Claude."""

from __future__ import annotations

from tools.telling import Outcome, warned
from tools.transform.result import Made


def told(outcome: Outcome[Made]) -> str:
    """What was made, and what each step did to the rows."""
    made = outcome.result
    changes = [f"{step.op}: {step.rows_before} rows before, {step.rows} after." for step in made.changed]
    head = f"Made **{made.dataset}** with {made.rows} rows; {outcome.arguments['dataset']} stays as it is."
    return "\n\n".join([head, *changes, *warned(made.warnings)])
