"""HTML as a rich message reads it: few tags, each closed; what is none of them is refused."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from evals.world.bot_api.refusals import bad

STYLES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "mark": "marked",
    "sub": "subscript", "sup": "superscript", "tg-spoiler": "spoiler", "a": "url", "tg-math": "mathematical_expression",
}  # fmt: skip
TEXTS = {"p": "paragraph", "pre": "pre", "footer": "footer", "aside": "pullquote", "summary": "summary"}
TEXTS |= {f"h{size}": "heading" for size in range(1, 7)}
HOLDERS = {"blockquote": "blockquote", "details": "details"}
PARTS = frozenset("ul ol li table thead tbody tr td th tg-math-block".split())
EMPTY = frozenset(["br", "hr"])
KNOWN = STYLES.keys() | TEXTS.keys() | HOLDERS.keys() | PARTS | EMPTY

BARE = re.compile(r"<(?![A-Za-z/])")


def check_tag(tag: str) -> None:
    """A tag in a line of Markdown: refused where it is none that Telegram knows."""
    reader = _Reader(is_alone=True)
    reader.feed(tag)
    reader.close()


def blocks_of_html(text: str) -> list[dict[str, Any]]:
    """The blocks. Words that stand in no tag are paragraphs."""
    reader = _Reader()
    reader.feed(text)
    if BARE.search(text) or "<" in reader.rawdata:
        raise bad("can't parse rich message: a sign < that begins no tag must be written as &lt;")
    reader.close()
    return reader.end()


class _Node:
    """A tag that is open: its blocks, and the text that is being written in it."""

    def __init__(self, tag: str, attributes: dict[str, str | None] | None = None) -> None:
        self.tag = tag
        self.attributes = attributes or {}
        self.blocks: list[dict[str, Any]] = []
        self.text: list[Any] = []
        self.rows: list[list[dict[str, Any]]] = []
        self.summary: list[Any] = []


class _Reader(HTMLParser):
    def __init__(self, *, is_alone: bool = False) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_Node("")]
        self._is_alone = is_alone

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KNOWN:
            raise bad(f'can\'t parse rich message: unsupported start tag "{tag}"')
        if tag == "br":
            self._open[-1].text.append("\n")
        elif tag == "hr":
            self._flush()
            self._open[-1].blocks.append({"type": "divider"})
        else:
            if tag not in STYLES:
                self._flush()
            self._open.append(_Node(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY or (self._is_alone and tag in KNOWN):
            return
        if self._open[-1].tag != tag:
            raise bad(f'can\'t parse rich message: unmatched end tag "{tag}", expected "{self._open[-1].tag}"')
        if tag not in STYLES and tag not in TEXTS and tag not in ("td", "th"):
            self._flush()
        node = self._open.pop()
        self._close(tag, node, self._open[-1])

    def handle_data(self, data: str) -> None:
        if data:
            self._open[-1].text.append(data)

    def _flush(self) -> None:
        """Words that stood among blocks are a paragraph of their own."""
        node = self._open[-1]
        if any(not isinstance(part, str) or part.strip() for part in node.text):
            node.blocks.append({"type": "paragraph", "text": node.text})
        node.text = []

    def _close(self, tag: str, node: _Node, outer: _Node) -> None:
        if tag in STYLES:
            key = "expression" if tag == "tg-math" else "text"
            outer.text.append(
                {"type": STYLES[tag], key: "".join(map(str, node.text)) if tag == "tg-math" else node.text}
            )
        elif tag == "summary":
            outer.summary = node.text
        elif tag in TEXTS:
            size = {"size": int(tag[1])} if TEXTS[tag] == "heading" else {}
            outer.blocks.append({"type": TEXTS[tag], "text": node.text, **size})
        elif tag in HOLDERS:
            summary = {"summary": node.summary} if tag == "details" else {}
            outer.blocks.append({"type": HOLDERS[tag], **summary, "blocks": node.blocks})
        elif tag in ("td", "th"):
            outer.text = []
            outer.rows = [[*(outer.rows[0] if outer.rows else []), _cell(tag, node)]]
        elif tag in ("tr", "thead", "tbody"):
            outer.rows += node.rows
        elif tag == "table":
            outer.blocks.append({"type": "table", "cells": node.rows})
        elif tag == "li":
            outer.blocks.append({"blocks": node.blocks})
        elif tag in ("ul", "ol"):
            outer.blocks.append({"type": "list", "items": node.blocks})
        else:
            outer.blocks.append({"type": "mathematical_expression", "expression": "".join(map(str, node.text))})

    def end(self) -> list[dict[str, Any]]:
        """All blocks; Refused where a tag is open."""
        if len(self._open) > 1:
            raise bad(
                f"can't parse rich message: can't find end tag corresponding to start tag \"{self._open[-1].tag}\""
            )
        self._flush()
        return self._open[0].blocks


def _cell(tag: str, node: _Node) -> dict[str, Any]:
    cell: dict[str, Any] = {"align": node.attributes.get("align") or "left", "valign": "middle", "text": node.text}
    if str(node.attributes.get("colspan") or "").isdecimal():
        cell["colspan"] = int(str(node.attributes["colspan"]))
    return {**cell, "is_header": True} if tag == "th" else cell
