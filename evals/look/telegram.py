"""A conversation with the bot, as a phone shows it: `python -m evals.look.telegram FOLDER` draws it, page by page."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from evals.look.phone import PHONE, SCALE, show_chat
from evals.world.bot_api import BotApi, Person, bot_api
from evals.world.bot_process import bot_process
from evals.world.home import PENGUINS

PAGE = 1000
"""Points of a page: a little more than a phone shows at once."""
ENDED = ("Done in", "is finished", "has ended", "Trained")

Seen = Sequence[dict[str, Any]]


def said(what: str) -> Callable[[Seen], bool]:
    """Until the bot says this."""
    return lambda seen: any(
        what in str(message.get("text", message.get("caption", message.get("rich_message")))) for message in seen
    )


def after(n_before: int, is_answered: Callable[[Seen], bool]) -> Callable[[Seen], bool]:
    """Until that holds of the messages after so many."""
    return lambda seen: len(seen) > n_before and is_answered(seen[n_before:])


MASSES = ", ".join(f"round(body_mass_g / {n}.0, 3) AS mass_{n}" for n in range(2, 24))
STEPS: Sequence[tuple[str, Callable[[Seen], bool]]] = (
    ("/start", said("statistician")),
    ("describe body_mass_g by species", said("Gentoo")),
    ("is body_mass_g associated with flipper_length_mm?", said("0.87")),
    ("compare body_mass_g between species", said("< 1e-")),
    ("/regress target=body_mass_g features=flipper_length_mm,species", lambda seen: "R²" in str(seen[-3:])),
    ("/query SELECT * FROM penguins LIMIT 12", said("12 of 12")),
    (f"/query SELECT species, {MASSES} FROM penguins LIMIT 30", lambda seen: "document" in seen[-1]),
    ("/plot kind=histogram x=body_mass_g color=species", lambda seen: any("photo" in message for message in seen)),
    ("/check_quality", lambda seen: True),
    ("/help describe", said("ddof")),
    ("/datasets", said("MB used")),
    ("train a random forest to predict species", lambda seen: "Launch" in str(seen[-1].get("reply_markup"))),
)


def talk(person: Person) -> None:
    """The conversation, up to the end of a training and its predictions."""
    person.sends_file("penguins.csv", PENGUINS.read_bytes(), caption="describe")
    person.waits_for(said("344 rows"))
    for words, is_answered in STEPS:
        n_before = len(person.reads())
        person.says(words)
        person.waits_for(after(n_before, is_answered), 60)
    person.presses("Launch")
    person.waits_for(lambda seen: any(word in str(seen[-3:]) for word in ENDED), 60)
    person.says("predict penguins")
    person.waits_for(lambda seen: any("document" in message for message in seen[-3:]), 60)


def draw(api: BotApi, chat_id: int, folder: Path) -> list[Path]:
    """Everything in the chat, in pictures of a page each."""
    messages = [message for (chat, _), message in sorted(api.chats.messages.items()) if chat == chat_id]
    whole = show_chat(messages, api.chats.files)
    made = []
    for number, top in enumerate(range(0, whole.height, PAGE * SCALE)):
        page = whole.crop((0, top, PHONE * SCALE, min(top + PAGE * SCALE, whole.height)))
        made.append(folder / f"page_{number:02}.png")
        page.resize((page.width * 3 // 4, page.height * 3 // 4), Image.Resampling.LANCZOS).save(made[-1])
    return made


def main() -> None:
    """Talk, and draw it."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    statagent = str(Path(sys.prefix) / "bin" / "statagent")
    with tempfile.TemporaryDirectory() as home, bot_api() as api:
        person = Person.joins(api, 42, "Ann")
        with bot_process(statagent, api, Path(home) / "home", STATAGENT_TELEGRAM_ALLOWED="42"):
            try:
                talk(person)
            finally:
                pages = draw(api, 42, folder)
    sys.stdout.write(f"{len(pages)} pages in {folder}\n")


if __name__ == "__main__":
    main()
