"""Negative controls for the gate, the loop, the money and the owners: each is broken, and a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

GATE = "tests/agent/test_gate.py"
DATA = "tests/adapters/test_data.py"
CLOCK = "tests/agent/test_clock.py"
LOOP = "tests/agent/test_loop.py"
KEPT = "tests/runtime/test_words_are_kept.py"
CANARIES = "tests/runtime/test_canaries.py"
SECOND = "tests/runtime/test_second_masks.py"

GUARDS = {
    "a count of tokens that cannot be true": Guard(
        "adapters/model/usage.py",
        " or not 0 <= value <= MOST_TOKENS",
        "",
        "tests/adapters/test_claude.py::test_a_count_that_cannot_be_true_costs_the_most_of_the_request",
    ),
    "what a bug may have cost": Guard(
        "agent/asking.py",
        "spent, told = most_usd, list[str]()",
        "spent, told = most_usd * 0, list[str]()",
        "tests/agent/test_asking.py::test_what_ends_in_a_way_that_nobody_foresaw_costs_what_was_held",
    ),
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
        "        if not self._approvals.is_open(quote, self._clock()):",
        "        if False:",
        f"{GATE}::test_an_expired_quote_is_refused_before_the_question",
    ),
    "an expired quote, at the answer": Guard(
        "agent/gate.py",
        "if quote is None or not self._approvals.is_open(quote, self._clock()):",
        "if quote is None:",
        f"{GATE}::test_a_yes_after_the_expiry_does_not_count",
    ),
    "a clock that was set back a little": Guard(
        "adapters/records/quotes.py",
        " and age_s < life_s",
        "",
        f"{CLOCK}::test_an_offer_grows_old_while_the_clock_is_set_back",
    ),
    "a clock that was set back before the offer": Guard(
        "adapters/records/quotes.py",
        "return self.created_at <= now < self.expires_at",
        "return now < self.expires_at",
        f"{CLOCK}::test_a_clock_before_the_offer_starts_nothing",
    ),
    "a day's dollars and a clock that was set back": Guard(
        "adapters/store/spending.py",
        "query = query.where(ledger.c.at >= since)",
        "query = query.where(ledger.c.at >= since, ledger.c.at < datetime.fromtimestamp(since.timestamp() + 86400, "
        "since.tzinfo))",
        f"{CLOCK}::test_a_clock_set_back_gives_no_fresh_day_of_dollars",
    ),
    "another person's answer": Guard(
        "agent/gate.py",
        "if row is None or row.owner_id != user_id:",
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
        f"{GATE}::test_an_answer_in_the_moment_of_a_withdrawal_decides_nothing",
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
    "words before they are told to be kept": Guard(
        "agent/loop.py",
        """            self._commit(conversation, conversation.next_message("user", spoken.blocks()), spoken.words_ids)
            hearing.tell_kept()
""",
        """            hearing.tell_kept()
            self._commit(conversation, conversation.next_message("user", spoken.blocks()), spoken.words_ids)
""",
        f"{KEPT}::test_words_are_in_the_log_before_the_model_is_asked",
    ),
    "words before the wait for a turn": Guard(
        "agent/loop.py",
        "conversation_id, cancel, waits, hearing.keep):",
        "conversation_id, cancel, waits, lambda: None):",
        f"{KEPT}::test_a_program_that_died_as_it_waited_leaves_its_words",
    ),
    "words before the calls that an interrupted turn left": Guard(
        "agent/loop.py",
        """            hearing.keep()
            return hearing.take()
""",
        """            return hearing.take()
