"""A case that is played through the bot makes the same calls with the same results as at the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.command import is_command
from evals.case import read_case
from evals.command import EvalOptions, find_cases, run
from evals.runner import CaseResult, run_case
from evals.script import new_names, steady

CASES = dict(find_cases([]))


def played(name: str, through: Any) -> CaseResult:
    result = run_case(read_case(CASES[name]), name, through=through)
    assert result.problems == []
    return result


def turns_of(transcript: str) -> Iterator[dict[str, Any]]:
    """What was said and done, but for what a person called themselves, as one does who sends a file."""
    # Each run has a folder of its own.
    for turn in yaml.safe_load(re.sub(r"/\S*/statagent-eval-\w+/files", "FILES", transcript))["turns"]:
        blocks = [block for reply in turn["replies"] for block in reply.get("wire", [])]
        for block in blocks:
            if block.get("name") == "load_dataset":
                block["input"].pop("source")
        if not any(is_command(block.get("id", "")) for block in blocks):
            results = {"results": turn["results"]} if turn["results"] else {}
            yield {"did": (turn.get("user"), turn.get("decision")), "blocks": blocks, **results}


@pytest.mark.parametrize(
    "name",
    ["statistics/correlation_within_groups", "messy/german_export", "robust/two_people", "gate/launch_refused"],
)
def test_the_transcript_is_the_terminals(name: str) -> None:
    here, there = played(name, "terminal").transcripts, played(name, "telegram").transcripts
    assert here.keys() == there.keys()
    for owner, text in here.items():
        ours, theirs = list(turns_of(text)), list(turns_of(there[owner]))
        renamed = dict(new_names(ours, theirs))
        assert steady(theirs, {}) == steady(ours, renamed)
        assert any("results" in turn for turn in ours)


def test_the_transcript_replays_at_the_terminal(tmp_path: Path) -> None:
    [transcript] = played("messy/german_export", "telegram").transcripts.values()
    path = tmp_path / "kept.yaml"
    path.write_text(transcript)
    again = run_case(read_case(path), "kept")
    assert again.problems == []
    assert len([score for score in again.scores if "result of" in score.name]) == 3


@pytest.mark.parametrize("name", ["robust/crash_and_resume", "training/classify_and_predict", "statistics/pictures"])
def test_a_case_with_crashes_files_or_pictures_passes(name: str) -> None:
    played(name, "telegram")


LOADS = """
about: loads
turns:
  - user: load it
    replies:
      - calls: [{name: load_dataset, arguments: {source: evals/data/penguins.csv}}]
      - text: There are 344 rows, and 3.14 of something.
"""


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("    expect: {reply_numbers: [344], flagged: ['3.14']}\n", None),
        ("    expect: {reply_numbers: [345]}\n", "not in the reply"),
        ("    expect: {flagged: []}\n", "flagged"),
        ("    expect: {notices: [penguins were sad]}\n", "penguins were sad"),
        ("    expect: {numbers: [{call: load_dataset, at: [rows], is: 343}]}\n", "expected 343, found 344"),
        ("  - decision: yes\n", "no question is open"),
        ("  - user: more\n", "has no reply"),
        ("at_most: {datasets: 0}\n", "there are 1"),
    ],
)
def test_a_case_that_does_not_hold_fails_there_too(tmp_path: Path, more: str, problem: str | None) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(LOADS + more)
    done = run_case(read_case(path), "case", through="telegram")
    assert (problem or "") in " ".join(done.problems)
    assert done.passed is (problem is None)


def test_the_command_plays_them_through_the_bot(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(EvalOptions((str(CASES["messy/hopeless_file"]),), through="telegram")) == 0
    assert "1 of 1 cases passed" in capsys.readouterr().out
