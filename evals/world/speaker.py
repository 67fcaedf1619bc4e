"""A program that speaks N times in a conversation, for tests of two at once: `HOME CONVERSATION WHO N`.

Its model loads a file named after WHO at each turn, so that a call that ran twice or not at all shows.
"""

from __future__ import annotations

import sys
from pathlib import Path

from adapters.model.base import Reply
from adapters.model.scripted import ScriptedModel
from adapters.records import JsonValue
from evals.world.home import PENGUINS, build_in
from evals.world.talk import Talk


def replies(who: str, turn: int) -> list[Reply]:
    """One call, then words."""
    name = f"{who}_{turn}"
    call: dict[str, JsonValue] = {
        "type": "tool_use",
        "id": name,
        "name": "load_dataset",
        "input": {"source": str(PENGUINS), "name": name},
    }
    return [Reply([call], "tool_use"), Reply([{"type": "text", "text": f"Loaded {name}."}], "end_turn")]


def main() -> None:
    """Speak; the last line says how the turns ended."""
    home, conversation_id, who, n_turns = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    script = [reply for turn in range(n_turns) for reply in replies(who, turn)]
    session = build_in(home, model=ScriptedModel(script))
    talk = Talk(session, session.resume(conversation_id), is_alone=False)
    ends = [talk.say(f"{who} speaks").reason for _ in range(n_turns)]
    session.program.close()
    sys.stdout.write(" ".join(ends))


if __name__ == "__main__":
    main()
