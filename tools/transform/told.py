"""What is told of a result of transform without Claude."""

from __future__ import annotations

from tools.results import MadeCall
from tools.telling import warned
from tools.transform.result import Made


def told(call: MadeCall[Made]) -> str:
    """What was made, and what each step did to the rows."""
    made = call.result
    changes = [f"{step.op}: {step.rows_before} rows before, {step.rows} after." for step in made.changed]
    head = f"Made **{made.dataset}** with {made.rows} rows; {call.arguments['dataset']} stays as it is."
    return "\n\n".join([head, *changes, *warned(made.warnings)])
