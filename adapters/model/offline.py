"""A model that needs no key: maps simple sentences to the same tools, and says so when it does not understand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from decimal import Decimal

from adapters.model.base import ModelCancelled, ModelRequest, Reply
from adapters.model.offline_intents import find_intent
from adapters.model.offline_memory import Memory, read_memory
from adapters.model.offline_slots import Slots, find_slots
from adapters.model.offline_words import HELP, NO_FILTER, NOT_UNDERSTOOD, words_about
from adapters.records import JsonValue

NO_DATA = "Nothing is loaded yet. Load a file first: `load evals/data/penguins.csv`."
SURE = 0.7
SHOWN_ROWS = 10
PICTURES = {
    "histogram": "histogram",
    "density": "density",
    "box": "box",
    "violin": "violin",
    "scatter": "scatter",
    "bar": "bar",
    "line": "line",
    "qq": "qq",
    "residual": "residuals",
    "heat": "heatmap",
}

Plan = str | tuple[str, dict[str, JsonValue]]
"""Words to say, or a tool to call with its arguments."""


class OfflineModel:
    """Plans one step at a time from the conversation alone, so it goes on after a crash like any model."""

    name = "offline"

    def most_usd(self, request: ModelRequest) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> Reply:
        """The next step: a tool call, or words."""
        memory = read_memory(request.messages)
        planned = plan(memory)
        if isinstance(planned, tuple):
            name, arguments = planned
            call_id = f"offline_{memory.n_calls + 1}"
            return Reply([{"type": "tool_use", "id": call_id, "name": name, "input": arguments}], "tool_use")
        told = ""
        for line in planned.splitlines(keepends=True):
            if cancel.is_set():
                raise ModelCancelled(told)
            on_text(line)
            told += line
        return Reply([{"type": "text", "text": planned}], "end_turn")


def plan(memory: Memory) -> Plan:
    """The next step for the user's last words, given the calls made since."""
    last = memory.steps[-1] if memory.steps else None
    if last is not None and last.error is not None:
        return _after_error(last.error)
    slots = _find_slots(memory)
    intent = find_intent(slots.template)
    if intent is None:
        if slots.has_filter and slots.columns:
            return NO_FILTER
        return f"{NOT_UNDERSTOOD} {HELP}" if memory.columns else f"{NOT_UNDERSTOOD} {NO_DATA}\n\n{HELP}"
    if slots.has_filter and intent.name in UNFILTERED:
        return NO_FILTER
    if intent.name in ONE_CALL and last is not None:
        return words_about(last)
    if intent.name in NEEDS_DATA and (slots.dataset or memory.dataset) is None:
        return NO_DATA
    return PLANS[intent.name](memory, slots)


def _find_slots(memory: Memory) -> Slots:
    """What the last words name, among the columns of the dataset that they name, or else of the current one."""
    datasets = list(memory.columns)
    slots = find_slots(memory.words, list(memory.columns.get(memory.dataset or "", {})), datasets)
    if slots.dataset in (None, memory.dataset):
        return slots
    return find_slots(memory.words, list(memory.columns[str(slots.dataset)]), datasets)


def _dataset(memory: Memory, slots: Slots) -> str:
    """The dataset that is meant; `plan` has seen that there is one."""
    return str(slots.dataset or memory.dataset)


def _after_error(error: str) -> str:
    if "the user said no" in error:
        return "All right. Nothing was started."
    if "the user wrote instead" in error:
        return "I did not start anything. " + HELP
    return f"That did not work: {error}."


def _load(memory: Memory, slots: Slots) -> Plan:
    return ("load_dataset", {"source": slots.file}) if slots.file else "Which file? Say `load FILE.csv`."


def _describe(memory: Memory, slots: Slots) -> Plan:
    dataset = _dataset(memory, slots)
    types = memory.columns[dataset]
    words = [name for name in slots.columns if types[name] in ("text", "boolean")]
    by: JsonValue = slots.by
    if both := [name for name in slots.also if name in words]:
        by = [str(slots.by), *both]
    columns = [name for name in slots.columns if name not in both]
    if by is None and len(columns) == 2 and len(words) == 1:
        # "compare body mass between species": the words make the groups.
        by = words[0]
        columns.remove(by)
    arguments: dict[str, JsonValue] = {"dataset": dataset}
    if columns:
        arguments["columns"] = list(columns)
    return ("describe", arguments if by is None else {**arguments, "by": by})


def _quality(memory: Memory, slots: Slots) -> Plan:
    dataset = _dataset(memory, slots)
    columns: dict[str, JsonValue] = {"columns": list(slots.columns)} if slots.columns else {}
    return "check_quality", {"dataset": dataset, **columns}


