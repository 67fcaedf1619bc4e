"""What the conversation so far tells the offline model: datasets, columns, the last job, the last model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from adapters.records import JobState, JsonValue
from agent.offline.chosen import chosen_in
from tools import find_tool
from tools.check_quality.result import Quality
from tools.delete_model import DeletedModel
from tools.errors import ToolError
from tools.estimate_cost.result import Quoted
from tools.find_outliers.result import Outliers
from tools.job_lines import JobStatus
from tools.launch_training.result import Launched
from tools.list_models import ListedModels
from tools.load_dataset.result import Loaded
from tools.predict.by_quote import PredictionsBegun
from tools.predictions.result import Predicted
from tools.quote_lines import QuoteLine
from tools.rename_model import RenamedModel
from tools.restore_model import RestoredModel
from tools.transform.result import Made

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
    said_before: str = ""
    """The person's words before the last ones."""
    steps: list[Step] = field(default_factory=list)
    columns: dict[str, dict[str, tuple[str, int, int]]] = field(default_factory=dict)
    """Of each dataset, each column with its type, distinct values and rows; the current one is the last."""
    before: dict[str, dict[str, tuple[str, int, int]]] = field(default_factory=dict)
    """The same, as it was when the last words were said: they mean what there was then."""
    there: tuple[str, ...] = ()
    """Datasets of earlier conversations, by name: what they hold is not known before it is asked for."""
    wished: Mapping[str, JsonValue] | None = None
    """What a price was last asked for: a training, or predictions."""
    quote: QuoteLine | None = None
    """What that price is."""
    job_id: str | None = None
    jobs: dict[str, JobState] = field(default_factory=dict)
    """Each job of the conversation with the state that it was last seen in."""
    model: str | None = None
    """The one that was spoken of last; none while a job is under way whose model is not known yet."""
    earlier_model: str | None = None
    names: dict[str, None] = field(default_factory=dict)
    """Names that models were given, as far as this conversation has seen them."""
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
                _hear(memory, str(block["text"]))
            elif block["type"] == "tool_use":
                arguments = block["input"]
                calls[str(block["id"])] = (str(block["name"]), arguments if isinstance(arguments, dict) else {})
                memory.n_calls += 1
            elif block["type"] == "tool_result":
                name, given = calls[str(block["tool_use_id"])]
                _remember(memory, Step(name, given, _result(block)))
    return memory


def _hear(memory: Memory, words: str) -> None:
    """The person says something: it is about the datasets that there are now."""
    name = chosen_in(words, memory.columns)
    if name is not None:
        _keep(memory, name, memory.columns[name])
    memory.said_before = memory.words
    memory.words, memory.steps, memory.before = words, [], dict(memory.columns)


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
    found = _read(step)
    if isinstance(found, Loaded):
        _keep(memory, found.dataset, {one.name: (one.type, one.distinct, found.rows) for one in found.columns})
    if isinstance(found, Made):
        # transform does not count distinct values: those of the column before, else as many as there are rows.
        before = memory.columns.get(str(step.arguments["dataset"]), {})
        counts = {name: distinct for name, (_, distinct, _) in before.items()}
        kinds = {one.name: (one.type, counts.get(one.name, found.rows), found.rows) for one in found.columns}
        _keep(memory, found.dataset, kinds)
    if isinstance(found, Quality) and step.arguments["dataset"] in memory.there:
        _learn(memory, step, found)
    if isinstance(found, Outliers) and found.dataset is not None:
        _keep(memory, found.dataset, memory.columns.get(str(step.arguments["dataset"]), {}))
    if isinstance(found, Predicted):
        _go_back(memory, step)
    if isinstance(found, Quoted):
        memory.wished, memory.quote = step.arguments, found.quotes[0]
    if isinstance(found, Predicted) and found.job_id is not None:
        memory.job_id = found.job_id
        memory.jobs[found.job_id] = JobState.SUCCEEDED
    if isinstance(found, Launched | JobStatus | PredictionsBegun):
        memory.job_id = found.job_id
        memory.jobs[found.job_id] = found.state
    _remember_model(memory, step, found)


def _remember_model(memory: Memory, step: Step, found: object) -> None:
    if isinstance(found, Launched):
        memory.model, memory.earlier_model = None, memory.model or memory.earlier_model
    if isinstance(found, JobStatus) and found.model is None and found.state.is_final:
        memory.model = memory.model or memory.earlier_model
    if isinstance(found, JobStatus | Predicted) and found.model is not None and step.name != "cancel_job":
        memory.model = found.model
    if isinstance(found, RenamedModel):
        memory.names[found.name] = None
    if isinstance(found, ListedModels):
        memory.names |= dict.fromkeys(one.name for one in found.models if one.name is not None)
    if isinstance(found, RenamedModel | RestoredModel):
        memory.model = found.model
    if isinstance(found, ListedModels) and step.arguments.get("model") is not None:
        memory.model = found.models[0].model
    if isinstance(found, DeletedModel) and memory.model in (found.model, found.name):
        memory.model = None


def _read(step: Step) -> object:
    """The result with its fields; None where no tool of today has given it."""
    try:
        return find_tool(step.name).read(step.result)
    except (ToolError, ValidationError):
        return None


def _keep(memory: Memory, name: str, kinds: dict[str, tuple[str, int, int]]) -> None:
    """The dataset is the current one from now on."""
    memory.columns.pop(name, None)
    memory.columns[name] = kinds


def _go_back(memory: Memory, step: Step) -> None:
    """A file that was loaded in this turn only to be predicted is not what is talked about next."""
    name = str(step.arguments.get("dataset"))
    loads = [one for one in memory.steps if one.name == "load_dataset" and one.result.get("dataset") == name]
    if loads and memory.before:
        others = {one: kinds for one, kinds in memory.columns.items() if one not in memory.before}
        memory.columns = {**others, **{one: memory.columns[one] for one in memory.before}}


def _learn(memory: Memory, step: Step, found: Quality) -> None:
    """Take in an earlier conversation's dataset, which was there when the words were said.

    The current one stays, unless the words chose the other.
    """
    name = str(step.arguments["dataset"])
    if name in memory.columns or set(step.arguments) != {"dataset"}:
        return
    kinds = {one.column: (one.type, one.distinct, found.rows) for one in found.columns}
    is_chosen = chosen_in(memory.words, [name]) is not None
    memory.columns = {**memory.columns, name: kinds} if is_chosen else {name: kinds, **memory.columns}
    memory.before = {**memory.before, name: kinds} if is_chosen else {name: kinds, **memory.before}
