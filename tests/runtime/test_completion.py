"""What Tab puts into the line: names that are what they look like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from evals.world.home import build_in, used_home
from runtime.completion import Words
from runtime.session import Session

ODD = [
    "k\u202egpj\u2800\u2066.csv",
    "k\x1b[2J.csv",
    "k\u3164.csv",
    "k\n.csv",
    "k\t.csv",
    "k\U000e0041.csv",
    "k\x9b.csv",
]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    opened = build_in(used_home(tmp_path / "home"))
    yield opened
    opened.program.close()


def offered(session: Session, line: str) -> list[str]:
    words = Words(session, session.data)
    return [found.text for found in words.get_completions(Document(line), CompleteEvent(completion_requested=True))]


@pytest.mark.parametrize("name", ODD)
def test_a_file_whose_name_hides_something_is_not_offered(session: Session, tmp_path: Path, name: str) -> None:
    for each in (name, "known.csv", "k\u00fcche 1.csv"):
        (tmp_path / each).write_text("a\n1\n")
    assert sorted(offered(session, f"load {tmp_path}/k")) == ["nown.csv", "\u00fcche 1.csv"]


def test_of_thousands_of_columns_the_first_are_offered_and_that_there_are_more(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(",".join(f"wide{place}" for place in range(1_000)) + "\n" + ",".join(["1"] * 1_000))
    session.call_tool("load_dataset", json.dumps({"source": str(tmp_path / "t.csv")}), None)
    found = offered(session, "describe wide")
    assert (found[:2], len(found), found[-1]) == (["wide0", "wide1"], 201, "wide")
    assert offered(session, "describe wide99") == ["wide99", *(f"wide99{digit}" for digit in range(10))]
