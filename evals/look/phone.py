"""A chat as a phone of 375 points shows it: where lines are broken, how wide tables and pictures are."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
from PIL import Image, ImageDraw, ImageFont

from evals.world.bot_api.rich import plain_text

SCALE = 2
"""Pixels of a point."""
PHONE, BUBBLE, PAD, SIDE = 375, 308, 10, 8
TEXT, LINE, SMALL = 14, 19, 11
"""Points: a text's size and the height of its lines, and the size of what stands below."""
THEIRS, OURS, PAPER, BUTTON = "white", "#e1ffc7", "#d9e4ec", "#7a98b0"
FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
FACES = {"": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "code": "DejaVuSansMono.ttf", "pre": "DejaVuSansMono.ttf"}
Message = Mapping[str, Any]
Draw = Callable[[Image.Image, int, int], None]


@dataclass(frozen=True)
class Block:
    """A part of a message: its height in points, and how it is drawn at a place."""

    height: int
    draw: Draw


def font(look: str, size: int = TEXT) -> ImageFont.FreeTypeFont:
    """The letters of a look."""
    return ImageFont.truetype(str(FONTS / FACES.get(look, "DejaVuSans.ttf")), size * SCALE)


def show_chat(messages: Sequence[Message], files: Mapping[str, bytes]) -> Image.Image:
    """The whole chat, from its first message to its last."""
    shown = [(message, _blocks(message, files)) for message in messages]
    heights = [sum(block.height for block in blocks) + 2 * PAD + 6 for _, blocks in shown]
    image = Image.new("RGB", (PHONE * SCALE, (sum(heights) + 2 * SIDE) * SCALE), PAPER)
    draw, top = ImageDraw.Draw(image), SIDE
    for (message, blocks), height in zip(shown, heights, strict=True):
        is_bot = message["from"]["is_bot"]
        left = SIDE if is_bot else PHONE - SIDE - BUBBLE
        n_buttons = len(_rows_of_buttons(message))
        box = [left, top, left + BUBBLE, top + height - 6 - 34 * n_buttons]
        draw.rounded_rectangle([one * SCALE for one in box], 12 * SCALE, THEIRS if is_bot else OURS)
        at = top + PAD
        for block in blocks:
            block.draw(image, left + PAD, at)
            at += block.height
        top += height
    return image


def _blocks(message: Message, files: Mapping[str, bytes]) -> list[Block]:
    found: list[Block] = []
    if "photo" in message:
        found.append(_photo(files[message["photo"][0]["file_id"]]))
    if "document" in message:
        document = message["document"]
        name = document["file_name"]
        shown = name if len(name) <= 30 else f"{name[:14]}…{name[-15:]}"  # as clients do
        found.append(_plain_lines([shown, f"{document['file_size']:,} bytes"]))
    for block in message.get("rich_message", {}).get("blocks", []):
        found.append(_table(block) if block["type"] == "table" else _words(plain_text(block.get("text", "")), []))
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        if message.get(text):
            found.append(_words(message[text], message.get(entities) or []))
    return [*found, *map(_buttons, _rows_of_buttons(message))]


