"""Runs a case through the program itself, with the real tools: a home of its own, a real database, real processes."""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from adapters.model.base import LanguageModel
from agent.conversation import Conversation
from agent.events import Ask, Flagged, Notice, ToolFinished, TurnEnded
from agent.validity import broken_rules
from evals.case import Case, CaseError, File, Turn
from evals.front import FrontEnd, Person, Terminal
from evals.scores import (
    Done,
    Happened,
    Made,
    Score,
    score_effects,
    score_equal,
    score_results,
    score_script,
    score_turn,
)
from evals.script import CaseModel, new_names, steady, with_paths
from evals.through_telegram import Telegram
from evals.world.home import used_home
from evals.world.metered import Metered, PriceTag
from runtime.all_jobs import AllJobs
from runtime.export.transcript import transcript
from runtime.program import Program, build
from runtime.settings import Settings, read_settings
from tools.results import to_json

ROOT = Path(__file__).parents[1]
JOBS_S = 120.0
Through = Literal["terminal", "telegram"]


@dataclass
class _Clock:
    """The case's clock: the machine's, moved; it runs on by itself, and never back once a turn has told the time."""

    ahead: timedelta = timedelta(0)
    is_set: bool = False

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def set(self, at: datetime) -> None:
        ahead = at.astimezone(UTC) - datetime.now(UTC)
        # A replay may take longer than what it replays: its next turn then begins later than that one did.
        self.ahead = max(ahead, self.ahead) if self.is_set else ahead
        self.is_set = True


@dataclass
class CaseResult:
    """How a case went: its scores, the dollars of its model requests, seconds, and the log of each person."""

    name: str
    scores: list[Score] = field(default_factory=list)
    usd: Decimal = Decimal(0)
    seconds: float = 0.0
    transcripts: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """True when every score is passed."""
        return all(score.passed for score in self.scores)

    @property
    def problems(self) -> list[str]:
        """Name and reason of each score that failed."""
        return [f"{score.name}: {score.problem}" for score in self.scores if not score.passed]


class _Run:
    """One run of one case."""

    def __init__(self, case: Case, home: Path, model: LanguageModel | None, through: Through) -> None:
        self.case = case
        self.files = home.parent / "files"
        self._home = home
        self._script = CaseModel(self._wait_for_jobs)
        self._model = model or self._script
        self._is_live = model is not None
        self._clock = _Clock()
        self._tag = PriceTag(Decimal(0))
        self._paths = {"${files}": str(self.files)}
        self._paths |= {file.path: str(self.files / file.name) for file in case.files if file.path is not None}
        self.turns = [Turn.model_validate(with_paths(turn.model_dump(mode="json"), self._paths)) for turn in case.turns]
        self._front = open_front(through, self.turns)
        self.people: dict[str, Person] = {}
        self.tools: list[str] = []
        self.usd = Decimal(0)
        self._found: dict[str, Any] = {}
        self._program: Program | None = None

    def _settings(self) -> Settings:
        """The case's settings: no key and nothing of this machine's own home is in them, unless the run is live."""
        folders = [Path(file.name).parent for file in self.case.files if Path(file.name).is_absolute()]
        wanted: dict[str, Any] = {"roots": (ROOT, self.files, *folders), "first_wait_s": 0.01, **self.case.settings}
        return read_settings(home=self._home, **wanted, **self._front.settings())

    def _start(self) -> None:
        if self._program is None:
            used_home(self._home)
            self._program = build(self._settings(), self._model, self._clock, self._backends)
            self._front.start(self._program)

    def _restart(self) -> None:
        """The program ends and begins again; each person goes on with the conversation that there was."""
        self._end()
        self._start()
        for name, gone in self.people.items():
            self.people[name] = self._front.go_on(name, gone)

    def _end(self) -> None:
        self._front.stop()
        if self._program is not None:
            self._program.close()
        self._program = None

    def _backends(self, settings: Settings) -> dict[str, Metered]:
        backend = Metered(settings.home / "jobs", self._tag.max_seconds, settings.worker_environment())
        backend.tag = self._tag
        return {backend.name: backend}

    def take(self, turn: Turn) -> list[Score]:
        """One turn and its scores."""
        self._clock.ahead += timedelta(seconds=turn.later_s)
        if turn.usd_per_hour is not None:
            self._tag.usd_per_hour = turn.usd_per_hour
        if turn.max_seconds is not None:
            self._tag.max_seconds = turn.max_seconds
        if turn.at is not None:
            self._clock.set(turn.at)
        if turn.wait_for_jobs:
            self._wait_for_jobs()
        is_known = turn.person in self.people
        if not is_known:
            self._start()
            self.people[turn.person] = self._front.join(turn.person)
        self._script.recorded |= turn.results or {}
        self._script.replies = self._front.prepare(turn.person, turn)
        if turn.resume and is_known:
            self._restart()
        person = self.people[turn.person]
        person.events.clear()
        ended, problem = self._front.act(turn.person, person, turn)
        self.usd += ended.usd
        happened = _happened(person, ended)
        self.tools += [call.name for call in happened.calls if not call.is_error]
        scores = score_turn(turn.expect, happened)
        scores += [Score("decision", problem)] if problem else []
        if not self._is_live:
            scores.append(score_script(len(self._script.replies), self._script.unexpected))
            scores += self._compare(turn, person)
            self._script.unexpected.clear()
        return [*scores, *_score_log(person)]

    def _compare(self, turn: Turn, person: Person) -> list[Score]:
        """Of a transcript: the results as they were."""
        if turn.results is None:
            return []
        for event in person.events:
            if isinstance(event, ToolFinished):
                self._found[event.call_id] = json.loads(to_json(dict(event.content)))
        found = self._found
        for call_id, recorded in turn.results.items():
            self._script.renamed |= dict(new_names(recorded, found.get(call_id)))
        renamed = self._script.renamed
        return score_results(steady(turn.results, renamed), steady(found, renamed))

    def _wait_for_jobs(self) -> None:
        deadline = time.monotonic() + JOBS_S
        while self.people and any(self._open_jobs()):
            if time.monotonic() > deadline:
                raise CaseError(f"jobs are still running after {JOBS_S:.0f} s")
            time.sleep(0.05)

    def _open_jobs(self) -> Iterator[bool]:
        assert self._program is not None
        AllJobs(self._program).reconcile()
        for person in self.people.values():
            yield from (not job.state.is_final for job in person.session.jobs.all())

    def done(self) -> Done:
        """What all people have now."""
        sessions = [person.session for person in self.people.values()]
        return Done(
            jobs=sum(len(session.jobs.all()) for session in sessions),
            datasets=sum(len(session.data.all()) for session in sessions),
            models=sum(len(session.models.all()) for session in sessions),
            tools=tuple(self.tools),
        )

    def close(self) -> None:
        """End what still runs."""
        for person in self.people.values():
            for view in person.session.jobs.all():
                with suppress(Exception):
                    person.session.jobs.cancel(view.job_id)
        self._end()
        self._front.close()


