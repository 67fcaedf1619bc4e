"""Every case passes, what it leaves as a transcript replays, and a case that does not hold fails."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from evals.case import CaseError, read_case
from evals.command import EvalOptions, find_cases, run
from evals.runner import CaseResult, run_case
from evals.world.messages_api import KEY, Says, messages_api

CASES = find_cases([])
PENGUINS = "evals/data/penguins.csv"


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 20
    assert {name.split("/")[0] for name, _ in CASES} == {"gate", "messy", "robust", "statistics", "training"}


@pytest.mark.parametrize("name", [name for name, _ in CASES])
def test_a_case_passes_and_its_transcript_replays(name: str, tmp_path: Path) -> None:
    done = run_case(read_case(dict(CASES)[name]), name)
    assert done.problems == []
    for person, transcript in done.transcripts.items():
        path = tmp_path / f"{person}.yaml"
        path.write_text(transcript)
        again = run_case(read_case(path), person)
        assert again.problems == []
        results = [score for score in again.scores if "result of" in score.name]
        assert len(results) == transcript.count("type: tool_use")


def run_text(tmp_path: Path, text: str) -> CaseResult:
    path = tmp_path / "case.yaml"
    path.write_text(text)
    return run_case(read_case(path), "case")


LOADS = f"""
about: loads
turns:
  - user: load it
    replies:
      - calls: [{{name: load_dataset, arguments: {{source: {PENGUINS}}}}}]
      - text: 344 rows
"""


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("", None),
        ("      - text: and one too many\n", "1 replies were never asked for"),
        ("    expect: {reply_numbers: [345]}\n", "not in the reply"),
        ("    expect: {calls: [{name: describe}]}\n", "no describe"),
        ("    expect: {numbers: [{call: load_dataset, at: [rows], is: 343}]}\n", "expected 343, found 344"),
        ("    expect: {ends: asked}\n", "expected 'asked', found 'done'"),
        ("at_most: {datasets: 0}\n", "there are 1"),
        ("  - decision: yes\n", "no question is open"),
        ("  - user: more\n", "has no reply"),
    ],
)
def test_a_case_that_does_not_hold_fails(tmp_path: Path, more: str, problem: str | None) -> None:
    done = run_text(tmp_path, LOADS + more)
    assert done.passed is (problem is None)
    if problem is not None:
        assert problem in " ".join(done.problems)


def test_a_transcript_whose_numbers_changed_fails(tmp_path: Path) -> None:
    transcript = yaml.safe_load(run_text(tmp_path, LOADS).transcripts["ann"])
    transcript["turns"][0]["results"]["call_1"]["columns"][2]["missing"] = 3
    done = run_text(tmp_path, yaml.safe_dump(transcript))
    assert "result of call_1" in done.problems[0]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("turns: [", "case.yaml"),
        ("about: x\nturns: []\n", "at least 1 item"),
        ("about: x\nturns: [{user: a, decision: yes}]\n", "one of user, decision, resume"),
        ("about: x\nturns: [{usr: a}]\n", "turns.0.usr: Extra inputs"),
        ("about: x\nfiles: [{name: none.csv}]\nturns: [{user: a}]\n", "no file 'none.csv'"),
        (f"about: x\nfiles: [{{name: {PENGUINS}, sha256: abc}}]\nturns: [{{user: a}}]\n", "is not the file"),
    ],
)
def test_what_is_no_case_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(CaseError, match=sentence):
        run_text(tmp_path, text)


def test_the_command_prints_a_table_json_and_junit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, broken = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "broken.yaml"
    good.write_text(LOADS)
    bad.write_text(LOADS + "    expect: {reply_words: [\x1b]}\n".replace("\x1b", "nothing"))
    broken.write_text("about: x\n")
    junit = tmp_path / "junit.xml"
    assert run(EvalOptions((str(good),), record=tmp_path / "kept")) == 0
    assert "1 of 1 cases passed" in capsys.readouterr().out
    assert (tmp_path / "kept" / "good_1_ann.yaml").is_file()
    assert run(EvalOptions((str(good), str(bad), str(broken)), output="json", junit=junit)) == 1
    found = json.loads(capsys.readouterr().out)
    assert [(case["case"], case["passed"]) for case in found["cases"]] == [
        ("good", True),
        ("bad", False),
        ("broken", False),
    ]
    suite = ElementTree.parse(junit).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    assert run(EvalOptions(("nosuch",))) == 2
    assert "there is no suite 'nosuch'" in capsys.readouterr().err


def test_live_asks_claude_and_counts_runs_and_dollars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claude is the strict double; its second run says another number, and so the case is not passed each time."""
    path = tmp_path / "live.yaml"
    path.write_text(LOADS + "    expect: {calls: [{name: load_dataset}], reply_numbers: [344]}\n")
    load = {"type": "tool_use", "id": "toolu_1", "name": "load_dataset", "input": {"source": PENGUINS}}
    script = [
        Says([load], "tool_use"),
        Says([{"type": "text", "text": "There are 344 rows."}]),
        Says([{**load, "id": "toolu_2"}], "tool_use"),
        Says([{"type": "text", "text": "There are 345 rows."}]),
    ]
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    for asked in (script[:2], script):
        with messages_api(asked) as api:
            monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
            times = len(asked) // 2
            code = run(EvalOptions((str(path),), live=True, times=times, record=tmp_path / "kept", output="json"))
            assert api.refused == []
        found = json.loads(capsys.readouterr().out)["cases"][0]
        assert [entry["passed"] for entry in found["runs"]] == [True, False][:times]
        assert code == times - 1
        assert all(entry["usd"] > 0 for entry in found["runs"])
    # What Claude said is kept, and replays without it.
    again = run_case(read_case(tmp_path / "kept" / "live_2_ann.yaml"), "again")
    assert again.problems == []


def test_our_own_cases_pass_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = dict(CASES)["gate/invented_quote"]
    monkeypatch.chdir(tmp_path)
    assert run(EvalOptions((str(gate),), record=Path("kept"))) == 0
    assert list((tmp_path / "kept").rglob("*.yaml"))  # what the person names is where the person stands
    assert Path.cwd() == tmp_path
