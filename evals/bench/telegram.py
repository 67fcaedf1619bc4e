"""N chats write to the bot at once: `python -m evals.bench.telegram [N] [M known users]`, 200 and 10,000 by default.

A strict Telegram and a strict Messages API, whose answers take about a second, stand on loopback in the same process,
on the same cores as the bot. Measured from the moment at which an update is ready to be fetched until Telegram has
answered the call. Beside it a bot of python-telegram-bot that only repeats the words: how fast this machine is now.

What is promised: each chat's messages are answered in their order; something is seen in each chat within a second
(p95), and so is the word that follows a stop.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from adapters.store.database import open_sqlite
from adapters.store.telegram_people import PeopleTable
from evals.bench.crash import PromiseBroken
from evals.world.bot_api import BotApi, Person, bot_api
from evals.world.bot_process import BotProcess, bot_process
from evals.world.home import DATABASE, ROOT, used_home
from evals.world.messages_api import KEY, MessagesApi, Says, messages_api

PROMISE_S = 1.0
FIRST_USER = 100_000
N_STOPS = 20
"""Chats that write /stop while all are being answered."""
N_SPARE = 50
"""Replies more than questions: a request whose connection was lost is made again."""
SETTLES_S = 120.0
SIGNS = frozenset(["sendChatAction", "sendMessage", "sendMessageDraft", "sendRichMessage"])
QUESTION = re.compile(r"question (\d+) of chat (\d+)")


def words_of(n_words: int) -> Says:
    """A reply that names what it answers; ten words take half a second."""

    def content(body: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"type": "text", "text": f"Answer to {_last_question(body)}: " + "word " * n_words}]

    return Says(content, seconds_between_events=0.05)


def _last_question(body: dict[str, Any]) -> str:
    return [found[0] for found in QUESTION.finditer(str(body["messages"]))][-1]


@dataclass
class Crowd:
    """N people, each in a chat of their own, and when they wrote."""

    api: BotApi
    people: list[Person]
    wrote_at: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, api: BotApi, n: int) -> Crowd:
        """People who have paired with the bot."""
        return cls(api, [Person.joins(api, FIRST_USER + place, f"Person {place}") for place in range(n)])

    def write(self, texts: Sequence[str], people: Sequence[Person] | None = None) -> None:
        """Everybody writes these at once, `{chat}` standing for their number."""
        people = self.people if people is None else people
        self.wrote_at |= {person.user.user_id: time.monotonic() for person in people}
        for text in texts:
            for person in people:
                person.says(text.format(chat=person.user.user_id))

    def wait(self, words: str, people: Sequence[Person] | None = None) -> None:
        """Until each of them has read it, `{chat}` standing for their number."""
        left, until = {p.user.user_id: p for p in (self.people if people is None else people)}, time.monotonic()
        until += SETTLES_S
        while left:
            for user_id, person in list(left.items()):
                if any(words.format(chat=user_id) in text for text in person.texts()):
                    del left[user_id]
            if time.monotonic() > until:
                texts = [person.texts() for person in left.values()]
                raise PromiseBroken(f"{len(left)} chats wait for {words!r} in vain; the first have {texts[:3]}")
            time.sleep(0.1)

    def seconds_until(self, people: Sequence[Person], words: str | None = None) -> list[float]:
        """From writing to the first sign in each chat; with `words` to the first message that holds them."""
        firsts: dict[int, float] = {}
        for call in list(self.api.calls):
            chat_id = int(call.values.get("chat_id") or 0)
            is_sign = call.method in SIGNS if words is None else words in str(call.values.get("text"))
            if is_sign and call.status == 200 and call.at >= self.wrote_at.get(chat_id, call.at + 1):
                firsts.setdefault(chat_id, call.at)
        return [firsts[p.user.user_id] - self.wrote_at[p.user.user_id] for p in people]

    def check_order(self, n_questions: int) -> None:
        """Each question of each chat is answered once, and in its order."""
        for person in self.people:
            chat = person.user.user_id
            found = [QUESTION.search(text) for text in person.texts()]
            numbers = [(int(one[1]), int(one[2])) for one in found if one is not None]
            if numbers != [(number, chat) for number in range(n_questions)]:
                raise PromiseBroken(f"chat {chat}: answers to {numbers}")


@dataclass(frozen=True)
class Found:
    """What was measured of our bot; seconds of each chat, MB of the whole process."""

    first_s: list[float]
    stop_s: list[float]
    mb_before: float
    mb_after: float


def p(share: float, seconds: Sequence[float]) -> float:
    """The quantile, by the nearest rank."""
    return sorted(seconds)[max(0, round(share * len(seconds)) - 1)]


def known(home: Path, first: int, n: int) -> None:
    """Let n people in."""
    database = open_sqlite(used_home(home) / DATABASE)
    people = PeopleTable(database)
    for user_id in range(first, first + n):
        now = datetime.now(UTC)
        people.pair(people.make_code(now), user_id, f"Person {user_id}", now)
    database.close()


def our_bot(api: BotApi, claude: MessagesApi, home: Path, statagent: str) -> AbstractContextManager[BotProcess]:
    """`statagent telegram`, started."""
    more = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": claude.url, "OMP_NUM_THREADS": "1"}
    return bot_process(statagent, api, home, **more)


def measure(n: int, folder: Path, statagent: str) -> Found:
    """All write two questions at once; then all ask for something long, and some of them stop it."""
    known(folder / "home", FIRST_USER, n + 1)
    with bot_api() as api, messages_api([]) as claude, our_bot(api, claude, folder / "home", statagent) as bot:
        crowd = Crowd.of(api, n + 1)
        warm = crowd.people.pop()
        claude.script += [words_of(10)]
        warm.says("question 0 of chat 0")
        warm.waits_for("Answer")
        before = rss_mb(bot)
        claude.script += [words_of(10)] * (2 * n + N_SPARE)
        crowd.write(["question 0 of chat {chat}", "question 1 of chat {chat}"])
        crowd.wait("Answer to question 1 of chat {chat}")
        first_s = crowd.seconds_until(crowd.people)
        crowd.check_order(2)
        time.sleep(1)
        after = rss_mb(bot)
        claude.script[:] = [words_of(400)] * (n + N_SPARE)
        crowd.write(["question 2 of chat {chat}"])
        time.sleep(2)
        stopping = crowd.people[:: max(1, n // N_STOPS)]
        crowd.write(["/stop"], stopping)
        crowd.wait("Stopped.", stopping)
        stop_s = crowd.seconds_until(stopping, "Stopped.")
    return Found(first_s, stop_s, before, after)


def measure_echo(n: int, folder: Path) -> list[float]:
    """The bot that only repeats."""
    with bot_api() as api:
        words = ("-P", "-m", "evals.world.echo_bot")
        bot = BotProcess(sys.executable, api, folder / "echo", {"PYTHONPATH": str(ROOT)}, words)
        bot.start()
        try:
            crowd = Crowd.of(api, n + 1)
            warm = crowd.people.pop()
            warm.says("a word")
            warm.waits_for("a word")
            crowd.write(["question 0 of chat {chat}"])
            crowd.wait("question 0 of chat {chat}")
            return crowd.seconds_until(crowd.people)
        finally:
            bot.kill()


def measure_known(n: int, folder: Path, statagent: str) -> float:
    """MB of a bot that n people may use, and that has answered one of them."""
    known(folder / f"known{n}", FIRST_USER, n)
    home = folder / f"known{n}"
    with bot_api() as api, messages_api([words_of(10)]) as claude, our_bot(api, claude, home, statagent) as bot:
        ann = Person.joins(api, FIRST_USER, "Ann")
        ann.says("question 0 of chat 0")
        ann.waits_for("Answer")
        return rss_mb(bot)


def rss_mb(bot: BotProcess) -> float:
    """Resident memory of the process."""
    assert bot.process is not None
    return float(psutil.Process(bot.process.pid).memory_info().rss) / 1e6


def main() -> None:
    """Measure and print."""
    n, m = (int(word) for word in (sys.argv[1:] + ["200", "10000"][len(sys.argv) - 1 :])[:2])
    statagent = str(Path(sys.executable).with_name("statagent"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        load, echo = os.getloadavg()[0], measure_echo(n, folder)
        found = measure(n, folder, statagent)
        lines = [
            f"{n} chats at once; load of the machine before: {load:.1f} on {os.cpu_count()} cores",
            "| | p50, s | p95, s | most, s |\n|---|---|---|---|",
        ]
        for what, seconds in (("first sign", found.first_s), ("stop", found.stop_s), ("first sign, echo bot", echo)):
            lines.append(f"| {what} | {p(0.5, seconds):.2f} | {p(0.95, seconds):.2f} | {max(seconds):.2f} |")
        more_kb = (found.mb_after - found.mb_before) / n * 1000
        lines.append(f"memory: {found.mb_before:.0f} MB, {more_kb:.0f} kB more for each idle chat")
        if m:
            few, many = (measure_known(k, folder, statagent) for k in (1, m))
            lines.append(f"{(many - few) / m * 1e6:.0f} kB for a thousand known users")
        print("\n".join(lines))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
