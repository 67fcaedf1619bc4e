"""What the conversation so far tells the offline model: datasets, columns, the last job, the last model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.records import JobState, JsonValue

LISTED = re.compile(r"([^,:()\n]+) \([\d,]+ rows\)")
"""An entry of the system prompt's list of what is loaded already."""


@dataclass(frozen=True)
class Step:
    """One call of this turn and what came of it; `result` is {"error": …} for a call that failed."""

    name: str
    arguments: Mapping[str, JsonValue]
    result: dict[str, Any]

    @property
    def error(self) -> str | None:
        """Why the call failed, if it did."""
        return str(self.result["error"]) if set(self.result) == {"error"} else None


@dataclass
class Memory:
    """Read from the messages; `steps` are the calls since the user's last words."""

    words: str = ""
    steps: list[Step] = field(default_factory=list)
    columns: dict[str, dict[str, tuple[str, int, int]]] = field(default_factory=dict)
    """Of each dataset, each column with its type, distinct values and rows; the current one is the last."""
    before: dict[str, dict[str, tuple[str, int, int]]] = field(default_factory=dict)
    """The same, as it was when the last words were said: they mean what there was then."""
    there: tuple[str, ...] = ()
    """Datasets of earlier conversations, by name: what they hold is not known before it is asked for."""
    job_id: str | None = None
    jobs: dict[str, str] = field(default_factory=dict)
    """Each job of the conversation with the state that it was last seen in; one just launched is queued."""
    model: str | None = None
    n_calls: int = 0

    @property
    def said_about(self) -> str | None:
        """The dataset that was the current one when the last words were said."""
        return next(reversed(self.before), None)


def read_memory(messages: Sequence[Mapping[str, JsonValue]], system: str = "") -> Memory:
    """The memory that a request's messages make, and the list of datasets in its system prompt."""
    memory = Memory(there=tuple(found.strip() for found in LISTED.findall(system)))
    calls: dict[str, tuple[str, Mapping[str, JsonValue]]] = {}
    for message in messages:
        content = message["content"]
        assert isinstance(content, list)  # noqa: S101 - our own log
        for block in content:
            assert isinstance(block, dict)  # noqa: S101 - our own log
            if block["type"] == "text" and message["role"] == "user":
                memory.words, memory.steps, memory.before = str(block["text"]), [], dict(memory.columns)
            elif block["type"] == "tool_use":
                arguments = block["input"]
                calls[str(block["id"])] = (str(block["name"]), arguments if isinstance(arguments, dict) else {})
                memory.n_calls += 1
            elif block["type"] == "tool_result":
                name, given = calls[str(block["tool_use_id"])]
                _remember(memory, Step(name, given, _result(block)))
    return memory


def _result(block: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    content = str(block["content"])
    if block.get("is_error"):
        return {"error": content}
    value = json.loads(content)
    return value if isinstance(value, dict) else {"error": content}


def _remember(memory: Memory, step: Step) -> None:
    memory.steps.append(step)
    if step.error is not None:
        return
    if step.name in ("load_dataset", "transform"):
        name, columns = str(step.result["dataset"]), step.result["columns"]
        assert isinstance(columns, list)  # noqa: S101 - a dataset's columns
        memory.columns.pop(name, None)
        rows = int(step.result["rows"])
        # transform does not count distinct values: those of the column before, else as many as there are rows.
        source = memory.columns.get(str(step.arguments.get("dataset")), {})
        counts = {name: kind[1] for name, kind in source.items()}
        memory.columns[name] = {
            str(c["name"]): (str(c["type"]), int(c.get("distinct", counts.get(c["name"], rows))), rows) for c in columns
        }
    if step.name == "check_quality" and step.arguments.get("dataset") in memory.there:
        _learn(memory, str(step.arguments["dataset"]), step)
    if step.name == "find_outliers" and "dataset" in step.result:
        memory.columns[str(step.result["dataset"])] = memory.columns.get(str(step.arguments["dataset"]), {})
    if "job_id" in step.result:
        memory.job_id = str(step.result["job_id"])
        memory.jobs[memory.job_id] = str(step.result.get("state", memory.jobs.get(memory.job_id, JobState.QUEUED)))
    if "model" in step.result and step.name in ("poll_job", "predict"):
        memory.model = str(step.result["model"])


def _learn(memory: Memory, name: str, step: Step) -> None:
    """Take in an earlier conversation's dataset, which was there when the words were said; the current one stays."""
    if name in memory.columns or set(step.arguments) != {"dataset"}:
        return
    rows = int(step.result["rows"])
    kinds = {str(c["column"]): (str(c["type"]), int(c["distinct"]), rows) for c in step.result["columns"]}
    memory.columns = {name: kinds, **memory.columns}
    memory.before = {name: kinds, **memory.before}
