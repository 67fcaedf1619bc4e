"""What was computed of rows drawn by chance is not computed again by a script, which would draw others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from adapters.records import JsonValue
from evals.world.home import build_in, used_home
from runtime.export.script_writer import Writer
from tools import find_tool
from tools.results import MadeCall


@pytest.mark.parametrize("name", ["correlate", "analyze_distribution"])
@pytest.mark.parametrize("sampled", [True, False])
def test_results_of_a_sample_are_left_out_of_the_script(tmp_path: Path, name: str, sampled: bool) -> None:
    session = build_in(used_home(tmp_path / "home"))
    try:
        path = tmp_path / "t.csv"
        path.write_text("a,b\n" + "".join(f"{n},{n * n % 7}\n" for n in range(20)))
        session.call_tool("load_dataset", json.dumps({"source": str(path)}), None)
        arguments: dict[str, JsonValue] = {"dataset": "t"}
        arguments |= {"column": "a"} if name == "analyze_distribution" else {"x": "a", "y": "b"}
        made = session.call_tool(name, json.dumps(arguments), None).content
        assert made["sampled"] is False
        content = {**made, "sampled": sampled}
        writer = Writer(session, session.begin().row.conversation_id, tmp_path)
        tool = find_tool(name)
        assert tool.script is not None
        tool.script(writer, 1, MadeCall(arguments, tool.read(content)))
        assert any("left out here" in line for line in writer.lines) is sampled
        assert bool(writer.lines[1:]) is not sampled
    finally:
        session.program.close()