def _rows_of_buttons(message: Message) -> list[list[dict[str, Any]]]:
    rows: list[list[dict[str, Any]]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


def _words(text: str, entities: Sequence[Mapping[str, Any]]) -> Block:
    lines = [line for part in _looked_at(text, entities) for line in _broken(part)]

    def draw(image: Image.Image, left: int, top: int) -> None:
        canvas = ImageDraw.Draw(image)
        for number, line in enumerate(lines):
            x = float(left * SCALE)
            for letters, look in line:
                canvas.text(
                    (x, (top + LINE * number) * SCALE), letters, "#9a1a1a" if look == "code" else "black", font(look)
                )
                x += font(look).getlength(letters)

    return Block(LINE * len(lines), draw)


Run = tuple[str, str]
"""Letters of one look."""


def _looked_at(text: str, entities: Sequence[Mapping[str, Any]]) -> list[list[Run]]:
    """The lines of the text, in runs of one look; entities count units of UTF-16."""
    looks: list[str] = []
    place = 0
    for letter in text:
        inside = [e["type"] for e in entities if e["offset"] <= place < e["offset"] + e["length"]]
        looks.append(inside[-1] if inside else "")
        place += len(letter.encode("utf-16-le")) // 2
    lines: list[list[Run]] = [[]]
    for letter, look in zip(text, looks, strict=True):
        if letter == "\n":
            lines.append([])
        elif lines[-1] and lines[-1][-1][1] == look:
            lines[-1][-1] = (lines[-1][-1][0] + letter, look)
        else:
            lines[-1].append((letter, look))
    return lines


def _broken(line: list[Run]) -> Iterator[list[Run]]:
    """The line as it is broken where the bubble ends: between words, or within one that is too long."""
    room = (BUBBLE - 2 * PAD) * SCALE
    current: list[Run] = []
    used = 0.0
    for word, look in ((word, look) for letters, look in line for word in _split(letters)):
        width = font(look).getlength(word)
        if current and used + font(look).getlength(word.rstrip()) > room:
            yield current
            current, used = [], 0.0
        while font(look).getlength(word.rstrip()) > room:
            size = next(n for n in range(len(word), 0, -1) if font(look).getlength(word[:n]) <= room)
            yield [(word[:size], look)]
            word = word[size:]
            width = font(look).getlength(word)
        current.append((word, look))
        used += width
    yield current


def _split(letters: str) -> list[str]:
    words = letters.split(" ")
    return [f"{word} " for word in words[:-1]] + [words[-1]]


def _plain_lines(lines: Sequence[str]) -> Block:
    def draw(image: Image.Image, left: int, top: int) -> None:
        canvas = ImageDraw.Draw(image)
        canvas.rectangle([left * SCALE, top * SCALE, (left + 32) * SCALE, (top + 34) * SCALE], fill="#3a8ee6")
        for number, line in enumerate(lines):
            canvas.text(((left + 40) * SCALE, (top + 17 * number) * SCALE), line, "black", font("", SMALL + 1))

    return Block(44, draw)


def _photo(content: bytes) -> Block:
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    width = BUBBLE - 2 * PAD
    height = round(picture.height * width / picture.width)
    small = picture.resize((width * SCALE, height * SCALE), Image.Resampling.LANCZOS)

    def draw(image: Image.Image, left: int, top: int) -> None:
        image.paste(small, (left * SCALE, top * SCALE))

    return Block(height + 4, draw)


def _table(block: Mapping[str, Any]) -> Block:
    """Telegram's own table: cells as wide as they need be; what is beyond the bubble is moved into it by a finger."""
    rows = [[(plain_text(cell.get("text", "")), cell) for cell in row] for row in block["cells"]]
    face = font("", 13)
    widths = [max(face.getlength(row[at][0]) for row in rows) / SCALE + 14 for at in range(len(rows[0]))]

    def draw(image: Image.Image, left: int, top: int) -> None:
        canvas = ImageDraw.Draw(image)
        end = left + BUBBLE - 2 * PAD
        for number, row in enumerate(rows):
            x: float = left
            y = top + 24 * number
            for (text, cell), width in zip(row, widths, strict=True):
                if x + width > end:
                    canvas.text(((end - 4) * SCALE, (y + 4) * SCALE), "›", "#c00", font("bold", 13))
                    break
                canvas.rectangle([x * SCALE, y * SCALE, (x + width) * SCALE, (y + 24) * SCALE], outline="#bbb")
                room = width - 14 - face.getlength(text) / SCALE if cell["align"] == "right" else 0
                look = font("bold" if cell.get("is_header") else "", 13 - bool(cell.get("is_header")))
                canvas.text(((x + 7 + room) * SCALE, (y + 4) * SCALE), text, "black", look)
                x += width

    return Block(24 * len(rows) + 4, draw)


def _buttons(row: Sequence[Mapping[str, Any]]) -> Block:
    def draw(image: Image.Image, left: int, top: int) -> None:
        canvas = ImageDraw.Draw(image)
        width = BUBBLE / len(row)
        for number, button in enumerate(row):
            x, y = left - PAD + number * width, top + PAD + 4
            canvas.rounded_rectangle(
                [x * SCALE, y * SCALE, (x + width - 3) * SCALE, (y + 30) * SCALE], 8 * SCALE, BUTTON
            )
            canvas.text(
                ((x + width / 2) * SCALE, (y + 15) * SCALE), button["text"], "white", font("bold", 13), anchor="mm"
            )

    return Block(34, draw)
