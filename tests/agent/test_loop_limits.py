"""What stops a turn or keeps it going: limits of steps and dollars, failures that pass and those that do not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.model.base import ModelError, ModelRequest, Reply
from adapters.model.scripted import ScriptedModel, call, say
from evals.world.home import Clock, build_in, used_home
from evals.world.talk import Talk
from tests.agent.conftest import DESCRIBE, Start


def test_an_overload_is_tried_again_and_told(start: Start) -> None:
    overload = ModelError("The model is overloaded.", retryable=True, retry_after_s=0.01)
    talk, _ = start(overload, Reply([], None), say("Hello."))
    assert talk.say("hi").reason == "done"
    assert talk.notices() == [
        "The model is overloaded. Trying again.",
        "The connection to the model was cut. Trying again.",
    ]


def test_after_four_tries_the_user_is_told_in_a_sentence(start: Start) -> None:
    talk, model = start(*[ModelError("The model is overloaded.", retryable=True)] * 4, say("Back."))
    assert talk.say("hi").reason == "failed"
    assert talk.notices()[-1] == "The model is overloaded."
    assert len(model.requests) == 4
    assert talk.say("again").reason == "done"


def test_a_model_that_fails_again_and_again_is_left_alone_for_a_while(tmp_path: Path) -> None:
    clock = Clock()
    overload = ModelError("The model is overloaded.", retryable=True)
    model = ScriptedModel([*[overload] * 12, say("Back.")])
    talk = Talk(build_in(used_home(tmp_path / "home"), clock, model))
    for _ in range(3):
        talk.say("hi")
    assert talk.say("hi").reason == "failed"
    assert "failed 3 times in a row" in talk.notices()[-1]
    assert len(model.requests) == 12
    clock.ahead = timedelta(seconds=31)
    assert talk.say("hi").reason == "done"
    talk.session.program.close()


def test_what_is_of_no_use_is_not_tried_again(start: Start) -> None:
    talk, model = start(ModelError("The key is wrong."))
    assert talk.say("hi").reason == "failed"
    assert len(model.requests) == 1


def test_a_turn_has_a_limit_of_steps(start: Start) -> None:
    talk, _ = start(*[call((f"d{n}", "describe", DESCRIBE)) for n in range(9)], max_steps=3)
    assert talk.say("go").reason == "limit"
    assert talk.notices() == ["I stop here: 3 steps of one turn are done. Say what to go on with."]


class Dear(ScriptedModel):
    """A model whose every request costs up to two dollars, and does cost one."""

    def most_usd(self, request: ModelRequest) -> Decimal:
        return Decimal(2)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [({"max_turn_usd": 3, "max_day_usd": 9}, "$3.00 of one turn"), ({"max_turn_usd": 9, "max_day_usd": 3}, "today's")],
)
def test_a_turn_and_a_day_have_limits_of_dollars(tmp_path: Path, settings: dict[str, Any], sentence: str) -> None:
    replies = [Reply(call((f"d{n}", "describe", DESCRIBE)).content, "tool_use", usd=Decimal(1)) for n in range(9)]
    talk = Talk(build_in(used_home(tmp_path / "home"), model=Dear(replies), **settings))
    assert talk.say("go").reason == "limit"
    assert sentence in talk.notices()[0]
    assert len(talk.session.model.requests) == 2  # type: ignore[attr-defined]  # it is the scripted one
    talk.session.program.close()
