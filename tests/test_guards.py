"""Negative controls: each guard is broken in a copy of the tree, and a test there must fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "tools", "prompts", "adapters", "runtime", "evals", "tests")
GATE = "tests/agent/test_gate.py"
DATA = "tests/adapters/test_data.py"
PACKED = "tests/adapters/test_packed_and_json.py"
QUERY = "tests/adapters/test_query.py"
REMOTE = "tests/adapters/test_remote.py"
LOOP = "tests/agent/test_loop.py"


@dataclass(frozen=True)
class Guard:
    """A line that protects, what it becomes when broken, and the test that must notice."""

    file: str
    line: str
    broken: str
    test: str


GUARDS = {
    "a quote of another conversation": Guard(
        "agent/gate.py",
        "if quote is None or quote.conversation_id != call.conversation_id:",
        "if quote is None:",
        f"{GATE}::test_another_conversations_quote_is_refused",
    ),
    "a quote that nobody made": Guard(
        "adapters/store/approvals.py",
        "return None if row is None else read_quote(row)",
        "return read_quote(row)",
        f"{GATE}::test_a_quote_that_nobody_made_is_refused",
    ),
    "a quote of another owner": Guard(
        "adapters/store/approvals.py",
        "where(quotes.c.owner_id == owner_id, quotes.c.quote_id == quote_id)",
        "where(quotes.c.quote_id == quote_id)",
        f"{GATE}::test_another_owners_quote_is_refused",
    ),
    "a used quote, at the question": Guard(
        "agent/gate.py",
        "if self._jobs.job_of_quote(self._owner_id, quote_id) is not None:",
        "if False:",
        f"{GATE}::test_a_used_quote_is_refused",
    ),
    "an expired quote, at the question": Guard(
        "agent/gate.py",
        "        if self._clock() >= quote.expires_at:",
        "        if False:",
        f"{GATE}::test_an_expired_quote_is_refused_before_the_question",
    ),
    "an expired quote, at the answer": Guard(
        "agent/gate.py",
        "if quote is None or self._clock() >= quote.expires_at:",
        "if quote is None:",
        f"{GATE}::test_a_yes_after_the_expiry_does_not_count",
    ),
    "an expired quote, at the launch": Guard(
        "adapters/store/jobs.py",
        "if now >= quote.expires_at:",
        "if False:",
        f"{GATE}::test_a_yes_grown_old_before_the_launch_starts_nothing",
    ),
    "another person's answer": Guard(
        "agent/gate.py",
        "if row is None or row.owner_id != user_id or row.owner_id != self._owner_id:",
        "if row is None:",
        f"{GATE}::test_another_owners_quote_is_refused",
    ),
    "changed arguments": Guard(
        "agent/gate.py",
        "if row.arguments_hash != hash_arguments(call):",
        "if False:",
        f"{GATE}::test_changed_arguments_are_refused",
    ),
    "a no": Guard(
        "agent/gate.py",
        "state = ApprovalState.GRANTED if yes else ApprovalState.DENIED",
        "state = ApprovalState.GRANTED",
        f"{GATE}::test_a_no_is_a_no",
    ),
    "a withdrawn question": Guard(
        "adapters/store/approvals.py",
        "return self._move(approval_id, (ApprovalState.PENDING,), state, decided_by, now)",
        "return self._move(approval_id, tuple(ApprovalState), state, decided_by, now)",
        f"{GATE}::test_a_question_that_was_withdrawn_cannot_be_answered",
    ),
    "the question itself": Guard(
        "agent/gate.py",
        'if call.tool.effect_of(call.arguments) != "spend":',
        "if True:",
        f"{GATE}::test_a_launch_stops_for_a_question_and_nothing_runs",
    ),
    "confirm: paid with a price": Guard(
        "agent/gate.py",
        'passes = self._confirm == "paid" and quote.cap_usd == 0',
        'passes = self._confirm == "paid"',
        "tests/tools/test_desk.py::test_paid_still_asks_where_it_costs",
    ),
    "no approval at all": Guard(
        "tools/spec.py",
        'if approval is None and self.effect_of(arguments) == "spend":',
        "if False:",
        f"{GATE}::test_a_spending_tool_cannot_be_called_without_an_approval",
    ),
    "a question that is still open": Guard(
        "adapters/store/jobs.py",
        "approvals.c.state == ApprovalState.GRANTED,",
        "",
        f"{GATE}::test_a_pending_question_gives_no_right_to_launch",
    ),
    "an approval with other arguments": Guard(
        "adapters/store/jobs.py",
        "approvals.c.arguments_hash == approval.arguments_hash,",
        "",
        f"{GATE}::test_an_approval_made_by_hand_launches_nothing",
    ),
    "an approval of another call": Guard(
        "adapters/store/jobs.py",
        "approvals.c.call_id == approval.call_id,",
        "",
        f"{GATE}::test_an_approval_made_by_hand_launches_nothing",
    ),
    "a second job of one quote": Guard(
        "adapters/store/jobs.py",
        "if connection.execute(its_job).first() is not None:",
        "if False:",
        f"{GATE}::test_two_questions_about_one_quote_start_one_job",
    ),
    "a dataset loaded anew": Guard(
        "tools/jobs/desk.py",
        'if self._data.get(name).dataset_id != spec["dataset_id"]:',
        "if False:",
        f"{GATE}::test_a_dataset_loaded_anew_makes_the_quote_worthless",
    ),
    "a price that rose": Guard(
        "tools/jobs/desk.py",
        "if usd_now > quote.cap_usd:",
        "if False:",
        "tests/tools/test_desk.py::test_a_price_above_the_cap_starts_nothing",
    ),
    "one worker a claim": Guard(
        "runtime/worker.py",
        "if not claim(folder, describe_worker()):",
        "if claim(folder, describe_worker()) is None:",
        "tests/adapters/test_local_backend.py::test_two_launches_make_one_worker_work",
    ),
    "the worker's limit": Guard(
        "runtime/worker.py",
        'signal.alarm(int(str(request["max_seconds"])))',
        "",
        "tests/adapters/test_local_backend.py::test_the_kernel_ends_a_worker_at_its_limit",
    ),
    "a reply that is not whole": Guard(
        "agent/loop.py",
        "has_calls and not reply.broken_calls:",
        "has_calls:",
        f"{LOOP}::test_nothing_of_an_incomplete_reply_is_run",
    ),
    "input cut in the stream": Guard(
        "adapters/model/claude.py",
        "(json.loads(raw) if raw else {}) == parsed and",
        "",
        "tests/adapters/test_claude.py::test_input_that_was_cut_is_named_as_broken",
    ),
    "an invalid request": Guard(
        "agent/loop.py",
        "        if broken:",
        "        if False:",
        f"{LOOP}::test_a_log_that_breaks_a_rule_is_never_sent",
    ),
    "a day's dollars": Guard(
        "adapters/store/spending.py",
        "if spent + usd > max_day_usd:",
        "if False:",
        f"{LOOP}::test_a_turn_and_a_day_have_limits_of_dollars",
    ),
    "the roots": Guard(
        "adapters/data/sources.py",
        "if not any(_is_open(path, root.resolve()) for root in roots) or path",
        "if path",
        f"{DATA}::test_only_regular_files_inside_the_roots_are_read",
    ),
    "the program's own folder": Guard(
        "adapters/data/sources.py",
        " or path.is_relative_to(private.resolve()):",
        ":",
        f"{DATA}::test_the_programs_own_folder_is_private_even_inside_a_root",
    ),
    "functions in where": Guard(
        "adapters/data/expression.py",
        'if kind == "FUNCTION" and',
        "if False and",
        f"{DATA}::test_where_can_do_nothing_but_look_at_a_row",
    ),
    "subqueries in where": Guard(
        "adapters/data/expression.py",
        "if kind not in grammar.classes:",
        "if False:",
        f"{DATA}::test_where_can_do_nothing_but_look_at_a_row",
    ),
    "the locked engine": Guard(
        "adapters/data/table.py",
        '"enable_external_access = false",',
        "",
        f"{DATA}::test_an_open_table_reaches_no_file_and_changes_nothing",
    ),
    "a file that swells": Guard(
        "adapters/data/unpacking.py",
        "if n_bytes > limit:",
        "if False:",
        f"{PACKED}::test_a_packed_file_that_is_no_table_is_refused_and_leaves_nothing",
    ),
    "an array that was cut": Guard(
        "adapters/data/json_table.py",
        'if head.startswith(b"[") and not tail.endswith(b"]"):',
        "if False:",
        f"{PACKED}::test_json_that_is_no_table_gets_one_sentence",
    ),
    "a name that forges a line of the card": Guard(
        "prompts/cards.py",
        'target=one_line(spec["target"]),',
        'target=spec["target"],',
        "tests/prompts/test_cards.py::test_a_column_cannot_forge_a_line_of_the_card",
    ),
    "another owner's dataset": Guard(
        "adapters/store/datasets.py",
        "sa.select(datasets).where(datasets.c.owner_id == owner_id)",
        "sa.select(datasets)",
        f"{DATA}::test_another_owner_sees_no_dataset",
    ),
    "a query's tables": Guard(
        "adapters/data/select_check.py",
        "        if name.lower() not in known:",
        "        if False:",
        f"{QUERY}::test_no_sql_gets_out",
    ),
    "a query's table functions": Guard(
        "adapters/data/select_check.py",
        "        if called.lower() not in TABLE_FUNCTIONS:",
        "        if False:",
        f"{QUERY}::test_no_sql_gets_out",
    ),
    "a query that changes data": Guard(
        "adapters/data/select_check.py",
        'if "cte_map" in node and kind not in QUERY_NODES:',
        "if False:",
        f"{QUERY}::test_a_wrong_query_gets_one_sentence",
    ),
    "the lock of a query's engine": Guard(
        "adapters/data/child_engine.py",
        '        "enable_external_access = false",',
        "",
        f"{QUERY}::test_the_engine_alone_is_locked_too",
    ),
    "the end of a query": Guard(
        "adapters/data/child.py",
        "                child.kill()",
        "                pass",
        f"{QUERY}::test_a_stopped_query_is_gone_within_a_second",
    ),
    "a query's memory": Guard(
        "adapters/data/child_engine.py",
        '    resource.setrlimit(resource.RLIMIT_AS, (request["address_bytes"],) * 2)',
        "    pass",
        f"{QUERY}::test_a_long_value_meets_the_limit_of_memory",
    ),
    "one turn at a time": Guard(
        "adapters/store/turns.py",
        "            while not is_free():",
        "            while False:",
        "tests/runtime/test_two_programs.py::test_two_programs_in_one_conversation_take_turns",
    ),
    "one writer at a time, on PostgreSQL": Guard(
        "adapters/store/database.py",
        'connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")',
        "pass",
        "tests/adapters/test_store.py::test_writers_take_turns_and_lose_no_update",
    ),
    "a Parquet file that lies about its size": Guard(
        "adapters/data/parquet_worker.py",
        '            _check(int(rows[0][0] or 0) * n_columns, request["limit"])',
        "            pass",
        "tests/adapters/test_parquet.py::test_a_parquet_file_of_milliards_of_rows_is_refused_at_once",
    ),
    "a book that swells": Guard(
        "adapters/data/excel.py",
        "    if n_bytes > limit:",
        "    if False:",
        "tests/adapters/test_excel.py::test_a_book_that_swells_is_refused_at_once",
    ),
    "a day's budget for jobs": Guard(
        "adapters/store/jobs.py",
        "if quote.cap_usd > 0 and held.charged_today + held.reserved + quote.cap_usd > max_day_usd:",
        "if False:",
        "tests/tools/test_desk.py::test_a_days_budget_holds_before_the_launch",
    ),
    "a worker's memory": Guard(
        "runtime/worker.py",
        "resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))",
        "pass",
        "tests/adapters/test_local_backend.py::test_the_kernel_bounds_a_workers_memory",
    ),
    "another owner's job": Guard(
        "adapters/store/jobs.py",
        "found = self._jobs(jobs.c.owner_id == owner_id, jobs.c.job_id == job_id)",
        "found = self._jobs(jobs.c.job_id == job_id)",
        "tests/tools/test_owners.py::test_the_other_ones_ids_are_strange_to_him",
    ),
    "another owner's upload": Guard(
        "adapters/data/duck.py",
        'self._folder = home / "data" / f"user_{owner_id}"',
        'self._folder = home / "data" / "user_all"',
        "tests/tools/test_owners.py::test_the_other_ones_ids_are_strange_to_him",
    ),
    "types proven over every row": Guard(
        "adapters/data/proven_types.py",
        'f"coalesce(bool_and({PROOF}), true)"',
        '"true"',
        "tests/adapters/test_large_csv.py::test_a_late_row_decides_a_columns_type",
    ),
    "an address inside": Guard(
        "adapters/data/remote/addresses.py",
        "        if not is_allowed(address, allow_loopback):",
        "        if False:",
        f"{REMOTE}::test_no_spelling_of_an_inner_address_is_fetched",
    ),
    "addresses that only look public": Guard(
        "adapters/data/remote/addresses.py",
        "return address.is_global and not address.is_multicast and not denied",
        "return address.is_global",
        f"{REMOTE}::test_an_inner_address_is_known",
    ),
    "a download without end": Guard(
        "adapters/data/remote/saving.py",
        "            if n_bytes > max_bytes:",
        "            if False:",
        f"{REMOTE}::test_what_cannot_be_fetched_is_one_sentence",
    ),
    "an address that the user did not type": Guard(
        "tools/load_dataset.py",
        "if is_remote(source) and not context.has_typed(source):",
        "if False:",
        f"{LOOP}::test_an_address_out_of_a_file_is_not_fetched",
    ),
    "another owner's model": Guard(
        "adapters/store/models.py",
        "sa.select(models).where(models.c.owner_id == owner_id)",
        "sa.select(models)",
        "tests/tools/test_desk.py::test_another_owner_sees_neither_job_nor_model",
    ),
    "a model that was changed": Guard(
        "tools/ml/model_files.py",
        "if not hmac.compare_digest(signature, _signature(folder, key)):",
        "if False:",
        "tests/tools/test_ml.py::test_a_model_that_was_changed_is_not_loaded",
    ),
    "a key in the words": Guard(
        "runtime/app.py",
        "mask(_clean(words))",
        "_clean(words)",
        "tests/runtime/test_secret_words.py::test_a_key_that_the_user_types_is_neither_kept_nor_sent",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, tmp_path: Path) -> None:
    guard = GUARDS[name]
    for package in (*PACKAGES, "pyproject.toml"):
        source = ROOT / package
        if source.is_dir():
            shutil.copytree(source, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / package)
    file = tmp_path / guard.file
    text = file.read_text()
    assert text.count(guard.line) == 1, f"{guard.file} holds {guard.line!r} {text.count(guard.line)} times"
    file.write_text(text.replace(guard.line, guard.broken))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-p", "no:xdist", guard.test],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 1, done.stdout[-2000:]
    assert "failed" in done.stdout
