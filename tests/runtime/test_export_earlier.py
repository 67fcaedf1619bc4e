"""A script of a conversation that uses what an earlier one has loaded, beside datasets whose names its SQL holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.data.select_check import tables_of
from adapters.model.scripted import ScriptedModel, call, say
from adapters.records import JsonValue
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.programs import Programs
from evals.world.talk import Talk
from tests.runtime.test_export import results_of, run_script, same

SQL = (
    "WITH words(word, form) AS (SELECT 'a', 'b') SELECT count(*) AS n FROM penguins, words "
    "WHERE species = 'Adelie' AND (SELECT max(n) FROM other) > 1"
)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    names = ("form", "p", "words", "other")
    for name in names:
        (tmp_path / f"{name}.csv").write_text("n,g\n1,a\n2,b\n3,a\n4,b\n")
    loads: list[tuple[str, str, dict[str, JsonValue]]] = [
        (f"e{name}", "load_dataset", {"source": str(tmp_path / f"{name}.csv")}) for name in names
    ]
    script = [
        call(("e0", "load_dataset", {"source": str(PENGUINS)})),
        call(*loads),
        say("Loaded."),
        call(
            ("c0", "query", {"sql": SQL}),
            ("c1", "describe", {"dataset": "penguins", "columns": ["year"]}),
            ("c2", "compare_groups", {"dataset": "other", "value": "n", "group": "g"}),
        ),
        say("That is all."),
    ]
    session = build_in(used_home(tmp_path / "home"), model=ScriptedModel(script))
    Talk(session).say("load")
    talk = Talk(session)
    talk.say("compute")
    yield talk
    session.program.close()


def test_what_an_earlier_conversation_loaded_lies_beside_the_script(bare: Programs, talk: Talk, tmp_path: Path) -> None:
    found, expected = run_script(bare, talk, tmp_path), results_of(talk)
    assert [entry["tool"] for entry in found.values()] == ["query", "describe", "compare_groups"]
    assert all(same(entry["result"], expected[f"c{step}"]) for step, entry in found.items())
    assert sorted(path.stem for path in (tmp_path / "story_data").iterdir()) == ["other", "penguins"]


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("SELECT 'form' AS p FROM a", ["a"]),
        ("WITH b AS (SELECT * FROM a) SELECT * FROM B", ["a"]),
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a", ["a"]),
        ("SELECT * FROM A JOIN b USING (x) WHERE x IN (SELECT x FROM p);", ["a", "b", "p"]),
        ("SELECT a.form FROM b AS a", ["b"]),
        ("SELECT 1", []),
    ],
)
def test_the_tables_that_a_query_reads(sql: str, read: list[str]) -> None:
    assert tables_of(sql, ["a", "b", "form", "p"]) == read
