"""A report tells each warning in words; its code is for programs."""

from __future__ import annotations

from pathlib import Path

from adapters.model.scripted import ScriptedModel, call, say
from evals.world.home import build_in, used_home
from evals.world.talk import Talk
from runtime.export import export


def test_a_warning_stands_there_as_words_and_not_as_a_code(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("x\n" + "".join(f"{value}\n" for value in range(9)) + "90\n")
    looks = call(("c2", "find_outliers", {"dataset": "few", "columns": ["x"], "method": "zscore"}))
    replies = [call(("c1", "load_dataset", {"source": str(path)})), looks, say("Done.")]
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel(replies)))
    talk.say("look")
    made = talk.results("find_outliers")[0]
    page = export(talk.session, talk.conversation.row.conversation_id, "report", tmp_path / "r.html").path.read_text()
    talk.session.program.close()
    assert made["warning_codes"] == ["no_z_score_exceeds"]
    assert page.count("with 10 values no z-score exceeds 2.85") == 1
    assert "no_z_score_exceeds" not in page
