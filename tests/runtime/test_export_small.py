"""Small and awkward tables in an exported script: p counted out, ties as written, a control that says nothing, …"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.model.scripted import ScriptedModel, call, say
from adapters.records import JsonValue
from evals.world.home import build_in, used_home
from evals.world.programs import Programs
from evals.world.talk import Talk
from tests.runtime.test_export import results_of, run_script, same

ROWS = [
    # g, h, v, w, u, small, ctl, before, after, k
    ("a", "x", 1.5, 2.0, 3.1, 39.1e-12, 7, "yes", "no", "one"),
    ("a", "x", 2.5, 2.5, 1.0, 38.7e-12, 7, "yes", "no", "one"),
    ("a", "y", 2.0, 4.0, 2.2, 20.5e-12, 7, "no", "yes", "one"),
    ("b", "x", 3.5, 3.0, 5.0, 20.1e-12, 7, "no", "yes", "one"),
    ("b", "x", 4.5, 1.0, 4.0, 18.7e-12, 7, "yes", "yes", "one"),
    ("b", "x", 6.0, 7.0, 6.5, 18.3e-12, 7, "no", "no", "one"),
    ("c", "y", 5.5, 6.0, 8.0, 11.0e-12, 7, "yes", "no", "one"),
    ("c", "y", 7.5, 9.0, 7.7, 11.9e-12, 7, "no", "yes", "one"),
    ("c", "y", 8.0, 8.5, 9.1, 12.4e-12, 7, "yes", "yes", "one"),
]
HEAD = "g,h,v,w,u,small,ctl,before,after,k"
ASKED: dict[str, tuple[str, dict[str, JsonValue]]] = {
    "s1": ("compare_groups", {"value": "v", "group": "g", "test": "kruskal"}),
    "s2": ("compare_groups", {"value": "v", "repeated": ["w", "u"], "test": "friedman"}),
    "s3": ("compare_groups", {"value": "v", "group": "g", "test": "fligner"}),
    "s4": ("compare_groups", {"value": "small", "test": "wilcoxon", "mu": 15.0e-12}),
    "s5": ("compare_groups", {"value": "small", "group": "h", "test": "mann_whitney"}),
    "s6": ("compare_groups", {"value": "v", "group": "g", "group2": "h", "test": "two_way_anova"}),
    "s7": ("crosstab", {"row": "before", "column": "after", "test": "mcnemar"}),
    "s8": ("correlate", {"x": "v", "y": "w", "controls": ["ctl", "u"]}),
    "s9": ("analyze_distribution", {"column": "v"}),
    "s10": ("regress", {"target": "v", "features": ["w", "k"]}),
    "s11": ("analyze_distribution", {"column": "small"}),
    "s12": ("compare_groups", {"value": "v", "group": "g", "test": "welch_anova"}),
    "s13": ("correlate", {"columns": ["v", "w", "u"], "method": "kendall"}),
    "s14": ("describe", {"columns": ["small", "v"], "detail": True}),
    "s15": ("compare_groups", {"value": "v", "value2": "w", "test": "wilcoxon"}),
    "s16": ("analyze_distribution", {"dataset": "far", "column": "x"}),
}


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    folder = tmp_path_factory.mktemp("small")
    path = folder / "small.csv"
    path.write_text("\n".join([HEAD, *(",".join(map(str, row)) for row in ROWS)]) + "\n")
    far = folder / "far.csv"
    # The last value lies fourteen standard deviations out.
    far.write_text("x\n" + "".join(f"{place % 7}\n" for place in range(200)) + "1000000\n")
    calls = [(call_id, name, {"dataset": "small", **given}) for call_id, (name, given) in ASKED.items()]
    loads = call(("l0", "load_dataset", {"source": str(path)}), ("l1", "load_dataset", {"source": str(far)}))
    script = [loads, call(*calls), say("That is all.")]
    talk = Talk(build_in(used_home(folder / "home"), model=ScriptedModel(script)))
    talk.say("compute everything")
    yield talk
    talk.session.program.close()


def test_the_script_gives_the_same_numbers_of_a_small_table(bare: Programs, talk: Talk, tmp_path: Path) -> None:
    found, expected = run_script(bare, talk, tmp_path), results_of(talk)
    wrong = {
        call_id: (found[step]["result"], expected[call_id])
        for step, call_id in enumerate(["l0", "l1", *ASKED])
        if step in found and not same(found[step]["result"], expected[call_id])
    }
    assert wrong == {}
    assert len(found) == len(ASKED) + 2
