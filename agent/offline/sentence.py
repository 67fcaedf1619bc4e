"""A sentence as tokens: words in small letters, numbers, quoted texts, files and signs, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ENDINGS = r"\.(?:csv|tsv|txt|xlsx|xls|ods|parquet|pq|json|jsonl|ndjson|gz|zip)"
FORMS = re.compile(
    rf"""(?P<file>(?<!\S)["'“][^"'”]+{ENDINGS}["'”]|\S+{ENDINGS}\b)"""
    r"""|(?P<quoted>(?<![\w])["'“‘`][^"'”’`]+["'”’`](?!\w))"""
    r"""|(?P<number>(?<![\w.])(?<!\d,)(?:(?<!\S)-)?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e-?\d+)?)(?![\w]|\.\d|,\d))"""
    r"""|(?P<word>[^\W_]+(?:['’][^\W_]+)*)"""
    r"""|(?P<sign>[<>]=|<>|!=|==|[<>=≤≥,;:?!.*%/+~^$€£#&|\\–-])""",
    re.IGNORECASE,
)
JOINERS = "_."
SAME = {"&": "and", "≤": "<=", "≥": ">=", "==": "=", "<>": "!=", "percent": "%", "versus": "vs", "colour": "color"}
SAME |= {"boxplots": "box plots", "scatterplots": "scatter plots", "barplots": "bar plots", "normalise": "normalize"}
SAME |= {"coloured": "colored", "summarise": "summarize", "standardise": "standardize", "boxplot": "box plot"}
Kind = Literal["file", "quoted", "number", "word", "sign"]


@dataclass(frozen=True)
class Token:
    """A piece of the sentence; `is_joined` when an underscore or a dot ties it to the one before."""

    text: str
    kind: Kind
    start: int
    end: int
    is_joined: bool = False


def read_tokens(sentence: str) -> tuple[Token, ...]:
    """The tokens; a hyphen within a word parts it, brackets and the mark at the end carry no meaning."""
    tokens: list[Token] = []
    for match in FORMS.finditer(sentence):
        kind, start, end = str(match.lastgroup), match.start(), match.end()
        is_joined = bool(tokens) and start - tokens[-1].end == 1 and sentence[start - 1] in JOINERS
        if kind == "sign" and _is_within_word(sentence, start, match.group()):
            continue
        texts = _plain(match.group(), kind).split(" ") if kind == "word" else [_plain(match.group(), kind)]
        tokens += [Token(text, kind, start, end, is_joined) for text in texts]  # type: ignore[arg-type] # a group's name
    while tokens and tokens[-1].kind == "sign" and tokens[-1].text in ".?!;:":
        tokens.pop()
    return tuple(tokens)


def _is_within_word(sentence: str, place: int, sign: str) -> bool:
    around = sentence[max(place - 1, 0) : place] + sentence[place + 1 : place + 2]
    return sign in "-–." and len(around) == 2 and not any(mark.isspace() for mark in around)


def _plain(text: str, kind: str) -> str:
    if kind in ("file", "quoted"):
        return text.strip("\"'“”‘’`")
    if kind == "number":
        return text.replace(",", "")
    word = text.lower().replace("’", "'").removesuffix("'s").replace("'", "")
    return SAME.get(word, word)
