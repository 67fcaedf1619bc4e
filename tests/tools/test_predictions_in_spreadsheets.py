"""Predictions as a file: a spreadsheet runs nothing in it, and what comes of reading it again is said."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from adapters.model.scripted import ScriptedModel, call, say
from evals.world.home import build_in, used_home
from evals.world.programs import Programs
from evals.world.talk import Talk
from runtime.export import export
from runtime.session import Session

CSV = "=x,note,y\n" + "".join(f"{n - 20},{'=1+1' if n % 2 else '- low'},{2 * n}\n" for n in range(40))


def trained(home: Path, **settings: Any) -> tuple[Session, str]:
    """A program that has loaded the table and trained on it; and the model."""
    (home.parent / "t.csv").write_text(CSV)
    session = build_in(home, confirm="paid", **settings)

    def ask(name: str, **arguments: Any) -> dict[str, Any]:
        return dict(session.call_tool(name, json.dumps(arguments), None).content)

    ask("load_dataset", source=str(home.parent / "t.csv"))
    job = {"kind": "training", "dataset": "t", "target": "y", "model": "linear_regression"}
    launched = ask("launch_training", quote_id=ask("estimate_cost", job=job)["quotes"][0]["quote_id"])
    return session, str(ask("poll_job", job_id=launched["job_id"], wait_s=60)["model"])


@pytest.fixture
def marked(tmp_path: Path) -> Iterator[tuple[Session, str]]:
    session, model = trained(tmp_path / "home")
    yield session, model
    session.program.close()


def predict(session: Session, model: str) -> tuple[Path, list[str]]:
    """The file, and the warnings."""
    output = session.call_tool("predict", json.dumps({"model": model, "dataset": "t"}), None)
    warnings = output.content["warnings"]
    assert isinstance(warnings, list)
    return output.artifacts[0].path, [str(warning) for warning in warnings]


def test_a_file_of_predictions_runs_nothing_and_says_so(marked: tuple[Session, str]) -> None:
    path, warnings = predict(*marked)
    frame = pd.read_csv(path)
    assert list(frame.columns[:3]) == ["'=x", "note", "y"]
    assert sorted(set(frame["note"])) == ["'- low", "'=1+1"]
    assert frame["'=x"].tolist() == list(range(-20, 20))
    assert len([text for text in warnings if "41 cells or headers begin like a formula" in text]) == 1


def test_a_pipeline_gets_it_raw_with_a_warning(tmp_path: Path) -> None:
    session, model = trained(tmp_path / "home", raw_csv=True)
    path, warnings = predict(session, model)
    session.program.close()
    assert path.read_text().startswith("=x,note,y,")
    assert "=1+1" in path.read_text()
    assert "'" not in path.read_text()
    assert [text for text in warnings if "do not open it in a spreadsheet" in text]


def test_a_marked_file_that_is_loaded_keeps_its_marks_and_they_are_named(marked: tuple[Session, str]) -> None:
    session, model = marked
    path, _ = predict(session, model)
    again = path.rename(session.settings.home.parent / "again.csv")
    loaded = session.call_tool("load_dataset", json.dumps({"source": str(again)}), None).content
    said = " ".join(map(str, loaded["warnings"]))  # type: ignore[arg-type]  # a list, by the tool's own contract
    assert "values of 'note' (40) begin with a quote mark" in said
    assert 'names of columns begin with such a quote mark and keep it: "\'=x"' in said
    with session.data.open("again") as table:
        assert sorted(set(table.frame()["note"])) == ["'- low", "'=1+1"]


def test_the_script_of_a_marked_file_gives_the_same_numbers(bare: Programs, tmp_path: Path) -> None:
    session, model = trained(tmp_path / "home")
    path, _ = predict(session, model)
    again = path.rename(tmp_path / "again.csv")
    session.program.close()
    steps = [
        call(("c1", "load_dataset", {"source": str(again)})),
        call(("c2", "describe", {"dataset": "again", "columns": ["prediction"], "by": "note"})),
        say("Done."),
    ]
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel(steps)))
    talk.say("look at it")
    written = export(talk.session, talk.conversation.row.conversation_id, "script", tmp_path / "s.py").path
    talk.session.program.close()
    done = subprocess.run([bare.python, "-P", "-E", written], cwd=tmp_path, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])["result"]["columns"]
    told = [dict(row) for row in talk.results("describe")[0]["columns"]]
    assert [(row["group"], row["n"], row["mean"]) for row in found] == [
        (row["group"], row["n"], pytest.approx(row["mean"], rel=1e-12)) for row in told
    ]
    assert {row["group"] for row in found} == {"'=1+1", "'- low"}
