"""Negative controls for what leaves the program: pages, files, pictures, screens, plans, and numbers in prose."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

EXPORT = "tests/runtime/test_export.py"

GUARDS = {
    "a page that escapes what data says": Guard(
        "prompts/__init__.py",
        "autoescape=True",
        "autoescape=False",
        f"{EXPORT}::test_the_report_shows_it_and_runs_nothing",
    ),
    "a page that fetches nothing": Guard(
        "runtime/export/report.py",
        '.disable(["image", ',
        ".disable([",
        f"{EXPORT}::test_the_report_shows_it_and_runs_nothing",
    ),
    "a file that is there already": Guard(
        "runtime/export/__init__.py",
        'target.open("x", encoding="utf-8")',
        'target.open("w", encoding="utf-8")',
        f"{EXPORT}::test_a_file_that_is_there_is_not_written_over",
    ),
    "an export that is all or nothing": Guard(
        "runtime/export/__init__.py",
        "beside.rename(staged)",
        "pass",
        f"{EXPORT}::test_a_refused_export_leaves_everything_as_it_was",
    ),
    "another owner's conversation": Guard(
        "adapters/store/conversations.py",
        "conversations.c.owner_id == owner_id, conversations.c.conversation_id == conversation_id",
        "conversations.c.conversation_id == conversation_id",
        f"{EXPORT}::test_only_the_owner_can_export",
    ),
    "a plan's launch": Guard(
        "runtime/plan_command.py",
        "if not (sys.stdin.isatty() and sys.stderr.isatty()):",
        "if False:",
        f"{EXPORT}::test_the_plan_gives_the_same_numbers_and_stops_for_the_yes",
    ),
    "a formula in a picture's words": Guard(
        "tools/plots/canvas.py",
        'return cut.replace("$", r"\\$")',
        "return cut",
        "tests/tools/test_plot.py::test_names_and_values_out_of_data_are_no_formulas",
    ),
    "a quote in a group's name": Guard(
        "tools/plots/asking.py",
        """text = str(value).replace("'", "''")""",
        "text = str(value)",
        "tests/tools/test_plot.py::test_names_and_values_out_of_data_are_no_formulas",
    ),
    "a cell that moves the cursor": Guard(
        "runtime/rendering.py",
        "return visible(str(value))",
        "return str(value)",
        "tests/runtime/test_rendering.py::test_what_data_holds_cannot_move_the_cursor_or_be_markup",
    ),
    "a number that nobody gave": Guard(
        "agent/number_check.py",
        "return [text for text in doubtful if not _is_supported(text, given)]",
        "return []",
        "tests/runtime/test_flagged.py",
    ),
    "a case's script that runs out": Guard(
        "evals/script.py",
        'self.unexpected.append(f"request after {len(request.messages)} messages has no reply")',
        "pass",
        "tests/evals/test_cases.py::test_a_case_that_does_not_hold_fails",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
