"""Rich messages: their blocks, from Markdown, from HTML or as they are given, within what Telegram takes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from evals.world.bot_api.refusals import bad
from evals.world.bot_api.rich_html import blocks_of_html
from evals.world.bot_api.rich_markdown import blocks_of_markdown

MAX_CHARACTERS, MAX_BLOCKS, MAX_COLUMNS, MAX_DEPTH, MAX_MEDIA = 32_768, 500, 20, 16, 50
CONTENTS = ("markdown", "html", "blocks")
READERS = {"markdown": blocks_of_markdown, "html": blocks_of_html}
PARTS = frozenset([*CONTENTS, "media", "is_rtl", "skip_entity_detection"])
STYLES = frozenset(
    "bold italic underline strikethrough spoiler code marked subscript superscript url email_address phone_number "
    "text_mention mathematical_expression custom_emoji date_time".split()
)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "paragraph": ("text",),
    "heading": ("text", "size"),
    "pre": ("text",),
    "footer": ("text",),
    "divider": (),
    "mathematical_expression": ("expression",),
    "list": ("items",),
    "blockquote": ("blocks",),
    "pullquote": ("text",),
    "table": ("cells",),
    "details": ("summary", "blocks"),
    "photo": ("photo",),
    "thinking": (),
}
"""The blocks that this server reads, and what each of them must have."""
ALIGNS, VALIGNS = ("left", "center", "right"), ("top", "middle", "bottom")
TEXTS = ("text", "summary", "caption", "credit", "expression")


def read_rich(rich: Mapping[str, Any], files: Collection[str], *, is_draft: bool = False) -> dict[str, Any]:
    """The message as it is shown: its blocks. Refused where Telegram does not take it.

    Parameters
    ----------
    files : collection of str
        Names of the uploads that came along.
    is_draft : bool
        A draft takes no upload; it alone may show that the bot thinks.
    """
    unknown = sorted(set(rich) - PARTS)
    if unknown:
        raise bad(f"can't parse InputRichMessage: unknown field {unknown[0]!r}")
    given = [name for name in CONTENTS if rich.get(name)]
    if not given:
        raise bad("RICH_MESSAGE_CONTENT_REQUIRED")
    if len(given) > 1:
        raise bad("can't parse InputRichMessage: exactly one of html, markdown and blocks must be used")
    media = _media(rich.get("media", []), files, is_draft)
    content = rich[given[0]]
    if not isinstance(content, list if given[0] == "blocks" else str):
        raise bad(f"can't parse InputRichMessage: field {given[0]!r} is of another type")
    blocks = content if isinstance(content, list) else READERS[given[0]](content)
    _check(blocks, media, is_draft)
    return {"blocks": blocks}


def _media(given: Any, files: Collection[str], is_draft: bool) -> set[str]:
    """The ids under which the text may show pictures."""
    if not isinstance(given, list) or not all(isinstance(one, dict) and "id" in one for one in given):
        raise bad("can't parse InputRichMessageMedia")
    if len(given) > MAX_MEDIA:
        raise bad("RICH_MESSAGE_MEDIA_TOO_MANY")
    for one in given:
        source = str((one.get("media") or {}).get("media", ""))
        if is_draft and source.startswith("attach://"):
            raise bad("files can't be uploaded with a draft")
        if source.startswith("attach://") and source.removeprefix("attach://") not in files:
            raise bad("can't parse InputMedia: media not found")
    return {str(one["id"]) for one in given}


def _check(blocks: list[Any], media: set[str], is_draft: bool) -> None:
    found = list(_walk(blocks, 1))
    if len(found) > MAX_BLOCKS:
        raise bad("RICH_MESSAGE_BLOCKS_TOO_MANY")
    if sum(len(text_of_block(block)) for block in blocks) > MAX_CHARACTERS:
        raise bad("RICH_MESSAGE_TOO_LONG")
    if not any(text_of_block(block).strip() or block["type"] in ("photo", "thinking") for block in blocks):
        raise bad("RICH_MESSAGE_CONTENT_REQUIRED")
    for block in found:
        if block.get("type") == "thinking" and not is_draft:
            raise bad("can't parse InputRichBlock: thinking is for drafts")
        if block.get("type") == "photo" and isinstance(block["photo"], str) and block["photo"] not in media:
            raise bad("wrong file identifier/HTTP URL specified")


def _walk(blocks: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Every block, item of a list and row of a table: what Telegram counts."""
    if not isinstance(blocks, list):
        raise bad("can't parse InputRichBlock: expected an Array")
    if depth > MAX_DEPTH:
        raise bad("RICH_MESSAGE_NESTING_TOO_DEEP")
    for block in blocks:
        kind = _kind(block)
        for name in set(TEXTS) & set(block):
            _check_text(block[name], depth)
        yield block
        if kind == "table":
            yield from _rows(block, depth)
        for item in block["items"] if kind == "list" else ():
            yield {"type": "item", **item}
            yield from _walk(item.get("blocks", []), depth + 1)
        if "blocks" in block:
            yield from _walk(block["blocks"], depth + 1)


def _kind(block: Any) -> str:
    """Of which type a block is; it has what that type must have."""
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(kind, str) or kind not in FIELDS:
        raise bad(f"can't parse InputRichBlock: unsupported type {kind!r}")
    for name in FIELDS[kind]:
        if name not in block:
            raise bad(f"can't parse InputRichBlock: Can't find field \"{name}\"")
    return kind


def _rows(table: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    if not table["cells"]:
        raise bad("RICH_MESSAGE_TABLE_EMPTY")
    for row in table["cells"]:
        if sum(cell.get("colspan", 1) for cell in row) > MAX_COLUMNS:
            raise bad("RICH_MESSAGE_TABLE_COLUMNS_TOO_MANY")
        for cell in row:
            if cell.get("align") not in ALIGNS or cell.get("valign") not in VALIGNS:
                raise bad("can't parse PageBlockTableCell: align and valign must be given")
            _check_text(cell.get("text", ""), depth + 1)
        yield {"type": "row"}


def _check_text(text: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise bad("RICH_MESSAGE_NESTING_TOO_DEEP")
    if isinstance(text, list):
        for part in text:
            _check_text(part, depth)
    elif isinstance(text, dict):
        if text.get("type") not in STYLES:
            raise bad("can't parse RichText: Unsupported rich text type")
        _check_text(text.get("text", text.get("expression", "")), depth + 1)
    elif not isinstance(text, str):
        raise bad("can't parse RichText: expected a String, an Array or an Object")


def plain_text(text: Any) -> str:
    """The words of a rich text."""
    if isinstance(text, list):
        return "".join(map(plain_text, text))
    if isinstance(text, dict):
        return plain_text(text.get("text", text.get("expression", "")))
    return str(text)


def text_of_block(block: Mapping[str, Any]) -> str:
    """All words of a block: cells are parted by tabs, rows and items by line ends."""
    lines = [plain_text(block[name]) for name in TEXTS if name in block]
    lines += ["\t".join(plain_text(cell.get("text", "")) for cell in row) for row in block.get("cells", [])]
    inner = [*block.get("blocks", []), *(one for item in block.get("items", []) for one in item.get("blocks", []))]
    return "\n".join([*lines, *map(text_of_block, inner)])
