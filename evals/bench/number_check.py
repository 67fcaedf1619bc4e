"""How often the check of numbers is wrong, on the replies of all cases: `python -m evals.bench.number_check`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import yaml

from adapters.records import JsonValue, Message
from agent.number_check import NOT_PROSE, NUMBER, is_looked_at, unsupported_numbers
from evals.case import read_case
from evals.command import find_cases
from evals.runner import run_case


@dataclass
class Counts:
    """Numbers that were looked at, and how often the check was wrong about them."""

    n_true: int = 0
    n_alarms: int = 0
    n_wrong: int = 0
    n_misses: int = 0


def main() -> None:
    """Run every case, and check its replies as they are and with each number made wrong."""
    counts = Counts()
    for name, path in find_cases([]):
        case = read_case(path)
        expected = {number for turn in case.turns for number in turn.expect.flagged or ()}
        for transcript in run_case(case, name).transcripts.values():
            for reply, before in replies(transcript):
                _count(counts, reply, before, expected)
    sys.stdout.write(
        f"numbers as they stand: {counts.n_true}, flagged: {counts.n_alarms} ({counts.n_alarms / counts.n_true:.1%})\n"
        f"numbers made wrong:    {counts.n_wrong}, missed: {counts.n_misses} ({counts.n_misses / counts.n_wrong:.1%})\n"
    )


def replies(transcript: str) -> Iterator[tuple[str, list[Message]]]:
    """Each reply in words of a transcript, with the conversation before it."""
    messages: list[Message] = []

    def add(role: str, content: list[dict[str, JsonValue]]) -> None:
        messages.append(Message(len(messages), role, content, None, True, {}, Decimal(0)))

    for turn in yaml.safe_load(transcript)["turns"]:
        if "user" in turn:
            add("user", [{"type": "text", "text": turn["user"]}])
        results = turn.get("results") or {}
        for reply in turn["replies"]:
            wire = reply.get("wire", [])
            words = "\n".join(block["text"] for block in wire if block["type"] == "text")
            if words and reply.get("stop_reason") == "end_turn":
                yield words, list(messages)
            add("assistant", wire)
            answers: list[dict[str, JsonValue]] = [
                {"type": "tool_result", "tool_use_id": call_id, "content": yaml_json(results[call_id])}
                for block in wire
                if block["type"] == "tool_use" and (call_id := block["id"]) in results
            ]
            if answers:
                add("user", answers)


def yaml_json(value: object) -> str:
    """The result as the model read it."""

    return json.dumps(value, ensure_ascii=False, default=str)


def _count(counts: Counts, reply: str, before: list[Message], expected: set[str]) -> None:
    true = [text for text in dict.fromkeys(NUMBER.findall(NOT_PROSE.sub(" ", reply))) if is_looked_at(text)]
    flagged = unsupported_numbers(reply, before)
    true = [text for text in true if text not in expected]
    counts.n_true += len(true)
    counts.n_alarms += sum(text not in expected for text in flagged)
    for text in true:
        for wrong in made_wrong(text):
            counts.n_wrong += 1
            counts.n_misses += not unsupported_numbers(f"It is {wrong}.", before)


def made_wrong(text: str) -> list[str]:
    """The number with its second significant digit, and with its last digit, moved on by three."""
    places = [index for index, character in enumerate(text) if character.isdigit()]
    significant = [index for index in places if text[: index + 1].strip("+-−–0.,")]
    found = []
    for place in dict.fromkeys([*significant[1:2], significant[-1]]):
        wrong = text[:place] + str((int(text[place]) + 3) % 10) + text[place + 1 :]
        if is_looked_at(wrong):
            found.append(wrong)
    return found


if __name__ == "__main__":
    main()
