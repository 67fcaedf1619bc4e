"""What the offline model says about each tool's result: what the tool says of it, under each value of `by`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.offline.memory import Step
from tools import find_tool
from tools.telling import Outcome, listed, p_of, warned


def words_about(step: Step) -> str:
    """A few sentences or a table about one result; of a failed call, why it failed."""
    if step.error is not None:
        return f"That did not work: {step.error}"
    where = step.arguments.get("where")
    if where is not None:
        # A condition is a part of what was asked: the numbers are of these rows alone.
        rest = {name: value for name, value in step.arguments.items() if name != "where"}
        return f"Where {where}:\n\n{words_about(Step(step.name, rest, step.result))}"
    if "results" not in step.result:
        return _told(step.name, Outcome(step.arguments, step.result))
    # One result for each value of a column: the words about each, under that value.
    by = step.arguments["by"]
    head = " and ".join(map(str, by)) if isinstance(by, list) else str(by)
    parts = [
        f"**{head} {part['group']}**\n\n"
        + (f"{part['error']}" if "error" in part else _told(step.name, Outcome(step.arguments, part)))
        + _corrected(part)
        for part in listed(step.result, "results")
    ]
    return "\n\n".join([*parts, *warned(listed(step.result, "warnings"))])


def _told(name: str, outcome: Outcome[Mapping[str, Any]]) -> str:
    tool = find_tool(name)
    assert tool.told is not None, name  # noqa: S101 - a test sees that each tool has its words
    return tool.told(Outcome(outcome.arguments, tool.read(outcome.result)))


def _corrected(part: Mapping[str, Any]) -> str:
    """The p of one result of many, corrected for how many there are."""
    if "p_adjusted" not in part:
        return ""
    return f"\n\np corrected for the number of results ({part['p_adjusted_method']}): {p_of(part, 'p_adjusted')}."
