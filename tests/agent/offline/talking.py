"""One sentence about one table, put to the offline model, with the calls that come of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from adapters.model.base import ModelRequest
from agent.offline import OfflineModel
from agent.offline.looked_up import is_look
from evals.world.home import PENGUINS
from runtime.session import Session
from tools import TOOLS

HERE = Path(__file__).parent
SCHEMAS = [tool.schema() for tool in TOOLS]


@dataclass(frozen=True)
class Sentence:
    """What is typed, the calls of which each is right, and, where refusing is right too or alone, the word named."""

    table: str
    words: str
    calls: tuple[Mapping[str, Any], ...]
    refuse: str | None


def read_sentences() -> list[Sentence]:
    """The sentences of sentences.yaml, and those that were written later."""
    files = [yaml.safe_load((HERE / name).read_text()) for name in ("sentences.yaml", "more_sentences.yaml")]
    return [_sentence(table, line) for read in files for table, lines in read.items() for line in lines]


def _sentence(table: str, line: list[Any]) -> Sentence:
    calls = tuple(entry for entry in line[1:] if isinstance(entry, dict))
    refuse = str(line[line.index("refuse") + 1]) if "refuse" in line else None
    return Sentence(table, line[0], calls, refuse)


def load_tables(session: Session, folder: Path) -> dict[str, Mapping[str, Any]]:
    """The tables, loaded: what load_dataset gave for each."""
    files = {"penguins": PENGUINS}
    for name, text in yaml.safe_load((HERE / "tables.yaml").read_text()).items():
        files[name] = folder / f"{name}.csv"
        files[name].write_text(text)
    return {name: _run(session, "load_dataset", {"source": str(file)}) for name, file in files.items()}


def ask(session: Session, loaded: Mapping[str, Any], words: str) -> tuple[dict[str, Any], str]:
    """The last call as {name: arguments} ({} where nothing is called), and what is said.

    A query is run, since the model may look up which column a word is a value of.
    """
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "load it"}]},
        _call("t0", "load_dataset", {"source": "it"}),
        _result("t0", loaded),
        {"role": "assistant", "content": [{"type": "text", "text": "Loaded."}]},
        {"role": "user", "content": [{"type": "text", "text": words}]},
    ]
    last: dict[str, Any] = {}
    while True:
        reply = OfflineModel().stream(
            ModelRequest("offline", "", SCHEMAS, messages, 1), lambda _: None, threading.Event()
        )
        block = reply.content[0]
        if block["type"] == "text":
            return last, str(block["text"])
        arguments = block["input"]
        assert isinstance(arguments, dict)
        name = str(block["name"])
        last = {name: _without_dataset(arguments)}
        if name != "query":
            return last, ""
        call_id = f"t{len(messages)}"
        messages += [_call(call_id, name, arguments), _result(call_id, _run(session, name, arguments))]
        if not is_look(arguments):
            return last, ""
        last = {}


def _without_dataset(arguments: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in arguments.items() if key != "dataset"}
    return {**kept, "job": _without_dataset(kept["job"])} if "job" in kept else kept


def _run(session: Session, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    return session.call_tool(name, json.dumps(arguments), None).content


def _call(call_id: str, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "tool_use", "id": call_id, "name": name, "input": arguments}]}


def _result(call_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": call_id, "content": json.dumps(content)}
    return {"role": "user", "content": [block]}
