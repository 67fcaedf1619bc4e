"""What a turn shows on a terminal: words that are taken back, calls that a person did not want."""

from __future__ import annotations

import io

import pytest

from agent.events import Event, Notice, TakenBack, TextDelta, ToolFinished, ToolStarted
from agent.not_run import NotRun
from runtime.screen import DOES_NOT_COUNT, Screen
from runtime.terminal import Terminal


def shown(*events: Event) -> list[str]:
    """The lines that the events leave on a screen that is no terminal."""
    file = io.StringIO()
    with Screen(Terminal(file=file, width=100)) as screen:
        for event in events:
            screen.show(event)
    return [line.strip() for line in file.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize(
    ("events", "lines"),
    [
        ((TextDelta("Half a line"), TakenBack(), TextDelta("The whole.")), ["The whole."]),
        (
            (TextDelta("A paragraph.\n\nHalf"), TakenBack(), Notice("Trying again."), TextDelta("The whole.")),
            ["A paragraph.", DOES_NOT_COUNT, "Trying again.", "The whole."],
        ),
        ((TakenBack(), TextDelta("The whole.")), ["The whole."]),
        (
            (TextDelta("I look.\n\n"), ToolStarted("c1", "describe", {}), TakenBack(), TextDelta("Done.")),
            ["I look.", "Done."],
        ),
    ],
)
def test_words_that_do_not_count_are_gone_or_said_to_be(events: tuple[Event, ...], lines: list[str]) -> None:
    assert shown(*events) == lines


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (NotRun.WROTE_INSTEAD, "– launch_training  not run: the user wrote instead of answering"),
        (NotRun.SAID_NO, "– launch_training  not run: the user said no"),
        ("the quote has expired", "✗ launch_training  0.2 s"),
    ],
)
def test_a_launch_that_the_person_did_not_want_is_no_failure(error: str, line: str) -> None:
    assert shown(ToolFinished("c1", "launch_training", {"error": error}, True, (), 0.2)) == [line]
