"""A table full of control codes through every command, as real processes: none of its codes comes out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from evals.world.programs import Programs
from evals.world.typed import run_typed

MOVING = "\x1b[2J\x1b]52;c;QQ==\x07\x1b]8;;a\x1b\\\x9b2J\x9dx\x9c\x7f\x08"
HIDING = "\u202e\u2066\u2028\u200b\u00ad\u2060\U000e0001\U000e0041\U000e0101\u3164\u2800\u115f\ufe0f\u034f\ue000"
HOSTILE = f"{MOVING}{HIDING}"
FILE = f"t{HOSTILE.replace('[', '')}.csv"
"""DuckDB takes brackets in a name for a pattern."""
NAMES = {name: f"{name}{HOSTILE}" for name in ("x", "y", "g", "h")}
LEVELS = [f"{HOSTILE}{name}" for name in "ab"]
REPLY = (
    f"It is **3**.{HOSTILE} [here](http://evil.example/?q) &#x202e; &#x3164; &zwj;\n\n"
    f"| a{HOSTILE} | b |\n|---|---|\n| 1 | 2 |"
)


def hidden_in(output: bytes) -> list[str]:
    """What of it moves the cursor or shows nothing; told by Unicode's categories and the codes that went in."""
    text = output.decode("utf-8")
    bad = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp") and c not in "\n\t"}
    return sorted(
        map(ascii, bad | {c for c in HOSTILE if c in text and not c.isprintable()} | (set(text) & set(HIDING)))
    )


@dataclass
class Shell:
    """Runs commands in a folder, and keeps all that they printed."""

    folder: Path
    programs: Programs
    printed: dict[str, bytes] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTHROPIC", "STATAGENT"))}
        return kept | {"STATAGENT_HOME": str(self.folder / "home"), "STATAGENT_ROOTS": str(self.folder)}

    def type(self, lines: list[str], *words: str) -> None:
        """A session at the prompt, shown in a pipe."""
        done = run_typed(
            [self.programs.statagent, *words], "".join(f"{line}\n" for line in lines), ["stdin"], self.environment
        )
        self.printed[f"{len(self.printed)} {ascii(words)[:90]}"] = (done.stdout + done.stderr).encode()

    def run(self, *words: str, program: str | None = None) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run(
            [program or self.programs.statagent, *words],
            cwd=self.folder,
            env=self.environment,
            input=b"",
            capture_output=True,
            timeout=90,
            check=False,
        )
        self.printed[f"{len(self.printed)} {ascii(words)[:90]}"] = done.stdout + done.stderr
        return done

    def tool(self, name: str, /, **arguments: object) -> Any:
        """The tool's result; None where it failed."""
        done = self.run("tool", name, json.dumps(arguments))
        return json.loads(done.stdout) if done.returncode == 0 else None

    def check(self) -> None:
        """Nothing hidden was printed."""
        assert {command: found for command, output in self.printed.items() if (found := hidden_in(output))} == {}


@pytest.fixture
def shell(tmp_path: Path, programs: Programs) -> Shell:
    head = ",".join(f'"{name}"' for name in NAMES.values())
    rows = "".join(f'{i},{i * i % 17},"{LEVELS[i % 2]}","{LEVELS[i // 2 % 2]}"\n' for i in range(60))
    (tmp_path / FILE).write_text(f"{head}\n{rows}", encoding="utf-8")
    (tmp_path / "plain.csv").write_text(f"{head}\n{rows}", encoding="utf-8")
    book = openpyxl.Workbook()
    for title in (f"s\x7f\x9b{HIDING[:12]}", f"z{HIDING[12:]}"):
        book.create_sheet(title).append([f"c{HIDING}", 1])
    book.save(tmp_path / f"b{HIDING}.xlsx")
    return Shell(tmp_path, programs)


def load(shell: Shell) -> str:
    loaded = shell.tool("load_dataset", source=FILE, name=f"n{HOSTILE}")
    # The JSON holds the very names; only how they are written has changed.
    assert [column["name"] for column in loaded["columns"]] == list(NAMES.values())
    return str(loaded["dataset"])


def test_what_the_tools_print_holds_no_code(shell: Shell) -> None:
    t = load(shell)
    x, y, g, h = NAMES.values()
    where = f"\"{g}\" = '{LEVELS[0]}'"
    assert shell.tool("describe", dataset=t, columns=[x], where=where)["columns"][0]["n"] == 30
    calls: dict[str, dict[str, object]] = {
        "describe": {"dataset": t, "by": g},
        "correlate": {"dataset": t, "x": x, "y": y, "by": g},
        "compare_groups": {"dataset": t, "value": y, "group": g},
        "crosstab": {"dataset": t, "row": g, "column": h},
        "check_quality": {"dataset": t},
        "analyze_distribution": {"dataset": t, "column": y, "by": g},
        "find_outliers": {"dataset": t, "columns": [y], "method": "iqr"},
        "regress": {"dataset": t, "target": y, "features": [x, g], "kind": "ols"},
        "plot": {"dataset": t, "kind": "scatter", "x": x, "y": y, "color": g, "title": HOSTILE},
        "detect_schema": {"dataset": t, "target": g},
        "query": {"sql": f'SELECT "{g}" AS "q{HOSTILE}" FROM "{t}" LIMIT 3'},
        "transform": {"dataset": t, "save_as": "u", "steps": [{"op": "rename", "column": x, "to": f"r{HOSTILE}"}]},
    }
    failed = [name for name, arguments in calls.items() if shell.tool(name, **arguments) is None]
    shell.check()
    assert failed == []


