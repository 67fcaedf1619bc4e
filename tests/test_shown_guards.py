"""Negative controls for what people and models see of text out of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

CARDS = "tests/prompts/test_cards.py"
VISIBLE = "tests/prompts/test_visible.py"
MODEL = "tests/agent/test_shown_to_the_model.py"

GUARDS = {
    "names at Tab": Guard(
        "runtime/completion.py",
        "return hidden_part(Path(name)) is None and _is_plain(Path(name).name)",
        "return hidden_part(Path(name)) is None",
        "tests/runtime/test_completion.py::test_a_file_whose_name_hides_something_is_not_offered",
    ),
    "marks that are piled up": Guard(
        "prompts/visible.py",
        "return len(pile) > MAX_MARKS and",
        "return False and",
        f"{VISIBLE}::test_marks_that_are_piled_up_are_escaped_from_the_seventh_on",
    ),
    "letters that show nothing in a dataset's name": Guard(
        "adapters/data/duck.py",
        '"[\\\\W\\u115f\\u1160\\u3164\\uffa0]+"',
        '"\\\\W+"',
        "tests/adapters/test_saved_queries.py::test_a_dataset_has_no_name_that_shows_nothing",
    ),
    "letters and marks that show nothing": Guard(
        "prompts/visible.py",
        "or SHOWS_NOTHING.match(character) is not None",
        "",
        f"{VISIBLE}::test_every_character_that_shows_nothing_is_shown_as_its_escape",
    ),
    "unusual blanks": Guard(
        "prompts/visible.py",
        ', "Zs")',
        ")",
        f"{VISIBLE}::test_every_character_that_shows_nothing_is_shown_as_its_escape",
    ),
    "a joiner outside of its scripts": Guard(
        "prompts/visible.py",
        "return _is_letter(before) and _is_letter(after)",
        "return False",
        f"{VISIBLE}::test_what_people_write_stays_as_it_is",
    ),
    "a run of what may stand alone": Guard(
        "prompts/visible.py",
        "return _prints(before) and _prints(after)",
        "return True",
        f"{VISIBLE}::test_what_hides_or_moves_something_is_escaped",
    ),
    "names on the card in quotes": Guard(
        "prompts/cards.py",
        "[quoted(name) for name in names[:MAX_NAMES]]",
        "names[:MAX_NAMES]",
        f"{CARDS}::test_a_name_cannot_forge_a_line_of_the_card",
    ),
    "blanks that line a name up": Guard(
        "prompts/visible.py",
        r"""text = re.sub("(?<= ) ", r"\\x20", text)""",
        "pass",
        f"{CARDS}::test_a_name_cannot_forge_a_line_of_the_card",
    ),
    "a result for the model": Guard(
        "tools/results.py",
        "return visible_json(text)",
        "return text",
        f"{MODEL}::test_results_and_errors_hold_escapes",
    ),
    "an error for the model": Guard(
        "agent/acting.py",
        "reason = visible(mask(reason))",
        "reason = mask(reason)",
        f"{MODEL}::test_results_and_errors_hold_escapes",
    ),
    "names in the system's words": Guard(
        "runtime/session.py",
        "{one_line(dataset.name)}",
        "{dataset.name}",
        f"{MODEL}::test_a_new_conversation_is_told_names_that_hide_nothing",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
