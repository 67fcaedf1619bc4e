"""`statagent chat -p TEXT`, or what comes on a pipe: one turn without a person at hand, as text or as JSON."""

from __future__ import annotations

import signal
import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.data.base import Watch
from adapters.model.base import Outcome
from adapters.records import JobState
from agent.conversation import Conversation
from agent.events import Ask, Event, Flagged, Kept, Notice, ToolFinished, TurnEnded
from prompts.cards import flagged_sentence
from runtime import standard_input
from runtime.all_jobs import AllJobs
from runtime.answers import how_to_confirm, is_plain_yes
from runtime.confirmation import Confirmation, ConfirmationNeeded, OverBudget
from runtime.event_lines import event_line
from runtime.session import Session
from runtime.way_out import say, say_json
from tools.launch_training.result import Launched
from tools.quote_lines import quote_line

if TYPE_CHECKING:
    from runtime.chat_command import ChatOptions

EXIT_CODES = {"done": 0, "asked": 3, "limit": 4, "failed": 5, "refused": 5, "stopped": 130, "bug": 1}
FAILED, USAGE, BUDGET = 1, 2, 4
A_FILE = "What came is taken as a file: on a pipe, one line of text is a question; -p - asks one of several lines."
NOT_ASKED = "The file on standard input was not loaded, so the question was not asked."
NOTHING_CAME = "Nothing came on standard input, and no person is there: type at a terminal, or ask with -p."


class _Turn:
    """What happened in this call of the program."""

    def __init__(self, session: Session, conversation: Conversation, streams: bool = False) -> None:
        self._streams = streams
        self.session = session
        self.conversation = conversation
        self.cancel = threading.Event()
        self.notices: list[str] = []
        self.tools: list[dict[str, Any]] = []
        self.flagged: list[str] = []
        self.ask: Ask | None = None
        self.is_withdrawn = False
        self.ended = TurnEnded("done", usd=Decimal(0), seconds=0.0, n_steps=0, text="")

    @property
    def watch(self) -> Watch:
        """Stopped with the turn; nobody looks at the progress."""
        return Watch(self.cancel, lambda sentence, fraction: None)

    def keep(self, words: str | None) -> str | None:
        """Commit the words before all else, and give their id; a yes to an open question is none of them.

        A yes of a script is no yes: only --confirm, which names the quote and the most it may cost, is one.
        """
        is_decision = words is not None and is_plain_yes(words) and self.session.pending(self.conversation) is not None
        return None if words is None or is_decision else self.session.keep(self.conversation, words, self._hear)

    def take(self, words: str | None) -> None:
        """One turn of the loop."""
        self.ask = None
        self.ended = self.session.turn(self.conversation, words, self._hear, self.cancel)
        self._stream(self.ended)

    def _stream(self, event: Event) -> None:
        if self._streams:
            say(event_line(event))

    def tell(self, sentence: str) -> None:
        """A sentence of the program's own."""
        self._hear(Notice(sentence))

    def _hear(self, event: Event) -> None:
        if isinstance(event, Kept):
            return  # a script has its words still
        self._stream(event)
        if isinstance(event, Notice):
            self.notices.append(event.text)
        elif isinstance(event, Flagged):
            self.flagged += event.numbers
        elif isinstance(event, Ask):
            self.ask = event
        elif isinstance(event, ToolFinished):
            artifacts = [str(artifact.path) for artifact in event.artifacts]
            self.tools.append(
                {"name": event.name, "is_error": event.is_error, "result": event.content, "artifacts": artifacts}
            )


def talk(session: Session, conversation: Conversation, options: ChatOptions) -> int:
    """Take the turn and print it; gives the exit code of DESIGN section 7."""
    streams = options.output == "stream-json"
    turn = _Turn(session, conversation, streams)
    words = standard_input.read_question() if options.words == "-" else options.words
    if options.words == "-" and not words:
        say("-p - reads the question from standard input, and nothing came.", err=True)
        return USAGE
    if streams:
        say_json({"type": "begun", "session": conversation.row.conversation_id, "model": session.model.name})
    signal.signal(signal.SIGINT, lambda number, frame: turn.cancel.set())
    if words is None and options.confirmation is None:
        code = _take_what_came(turn)
    else:
        code = _take_words(turn, words, is_file_beside=options.words != "-")
    if code is not None:
        return code
    is_over = _confirm(turn, options)
    code = BUDGET if is_over else _exit_code(turn, options.confirmation)
    if not streams:
        _print(turn, options.output)
    return code


