"""What Tab offers at the prompt: commands and tools, files, datasets, columns, models, fields of a tool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from adapters.data.base import Data
from adapters.data.roots import hidden_part
from prompts.visible import one_line, visible
from runtime.command_words import AT_THE_PROMPT
from runtime.session import Session
from tools import TOOLS

LOADS = frozenset("load open read import use take predict".split())
"""After these words a file is meant."""
MOST_OFFERED = 200
"""Of one word: nobody looks through more, and a table may have 5,000 columns."""
LEAST = 2
"""Letters of a name before names of data are offered: a Tab after a blank shows files."""


class Words(Completer):
    """Completes the word before the cursor from what this person has."""

    def __init__(self, session: Session, data: Data) -> None:
        self._session = session
        self._data = data
        self._files = PathCompleter(expanduser=True, file_filter=_is_shown)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """The completions of the last word."""
        before = document.text_before_cursor
        word = before.split(" ")[-1] if before else ""
        if before.startswith("/") and " " not in before:
            yield from _matching(word, self._commands())
            return
        name, _, rest = word.partition("=")
        value = rest if "=" in word else name
        is_file = "/" in value or value.startswith(("~", "."))
        if is_file or (_after_load(before) and len(value) < LEAST):
            yield from self._paths(value, complete_event)
        if not is_file and len(value) >= (0 if "=" in word or before.startswith("/") else LEAST):
            yield from _matching(value, self._names(before))
        elif _after_load(before) and not is_file:
            yield from self._paths(value, complete_event)

    def _paths(self, value: str, complete_event: CompleteEvent) -> Iterator[Completion]:
        for found in self._files.get_completions(Document(value), complete_event):
            # The file is meant by its very name; the list of names may show no code of it.
            yield Completion(found.text, found.start_position, display=one_line(found.display_text))

    def _commands(self) -> Iterator[tuple[str, str]]:
        yield from ((f"/{name}", text) for name, text in AT_THE_PROMPT.items())
        yield from ((f"/{tool.name}", tool.description.partition(".")[0].partition("\n")[0]) for tool in TOOLS)

    def _names(self, before: str) -> Iterator[tuple[str, str]]:
        for tool in TOOLS:
            if before.startswith(f"/{tool.name} "):
                yield from (
                    (f"{field}=", info.description or "") for field, info in tool.arguments.model_fields.items()
                )
        datasets = self._data.all()
        yield from ((dataset.name, f"dataset, {dataset.rows} rows") for dataset in datasets)
        for dataset in datasets:
            yield from ((column.name, f"{column.type}, {dataset.name}") for column in dataset.columns)
        yield from ((model.model_id, f"model of {model.target}") for model in self._session.models.all())


def _matching(word: str, names: Iterable[tuple[str, str]]) -> Iterator[Completion]:
    told: set[str] = set()
    for name, meaning in names:
        if name.casefold().startswith(word.casefold()) and name not in told and _is_plain(name):
            if len(told) == MOST_OFFERED:
                # It puts nothing into the line.
                yield Completion(word, start_position=-len(word), display="…", display_meta="more: type on")
                return
            told.add(name)
            # Of several words it is quoted.
            text = f"'{name}'" if " " in name else name
            yield Completion(text, start_position=-len(word), display=name, display_meta=one_line(meaning, 60))


def _after_load(before: str) -> bool:
    words = before.lower().replace("/load_dataset", "load").split(" ")
    return len(words) > 1 and words[-2] in LOADS


def _is_shown(name: str) -> bool:
    """What lies in a hidden folder is as hidden as the folder; a name that is not what it looks like is not put in."""
    return hidden_part(Path(name)) is None and _is_plain(Path(name).name)


def _is_plain(name: str) -> bool:
    """Whether all of it shows, on one line: what is put into the line would move the cursor, or name nothing."""
    return visible(name) == name and not {"\n", "\t"} & set(name)
