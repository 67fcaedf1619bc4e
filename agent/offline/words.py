"""What the offline model says about each tool's result: what the tool says of it, under each value of `by`."""

from __future__ import annotations

from agent.offline.memory import Step
from tools import find_tool
from tools.each_value import EachValue, Failed, OfGroup, Tested
from tools.results import MadeCall
from tools.telling import p_shown, warned


def words_about(step: Step) -> str:
    """A few sentences or a table about one result; of a failed call, why it failed."""
    if step.error is not None:
        return f"That did not work: {step.error}"
    where = step.arguments.get("where")
    if where is not None:
        # A condition is a part of what was asked: the numbers are of these rows alone.
        rest = {name: value for name, value in step.arguments.items() if name != "where"}
        return f"Where {where}:\n\n{words_about(Step(step.name, rest, step.result))}"
    tool = find_tool(step.name)
    assert tool.told is not None, step.name  # noqa: S101 - a test sees that each tool has its words
    found = tool.read(step.result)
    if not isinstance(found, EachValue):
        return tool.told(MadeCall(step.arguments, found))
    # One result for each value of a column: the words about each, under that value.
    by = found.by if isinstance(found.by, str) else " and ".join(found.by)
    parts = []
    for part in found.results:
        said = part.error if isinstance(part, Failed) else tool.told(MadeCall(step.arguments, part)) + _corrected(part)
        parts.append(f"**{by} {part.group}**\n\n{said}")
    return "\n\n".join([*parts, *warned(found.warnings)])


def _corrected(part: OfGroup) -> str:
    """The p of one result of many, corrected for how many there are."""
    if not isinstance(part, Tested) or part.p_adjusted is None:
        return ""
    p = p_shown(part.p_adjusted, part.p_adjusted_is_bound)
    return f"\n\np corrected for the number of results ({part.p_adjusted_method}): {p}."