def open_front(through: Through, turns: Sequence[Turn]) -> FrontEnd:
    """The front end of that name, for the people of these turns."""
    return Telegram(turns) if through == "telegram" else Terminal()


def run_case(
    case: Case, name: str, model: Callable[[], LanguageModel] | None = None, through: Through = "terminal"
) -> CaseResult:
    """Run the case in a temporary home and score it.

    Parameters
    ----------
    through : "terminal" or "telegram"
        How what a person does comes to the program.
    model : callable or None
        Makes the model to ask; None for the case's own script.

    Raises
    ------
    CaseError
        If a file of the case is not there or not the one it was.
    """
    started = time.monotonic()
    result = CaseResult(name)
    with tempfile.TemporaryDirectory(prefix="statagent-eval-") as folder:
        run = _Run(case, Path(folder) / "home", None if model is None else model(), through)
        _write_files(case, run.files)
        try:
            for index, turn in enumerate(run.turns, start=1):
                result.scores += [Score(f"turn {index}, {score.name}", score.problem) for score in run.take(turn)]
            result.scores += score_effects(case.at_most, run.done())
            result.usd = run.usd
            result.transcripts = {
                owner: transcript(p.session, p.conversation.row.conversation_id) for owner, p in run.people.items()
            }
        finally:
            run.close()
    result.seconds = time.monotonic() - started
    return result


def _write_files(case: Case, folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in case.files:
        if file.text is not None or file.base64 is not None:
            written = folder / file.name
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_bytes(_bytes(file))
            continue
        path = ROOT / file.name
        if not path.is_file():
            raise CaseError(f"there is no file {file.name!r} in the repository")
        if file.sha256 is not None and hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
            raise CaseError(f"{file.name!r} is not the file that the case was made with")


def _bytes(file: File) -> bytes:
    if file.base64 is not None:
        return base64.b64decode(file.base64)
    return (file.text or "").encode(file.encoding)


def _happened(person: Person, ended: TurnEnded) -> Happened:
    arguments = _arguments(person.conversation)
    finished = [event for event in person.events if isinstance(event, ToolFinished)]
    places = {call_id: place for place, call_id in enumerate(arguments)}
    # Calls that only read run side by side, and end in any order: the order is that in which they were asked for.
    finished.sort(key=lambda event: places.get(event.call_id, len(places)))
    made = [Made(e.name, arguments.get(e.call_id, {}), e.content, e.is_error) for e in finished]
    cards = [event.card for event in person.events if isinstance(event, Ask)]
    notices = tuple(event.text for event in person.events if isinstance(event, Notice))
    flagged = tuple(number for event in person.events if isinstance(event, Flagged) for number in event.numbers)
    return Happened(tuple(made), ended.text, notices, flagged, ended.reason, cards[-1] if cards else None)


def _arguments(conversation: Conversation) -> Mapping[str, Mapping[str, Any]]:
    return {
        str(block["id"]): json.loads(json.dumps(block["input"]))
        for message in conversation.messages
        for block in message.content
        if block["type"] == "tool_use"
    }


def _score_log(person: Person) -> list[Score]:
    """The log, with a next word of the person, makes a request that breaks no rule, and is what the database holds."""
    if person.conversation.open_calls():
        return []
    row = person.conversation.row
    sent = [*person.conversation.to_send(), {"role": "user", "content": [{"type": "text", "text": "go on"}]}]
    broken = broken_rules(
        {"model": row.model, "max_tokens": 1, "system": row.system, "tools": row.tools, "messages": sent}
    )
    return [score_equal("log", [], broken)] if broken else []
