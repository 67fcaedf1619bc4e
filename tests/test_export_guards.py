"""Negative controls for what leaves the program: pages, files, pictures, screens, plans, and numbers in prose."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

ONNX = "tests/tools/test_export_onnx.py"
EXPORT = "tests/runtime/test_export.py"
SPREADSHEET = "tests/adapters/test_spreadsheet_csv.py"
PREDICTIONS = "tests/tools/test_predictions_in_spreadsheets.py"
PARTS = "tests/adapters/test_csv_parts.py"
STREAMED = "tests/tools/test_predict_streamed.py"
PLAN = "tests/runtime/test_plan_addresses.py"
INPUT = "tests/runtime/test_standard_input.py"

GUARDS = {
    "an ONNX form that says something else": Guard(
        "tools/export_model/onnx_form.py",
        "if not difference <= AGREES:",
        "if False:",
        f"{ONNX}::test_a_form_that_says_something_else_is_left_out",
    ),
    "a forest that takes gigabytes to convert": Guard(
        "tools/export_model/onnx_form.py",
        "if n_nodes > most_nodes:",
        "if False:",
        f"{ONNX}::test_a_forest_that_is_too_large_is_not_converted",
    ),
    "a cell that a spreadsheet would run": Guard(
        "adapters/spreadsheet_csv.py",
        "marked.isetitem(place, column.astype(object).replace(formulas).tolist())",
        "pass",
        f"{SPREADSHEET}::test_cells_and_headers_are_marked_and_nothing_else_is_changed",
    ),
    "a header that a spreadsheet would run": Guard(
        "adapters/spreadsheet_csv.py",
        "headers = [MARK + str(name) if is_formula(str(name)) else name for name in table.columns]",
        "headers = list(table.columns)",
        f"{SPREADSHEET}::test_cells_and_headers_are_marked_and_nothing_else_is_changed",
    ),
    "blanks before a formula": Guard(
        "adapters/spreadsheet_csv.py",
        "{BLANKS}{SIGNS}",
        "{SIGNS}",
        f"{SPREADSHEET}::test_what_a_spreadsheet_would_run_is_a_formula",
    ),
    "a carriage return in a cell": Guard(
        "adapters/spreadsheet_csv.py",
        '"\\r\\n" if has_return else "\\n"',
        '"\\n"',
        f"{SPREADSHEET}::test_a_carriage_return_ends_no_row",
    ),
    "a cell of a part that a spreadsheet would run": Guard(
        "adapters/csv_parts.py",
        'pc.binary_join_element_wise(MARK, column, "")',
        "column",
        f"{PARTS}::test_cells_and_headers_are_marked_as_in_a_file_that_is_written_at_once",
    ),
    "a carriage return in a cell of a part": Guard(
        "adapters/csv_parts.py",
        '[",\\\\r\\\\n]',
        '[",\\\\n]',
        f"{PARTS}::test_a_carriage_return_ends_no_row",
    ),
    "a row of predictions beside its own row": Guard(
        "tools/predictions/parts.py",
        "if not np.array_equal(numbers, np.arange(n_seen, n_seen + len(numbers))):",
        "if False:",
        f"{STREAMED}::test_rows_out_of_order_are_refused",
    ),
    "room that is looked for before a file is written": Guard(
        "tools/predictions/run.py",
        "writing.data.check_room(",
        "print(",
        f"{STREAMED}::test_a_disk_without_room_is_said_before_much_is_written",
    ),
    "a name that somebody else has taken meanwhile": Guard(
        "tools/predictions/file.py",
        "os.link(part, path)",
        "os.replace(part, path)",
        f"{STREAMED}::test_two_files_of_one_second_have_names_of_their_own",
    ),
    "one place that writes CSV": Guard(
        "runtime/telegram/sheets.py",
        'write_csv(frame.set_axis(list(sheet.head), axis="columns"), path)',
        'frame.set_axis(list(sheet.head), axis="columns").to_csv(path)',
        f"{SPREADSHEET}::test_no_other_line_of_ours_writes_csv_or_a_workbook",
    ),
    "a raw file on request alone": Guard(
        "tools/predictions/file.py",
        "is_raw=writing.raw_csv)",
        "is_raw=True)",
        f"{PREDICTIONS}::test_a_file_of_predictions_runs_nothing_and_says_so",
    ),
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
    "a question that nobody sees": Guard(
        "runtime/repl.py",
        "        if self._is_person:\n            return",
        "        if True:\n            return",
        f"{INPUT}::test_a_question_that_nobody_sees_ends_the_run",
    ),
    "a pipe while a question is open": Guard(
        "runtime/one_turn.py",
        "if turn.session.pending(turn.conversation) is None:",
        "if True:",
        f"{INPUT}::test_nothing_that_comes_on_a_pipe_answers_a_question",
    ),
    "a prompt for a pipe": Guard(
        "runtime/chat_command.py",
        " and standard_input.is_terminal():",
        ":",
        f"{INPUT}::test_no_row_of_a_file_is_a_word_of_the_person",
    ),
    "a row that could be a question": Guard(
        "runtime/standard_input.py",
        'return len(text.decode("utf-8").splitlines()) == 1',
        "return True",
        f"{INPUT}::test_no_row_of_a_file_is_a_word_of_the_person",
    ),
    "a plan's launch": Guard(
        "runtime/plan_command.py",
        "if not standard_input.is_person(shown_on=sys.stderr):",
        "if False:",
        f"{EXPORT}::test_the_plan_gives_the_same_numbers_and_stops_for_the_yes",
    ),
    "a source that a step's result makes": Guard(
        "runtime/plan_file.py",
        "            if OPENS in text and _is_source(key, text):",
        "            if False:",
        f"{PLAN}::test_a_source_that_is_put_together_is_refused",
    ),
    "a plan's addresses": Guard(
        "runtime/plan_command.py",
        "asked = [address for address in addresses if address not in fetch]",
        "asked: list[str] = []",
        f"{PLAN}::test_an_address_needs_a_person_or_its_flag",
    ),
    "an address that the plan did not show": Guard(
        "runtime/plan_command.py",
        "json.dumps(arguments), None, addresses.__contains__)",
        "json.dumps(arguments), None)",
        f"{PLAN}::test_a_call_fetches_from_no_address_that_was_not_agreed_to",
    ),
    "a person at a plan's question": Guard(
        "runtime/standard_input.py",
        "return _is_terminal(sys.stdin) and _is_terminal(sys.stdout if shown_on is None else shown_on)",
        "return True",
        f"{PLAN}::test_an_address_needs_a_person_or_its_flag",
    ),
    "a formula in a picture's words": Guard(
        "tools/plots/canvas.py",
        'return cut.replace("$", r"\\$")',
        "return cut",
        "tests/tools/test_plot.py::test_names_and_values_out_of_data_are_no_formulas",
    ),
    "a quote in a group's name": Guard(
        "tools/plots/values.py",
        "AS VARCHAR) = {quote_string(value)}",
        "AS VARCHAR) = '{value}'",
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
        "return list(dict.fromkeys(text for at, text in looked_at.items() if not _is_given(text, bounds[at], given)))",
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
