"""A number that nobody gave is told to the person, kept in the log, and can be left alone by a setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.model.scripted import ScriptedModel, call, say
from agent.events import Flagged
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.talk import Talk
from prompts.cards import flagged_sentence


@pytest.mark.parametrize(("check", "flagged"), [(True, [("47.3",)]), (False, [])])
def test_a_made_up_number_is_flagged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, check: bool, flagged: list[tuple[str, ...]]
) -> None:
    script = [
        call(("c1", "load_dataset", {"source": str(PENGUINS)})),
        say("There are 344 rows; the mean of bill_length_mm is 47.3."),
        say("It has 8 columns, as said."),
    ]
    session = build_in(used_home(tmp_path / "home"), model=ScriptedModel(script), check_numbers=check)
    talk = Talk(session)
    talk.say("load it")
    assert [event.numbers for event in talk.events if isinstance(event, Flagged)] == flagged
    assert ("47.3" in caplog.text) is check
    talk.events.clear()
    talk.say("how many columns?")
    assert not any(isinstance(event, Flagged) for event in talk.events)
    session.program.close()


def test_the_sentence_names_at_most_eight() -> None:
    assert flagged_sentence(["47.3"]) == "Check 47.3: no tool's result gives it."
    many = flagged_sentence([str(n) for n in range(20, 31)])
    assert many.startswith("Check 20, 21, 22, 23, 24, 25, 26, 27 and 3 more:")