def _take_words(turn: _Turn, words: str | None, is_file_beside: bool) -> int | None:
    """The words, after the file that came beside them; an exit code where there is nothing to do."""
    words_id = turn.keep(words)
    AllJobs(turn.session.program).reconcile()
    if words_id is not None and is_file_beside and not _take_file(turn):
        # The answer would be about another table: the one that was there before.
        turn.session.forget(turn.conversation, words_id)
        turn.is_withdrawn = True
        turn.tell(NOT_ASKED)
        return None
    if not _speak(turn, words_id):
        say("No question is open in this conversation: there is nothing to say yes to.", err=True)
        return FAILED
    return None


def _take_what_came(turn: _Turn) -> int | None:
    """A pipe into the program is one question or a file, and answers nothing; an exit code where nothing came."""
    given = standard_input.Given()
    # While a question is open, whatever comes might be meant for it: it is asked again, and stays open.
    if turn.session.pending(turn.conversation) is None:
        given = standard_input.receive(turn.session, turn.watch)
    words_id = turn.keep(given.question)
    AllJobs(turn.session.program).reconcile()
    if given.source is not None:
        turn.tell(A_FILE)
        turn.take(f"load {given.source}")
    elif not _speak(turn, words_id):
        say(NOTHING_CAME, err=True)
        return USAGE
    return None


def _exit_code(turn: _Turn, confirmation: Confirmation | None) -> int:
    """0 only where something was said or done, and a yes that was given has started its job."""
    code = EXIT_CODES[turn.ended.reason]
    if code == 0 and turn.is_withdrawn:
        return FAILED
    if code == 0 and confirmation is not None:
        jobs = [job for job in turn.session.jobs.all() if job.quote_id == confirmation.quote_id]
        launches = [tool["result"] for tool in turn.tools if tool["name"] == "launch_training" and not tool["is_error"]]
        launched = {Launched.model_validate(launch).job_id for launch in launches}
        if not jobs:
            turn.tell(f"The yes to {confirmation.quote_id} did not count: nothing was started.")
            return FAILED
        if jobs[0].job_id not in launched:
            job_id = jobs[0].job_id
            turn.tell(f"The yes to {confirmation.quote_id} did not count: it became {job_id} before (statagent jobs).")
            return FAILED
        if jobs[0].state.is_final and jobs[0].state is not JobState.SUCCEEDED:
            return FAILED
    is_empty = not turn.ended.text and not turn.tools
    return FAILED if code == 0 and (turn.ended.outcome is not Outcome.DONE or is_empty) else code


def _take_file(turn: _Turn) -> bool:
    """A file on standard input is loaded first, in a turn of its own; False where it came and was not loaded."""
    source = standard_input.receive_file(turn.session, turn.watch)
    if source is None:
        return True
    turn.take(f"load {source}")
    return any(tool["name"] == "load_dataset" and not tool["is_error"] for tool in turn.tools)


def _speak(turn: _Turn, words_id: str | None) -> bool:
    """Say the words that were kept, or go on where the log stands; False when it stands where nobody waits."""
    conversation = turn.conversation
    if words_id is not None:
        conversation.waiting.add(words_id)
    if not conversation.waiting and not conversation.open_calls():
        return False
    turn.take(None)
    return True


def _confirm(turn: _Turn, options: ChatOptions) -> bool:
    """Say the yes that was given ahead to the launches that it covers; True when one goes beyond it."""
    try:
        while turn.ask is not None and options.confirmation is not None:
            options.confirmation.check(turn.ask.quote)
            refusal = turn.session.gate.decide(turn.ask.nonce, turn.session.person.owner_id, yes=True)
            if refusal is not None:
                turn.notices.append(refusal)
            turn.take(None)
    except OverBudget as error:
        turn.notices.append(str(error))
        return True
    except ConfirmationNeeded as error:
        turn.notices.append(str(error))
    return False


def _print(turn: _Turn, output: str) -> None:
    quote = None if turn.ask is None else quote_line(turn.ask.quote).as_json()
    if output == "json":
        result = {
            "session": turn.conversation.row.conversation_id,
            "reason": turn.ended.reason,
            "outcome": turn.ended.outcome.value,
            "reply": turn.ended.text,
            "tools": turn.tools,
            "quote": quote,
            "card": None if turn.ask is None else turn.ask.card,
            "notices": turn.notices,
            "flagged": turn.flagged,
            "usd": float(turn.ended.usd),
            "seconds": round(turn.ended.seconds, 3),
        }
        say_json(result, indent=2)
        return
    if turn.ended.text:
        say(turn.ended.text)
    if turn.flagged:
        say(flagged_sentence(turn.flagged), err=True)
    for tool in turn.tools:
        for path in tool["artifacts"]:
            say(path)
    for notice in turn.notices:
        say(notice, err=True)
    if quote is not None and turn.ask is not None:
        say(turn.ask.card, err=True)
        say_json(quote, indent=2)
        say(how_to_confirm(turn.conversation.row.conversation_id, turn.ask.quote), err=True)
