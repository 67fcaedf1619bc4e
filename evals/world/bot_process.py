"""`statagent telegram` as a process that talks to the simulated Telegram, and can be killed at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evals.world.bot_api import BotApi
from evals.world.home import used_home


@dataclass
class BotProcess:
    """A bot of a home; started again it goes on where it was."""

    statagent: str
    api: BotApi
    home: Path
    more: Mapping[str, str]
    words: Sequence[str] = ("telegram",)
    """What follows on the command line."""
    process: subprocess.Popen[str] | None = None

    def start(self, **once: str) -> None:
        """Start it, and wait until it answers, or is dead already; `once` is told to this process alone."""
        self.process = subprocess.Popen(
            [self.statagent, *self.words],
            env={**os.environ, **self.environment(), **once},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        is_killed = bool(once) and not said and self.process.wait() == -signal.SIGKILL
        assert "answers" in said or is_killed, self.process.communicate()

    def environment(self) -> dict[str, str]:
        """What the bot is told."""
        return {
            "STATAGENT_HOME": str(self.home),
            "TELEGRAM_BOT_TOKEN": self.api.token,
            "TELEGRAM_API_BASE": self.api.url,
            "STATAGENT_ROOTS": str(self.home.parent),
            **self.more,
        }

    def kill(self) -> None:
        """As kill -9 does."""
        self._end(signal.SIGKILL)

    def stop(self, timeout_s: float = 40) -> int:
        """Ask it to end; gives the exit code."""
        return self._end(signal.SIGTERM, timeout_s)

    def _end(self, number: int, timeout_s: float = 40) -> int:
        process = self.process
        assert process is not None
        if process.poll() is None:
            process.send_signal(number)
        process.communicate(timeout=timeout_s)
        return process.returncode


@contextmanager
def bot_process(statagent: str, api: BotApi, home: Path, **more: str) -> Iterator[BotProcess]:
    """The bot, running in a home that was used before; at the end it is killed where it still runs."""
    used_home(home)
    bot = BotProcess(statagent, api, home, more)
    bot.start()
    try:
        yield bot
    finally:
        bot.kill()
