"""Sentences that take several calls: a training, a job, a prediction, what is done with a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.count_words import counted
from adapters.records import JsonValue
from agent.offline.deleting import TOOL, delete_several
from agent.offline.memory import Memory, Step
from agent.offline.own_frames import PRICE
from agent.offline.planned import Plan, Unable, gave, was_called
from agent.offline.predicting import predict
from agent.offline.reading import Reading
from agent.offline.words import words_about
from tools.estimate_cost.result import Quoted
from tools.list_models import ListedModels
from tools.ml import JOB_MODELS
from tools.quote_lines import told_of_quote


def _train(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    if was_called("launch_training", steps) or was_called("predict", steps):
        return words_about(steps[-1])
    quoted, job = gave("estimate_cost", steps, Quoted), reading.arguments.get("job")
    if quoted is not None and isinstance(job, dict) and job.get("kind") == "prediction":
        return "predict", {"model": job["model"], "quote_id": quoted.quotes[0].quote_id}
    if quoted is not None:
        return "launch_training", {"quote_id": quoted.quotes[0].quote_id}
    return "estimate_cost", reading.arguments


def _train_again(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    """The training, or the predictions, that a price was last asked for, with the price of now."""
    if memory.wished is None:
        return Unable("No price was asked for in this conversation yet. Say `train a random forest to predict …`.")
    return _train(Reading("train", dict(memory.wished), 0), memory, steps)


def _about_price(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    if memory.quote is None:
        return Unable("No price was asked for in this conversation yet. Say `what would it cost to train …`.")
    return told_of_quote(memory.quote)


def _use(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    name = str(reading.arguments["dataset"])
    columns = memory.before[name]
    n_rows = max((rows for _, _, rows in columns.values()), default=0)
    return f"Sentences are about **{name}** from now on: {counted(n_rows, 'row')}; columns {', '.join(columns)}."


def _of_job(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    open_jobs = [one for one, state in memory.jobs.items() if not state.is_final]
    is_cancel = reading.tool == "cancel_job" and "job_id" not in reading.arguments
    meant = open_jobs[0] if is_cancel and len(open_jobs) == 1 else memory.job_id
    job_id = reading.arguments.get("job_id", meant)
    if steps:
        is_unnamed = reading.tool == "poll_job" and "job_id" not in reading.arguments and len(memory.jobs) > 1
        which = f"Of {job_id}, the last one:\n\n" if is_unnamed else ""
        return which + words_about(steps[-1])
    if job_id is None:
        return Unable("No job was started in this conversation.")
    if is_cancel and len(open_jobs) > 1:
        listed = ", ".join(open_jobs)
        return Unable(f"Several jobs may be running ({listed}): say which, as in `cancel {open_jobs[-1]}`.")
    waiting: dict[str, JsonValue] = {"wait_s": 1} if reading.tool == "poll_job" else {}
    return reading.tool, {"job_id": job_id, **waiting}


def _of_model(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    """What is done with one model: that which is named, else the last one that was spoken of, else the only one."""
    tool = "list_models" if reading.tool == "version of model" else reading.tool
    model = reading.arguments.get("model", memory.model)
    if any(step.name == tool and "model" in step.arguments for step in steps):
        return words_about(steps[-1])
    if model is None and memory.job_id is not None and not was_called("poll_job", steps):
        return "poll_job", {"job_id": memory.job_id, "wait_s": 60}
    if model is None or (model in TYPES and tool in CHANGING):
        listed = gave("list_models", steps, ListedModels)
        if listed is None:
            return "list_models", {}
        found = [one for one in listed.models if model in (None, one.type)]
        if not listed.models:
            return words_about(steps[-1])
        if len(found) > 1:
            named = ", ".join(one.name or one.model for one in found)
            return Unable(f"There are several models ({named}): say which, as in `{tool.split('_')[0]} model NAME …`.")
        if not found:
            return Unable(f"There is no model of the type {model}.")
        model = found[0].model
    return tool, {**reading.arguments, "model": model}


def _explain(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    """A look at the model that is named, else at the last one that was spoken of, else at the newest."""
    if was_called("explain_model", steps):
        return words_about(steps[-1])
    if "model" in reading.arguments:
        return "explain_model", reading.arguments
    if memory.model is None and memory.job_id is not None and not was_called("poll_job", steps):
        return "poll_job", {"job_id": memory.job_id, "wait_s": 60}
    return "explain_model", {**reading.arguments, **({} if memory.model is None else {"model": memory.model})}


def _picture(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    if was_called("plot", steps) or (was_called("poll_job", steps) and memory.model is None):
        return words_about(steps[-1])
    if "model" in reading.arguments:
        return "plot", {"dataset": memory.said_about, **reading.arguments}
    if memory.model is None and memory.job_id is not None:
        return "poll_job", {"job_id": memory.job_id, "wait_s": 60}
    model = memory.model
    if model is None:
        listed = gave("list_models", steps, ListedModels)
        if listed is None:
            return "list_models", {}
        if not listed.models:
            return Unable("There is no model yet. Say `train a random forest to predict …`.")
        if len(listed.models) > 1:
            named = ", ".join(one.name or one.model for one in listed.models)
            return Unable(f"There are several models ({named}): say which, as in `… of model NAME`.")
        model = listed.models[0].model
    return "plot", {"dataset": memory.said_about, "model": model, **reading.arguments}


TYPES = frozenset(model.name for model in JOB_MODELS)
CHANGING = frozenset(["rename_model", "delete_model", "keep_threshold"])
"""Of several models of the type that was said they change none."""
SEVERAL_STEPS: Mapping[str, Callable[[Reading, Memory, list[Step]], Plan]] = {
    "train": _train,
    "train again": _train_again,
    "about the price": _about_price,
    "use dataset": _use,
    "poll_job": _of_job,
    "cancel_job": _of_job,
    "predict": predict,
    PRICE: predict,
    "explain_model": _explain,
    "plot of model": _picture,
    TOOL: delete_several,
    "rename_model": _of_model,
    "delete_model": _of_model,
    "keep_threshold": _of_model,
    "model_card": _of_model,
    "export_model": _of_model,
    "version of model": _of_model,
}
