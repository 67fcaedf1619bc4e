"""What the planner does next: words, or a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from adapters.model.base import Outcome
from adapters.records import JsonValue
from agent.offline.memory import Step
from tools.results import Result


@dataclass(frozen=True)
class Unable:
    """Words that say why what was asked for is not done."""

    words: str
    outcome: Outcome = Outcome.NOT_DONE


R = TypeVar("R", bound=Result)
Plan = str | Unable | tuple[str, dict[str, JsonValue]]
"""Words to say, or a tool to call with its arguments."""


def was_called(tool: str, steps: Sequence[Step]) -> bool:
    """Whether the tool was called in this turn."""
    return any(step.name == tool for step in steps)


def gave(tool: str, steps: Sequence[Step], result: type[R]) -> R | None:
    """What the tool gave in this turn; None where it was not called."""
    step = next((step for step in reversed(steps) if step.name == tool), None)
    return None if step is None else result.model_validate(step.result)
