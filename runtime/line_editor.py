"""The line that a person types: history across runs, completion, several lines, Ctrl-C."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app_session
from prompt_toolkit.completion import (
    CompleteEvent,
    Completer,
    Completion,
    ThreadedCompleter,
    get_common_complete_suffix,
)
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input.typeahead import clear_typeahead
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from adapters.secret_words import mask
from runtime import standard_input
from runtime.completion import Words

TWICE_S = 2.0
"""A second Ctrl-C within so many seconds leaves."""


class LineEditor:
    """The prompt of one terminal."""

    def __init__(self, history: Path, words: Callable[[], Words], status: Callable[[], str]) -> None:
        self._status = status
        self._shown = ""
        history.touch(mode=0o600, exist_ok=True)
        self._session: PromptSession[str] = PromptSession(
            history=MaskedHistory(str(history)),
            completer=ThreadedCompleter(_Now(words)),
            complete_while_typing=Condition(self._is_command),
            key_bindings=_keys(),
            multiline=True,
            prompt_continuation="… ",
            style=Style.from_dict({"bottom-toolbar": "noreverse fg:ansibrightblack"}),
            color_depth=ColorDepth.DEPTH_1_BIT if "NO_COLOR" in os.environ else None,
            reserve_space_for_menu=6,
        )

    def lines(self) -> Iterator[str | None]:
        """Each message that the person enters; None when they leave by a second Ctrl-C."""
        last_stop = -TWICE_S
        while True:
            try:
                # What a job's end prints meanwhile stands above the prompt.
                self._shown = self._status()
                with patch_stdout(raw=True):
                    line = self._session.prompt("> ", bottom_toolbar=lambda: self._shown)
            except KeyboardInterrupt:
                if time.monotonic() - last_stop < TWICE_S:
                    yield None
                    return
                last_stop = time.monotonic()
                continue
            except EOFError:
                return
            yield line

    def look_again(self) -> None:
        """Something has changed while the person types: the status line is made anew; from any thread."""
        self._shown = self._status()
        self._session.app.invalidate()

    def _is_command(self) -> bool:
        return self._session.default_buffer.text.startswith("/")


def forget_typed() -> None:
    """Throw away what was typed so far, also the keys that an earlier line's editor has read beyond its end."""
    clear_typeahead(get_app_session().input)
    standard_input.forget_typed()


class MaskedHistory(FileHistory):
    """What was typed, across runs, without its keys and passwords; within this run it can be taken up as it was."""

    def store_string(self, string: str) -> None:
        """Keep a line."""
        super().store_string(mask(string))


class _Now(Completer):
    """Completes from the program as it is now: /model puts another in its place."""

    def __init__(self, words: Callable[[], Words]) -> None:
        self._words = words

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The completions of the last word."""
        return self._words().get_completions(document, complete_event)


def _keys() -> KeyBindings:
    """Enter sends, Alt-Enter begins another line; what is pasted comes whole."""
    keys = KeyBindings()

    # What is typed while a turn runs arrives with line feeds: they send as Enter does.
    @keys.add("enter")
    @keys.add("c-j")
    def send(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None  # the menu is open: Enter takes what is chosen
        elif buffer.document.char_before_cursor == "\\" and buffer.document.is_cursor_at_the_end:
            buffer.delete_before_cursor()
            buffer.insert_text("\n")
        else:
            buffer.validate_and_handle()

    @keys.add("tab")
    def complete(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.complete_index is not None:
            buffer.complete_next()
            return
        # At once and for the words as they are now: the thread that offers while typing may be some letters behind.
        buffer.cancel_completion()
        wanted = CompleteEvent(completion_requested=True)
        found = list(buffer.completer.get_completions(buffer.document, wanted))
        if len(found) == 1:
            buffer.apply_completion(found[0])
        elif common := get_common_complete_suffix(buffer.document, found):
            buffer.insert_text(common)
        elif found:
            buffer.start_completion(select_first=False)

    _add_quiet_keys(keys)
    return keys


def _add_quiet_keys(keys: KeyBindings) -> None:
    @keys.add("escape", "enter")
    @keys.add("escape", "c-j")
    def another_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    # A code of colours, such as a paste may bring, looks like a mouse: the prompt has none, and its own handler fails.
    @keys.add(Keys.Vt100MouseEvent)
    def nothing(event: KeyPressEvent) -> None: ...
