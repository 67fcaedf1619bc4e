"""kill -9 of the bot at named commits and at any moment: `python -m evals.bench.telegram_crash [N] [SEED]`.

While a person writes, taps Launch twice, updates come again, answers are lost and Telegram closes for a while: each
message is answered, none more than twice and the second marked as that, and a confirmation starts one job. Between two
kills the bot answers all that is open. A bot with python-telegram-bot's own queue goes through the same kills, and
loses messages.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.store.database import open_sqlite
from adapters.store.jobs import JobTable
from adapters.store.telegram import UpdateTable
from evals.bench.crash import PromiseBroken
from evals.world.bot_api import BotApi, Fault, Person, bot_api
from evals.world.bot_process import BotProcess
from evals.world.home import PENGUINS, ROOT
from evals.world.killed_bot import OF_A_PRESS, STATEMENTS
from runtime.telegram.outgoing import AGAIN

ANN = 42
ALIVE_S, SETTLES_S = 4.0, 60.0
"""Seconds until a bot that no commit has killed is killed; and in which all must be answered afterwards."""
TRAIN = "train a random forest to predict species"
POINTS = tuple(f"{when} {statement}" for statement in STATEMENTS for when in ("before", "after"))
PRESS_POINTS = tuple(f"{when} {statement}" for statement in OF_A_PRESS for when in ("before", "after"))
FAULTS = (
    Fault("sendMessage", "flood", retry_after=1),
    Fault("sendMessage", "lost_after"),
    Fault("sendMessage", "lost_before"),
    Fault("getUpdates", "error", times=2),
    Fault("answerCallbackQuery", "lost_after"),
    Fault("editMessageText", "flood", retry_after=1),
)


@dataclass
class Campaign:
    """One person and one bot, killed again and again."""

    api: BotApi
    bot: BotProcess
    rng: random.Random
    person: Person
    asked: list[str] = field(default_factory=list)
    came: list[dict[str, Any]] = field(default_factory=list)
    n_confirmed: int = 0
    ends: Counter[str] = field(default_factory=Counter)

    def ask(self) -> None:
        """One more message, that is told from all others by its word: a turn of its own, or a command."""
        word = f"flurb{len(self.asked)}z"
        self.asked.append(word)
        self.person.says(word if self.rng.random() < 0.5 else f"/{word}")
        self.came += [dict(update) for update in self.api.updates.waiting[-1:]]

    def kill_at(self, point: str) -> None:
        """Three messages, one of them once more, and the end at that commit, or at any moment."""
        known = point in POINTS + PRESS_POINTS
        self.bot.start(**({"KILL_AT": point} if known else {}))
        for _ in range(3):
            self.ask()
        self.again()
        process = self.bot.process
        assert process is not None
        until = time.monotonic() + (ALIVE_S if known else self.rng.random() * ALIVE_S / 2)
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        self.ends["killed at its commit" if process.poll() is not None else "killed at any moment"] += 1
        self.bot.kill()

    def launch(self, point: str) -> None:
        """A training that is agreed to by two taps, and the end in between."""
        self.bot.start()
        self.person.says(TRAIN)
        card = self.person.waits_for(_open_card)
        self.settle()
        self.bot.start(KILL_AT=point)
        for _ in range(2):
            self.person.presses("Launch", card)
        process = self.bot.process
        assert process is not None
        until = time.monotonic() + ALIVE_S
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        self.ends["killed at its commit" if process.poll() is not None else "killed at any moment"] += 1
        self.bot.kill()
        self.n_confirmed += 1

    def again(self) -> None:
        """An update of before comes once more, as Telegram may give it again."""
        for update in self.rng.sample(self.came, min(1, len(self.came))):
            self.api.updates.again(dict(update))

    def settle(self) -> None:
        """Without a kill: until all that came is answered, and all answers have arrived."""
        process = self.bot.process
        if process is None or process.poll() is not None:
            self.bot.start()
        database = open_sqlite(self.bot.home / "statagent.db")
        table, until = UpdateTable(database, self.api.chats.bot.user_id), time.monotonic() + SETTLES_S
        try:
            while self.api.updates.waiting or table.open() or table.unsent():
                if time.monotonic() > until:
                    raise PromiseBroken(f"after {SETTLES_S:.0f} s open: {table.open()} {table.unsent()}")
                time.sleep(0.02)
        finally:
            database.close()
        self.bot.kill()

    def check(self) -> None:
        """The promises, for all messages and confirmations until now."""
        texts = self.person.texts()
        for word in self.asked:
            mine = [text for text in texts if word in text]
            _check(len(mine) > 0, f"{word} was not answered")
            _check(len(mine) <= 2, f"{word} was answered {len(mine)} times: {mine}")
            # A request that was on its way when the bot died may arrive after its marked copy.
            n_unmarked = sum(not text.startswith(AGAIN) for text in mine)
            _check(n_unmarked <= 1, f"{word}: the second time is not marked: {mine}")
        self.ends |= Counter({"answered twice": sum(_times(word, texts) == 2 for word in self.asked)})
        database = open_sqlite(self.bot.home / "statagent.db")
        jobs = JobTable(database).jobs(f"tg_{ANN}")
        database.close()
        _check(len(jobs) <= self.n_confirmed, f"{len(jobs)} jobs of {self.n_confirmed} confirmations")


def _times(word: str, texts: list[str]) -> int:
    return sum(word in text for text in texts)


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise PromiseBroken(what)


def _open_card(seen: list[dict[str, Any]]) -> dict[str, Any] | None:
    cards = [one for one in seen if "Launch" in str(one.get("reply_markup"))]
    return dict(cards[-1]) if cards else None  # as it stood: it is tapped twice


@contextmanager
def campaign(folder: Path, seed: int, python: str = sys.executable) -> Iterator[Campaign]:
    """One bot of an own home, with a table loaded; it is dead."""
    with bot_api() as api:
        words = ("-P", "-m", "evals.world.killed_bot")
        more = {
            "STATAGENT_TELEGRAM_ALLOWED": str(ANN),
            "STATAGENT_TELEGRAM_MAX_PER_MINUTE": "1000",
            "PYTHONPATH": str(ROOT),
        }
        bot = BotProcess(python, api, folder / "home", more, words)
        one = Campaign(api, bot, random.Random(seed), Person.joins(api, ANN, "Ann"))
        try:
            bot.start()
            one.person.sends_file("penguins.csv", PENGUINS.read_bytes())
            one.person.waits_for(lambda seen: seen)
            one.settle()
            yield one
        finally:
            bot.kill()


def rounds(n: int, seed: int) -> list[str]:
    """n kinds of an end: every named commit before any comes again, and as many moments by chance."""
    rng, found = random.Random(seed), list[str]()
    while len(found) < n:
        kinds = [*POINTS, *PRESS_POINTS, *["at any moment"] * 8, *["faults"] * 4]
        rng.shuffle(kinds)
        found += kinds
    return found[:n]


def run(one: Campaign, kinds: list[str]) -> None:
    """Go through these ends; all is answered after each.

    Raises
    ------
    PromiseBroken
        Says which promise.
    """
    for kind in kinds:
        if kind in PRESS_POINTS:
            one.launch(kind)
        elif kind == "faults":
            one.bot.start()
            fault = one.rng.choice(FAULTS)
            one.api.faults.waiting.append(Fault(fault.method, fault.kind, fault.times, retry_after=fault.retry_after))
            one.ask()
            one.ask()
        else:
            one.kill_at(kind)
        one.settle()
        one.check()


def lost_by_a_plain_queue(folder: Path, n: int, seed: int, python: str = sys.executable) -> tuple[int, int]:
    """How many messages a plain bot loses in n kills, of how many."""
    rng, asked = random.Random(seed), list[str]()
    with bot_api() as api:
        person = Person.joins(api, ANN, "Ann")
        bot = BotProcess(python, api, folder / "home", {"PYTHONPATH": str(ROOT)}, ("-P", "-m", "evals.world.plain_bot"))
        try:
            for _ in range(n):
                bot.start()
                for _ in range(6):
                    asked.append(f"flurb{len(asked)}z")
                    person.says(asked[-1])
                time.sleep(0.1 + rng.random())
                bot.kill()
            bot.start()
            until = time.monotonic() + 5
            while time.monotonic() < until:
                time.sleep(0.1)
        finally:
            bot.kill()
        texts = person.texts()
    return sum(_times(word, texts) == 0 for word in asked), len(asked)


def main() -> None:
    """Kill N times (60 by default), then the plain bot, and print what came of it."""
    n, seed = (int(word) for word in (sys.argv[1:] + ["60", "0"][len(sys.argv) - 1 :])[:2])
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        with campaign(Path(folder), seed) as one:
            run(one, rounds(n, seed))
            for end, count in sorted(one.ends.items()):
                print(f"{count:4d}  {end}")  # noqa: T201 - the result
            told = f"{len(one.asked)} messages, {one.n_confirmed} confirmations"
            print(f"{n} rounds in {time.monotonic() - started:.0f} s, {told}: every promise kept")  # noqa: T201
        lost, of = lost_by_a_plain_queue(Path(folder) / "plain", max(3, n // 10), seed)
        print(f"a plain queue under the same kills: {lost} of {of} messages lost")  # noqa: T201 - the result


if __name__ == "__main__":
    main()
