"""What each entry of TOOLS must bring: whoever adds a tool is told here what was forgotten."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest

from agent.offline.choices import CHOICES
from agent.offline.frames import CLAUSES
from agent.offline.pattern import read_pattern, slots_in
from agent.offline.slots import SLOTS
from evals.world.home import PENGUINS, ROOT, build_in
from runtime import tool_docs
from runtime.session import Session
from runtime.tool_help import as_words, help_text
from runtime.tool_words import read_arguments
from tests.tools.test_warning_codes import without_a_code
from tools import TOOLS
from tools.argument_words import argument_lines
from tools.results import Fields, MadeCall, ToolOutput, to_json
from tools.spec import Arguments, Tool, tool

NEEDS_A_JOB = frozenset(
    "launch_training poll_job cancel_job predict compare_models rename_model keep_threshold delete_model restore_model "
    "model_card export_model explain_model".split()
)
"""Tools whose example names a quote, a job or a model that only a conversation makes."""
each_tool = pytest.mark.parametrize("one", TOOLS, ids=lambda one: one.name)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    session = build_in(tmp_path_factory.mktemp("every") / "home")
    session.call_tool("load_dataset", f'{{"source": "{PENGUINS}"}}', None)
    yield session
    session.program.close()


@each_tool
def test_its_example_can_be_called(one: Tool, session: Session) -> None:
    arguments = one.parse(one.example)
    if one.name not in NEEDS_A_JOB:
        context = session.context("every", threading.Event(), lambda sentence, fraction: None)
        output = one.call(arguments, context)
        assert output.content
        assert "error" not in output.content
        assert without_a_code(output.content) == []
        assert one.told is not None
        stored = json.loads(to_json(output.content))
        found = one.read(stored)
        assert one.told(MadeCall(one.example, found))
        assert not isinstance(found, Fields) or found.as_json() == stored


@each_tool
def test_it_is_told_and_asked_for_without_claude(one: Tool) -> None:
    assert one.told is not None
    assert one.sentences or one.name == "launch_training"  # which comes after a price, by `train …`
    assert {clause for sentences in one.sentences for clause in sentences.clauses} <= set(CLAUSES)
    for head in (head for sentences in one.sentences for head in sentences.heads):
        kinds = {slot.kind for slot in slots_in(read_pattern(head))}
        assert kinds <= {*SLOTS, *CHOICES}, head


@each_tool
def test_its_example_in_words_is_the_same_call(one: Tool) -> None:
    _, _, words = as_words(one).partition(" ")
    assert read_arguments(one, words, []) == one.example


@each_tool
def test_its_arguments_are_told_at_every_depth(one: Tool) -> None:
    assert [line.name for line in argument_lines(one) if not line.text] == []
    assert all(name in help_text(one, 80) for name in one.arguments.model_fields)
    assert one.gives
    assert "\n" not in one.gives + as_words(one)


@each_tool
def test_its_page_fits_a_narrow_terminal(one: Tool) -> None:
    page = help_text(one, 60).partition("\nExample")[0]
    assert max(len(line) for line in page.splitlines()) <= 60 + max(len(word) for word in page.split())


def test_a_default_and_a_range_are_told() -> None:
    told = argument_lines(next(one for one in TOOLS if one.name == "estimate_cost"))
    lines = {line.name: line for line in reversed(list(told))}  # a training's stand before a prediction's
    assert lines["seed"].default == "42"
    assert lines["test_size"].kind == "number from 0 to 0.95"
    assert lines["target"].default is None
    assert lines["model"].kind.startswith("linear_regression | ")


@pytest.mark.parametrize("path", tool_docs.pages(ROOT), ids=lambda path: path.name)
def test_the_pages_made_of_the_tools_are_as_the_tools_are(path: Path) -> None:
    assert path.read_text() == tool_docs.pages(ROOT)[path], "make docs"


def test_no_tool_imports_another() -> None:
    # From TOOLS, so that a new one is held to it without being listed anywhere.
    graph = grimp.build_graph("tools")
    names = [f"tools.{one.name}" for one in TOOLS]
    assert [
        (one, other)
        for one in names
        for other in names
        if one != other and graph.chain_exists(importer=one, imported=other, as_packages=True)
    ] == []


def test_a_tool_without_a_text_is_no_tool() -> None:
    def silent(arguments: Arguments, context: object) -> None: ...

    with pytest.raises(TypeError, match="docstring"):
        tool(effect="read", gives="nothing", example={})(silent)  # type: ignore[arg-type]


def test_a_tool_without_a_class_of_its_result_is_no_tool() -> None:
    def untyped(arguments: Arguments, context: object) -> ToolOutput[Any]:
        """A text."""
        raise NotImplementedError

    with pytest.raises(TypeError, match="untyped: a tool returns ToolOutput"):
        tool(effect="read", gives="nothing", example={})(untyped)