def test_what_goes_wrong_is_told_without_a_code(shell: Shell) -> None:
    t = load(shell)
    y = NAMES["y"]
    assert (
        shell.tool("load_dataset", source=f"b{HIDING}.xlsx") is not None or b"sheet" in list(shell.printed.values())[-1]
    )
    for name, arguments in {
        "load_dataset": {"source": f"no{HOSTILE}.csv"},
        "describe": {"dataset": HOSTILE},
        "correlate": {"dataset": t, "x": HOSTILE, "y": y},
        "compare_groups": {"dataset": t, "value": y, "group": NAMES["g"], "event": HOSTILE},
        "query": {"sql": f'SELECT "{HOSTILE}" FROM "{t}"'},
        "poll_job": {"job_id": HOSTILE},
        HOSTILE: {},
    }.items():
        assert shell.tool(name, **arguments) is None
    shell.run("tool", "describe", HOSTILE)
    shell.run("plan", f"no{HOSTILE}.json")
    shell.run("eval", HOSTILE)
    shell.run(HOSTILE)
    (shell.folder / "config.yaml").write_text(json.dumps({f"k{HIDING}": 1, "model": HIDING}))
    shell.run("datasets")
    shell.run("doctor")
    shell.run("doctor", "--json")
    shell.check()


def test_a_model_and_its_lists_hold_no_code(shell: Shell) -> None:
    t = load(shell)
    job = {"kind": "training", "dataset": t, "target": NAMES["g"], "features": [NAMES["x"], NAMES["h"]]}
    quote = shell.tool("estimate_cost", job=job | {"model": "logistic_regression"})["quotes"][0]["quote_id"]
    asked = shell.run("tool", "launch_training", json.dumps({"quote_id": quote}))
    assert asked.returncode == 3
    launched = shell.run(
        "tool", "launch_training", json.dumps({"quote_id": quote}), "--confirm", quote, "--max-usd", "1"
    )
    job_id = json.loads(launched.stdout)["job_id"]
    model = shell.tool("poll_job", job_id=job_id, wait_s=60)["model"]
    assert shell.tool("predict", model=model, dataset=t)["n"] == 60
    assert shell.tool("list_models", model=model) is not None
    for what in ("datasets", "models", "jobs", "costs"):
        shell.run(what)
        shell.run(what, "--json")
    shell.check()
    home = shell.folder / "home"
    kept = [path for path in home.rglob("*") if path.suffix in (".txt", ".json", ".log")]
    assert {path.name for path in kept} >= {"log.txt", "metadata.json"}
    assert {str(path): found for path in kept if (found := hidden_in(path.read_bytes()))} == {}


def test_a_conversation_and_its_exports_hold_no_code(shell: Shell) -> None:
    load_it = {
        "type": "tool_use",
        "id": "a",
        "name": "load_dataset",
        "input": {"source": FILE, "name": "t"},
    }
    arguments = {"dataset": "t", "kind": "bar", "x": NAMES["g"], "title": HOSTILE}
    draw = {"type": "tool_use", "id": "b", "name": "plot", "input": arguments}
    wrong = {"type": "tool_use", "id": "c", "name": "describe", "input": {"dataset": "t", "columns": [HOSTILE]}}
    table = {"type": "tool_use", "id": "d", "name": "describe", "input": {"dataset": "t", "by": NAMES["g"]}}
    replies: list[list[dict[str, Any]]] = [[load_it], [draw], [wrong], [table], [{"type": "text", "text": REPLY}]]
    lines = [{"content": r, "stop_reason": "tool_use" if "name" in r[0] else "end_turn"} for r in replies]
    (shell.folder / "script.jsonl").write_text("\n".join(map(json.dumps, lines)))
    replay = ("--model", "replay:script.jsonl")
    for output in ("text", "json", "stream-json"):
        assert shell.run("chat", "-p", f"go {HIDING}", "--output", output, *replay).returncode == 0
    typed = [
        f"/describe dataset=t columns={HIDING}",
        "/describe dataset=t",
        "/datasets",
        "/sessions",
        f"/{MOVING[:4]}",
        *(f"/export {name} {shell.folder / f'out.{name}'}" for name in ("report", "script", "plan", "transcript")),
        f"hello {HIDING}\x1b[2J",
    ]
    shell.type(typed, "chat", "--resume")
    exported = {path.name: path.read_bytes() for path in shell.folder.glob("out.*")}
    assert sorted(exported) == ["out.plan", "out.report", "out.script", "out.transcript"]
    assert {name: found for name, content in exported.items() if (found := hidden_in(content))} == {}
    assert shell.run("plan", "out.plan").returncode == 0
    assert shell.run("out.script", program=sys.executable).returncode == 0
    (shell.folder / "out.yaml").write_bytes(exported["out.transcript"])
    # That the file of this name is not found again is said in a table, with the codes in it.
    shell.run("eval", "out.yaml")
    shell.check()
