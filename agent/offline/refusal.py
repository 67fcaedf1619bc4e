"""What is said when a word is left over: the word, and the command that does what the rest says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from adapters.records import JsonValue
from agent.offline.choices import CHOICES
from agent.offline.frames import LEAD
from agent.offline.naming import names_at, rivals_at
from agent.offline.own_frames import PRICE
from agent.offline.pattern import read_pattern, slots_in, words_in
from agent.offline.reader import ARTICLES, POLITE, UNLIKELY, Reader
from agent.offline.reading import FRAMES, ONLY_SAID, Reading, Understood, understand
from agent.offline.table import KnownTable
from tools.typed import as_typed

NOT_UNDERSTOOD = "I did not understand that, and I have done nothing."
Tools = Sequence[Mapping[str, JsonValue]]
HELD = {"boolean": "true and false", "date": "dates", "datetime": "times", "time": "times of day"}
COMMANDS = {
    "train": "estimate_cost",
    PRICE: "estimate_cost",
    "plot of model": "plot",
    "version of model": "list_models",
}
COMMON = frozenset("of for in on with and the a an is are by to from or how me".split()) | frozenset(
    words_in(read_pattern(LEAD))
)


def refuse(understood: Understood, tools: Tools) -> str:
    """One sentence with the word that nothing accounts for, and a command."""
    reader = understood.reader
    if not reader.tokens:
        return NOT_UNDERSTOOD
    place = _left_over(reader)
    begins = min(place, _reached(reader))
    while begins > 0 and reader.tokens[begins].kind == "sign":
        begins -= 1
    place = begins if reader.tokens[place].kind == "sign" else place
    word, rest = _written(reader, place), reader.text[reader.tokens[begins].start :].strip()
    within = "" if word == rest else f" in '{rest}'"
    rivals = rivals_at(reader.tokens, place, reader.table.words)
    if any(named.is_whole for named in names_at(reader.tokens, place, reader.table.words)):
        rivals = []
    means = f" It could be {' or '.join(rivals)}." if rivals else ""
    said = f"{NOT_UNDERSTOOD} I cannot account for '{word}'{within}.{means}{_of_text(reader, place)}"
    command = _command(reader, place, tools)
    return said if command is None else f"{said}\n\n{command}"


FEW = 20
"""Different words that a column of groups has at most; of more it may hold numbers that are written as text."""


def _ways(column: str, table: KnownTable) -> str:
    """What can be done with a column that holds no numbers."""
    if table.kinds[column].distinct <= FEW:
        return f"`describe {column}` counts its values, and a test or a plot takes it as groups (`by {column}`)."
    return (
        f"`describe {column}` tells what there is. If it holds numbers that are written as text, `convert {column} to "
        "number` makes a new table with them, in which every other value is missing."
    )


def _of_text(reader: Reader, place: int) -> str:
    """What is to be said where the word is a column, but not one of numbers."""
    for named in names_at(reader.tokens, place, reader.table.words):
        kind = reader.table.kinds[named.column].type
        if named.is_whole and kind not in ("integer", "number"):
            held = HELD.get(kind, kind)
            ways = _ways(named.column, reader.table)
            return f" The column {named.column} holds {held}, and numbers may be needed there. {ways}"
    return ""


def say_both(understood: Understood) -> str:
    """A sentence that can be read in several ways is not done in one of them."""
    ways = "\n".join(f"- `{_line(reading.tool, reading.arguments)}`" for reading in understood.readings)
    return f"That can be read in more than one way, and I have done nothing. Which is meant?\n\n{ways}"


def say_lacking(reading: Reading, table: KnownTable) -> str | None:
    """A sentence where a statistic was asked for that a column does not have: text has no mean."""
    columns = reading.arguments.get("columns")
    for asked in reading.asked:
        for name in map(str, columns if isinstance(columns, list) else []):
            kind = table.kinds[name].type
            if not asked.is_of(kind):
                held = HELD.get(kind, kind)
                return f"There is no {asked.words} of {name}: it holds {held}. {_ways(name, table)}"
    return None


def guess_tool(reader: Reader) -> str | None:
    """The tool whose sentences account for most of this one, then the one with most of its words; None for no word."""
    scores: dict[str, float] = defaultdict(float)
    for token in reader.tokens:
        tools = {tool for tool, words in _words_of_tools().items() if token.text in words - COMMON}
        for tool in tools:
            # A word of few tools says more.
            scores[tool] += 1 / len(tools)
    return max(scores, key=lambda tool: (reader.reached.get(tool, 0), scores[tool]), default=None)


@cache
def _words_of_tools() -> dict[str, frozenset[str]]:
    words: dict[str, frozenset[str]] = {}
    for frame in FRAMES:
        if frame.tool not in ONLY_SAID:
            heads = [read_pattern(head) for head in frame.sentences.heads]
            kinds = {slot.kind for head in heads for slot in slots_in(head)} & set(CHOICES)
            spoken = [*heads, *(read_pattern(phrase) for kind in kinds for phrase in CHOICES[kind])]
            own = frozenset(word for phrase in spoken for word in words_in(phrase))
            words[frame.tool] = words.get(frame.tool, frozenset()) | own
    return words


def _left_over(reader: Reader) -> int:
    """The first word of no pattern, column, dataset or value; else the first token that no pattern went beyond."""
    looked_up = {word for phrase, found in (reader.table.values or {}).items() if found for word in phrase.split()}
    names = {name.lower() for name in reader.table.datasets}
    known = reader.language | ARTICLES | POLITE | looked_up | names
    for place, token in enumerate(reader.tokens):
        is_name = any(token.text in part or token.text.rstrip("s") in part for part in reader.table.words.values())
        if token.kind == "word" and token.text not in known and not is_name and not token.is_joined:
            return place
    return _reached(reader)


def _reached(reader: Reader) -> int:
    guessed = guess_tool(reader)
    reached = 0 if guessed is None else reader.reached.get(guessed, 0)
    return min(reached, len(reader.tokens) - 1)


def _written(reader: Reader, place: int) -> str:
    end = place + 1
    while end < len(reader.tokens) and reader.tokens[end].is_joined:
        end += 1
    return reader.text[reader.tokens[place].start : reader.tokens[end - 1].end]


def _command(reader: Reader, place: int, tools: Tools) -> str | None:
    tokens = reader.tokens
    for rest in (tokens[:place], tokens[:place] + tokens[place + 1 :]):
        readings = understand(reader.text, reader.table, rest).readings if rest else ()
        if len(readings) == 1 and readings[0].tool not in ONLY_SAID and readings[0].cost < UNLIKELY:
            tool, arguments = readings[0].tool, readings[0].arguments
            return f"Without it: `{_line(tool, arguments)}`.{_others(tool, arguments, tools)}"
    guessed = guess_tool(reader)
    if guessed is None:
        return None
    name = COMMANDS.get(guessed, guessed)
    return f"It may be for {name}: `/{name} ?` says what it takes, with an example."


def _line(tool: str, arguments: Mapping[str, JsonValue]) -> str:
    return as_typed(COMMANDS.get(tool, tool), arguments)


def _schema(tool: str, tools: Tools) -> Mapping[str, JsonValue]:
    name = COMMANDS.get(tool, tool)
    schemas = [entry["input_schema"] for entry in tools if entry.get("name") == name]
    return schemas[0] if schemas and isinstance(schemas[0], dict) else {}


def _others(tool: str, arguments: Mapping[str, JsonValue], tools: Tools) -> str:
    properties = _schema(tool, tools).get("properties", {})
    names = [name for name in properties if name not in arguments] if isinstance(properties, dict) else []
    return f" It also takes: {', '.join(names)}." if names else ""