""",
        f"{KEPT}::test_words_after_an_interrupted_turn_outlive_a_second_death",
    ),
    "a reply that is not whole": Guard(
        "agent/reply_kind.py",
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
    "a reply checked before it is kept": Guard(
        "agent/loop.py",
        'if kind in ("act", "finish") and _is_odd(turn.conversation, request, reply):',
        "if False:",
        "tests/runtime/test_odd_replies.py::test_an_odd_reply_is_asked_again_and_nothing_of_it_is_run",
    ),
    "a blank text left out": Guard(
        "agent/validity.py",
        "    return [block for block in content if not _is_blank(block)]",
        "    return list(content)",
        "tests/runtime/test_odd_replies.py::test_what_is_blank_is_left_out_and_the_turn_goes_on",
    ),
    "the id of a call in a turn that is never sent": Guard(
        "agent/validity.py",
        "for call in calls if call in earlier_ids]",
        "for call in calls if False]",
        "tests/runtime/test_odd_replies.py::test_an_id_of_a_turn_that_was_refused_is_taken_too",
    ),
    "an invalid request": Guard(
        "agent/loop.py",
        "        if broken:\n            raise",
        "        if False:\n            raise",
        f"{LOOP}::test_a_log_that_breaks_a_rule_is_never_sent",
    ),
    "a day's dollars": Guard(
        "adapters/store/spending.py",
        "if spent + usd > max_day_usd:",
        "if False:",
        "tests/agent/test_loop_limits.py::test_a_turn_and_a_day_have_limits_of_dollars",
    ),
    "a name that forges a line of the card": Guard(
        "prompts/cards.py",
        '("target", quoted(training.target))',
        '("target", training.target)',
        "tests/prompts/test_cards.py::test_a_name_cannot_forge_a_line_of_the_card",
    ),
    "another owner's dataset": Guard(
        "adapters/store/datasets.py",
        'the current one."""\n        query = sa.select(datasets).where(datasets.c.owner_id == owner_id)',
        'the current one."""\n        query = sa.select(datasets)',
        f"{DATA}::test_another_owner_sees_no_dataset",
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
    "another owner's model": Guard(
        "adapters/store/models.py",
        "models.c.owner_id == owner_id, models.c.deleted_at.is_(None)",
        "models.c.deleted_at.is_(None)",
        "tests/tools/test_desk.py::test_another_owner_sees_neither_job_nor_model",
    ),
    "a model that was changed": Guard(
        "tools/ml/model_files.py",
        "    if not is_ours:",
        "    if False:",
        "tests/tools/test_model_files.py::test_a_model_answers_for_its_owner_its_id_and_its_job_alone",
    ),
    "a key in the words": Guard(
        "runtime/session.py",
        "cleaned = mask(typed)",
        "cleaned = typed",
        "tests/runtime/test_secret_words.py::test_a_key_that_the_user_types_is_neither_kept_nor_sent",
    ),
    "a key in what is found": Guard(
        "agent/acting.py",
        "content = mask_results(outcome.content)",
        "content = dict(outcome.content)",
        f"{CANARIES}::test_what_the_model_says_calls_and_finds_is_found_nowhere",
    ),
    "a call without its secret": Guard(
        "agent/acting.py",
        "if holds_mask(given):",
        "if False:",
        f"{CANARIES}::test_a_call_whose_secret_was_taken_out_is_not_run",
    ),
    "a key in the history": Guard(
        "runtime/line_editor.py",
        "super().store_string(mask(string))",
        "super().store_string(string)",
        f"{CANARIES}::test_the_history_across_runs_holds_no_secret",
    ),
    "a key in an example": Guard(
        "adapters/store/masked_columns.py",
        '{**column, "example": mask_json(column["example"], mask_keys)}',
        "dict(column)",
        f"{CANARIES}::test_what_the_model_says_calls_and_finds_is_found_nowhere",
    ),
    "a key on standard error": Guard(
        "runtime/way_out.py",
        "mask(str(text)) if err else mask_keys(str(text))",
        "str(text)",
        f"{CANARIES}::test_what_a_script_gives_a_tool_is_not_told_on_standard_error",
    ),
    "a key in an export of an old log": Guard(
        "runtime/export/record.py",
        "mask_keys(result.content)",
        "result.content",
        f"{SECOND}::test_a_log_of_an_earlier_version_is_exported_without_its_secrets",
    ),
    "a key in the words of an old log": Guard(
        "runtime/export/record.py",
        "replace(message, content=without_secrets(message.content))",
        "message",
        f"{SECOND}::test_a_log_of_an_earlier_version_is_exported_without_its_secrets",
    ),
    "a password in what the doctor says": Guard(
        "runtime/doctor.py",
        "return replace(found, detail=mask(found.detail), next_step=mask(found.next_step))",
        "return found",
        f"{SECOND}::test_the_doctor_shows_an_address_without_its_password",
    ),
    "a password in what the prompt shows in a pipe": Guard(
        "runtime/repl.py",
        'say(f"> {mask(self._unshown)}")',
        'say(f"> {self._unshown}")',
        f"{SECOND}::test_what_is_typed_into_a_pipe_is_shown_without_its_secrets",
    ),
    "a signature in memory alone": Guard(
        "runtime/session.py",
        "self._has_typed(conversation_id, mask(address))",
        "self._has_typed(conversation_id, address)",
        f"{CANARIES}::test_a_signed_address_is_fetched_and_its_signature_is_not_kept",
    ),
    "an ordinary word": Guard(
        "adapters/secret_words.py",
        "if value.lower() in KINDS or re.fullmatch(",
        "if re.fullmatch(",
        "tests/runtime/test_secret_words.py::test_ordinary_words_stay",
    ),
    "settings beside somebody's data": Guard(
        "runtime/config_files.py",
        "if name in _HARMLESS and _HARMLESS[name](value)}",
        "if True}",
        "tests/runtime/test_config_files.py::test_a_folder_of_data_sets_nothing_that_carries_trust",
    ),
    "a server that sends elsewhere": Guard(
        "adapters/model/claude.py",
        "follow_redirects=False",
        "follow_redirects=True",
        "tests/adapters/test_claude.py::test_a_conversation_goes_to_no_server_but_the_one_that_was_set",
    ),
    "a key over http": Guard(
        "runtime/settings.py",
        'if scheme == "http" and not _is_loopback(host):',
        "if False:",
        "tests/runtime/test_settings.py::test_the_key_goes_nowhere_in_clear",
    ),
    "the dataset that a conversation saw": Guard(
        "adapters/store/datasets.py",
        "row.dataset_id == seen[row.name] if row.name in seen else row.is_current",
        "row.is_current",
        "tests/adapters/test_versions.py::test_another_conversation_does_not_change_this_ones_data",
    ),
    "the dataset that a conversation used": Guard(
        "adapters/data/duck.py",
        "if self._conversation_id is None or self._rows.see(by_name[name], self._conversation_id):",
        "if True:",
        "tests/adapters/test_versions.py::test_a_name_is_kept_from_its_first_use",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
