"""Negative controls for the bot: each guard is broken, and a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

ROUTES = "tests/runtime/telegram/test_routes.py"
STORE = "tests/adapters/test_telegram_store.py"
FOLLOWING = "tests/runtime/telegram/test_following.py"
HOLDINGS = "tests/adapters/test_holdings.py"
FLOODS = "tests/runtime/telegram/test_floods.py"
FILES = "tests/runtime/telegram/test_files.py"
TURNS = "tests/runtime/telegram/test_turns.py"
SENDER = "tests/runtime/telegram/test_sender.py"

GUARDS = {
    "who may write": Guard(
        "runtime/telegram/routes.py",
        " if access.may(user.id) else _of_stranger(update, user, access)",
        "",
        f"{ROUTES}::test_a_stranger_gets_no_further_than_a_sentence_whatever_they_send",
    ),
    "an update before it is acknowledged": Guard(
        "runtime/telegram/inbox.py",
        "found = await asyncio.to_thread(self._keep, updates)",
        "found = {one.update_id: KeptUpdate(one.update_id, NOWHERE, {}, self._clock()) for one in updates}",
        f"{ROUTES}::test_an_update_is_on_disk_before_it_is_queued_and_once",
    ),
    "an update that comes again": Guard(
        "adapters/store/telegram.py",
        "if one.update_id not in seen and self._add(connection, one, now):",
        "if self._add(connection, one, now):",
        f"{STORE}::test_an_update_is_kept_once_and_waits_until_it_is_finished",
    ),
    "an update that is left and queued": Guard(
        "runtime/telegram/bot.py",
        "if kept.update_id not in taken:",
        "if True:",
        "tests/runtime/telegram/test_bot_inside.py"
        "::test_what_comes_while_the_bot_looks_for_what_was_left_is_answered_once",
    ),
    "an answer that is finished twice": Guard(
        "adapters/store/telegram.py",
        "            if done.rowcount == 1:\n",
        "            if True:\n",
        f"{STORE}::test_an_update_is_kept_once_and_waits_until_it_is_finished",
    ),
    "a code that is used up": Guard(
        "adapters/store/telegram_people.py",
        "if connection.execute(telegram_codes.delete().where(mine)).rowcount != 1:",
        "if connection.execute(sa.select(telegram_codes).where(mine)).first() is None:",
        f"{STORE}::test_a_code_lets_one_person_in",
    ),
    "a second time that is marked": Guard(
        "runtime/telegram/sender.py",
        "marked_again(message) if n_tried else message",
        "message",
        f"{SENDER}::test_a_message_that_was_tried_before_a_crash_is_sent_again_and_says_so",
    ),
    "a third time that is asked for": Guard(
        "runtime/telegram/sender.py",
        "if n_tried >= MOST_TRIES and is_answer:",
        "if False:",
        f"{SENDER}::test_an_answer_is_there_twice_at_most_and_is_asked_for_a_third_time",
    ),
    "words that are kept once": Guard(
        "adapters/store/telegram.py",
        "fresh = self._is(update_id) & (telegram_updates.c.state == UpdateState.WAITING)",
        "fresh = self._is(update_id)",
        f"{STORE}::test_words_are_in_the_inbox_when_the_update_says_so",
    ),
    "an end that is told again": Guard(
        "adapters/store/telegram.py",
        "            if key is not None and self._has(connection, key):\n                return False\n",
        "            key = None\n",
        f"{FOLLOWING}::test_an_end_that_nobody_saw_is_told_by_the_next_bot_and_by_one_only",
    ),
    "a flood of messages": Guard(
        "runtime/telegram/inbox.py",
        "update.to_dict(), self._writer(update))",
        "update.to_dict(), None)",
        f"{FLOODS}::test_too_many_messages_are_refused_once_and_others_are_heard",
    ),
    "a stranger who writes again": Guard(
        "adapters/store/telegram_limits.py",
        "    if last is not None and now - every < last <= now:\n",
        "    if False:\n",
        f"{STORE}::test_what_is_told_once_in_a_while_is_told_again_after_it",
    ),
    "a path that a server names": Guard(
        "runtime/telegram/receiving.py",
        "not self._bot.local_mode or not self._is_the_servers(path)",
        "not self._bot.local_mode",
        "tests/runtime/telegram/test_receiving.py::test_no_other_path_that_the_server_names_is_read",
    ),
    "a file that was loaded before a crash": Guard(
        "runtime/telegram/sendings.py",
        "        if call is not None:\n",
        "        if False:\n",
        "tests/runtime/telegram/test_sending_crash.py::test_what_was_loaded_before_a_crash_is_not_loaded_again",
    ),
    "a file that was changed": Guard(
        "runtime/telegram/uploads.py",
        "if hashlib.sha256(content).hexdigest() != message.digest:",
        "if False:",
        f"{FILES}::test_a_file_that_is_another_one_by_now_is_not_sent",
    ),
    "a file of another person": Guard(
        "runtime/telegram/answer.py",
        "if artifact.path.resolve().is_relative_to(self._folder.resolve()):",
        "if artifact:",
        "tests/runtime/telegram/test_answer.py::test_a_file_of_another_person_is_never_sent",
    ),
    "rich messages until the method is not known": Guard(
        "runtime/telegram/sender.py",
        "        others = await asyncio.to_thread(instead, message)\n",
        "        self._knows_rich = False\n        others = await asyncio.to_thread(instead, message)\n",
        f"{FILES}::test_a_rich_message_that_is_refused_is_a_picture_and_others_are_still_rich",
    ),
    "pieces that were sent": Guard(
        "runtime/telegram/sender.py",
        "                await asyncio.to_thread(self._table.turn_into, entry.entry_id, waiting.as_json())\n",
        "                await asyncio.to_thread(len, waiting.parts)\n",
        f"{FILES}::test_a_crash_between_the_pieces_repeats_none_but_the_one_it_fell_on",
    ),
    "a sign of a cell": Guard(
        "runtime/telegram/tables.py",
        "html.escape(text, quote=False)",
        "str(text)",
        "tests/runtime/telegram/test_tables.py::test_every_sign_of_a_cell_is_in_a_rich_message",
    ),
    "a power that is no bold": Guard(
        "runtime/literal_markdown.py",
        """(?<![^\\s("'\\[{—–])""",
        "",
        "tests/runtime/telegram/test_formulas.py::test_what_only_looks_like_markup_stays",
    ),
    "a question that is decided": Guard(
        "agent/gate.py",
        "        if row.state is not ApprovalState.PENDING:\n            return DECIDED[row.state]\n",
        "",
        f"{TURNS}::test_a_late_answer_is_told_what_was_decided",
    ),
    "a card that is closed": Guard(
        "runtime/telegram/turns.py",
        "(*outcomes(session, self._table, kept), *messages)",
        "messages",
        f"{TURNS}::test_an_offer_that_has_expired_starts_nothing_and_its_card_says_so",
    ),
    "whose dataset is removed": Guard(
        "adapters/store/datasets.py",
        "mine = (datasets.c.owner_id == owner_id) & datasets.c.dataset_id.in_(dataset_ids)",
        "mine = datasets.c.name != ''",
        f"{HOLDINGS}::test_nobody_removes_what_is_somebody_elses",
    ),
    "files before rows": Guard(
        "adapters/data/holdings.py",
        "        for number, path in enumerate(holding.files):\n",
        "        forget(holding.dataset_ids)\n        for number, path in enumerate(holding.files):\n",
        f"{HOLDINGS}::test_what_dies_while_it_removes_leaves_nothing_behind_for_ever",
    ),
    "no key of the operator's": Guard(
        "runtime/telegram/people.py",
        "has_keys=False",
        "has_keys=True",
        f"{ROUTES}::test_a_person_there_reads_no_file_of_this_machine",
    ),
    "an object that nobody may read": Guard(
        "adapters/data/remote/bucket.py",
        "way = config if rules.has_keys else",
        "way = config if True else",
        "tests/adapters/test_remote.py::test_who_may_not_use_this_machines_keys_asks_without_them",
    ),
    "an address of somebody else's": Guard(
        "agent/conversation.py",
        "in own_words(str(block",
        "in str(str(block",
        f"{ROUTES}::test_an_address_that_somebody_else_wrote_is_not_typed",
    ),
    "no file roots": Guard(
        "runtime/telegram/people.py",
        "roots=(),",
        "roots=settings.roots,",
        f"{ROUTES}::test_a_person_there_reads_no_file_of_this_machine",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
