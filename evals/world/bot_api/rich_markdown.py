"""Markdown as a rich message reads it: GitHub's, and formulas, marks and spoilers; each block as Telegram gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from evals.world.bot_api.rich_html import blocks_of_html, check_tag

BETWEEN = re.compile(
    r"\$\$(?P<shown>.+?)\$\$|\$(?![\s$])(?P<formula>[^$\n]+?)(?<!\s)\$(?!\d)"
    r"|==(?P<marked>\S(?:.*?\S)?)==|\|\|(?P<spoiler>\S(?:.*?\S)?)\|\|"
)
STYLE = {"strong": "bold", "em": "italic", "s": "strikethrough"}
ALIGN = {"text-align:right": "right", "text-align:center": "center", "text-align:left": "left"}
KEYS = {"formula": "expression", "shown": "expression"}


def blocks_of_markdown(text: str) -> list[dict[str, Any]]:
    """The blocks. A table whose head and rule differ in cells is none; cells beyond the head's are lost, as there."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
    return _Blocks(parser.parse(text)).until("")


class _Blocks:
    """The blocks of a list of tokens, from where it stands."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def until(self, end: str) -> list[dict[str, Any]]:
        """The blocks up to the token of that type."""
        found: list[dict[str, Any]] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.type == end:
                break
            found += self._block(token)
        return found

    def _block(self, token: Token) -> list[dict[str, Any]]:
        kind = token.type
        if kind in ("paragraph_open", "heading_open"):
            inline = self._tokens[self._at]
            self._at += 2
            return _paragraph(inline, int(token.tag[1]) if kind == "heading_open" else None)
        if kind in ("fence", "code_block"):
            language = token.info.strip().split(" ")[0]
            return [{"type": "pre", "text": token.content, **({"language": language} if language else {})}]
        if kind == "hr":
            return [{"type": "divider"}]
        if kind == "html_block":
            return blocks_of_html(token.content)
        if kind == "blockquote_open":
            return [{"type": "blockquote", "blocks": self.until("blockquote_close")}]
        if kind in ("bullet_list_open", "ordered_list_open"):
            return [{"type": "list", "items": list(self._items(kind.replace("open", "close")))}]
        if kind == "table_open":
            return [{"type": "table", "cells": list(self._rows())}]
        raise AssertionError(f"a token {kind}")

    def _items(self, end: str) -> Iterator[dict[str, Any]]:
        while self._tokens[self._at].type != end:
            self._at += 1
            yield {"blocks": self.until("list_item_close")}
        self._at += 1

    def _rows(self) -> Iterator[list[dict[str, Any]]]:
        row: list[dict[str, Any]] = []
        while (token := self._tokens[self._at]).type != "table_close":
            self._at += 1
            if token.type in ("th_open", "td_open"):
                inline = self._tokens[self._at]
                align = ALIGN.get(str(token.attrGet("style") or ""), "left")
                cell = {"align": align, "valign": "middle", "text": inline_text(inline.children or [])}
                row.append({**cell, "is_header": True} if token.type == "th_open" else cell)
            elif token.type == "tr_close":
                yield row
                row = []
        self._at += 1


def _paragraph(inline: Token, size: int | None) -> list[dict[str, Any]]:
    text = inline_text(inline.children or [])
    if size is not None:
        return [{"type": "heading", "text": text, "size": size}]
    if len(text) == 1 and isinstance(text[0], dict) and text[0].get("is_block"):
        return [{"type": "mathematical_expression", "expression": text[0]["expression"]}]
    return [{"type": "paragraph", "text": text}]


def inline_text(tokens: list[Token]) -> list[Any]:
    """The words of a paragraph with their styles."""
    stack: list[tuple[str, list[Any]]] = [("", [])]
    for token in tokens:
        here = stack[-1][1]
        if token.type == "text":
            here += _between(token.content)
        elif token.type == "text_special":  # what a backslash has made an ordinary character
            here.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            here.append(" " if token.type == "softbreak" else "\n")
        elif token.type == "code_inline":
            here.append({"type": "code", "text": token.content})
        elif token.type == "html_inline":
            check_tag(token.content)
        elif token.type == "image":
            here.append(token.content)
        elif token.nesting == 1:
            stack.append((STYLE.get(token.tag, "url"), []))
        elif token.nesting == -1:
            style, inner = stack.pop()
            stack[-1][1].append({"type": style, "text": inner})
    return stack[0][1]


def _between(text: str) -> Iterator[Any]:
    """What formulas, marks and spoilers make of a text: the signs around them are gone."""
    at = 0
    for found in BETWEEN.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        kind = str(found.lastgroup)
        inner = found[kind]
        if kind in KEYS:
            yield {"type": "mathematical_expression", "expression": inner} | (
                {"is_block": True} if kind == "shown" else {}
            )
        else:
            yield {"type": kind, "text": inner}
        at = found.end()
    if at < len(text):
        yield text[at:]
