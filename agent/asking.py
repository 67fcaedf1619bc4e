"""Asking the model: within the limits, tried again by our own policy, never twice at once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime

import tenacity

from adapters.budget_periods import next_day
from adapters.model.base import LanguageModel, ModelCancelled, ModelError, ModelRequest, Reply
from adapters.store.conversations import ConversationRow
from adapters.store.spending import SpendingTable
from agent.breaker import Breaker
from agent.events import Event, Notice, TakenBack, TextDelta
from agent.limits import Meter
from prompts.dollars import dollars

N_TRIES = 4
FIRST_WAIT_S = 1.0
MAX_WAIT_S = 30.0


class LimitReached(Exception):
    """A limit of the turn or of the day forbids the request; the message is for the user."""


class Asker:
    """Sends one owner's requests to one model."""

    def __init__(
        self,
        model: LanguageModel,
        spending: SpendingTable,
        clock: Callable[[], datetime],
        breaker: Breaker,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self.model = model
        self._spending = spending
        self._clock = clock
        self._breaker = breaker
        self._first_wait_s = first_wait_s

    def ask(
        self,
        conversation: ConversationRow,
        request: ModelRequest,
        meter: Meter,
        emit: Callable[[Event], None],
        cancel: threading.Event,
    ) -> Reply:
        """The model's whole reply; its text goes to `emit` as it comes, and is taken back where the reply fails.

        What failed on the way (overload, a lost connection, a cut stream) is tried again up to three times: after
        what the server asks for, at most 30 s, else after about 1, 2, 4 s.

        Raises
        ------
        LimitReached
            Before the request is sent.
        ModelError
            After the last try, or at once when trying again is of no use or failed three times in a row just now.
        ModelCancelled
            The user stopped it.
        """

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            seconds = error.retry_after_s if isinstance(error, ModelError) else None
            backoff = self._first_wait_s * 2 ** (state.attempt_number - 1) * random.uniform(0.5, 1.5)  # noqa: S311
            return min(MAX_WAIT_S, backoff if seconds is None else seconds)

        def tell(state: tenacity.RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            emit(Notice(f"{error} Trying again."))

        def sleep(seconds: float) -> None:
            if cancel.wait(seconds):
                raise ModelCancelled("")

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(N_TRIES),
            wait=wait,
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, ModelError) and error.retryable),
            before_sleep=tell,
            sleep=sleep,
            reraise=True,
        )
        self._breaker.check()
        try:
            reply = retrying(self._ask_once, conversation, request, meter, emit, cancel)
        except ModelError as error:
            self._breaker.count(error)
            raise
        self._breaker.reset()
        return reply

    def _ask_once(
        self,
        conversation: ConversationRow,
        request: ModelRequest,
        meter: Meter,
        emit: Callable[[Event], None],
        cancel: threading.Event,
    ) -> Reply:
        most_usd = self.model.most_usd(request)
        reached = meter.reached(most_usd)
        if reached is not None:
            raise LimitReached(f"I stop here: {reached}. Say what to go on with.")
        held = self._spending.reserve(
            conversation.owner_id, conversation.conversation_id, most_usd, meter.limits.max_day_usd, self._clock()
        )
        if held is None:
            raise LimitReached(
                f"I stop here: today's {dollars(meter.limits.max_day_usd)} for the model are spent. "
                f"They begin anew at {next_day(self._clock())}."
            )
        meter.n_steps += 1
        # What ends in a way that nobody foresaw may have cost all that was held.
        spent, told = most_usd, list[str]()

        def tell(text: str) -> None:
            told.append(text)
            emit(TextDelta(text))

        try:
            reply = self.model.stream(request, tell, cancel)
            spent = reply.usd
            meter.add(reply)
            if reply.note:
                emit(Notice(reply.note))
            if reply.stop_reason is None:
                raise ModelError("The connection to the model was cut.", retryable=True, usd=reply.usd)
        except ModelError as error:
            spent = error.usd
            if told:
                emit(TakenBack())
            raise
        finally:
            self._spending.settle(held, spent)
            meter.usd += spent
        return reply
