"""Predictions, and what they would cost: of a file, of a dataset, of one row whose values stand in the sentence."""

from __future__ import annotations

from adapters.records import JsonValue
from agent.offline.memory import Memory, Step
from agent.offline.own_frames import PRICE
from agent.offline.planned import Plan, Unable, gave, was_called
from agent.offline.reading import Reading
from agent.offline.words import words_about
from tools.estimate_cost.result import Quoted
from tools.list_models import ListedModels
from tools.load_dataset.result import Loaded


def predict(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    """With the model that is named, else one for the target that is, else the last one that was spoken of."""
    said = reading.arguments
    if was_called("predict", steps) or (reading.tool == PRICE and was_called("estimate_cost", steps)):
        return "\n\n".join([words_about(steps[-1]), *_say_current(memory, steps)])
    was_polled = was_called("poll_job", steps)
    if memory.model is None and memory.job_id is not None and not was_polled:
        # The model that is meant may be the one that comes.
        return "poll_job", {"job_id": memory.job_id, "wait_s": 60}
    named = said.get("model", said.get("target"))
    if named is not None and ("cells" in said or {"model", "target"} <= said.keys()):
        return _looked_up(str(named), reading, steps)
    model = named or memory.model
    if model is None:
        if was_polled:
            return words_about(steps[-1])
        listed = gave("list_models", steps, ListedModels)
        if listed is None:
            return "list_models", {}
        if not listed.models:
            return Unable("There is no model yet. Say `train a random forest to predict …`.")
        model = listed.models[0].model
    if "cells" in said:
        return _looked_up(str(model), reading, steps)
    return _table(str(model), reading, steps)


def _looked_up(name: str, reading: Reading, steps: list[Step]) -> Plan:
    """The model is looked at first: whether it predicts what was asked for, and what it needs to know of a row."""
    looked = [step for step in steps if step.name == "list_models" and "model" in step.arguments]
    if not looked:
        return "list_models", {"model": name}
    model, said = ListedModels.model_validate(looked[-1].result).models[0], reading.arguments
    if said.get("target", model.target) != model.target:
        return Unable(f"{model.model} predicts {model.target}, not {said['target']}.")
    cells = said.get("cells")
    if not isinstance(cells, list):
        return _table(model.model, reading, steps)
    needed = [] if model.spec is None else [feature.name for feature in model.spec.features]
    given = [str(cell["name"]) for cell in cells if isinstance(cell, dict)]
    if unused := [name for name in given if name not in needed]:
        return Unable(f"{model.model} takes no notice of {', '.join(unused)}: it was trained on {', '.join(needed)}.")
    if len(set(given)) < len(given):
        return Unable("One column has two values there: say each once.")
    unknown: list[JsonValue] = [{"name": name, "value": None} for name in needed if name not in given]
    return "predict", {"model": model.model, "rows": [{"cells": [*cells, *unknown]}]}


def _table(model: str, reading: Reading, steps: list[Step]) -> Plan:
    said, loaded = reading.arguments, gave("load_dataset", steps, Loaded)
    if "file" in said and loaded is None:
        return "load_dataset", {"source": said["file"]}
    dataset = said["rows"] if loaded is None else loaded.dataset
    job: dict[str, JsonValue] = {"kind": "prediction", "model": model, "dataset": dataset}
    if reading.tool == PRICE:
        return "estimate_cost", {"job": job, **({"where": said["backend"]} if "backend" in said else {})}
    if "backend" not in said:
        return "predict", {"model": model, "dataset": dataset}
    quoted = gave("estimate_cost", steps, Quoted)
    if quoted is not None:
        return "predict", {"model": model, "quote_id": quoted.quotes[0].quote_id}
    return "estimate_cost", {"job": job, "where": said["backend"]}


def _say_current(memory: Memory, steps: list[Step]) -> list[str]:
    """What later sentences are about, where a file was loaded only to be predicted."""
    loaded = gave("load_dataset", steps, Loaded)
    if loaded is None or memory.said_about in (None, loaded.dataset):
        return []
    return [f"Sentences are still about {memory.said_about}; say `use {loaded.dataset}` to go on with that file."]