def _correlate(memory: Memory, slots: Slots) -> Plan:
    dataset = _dataset(memory, slots)
    arguments: dict[str, JsonValue] = {"dataset": dataset}
    if len(slots.columns) == 2:
        arguments |= {"x": slots.columns[0], "y": slots.columns[1]}
    elif len(slots.columns) == 1:
        arguments |= {"target": slots.columns[0]}
    elif slots.columns:
        arguments |= {"columns": list(slots.columns)}
    if "spearman" in memory.words.lower():
        arguments["method"] = "spearman"
    return ("correlate", arguments if slots.by is None else {**arguments, "by": slots.by})


def _compare(memory: Memory, slots: Slots) -> Plan:
    dataset = _dataset(memory, slots)
    value, group = _value_and_group(memory.columns[dataset], slots)
    if value is None or group is None:
        return "Compare what between which groups? Say `does body mass differ between sex`."
    return "compare_groups", {"dataset": dataset, "value": value, "group": group}


def _value_and_group(types: Mapping[str, str], slots: Slots) -> tuple[str | None, str | None]:
    """The column of numbers, and the one whose values make the groups."""
    named = [*slots.columns, *([] if slots.by is None else [slots.by])]
    value = next((name for name in named if types[name] in ("integer", "number") and name != slots.by), None)
    return value, slots.by or next((name for name in named if name != value), None)


def _crosstab(memory: Memory, slots: Slots) -> Plan:
    named = [*slots.columns, *([] if slots.by is None else [slots.by])]
    if len(named) != 2:
        return "Which two columns? Say `crosstab of species and island`."
    return "crosstab", {"dataset": _dataset(memory, slots), "row": named[0], "column": named[1]}


def _regress(memory: Memory, slots: Slots) -> Plan:
    named = [*slots.columns, *([] if slots.by is None else [slots.by])]
    if len(named) < 2:
        return "Regress what on what? Say `regress body mass on flipper length and species`."
    features: list[JsonValue] = list(named[1:])
    return "regress", {"dataset": _dataset(memory, slots), "target": named[0], "features": features}


def _distribution(memory: Memory, slots: Slots) -> Plan:
    value, by = _value_and_group(memory.columns[_dataset(memory, slots)], slots)
    if value is None:
        return "The distribution of which column of numbers? Say `is body mass normally distributed`."
    arguments: dict[str, JsonValue] = {"dataset": _dataset(memory, slots), "column": value}
    return "analyze_distribution", arguments if by is None else {**arguments, "by": by}


def _outliers(memory: Memory, slots: Slots) -> Plan:
    dataset = _dataset(memory, slots)
    columns = [name for name in slots.columns if memory.columns[dataset][name] in ("integer", "number")]
    if not columns:
        return "Outliers of which column of numbers? Say `find the outliers of body mass`."
    arguments: dict[str, JsonValue] = {"dataset": dataset, "columns": list(columns)}
    return "find_outliers", arguments if slots.by is None else {**arguments, "by": slots.by}


def _detect(memory: Memory, slots: Slots) -> Plan:
    return "detect_schema", {"dataset": _dataset(memory, slots)}


def _train(memory: Memory, slots: Slots) -> Plan:
    dataset = _dataset(memory, slots)
    done = {step.name: step.result for step in memory.steps}
    if "launch_training" in done:
        return words_about(memory.steps[-1])
    if "estimate_cost" in done:
        quotes = done["estimate_cost"]["quotes"]
        assert isinstance(quotes, list)  # noqa: S101 - estimate_cost's result
        cheapest = quotes[0]
        assert isinstance(cheapest, dict)  # noqa: S101 - estimate_cost's result
        return "launch_training", {"quote_id": cheapest["quote_id"]}
    target = slots.target
    if "detect_schema" in done:
        if float(str(done["detect_schema"]["confidence"])) < SURE:
            return words_about(memory.steps[-1])
        target = str(done["detect_schema"]["target"])
    if target is None:
        return "detect_schema", {"dataset": dataset}
    job: dict[str, JsonValue] = {
        "kind": "training",
        "dataset": dataset,
        "target": target,
        "model": slots.model or "random_forest",
    }
    features = [name for name in slots.columns if name != target]
    if features:
        job["features"] = list(features)
    return "estimate_cost", {"job": job}


def _status(memory: Memory, slots: Slots) -> Plan:
    if memory.job_id is None:
        return "No job was started in this conversation."
    return "poll_job", {"job_id": memory.job_id, "wait_s": 1}


