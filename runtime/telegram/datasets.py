"""`/datasets`: what is kept, how much room it takes, and how to be rid of it; nobody sees or removes another's."""

from __future__ import annotations

from adapters.data.holdings import Holding
from prompts.visible import one_line
from runtime.session import Session
from runtime.telegram.asked import Asked
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import Button, Message, says
from runtime.telegram.turns import Turns

REMOVE, SURE = "rm", "rmy"
"""What the data of a button begins with: asks whether to remove, removes."""
MOST_BUTTONS = 20
NOTHING = "Nothing is loaded yet."
HOW = "/datasets remove NAME removes one, with the file that was sent for it."
GONE = "That is not there any more."


def listed(session: Session, conversation_id: str) -> list[Message]:
    """Each dataset with its rows and columns, each upload that none came of, and the room that is used."""
    held = session.data.holdings()
    if not held:
        return says(plain(NOTHING))
    seen = {dataset.name: dataset for dataset in session.data_of(conversation_id).all()}
    lines = []
    for holding in held:
        dataset = seen.get(holding.name) if holding.dataset_ids else None
        what = "a file that no dataset came of"
        if dataset is not None:
            what = f"{dataset.rows} rows, {len(dataset.columns)} columns, from {one_line(dataset.source)}"
        elif holding.dataset_ids:
            what = "a dataset of another conversation"
        lines.append(f"{one_line(holding.name)}: {what}, {megabytes(holding.size_bytes)}")
    disk = session.person.disk or session.settings.disk_rules()
    used = f"{megabytes(session.data.used_bytes())} of {megabytes(disk.max_owner_bytes)} used."
    buttons = [Button(f"Remove {one_line(one.name)[:30]}", f"{REMOVE}:{one.key}") for one in held[:MOST_BUTTONS]]
    return says(plain("\n".join([*lines, "", used]))) + says(plain(HOW), buttons)


def removed(session: Session, name: str) -> list[Message]:
    """Remove it; DataError where there is none of that name."""
    held = session.data.remove(name)
    return says(plain(f"{held.name} is removed: {megabytes(held.size_bytes)} are free again."))


def answer_press(turns: Turns, asked: Asked, key: str, *, is_sure: bool) -> None:
    """A button below the list: the first asks, the second removes; both of the person's own alone."""
    session = turns.session(asked.user_id)
    held = next((one for one in session.data.holdings() if one.key == key), None)
    if held is None:
        turns.reply(asked.kept, asked.user_id, says(plain(GONE)))
        return
    turns.reply(asked.kept, asked.user_id, removed(session, key) if is_sure else _question(held))


def _question(held: Holding) -> list[Message]:
    asked = f"Remove {one_line(held.name)} ({megabytes(held.size_bytes)})? It cannot be brought back."
    return says(plain(asked), [Button("Yes, remove it", f"{SURE}:{held.key}")])


def megabytes(n_bytes: int) -> str:
    """A size as people say it."""
    return f"{n_bytes / 1e6:,.1f} MB"
