"""The control of the negative controls: where nothing is broken, the same copy and the same test notice nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evals.world.broken import Breaker, Guard
from tests.test_data_guards import GUARDS as OF_DATA
from tests.test_guards import GUARDS as OF_THE_GATE
from tests.test_job_guards import GUARDS as OF_JOBS


@pytest.mark.parametrize(
    "guard",
    [
        pytest.param(OF_THE_GATE["a used quote, at the question"], id="in the test's own process"),
        pytest.param(OF_DATA["the bytes of a query's answer"], id="in a query's process"),
        pytest.param(OF_JOBS["one worker a claim"], id="in a training's process"),
    ],
)
def test_a_whole_guard_is_not_said_to_be_broken(guard: Guard, breaker: Breaker, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="exit code 0"):
        breaker.check_noticed(replace(guard, broken=guard.line), tmp_path)


TELLS = """
import json, sys
here = sorted(name for name in sys.modules if name.partition(".")[0] in ("adapters", "runtime"))
from adapters.data import child, query
from runtime import session
files = [module.__file__ for name, module in sys.modules.items() if name in here]
seconds = [child.START_S, query.ask_child.__globals__["START_S"]]
print(json.dumps({"here": here, "files": files, "seconds": seconds, "tree": sys.argv[1]}))
"""
LONGER = Guard("adapters/data/child.py", "START_S = 3.0", "START_S = 4.0", "")
SETTINGS = Guard("pyproject.toml", "[project]\n", "[project]\n\n", "")


def tells(breaker: Breaker, folder: Path) -> dict[str, Any]:
    (folder / "tells.py").write_text(TELLS)
    with (folder / "output.txt").open("w+") as output:
        breaker.run([str(folder / "tells.py"), str(breaker.tree)], output)
        output.seek(0)
        return dict(json.load(output))


def test_what_stands_on_a_broken_module_is_imported_anew_out_of_the_copy(breaker: Breaker, tmp_path: Path) -> None:
    with breaker.broken(LONGER):
        broken = tells(breaker, tmp_path)
    whole = tells(breaker, tmp_path)
    assert (broken["seconds"], whole["seconds"]) == ([4.0, 4.0], [3.0, 3.0])
    anew = set(whole["here"]) - set(broken["here"])
    assert {"adapters.data.child", "adapters.data.query", "runtime.session"} <= anew
    assert {"adapters.names", "adapters.store.tables"} <= set(broken["here"])
    assert all(Path(file).is_relative_to(breaker.tree) for file in broken["files"] + whole["files"])


def test_where_no_module_is_broken_all_of_ours_is_imported_anew(breaker: Breaker, tmp_path: Path) -> None:
    with breaker.broken(SETTINGS):
        assert tells(breaker, tmp_path)["here"] == []