def _predict(memory: Memory, slots: Slots) -> Plan:
    done = [step.name for step in memory.steps]
    if "predict" in done:
        return words_about(memory.steps[-1])
    if memory.model is None and memory.job_id is not None and "poll_job" not in done:
        return "poll_job", {"job_id": memory.job_id, "wait_s": 60}
    if memory.model is None and "poll_job" in done:
        return words_about(memory.steps[-1])
    if memory.model is None and "list_models" not in done:
        return "list_models", {}
    model = memory.model or _newest(memory)
    if model is None:
        return "There is no model yet. Say `train a random forest to predict …`."
    if slots.file and "load_dataset" not in done:
        return "load_dataset", {"source": slots.file}
    dataset = memory.dataset if slots.file else slots.dataset
    if dataset is None:
        return "Which file should I predict? Say `predict FILE.csv`."
    return "predict", {"model": model, "dataset": dataset}


def _newest(memory: Memory) -> str | None:
    listed = next(step.result["models"] for step in memory.steps if step.name == "list_models")
    assert isinstance(listed, list)  # noqa: S101 - list_models' result
    return str(listed[0]["model"]) if listed and isinstance(listed[0], dict) else None


def _show(memory: Memory, slots: Slots) -> Plan:
    columns = ", ".join(_quoted(column) for column in slots.columns) or "*"
    sql = f"SELECT {columns} FROM {_quoted(_dataset(memory, slots))}"  # noqa: S608 - query locks the engine
    return "query", {"sql": sql, "limit": SHOWN_ROWS}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _plot(memory: Memory, slots: Slots) -> Plan:
    dataset = _dataset(memory, slots)
    types = memory.columns[dataset]
    named = [*slots.columns, *([] if slots.by is None else [slots.by])]
    numbers = [name for name in named if types[name] in ("integer", "number")]
    others = [name for name in named if name not in numbers]
    kind = next((kind for word, kind in PICTURES.items() if word in memory.words.lower()), None)
    if kind is None:
        kind = "scatter" if len(numbers) > 1 else "bar" if not numbers else "box" if others else "histogram"
    arguments: dict[str, JsonValue] = {"dataset": dataset, "kind": kind}
    if kind == "heatmap":
        return "plot", arguments
    if not named:
        return "Which column should I draw? Say `plot COLUMN` or `box plot of COLUMN by COLUMN`."
    if kind in ("scatter", "residuals") and len(numbers) > 1:
        # "plot y against x"
        return "plot", {**arguments, "y": numbers[0], "x": numbers[1], **({"color": others[0]} if others else {})}
    if kind in ("bar", "line") and len(named) > 1:
        across = slots.by or (others or numbers[1:])[0]
        up = next((name for name in numbers if name != across), None)
        return "plot", {**arguments, "x": across, **({} if up is None else {"y": up})}
    return "plot", {**arguments, "x": named[0], **({"color": named[1]} if len(named) > 1 else {})}


def _dedupe(memory: Memory, slots: Slots) -> Plan:
    return _transform(memory, slots, "dedupe")


def _drop_missing(memory: Memory, slots: Slots) -> Plan:
    return _transform(memory, slots, "drop_missing")


def _transform(memory: Memory, slots: Slots, step: str) -> Plan:
    columns: dict[str, JsonValue] = {"columns": list(slots.columns)} if slots.columns else {}
    return "transform", {"dataset": _dataset(memory, slots), "steps": [{"op": step, **columns}]}


def _spending(memory: Memory, slots: Slots) -> Plan:
    return "show_spending", {}


def _models(memory: Memory, slots: Slots) -> Plan:
    return "list_models", {}


def _cancel(memory: Memory, slots: Slots) -> Plan:
    if memory.job_id is None:
        return "No job was started in this conversation."
    return "cancel_job", {"job_id": memory.job_id}


ONE_CALL = frozenset(
    "load describe quality correlate detect status models cancel compare crosstab regress distribution outliers plot "
    "show dedupe drop_missing spending".split()
)
"""What one call answers: its result is put into words at once."""
NEEDS_DATA = frozenset(
    "describe quality correlate detect train compare crosstab regress distribution outliers plot show dedupe "
    "drop_missing".split()
)
UNFILTERED = frozenset("describe quality correlate train compare crosstab regress distribution outliers plot".split())

PLANS: Mapping[str, Callable[[Memory, Slots], Plan]] = {
    "load": _load,
    "describe": _describe,
    "quality": _quality,
    "correlate": _correlate,
    "detect": _detect,
    "train": _train,
    "status": _status,
    "predict": _predict,
    "compare": _compare,
    "crosstab": _crosstab,
    "regress": _regress,
    "distribution": _distribution,
    "outliers": _outliers,
    "plot": _plot,
    "show": _show,
    "dedupe": _dedupe,
    "drop_missing": _drop_missing,
    "spending": _spending,
    "models": _models,
    "cancel": _cancel,
    "help": lambda memory, slots: HELP,
    "yes": lambda memory, slots: "There is no open question to say yes to. " + HELP,
    "no": lambda memory, slots: "All right; there was no open question.",
    "thanks": lambda memory, slots: "You are welcome.",
}
