"""Text with marks in it, as `parse_mode` says: HTML or MarkdownV2, read as strictly as Telegram reads them."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from evals.world.bot_api.refusals import Refused, bad, units

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
    "a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
TAG = re.compile(r"<(/?)([A-Za-z0-9-]+)((?:\s+[\w-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*)\s*>")
ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")
REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9A-Fa-f]+);")
RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
MARKS = {"*": "bold", "_": "italic", "__": "underline", "~": "strikethrough", "||": "spoiler", "[": "text_link"}


def read_marked_up(text: str, mode: str) -> tuple[str, list[dict[str, Any]]]:
    """The text without its marks, and the entities that they were. Refused where they can't be read."""
    readers: dict[str, type[_Reader]] = {"html": _Html, "markdownv2": _MarkdownV2}
    if mode.casefold() not in readers:
        raise bad(f"unsupported parse_mode {mode!r}: this server reads HTML and MarkdownV2")
    reader = readers[mode.casefold()](text)
    reader.read()
    return reader.out, sorted(reader.entities, key=lambda one: (one["offset"], -one["length"]))


@dataclass
class _Open:
    """A mark that is open: how it is closed, what it makes, where in what was written it begins."""

    mark: str
    kind: str
    start: int
    more: dict[str, Any] = field(default_factory=dict)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.out = ""
        self.entities: list[dict[str, Any]] = []
        self.open: list[_Open] = []

    def read(self) -> None:
        """Go through the text; each way of marking has its own."""
        raise NotImplementedError

    def cannot(self, why: str, at: int | None = None) -> Refused:
        place = len(self.text[: self.at if at is None else at].encode())
        return bad(f"can't parse entities: {why} at byte offset {place}")

    def close(self, **more: Any) -> None:
        one = self.open.pop()
        length = units(self.out) - one.start
        if length:  # a mark around nothing makes nothing
            made = {"type": one.kind, "offset": one.start, "length": length, **one.more, **more}
            self.entities.append(made)


class _Html(_Reader):
    def read(self) -> None:
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == "<":
                self._tag()
            elif sign == "&" and (found := REFERENCE.match(self.text, self.at)):
                self.out += html.unescape(found[0])
                self.at = found.end()
            else:
                self.out += sign
                self.at += 1
        if self.open:
            raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{self.open[-1].mark}\"")

    def _tag(self) -> None:
        found = TAG.match(self.text, self.at)
        if found is None:
            raise self.cannot("Unclosed start tag")
        is_end, name = bool(found[1]), found[2].lower()
        if is_end:
            if not self.open:
                raise self.cannot("Unexpected end tag")
            if self.open[-1].mark != name:
                raise self.cannot(f'Unmatched end tag, expected "</{self.open[-1].mark}>", found "</{name}>"')
            self._end(name)
        else:
            if name not in TAGS:
                raise self.cannot(f'Unsupported start tag "{name}"')
            self._start(name, {one[0].lower(): one[1] or one[2] or one[3] for one in ATTRIBUTE.findall(found[3])})
        self.at = found.end()

    def _start(self, name: str, given: dict[str, str]) -> None:
        more: dict[str, Any] = {}
        if name == "span" and given.get("class") != "tg-spoiler":
            raise self.cannot('Tag "span" must have class "tg-spoiler"')
        if name == "a":
            more["url"] = html.unescape(given.get("href", ""))
        if name == "code" and given.get("class", "").startswith("language-"):
            more["language"] = given["class"].removeprefix("language-")
        self.open.append(_Open(name, TAGS[name], units(self.out), more))

    def _end(self, name: str) -> None:
        one = self.open[-1]
        if name == "code" and len(self.open) > 1 and self.open[-2].mark == "pre":
            self.open[-2].more |= one.more  # the language of a <pre> stands in a <code> in it
            self.open.pop()
        elif name == "a" and not one.more["url"]:
            self.open.pop()  # without an address it is no link
        else:
            if name == "code":
                one.more.pop("language", None)
            self.close()


class _MarkdownV2(_Reader):
    def read(self) -> None:
        while self.at < len(self.text):
            if not self._quote():
                self._next()
        self._end_quote()
        if self.open:
            raise self.cannot(f"Can't find end of {self.open[-1].kind.capitalize()} entity")

    def _quote(self) -> bool:
        """A > at the beginning of a line, and the end of the lines that have one."""
        if self.at and self.text[self.at - 1] != "\n":
            return False
        if self.text[self.at] == ">":
            if not any(one.kind == "blockquote" for one in self.open):
                self.open.append(_Open(">", "blockquote", units(self.out)))
            self.at += 1
            return True
        self._end_quote()
        return False

    def _end_quote(self) -> None:
        if self.open and self.open[-1].kind == "blockquote":
            self.close()

    def _next(self) -> None:
        sign, rest = self.text[self.at], self.text[self.at :]
        if sign == "\\" and len(rest) > 1 and 1 <= ord(rest[1]) <= 126:
            self.out += rest[1]
            self.at += 2
        elif sign == "`":
            self._code("```" if rest.startswith("```") else "`")
        elif sign == "]" and self.open and self.open[-1].mark == "[":
            self._link()
        elif (mark := next((one for one in ("__", "||", *MARKS) if rest.startswith(one)), None)) is not None:
            self._mark(mark)
        elif sign in RESERVED:
            raise bad(
                f"can't parse entities: Character '{sign}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            self.out += sign
            self.at += 1

    def _mark(self, mark: str) -> None:
        if self.open and self.open[-1].mark == mark and mark != "[":
            self.close()
        elif any(one.mark == mark for one in self.open):
            raise self.cannot(f"Can't find end of {self.open[-1].kind.capitalize()} entity")
        else:
            self.open.append(_Open(mark, MARKS[mark], units(self.out)))
        self.at += len(mark)

    def _code(self, mark: str) -> None:
        kind, start = ("pre" if len(mark) == 3 else "code"), self.at
        self.open.append(_Open(mark, kind, units(self.out)))
        self.at += len(mark)
        if kind == "pre" and (language := re.match(r"([^\s`]+)\n|\n", self.text[self.at :])):
            self.at += language.end()
            if language[1]:
                self.open[-1].more["language"] = language[1]
        while not self.text.startswith(mark, self.at):
            if self.at >= len(self.text):
                raise self.cannot(f"Can't find end of {kind.capitalize()} entity", start)
            if self.text[self.at] == "`" and kind == "pre":
                raise bad("can't parse entities: Character '`' is reserved and must be escaped with the preceding '\\'")
            self.at += self.text[self.at] == "\\" and self.at + 1 < len(self.text)
            self.out += self.text[self.at]
            self.at += 1
        self.close()
        self.at += len(mark)

    def _link(self) -> None:
        found = re.match(r"\]\(((?:[^)\\]|\\.)*)\)", self.text[self.at :])
        if found is None:
            raise self.cannot("Can't find end of a URL")
        self.close(url=re.sub(r"\\(.)", r"\1", found[1]))
        self.at += found.end()
