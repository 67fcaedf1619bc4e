"""Several models are deleted only once the person has seen which, and has said how many."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.records import JsonValue
from agent.offline.memory import Memory, Step
from agent.offline.planned import Plan, Unable, gave
from agent.offline.reading import Reading, understand
from agent.offline.table import KnownTable
from agent.offline.words import words_about
from tools.list_models import ListedModel, ListedModels

TOOL = "delete several"


def delete_several(reading: Reading, memory: Memory, steps: list[Step]) -> Plan:
    """What would be deleted; after a yes that names its number, one after the other."""
    listed = gave("list_models", steps, ListedModels)
    if listed is None:
        return "list_models", {}
    wanted = _wished(memory) if "n" in reading.arguments else reading.arguments
    if wanted is None:
        return Unable("There is nothing that you were asked about: say which models are to be deleted.")
    found = _meant(wanted, listed.models)
    if isinstance(found, Unable):
        return found
    if "n" not in reading.arguments:
        named = "".join(f"\n- {one.name or one.model}, for {one.target}" for one in found)
        return (
            f"That would delete {len(found)} models:\n{named}\n\nNothing is deleted yet. Say `yes, delete these "
            f"{len(found)} models` to do it; each can be brought back until its room is needed (`restore model …`)."
        )
    if reading.arguments["n"] != len(found):
        return Unable(f"There are {len(found)} such models now, not {reading.arguments['n']}: nothing is deleted.")
    deletes = [step for step in steps if step.name == "delete_model"]
    gone = {step.arguments.get("model") for step in deletes}
    left = [one.model for one in found if one.model not in gone]
    return ("delete_model", {"model": left[0]}) if left else "\n\n".join(map(words_about, deletes))


def _wished(memory: Memory) -> Mapping[str, JsonValue] | None:
    """What the person wanted deleted in the sentence before."""
    readings = understand(memory.said_before, KnownTable(models=list(memory.names))).readings
    is_so = len(readings) == 1 and readings[0].tool == TOOL and "n" not in readings[0].arguments
    return readings[0].arguments if is_so else None


def _meant(wanted: Mapping[str, JsonValue], listed: tuple[ListedModel, ...]) -> list[ListedModel] | Unable:
    """The models that are meant: all of them, or each that was named, of which there must be one."""
    names = wanted.get("models")
    if not isinstance(names, list):
        return list(listed) or Unable("There is no model yet.")
    found: list[ListedModel] = []
    for name in names:
        fitting = [one for one in listed if name in (one.model, one.name)] or [
            one for one in listed if name == one.type
        ]
        if len(fitting) != 1:
            how_many = "is no model" if not fitting else "are several models"
            return Unable(f"There {how_many} that {name} may mean: nothing is deleted.")
        found += [one for one in fitting if one not in found]
    return found
