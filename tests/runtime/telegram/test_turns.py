"""A decision that a crash has cut in two: it is taken, once, when its update comes again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import Arrival, SendState, UpdateState
from agent.conversation import Conversation
from agent.gate import Question
from agent.offline import OfflineModel
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.sent_file import send_file
from runtime.session import Session
from runtime.telegram.asked import Asked
from runtime.telegram.options import job_of, quoted
from runtime.telegram.turns import CLOSED, Turns
from tools.estimate_cost.training import TrainingJob

ANN = 42


class Asking:
    """Ann's conversation, in which a price waits for her answer; update 2 is what she does about it."""

    def __init__(self, session: Session) -> None:
        self.table = UpdateTable(session.program.database, 1)
        self.turns = Turns(session.program, self.table)
        for update_id in (1, 2):
            self.table.add_all([Arrival(update_id, "42", {})], session.clock())
        self.session = self.turns.session(ANN)
        asked = Asked(self.table.get(1), ANN, lambda event: None, threading.Event())
        send_file(self.turns, ANN, PENGUINS)
        self.turns.say(asked, "train a random forest to predict species")

    @property
    def conversation(self) -> Conversation:
        return self.turns.conversation(self.session, "42", ANN)

    @property
    def question(self) -> Question | None:
        return self.session.pending(self.conversation)

    def dies_between(self) -> None:
        """The update says that it decides, and the bot dies before it has."""
        conversation = self.conversation
        self.table.take_decision(2, conversation.row, len(conversation.messages) - 1)


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Asking]:
    session = build_in(used_home(tmp_path / "home"), model=OfflineModel())
    yield Asking(session)
    session.program.close()


def test_a_press_that_was_cut_in_two_decides_when_it_comes_again(asking: Asking) -> None:
    question = asking.question
    assert question is not None
    asking.dies_between()
    assert asking.turns.press(asking.table.get(2), ANN, question.row.nonce, yes=False) is None
    assert asking.question is None
    assert asking.turns.press(asking.table.get(2), ANN, question.row.nonce, yes=True) is None


def test_a_typed_no_that_was_cut_in_two_decides_when_it_comes_again(asking: Asking) -> None:
    asking.dies_between()
    asking.turns.say(Asked(asking.table.get(2), ANN, lambda event: None, threading.Event()), "no")
    assert asking.question is None
    assert asking.table.get(2).state is UpdateState.DONE
    assert "Nothing was started" in str([one.content for one in asking.table.unsent()][-1])


def test_a_card_of_another_question_decides_nothing(asking: Asking) -> None:
    assert asking.turns.press(asking.table.get(2), ANN, "another", yes=True) == CLOSED
    assert asking.question is not None
    assert asking.table.get(2).state is UpdateState.WAITING


def test_an_offer_that_has_expired_starts_nothing_and_its_card_says_so(tmp_path: Path) -> None:
    late = [timedelta(0)]
    session = build_in(used_home(tmp_path / "home"), lambda: datetime.now(UTC) + late[0], OfflineModel())
    asking = Asking(session)
    question = asking.question
    assert question is not None
    late[0] = timedelta(minutes=11)
    refusal = asking.turns.press(asking.table.get(2), ANN, question.row.nonce, yes=True)
    assert refusal == "The offer has expired. Ask again for a fresh price."
    asking.turns.go_on(Asked(asking.table.get(2), ANN, lambda event: None, threading.Event()))
    edits = [one.content for one in asking.table.unsent() if one.content.get("edits")]
    assert [str(one["text"]).splitlines()[-1] for one in edits] == [
        f"Expired at {question.quote.expires_at:%H:%M:%S} UTC: nothing was started."
    ]
    assert [one.get("buttons") for one in edits] == [None]
    assert asking.session.jobs.all() == ()
    session.program.close()


def test_a_card_that_a_crash_left_twice_is_known(asking: Asking) -> None:
    question = asking.question
    assert question is not None
    [card] = [one for one in asking.table.unsent() if str(one.content.get("key", "")).startswith("card:")]
    asking.table.mark(card.entry_id, SendState.SENT, 17)
    nonce = question.row.nonce
    assert not asking.turns.is_second_card(ANN, nonce, 16)
    asking.turns.press(asking.table.get(2), ANN, nonce, yes=False)
    assert [asking.turns.is_second_card(ANN, nonce, number) for number in (16, 17)] == [True, False]


def test_a_press_of_somebody_else_decides_nothing(asking: Asking) -> None:
    question = asking.question
    assert question is not None
    assert asking.turns.press(asking.table.get(2), 43, question.row.nonce, yes=True) == CLOSED
    assert asking.question is not None
    assert asking.table.get(2).state is UpdateState.WAITING


def test_a_late_answer_is_told_what_was_decided(asking: Asking) -> None:
    question = asking.question
    assert question is not None
    nonce = question.row.nonce
    assert asking.turns.press(asking.table.get(2), ANN, nonce, yes=False) is None
    asking.table.add_all([Arrival(3, "42", {})], asking.session.clock())
    late = asking.turns.press(asking.table.get(3), ANN, nonce, yes=True)
    assert late == "This question was answered already: no."
    assert asking.table.get(3).state is UpdateState.WAITING


def test_a_price_that_is_asked_for_again_is_of_the_very_same_job(asking: Asking) -> None:
    question, session = asking.question, asking.session
    assert question is not None
    quote = question.quote
    assert job_of(quote, "ridge").keys() == TrainingJob.model_fields.keys()
    [line] = quoted(session, quote, quote.job.training.model, quote.conversation_id)
    again = session._approvals.quote(session.person.owner_id, line.quote_id)
    assert again is not None
    assert again.quote_id != quote.quote_id
    assert again.job.training == quote.job.training
    assert again.job.dataset == quote.job.dataset
