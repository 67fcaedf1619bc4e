"""Negative controls for what comes in: each guard is broken, and a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

DATA = "tests/adapters/test_data.py"
EXPRESSIONS = "tests/adapters/test_expressions.py"
PACKED = "tests/adapters/test_packed_and_json.py"
ROOTS = "tests/adapters/test_roots.py"
QUERY = "tests/adapters/test_query.py"
ADDRESSES = "tests/adapters/test_addresses.py"
REMOTE = "tests/adapters/test_remote.py"
LOOP = "tests/agent/test_loop.py"

GUARDS = {
    "a kept query's answer, by the run that kept it": Guard(
        "adapters/data/query_worker.py",
        'f"FROM {place}.main.data"',
        'f"SELECT * FROM ({sql})"',
        "tests/adapters/test_saved_queries.py::test_what_is_shown_of_a_saved_query_is_what_was_kept",
    ),
    "the roots": Guard(
        "adapters/data/sources.py",
        "if not any(_is_open(path, root) for root in roots) or path",
        "if path",
        f"{DATA}::test_only_regular_files_inside_the_roots_are_read",
    ),
    "the program's own folder": Guard(
        "adapters/data/sources.py",
        " or path.is_relative_to(real_path(private)):",
        ":",
        f"{DATA}::test_the_programs_own_folder_is_private_even_inside_a_root",
    ),
    "the whole machine as a root": Guard(
        "adapters/data/sources.py",
        "tuple(real_path(root) for root in roots if is_root(root))",
        "tuple(real_path(root) for root in roots)",
        f"{ROOTS}::test_a_root_that_is_none_opens_nothing",
    ),
    "the kernel's folders as roots": Guard(
        "adapters/data/roots.py",
        "    if any(place.is_relative_to(folder) for place in places for folder in NEVER):",
        "    if False:",
        f"{ROOTS}::test_the_machine_and_its_kernels_folders_are_no_roots",
    ),
    "a root that is set": Guard(
        "runtime/settings.py",
        "refused = [str(root) for root in roots if not is_root(root)]",
        "refused = []",
        f"{ROOTS}::test_a_setting_that_opens_the_machine_is_refused",
    ),
    "hidden names among the suggested": Guard(
        "adapters/data/sources.py",
        'if not item.name.startswith("."))',
        "if item.name)",
        f"{ROOTS}::test_hidden_files_are_not_suggested",
    ),
    "hidden names at Tab": Guard(
        "runtime/completion.py",
        "return hidden_part(Path(name)) is None",
        "return True",
        f"{ROOTS}::test_tab_offers_nothing_hidden",
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
    "what a where may call": Guard(
        "adapters/data/expression_worker.py",
        "(WHERE, request",
        "(DERIVE, request",
        f"{DATA}::test_where_can_do_nothing_but_look_at_a_row[repeat(s, 3) = 'x'-the function 'repeat' is not allowed]",
    ),
    "the time of an expression": Guard(
        "adapters/data/asking_rows.py",
        "replace(limits, seconds=seconds)",
        "replace(limits, seconds=seconds + 1)",
        f"{EXPRESSIONS}::test_a_slow_where_is_one_sentence_that_says_the_limit",
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
        f"{PACKED}::test_a_file_that_swells_is_refused_and_leaves_nothing[bomb.csv.gz]",
    ),
    "an array that was cut": Guard(
        "adapters/data/json_table.py",
        'if head.startswith(b"[") and not tail.endswith(b"]"):',
        "if False:",
        f"{PACKED}::test_json_that_is_no_table_gets_one_sentence",
    ),
    "a query's tables": Guard(
        "adapters/data/select_check.py",
        "        if name.lower() not in known:",
        "        if False:",
        f"{QUERY}::test_no_sql_gets_out[SELECT * FROM pragma_database_list]",
    ),
    "a query's names of a catalog": Guard(
        "adapters/data/select_check.py",
        "        if places:",
        "        if False:",
        f"{QUERY}::test_catalogs_and_names_out_of_scope_are_refused",
    ),
    "the scope of a WITH name": Guard(
        "adapters/data/select_check.py",
        '        yield entry["value"], own\n        own |= {entry["key"].lower()}',
        '        own |= {entry["key"].lower()}\n        yield entry["value"], own',
        f"{QUERY}::test_catalogs_and_names_out_of_scope_are_refused",
    ),
    "the width of a query's answer": Guard(
        "adapters/data/query_worker.py",
        "    if len(columns) > MAX_COLUMNS:",
        "    if False:",
        f"{QUERY}::test_an_answer_of_too_many_columns_is_refused",
    ),
    "the bytes of a query's answer": Guard(
        "adapters/data/query_worker.py",
        "        if n_bytes > MAX_SHOWN_BYTES:",
        "        if False:",
        f"{QUERY}::test_an_answer_of_too_many_bytes_is_refused",
    ),
    "a query's table functions": Guard(
        "adapters/data/select_check.py",
        "        if called.lower() not in TABLE_FUNCTIONS:",
        "        if False:",
        f"{QUERY}::test_no_sql_gets_out[SELECT * FROM query('SELECT 1')]",
    ),
    "a query that changes data": Guard(
        "adapters/data/select_check.py",
        'if "cte_map" in node and kind not in QUERY_NODES:',
        "if False:",
        f"{QUERY}::test_a_query_that_changes_data_is_refused",
    ),
    "the lock of a query's engine": Guard(
        "adapters/data/child_engine.py",
        "        *DENIED,",
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
    "a Parquet file that lies about its size": Guard(
        "adapters/data/parquet_worker.py",
        '            _check(int(rows[0][0] or 0) * n_columns, request["limit"])',
        "            pass",
        "tests/adapters/test_parquet.py::test_more_values_than_the_limit_are_refused_unread",
    ),
    "a book that swells": Guard(
        "adapters/data/excel.py",
        "    if n_bytes > limit:",
        "    if False:",
        "tests/adapters/test_excel.py::test_a_book_that_swells_is_refused_at_once",
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
        "return not any(address in network for network in SPECIAL if network.version == address.version)",
        "return True",
        f"{REMOTE}::test_an_inner_address_is_known",
    ),
    "addresses that are not given out for the internet": Guard(
        "adapters/data/remote/addresses.py",
        "if address.version == 6 and address not in PUBLIC_IPV6:",
        "if False:",
        f"{ADDRESSES}::test_what_no_registry_gives_out_is_not_public",
    ),
    "the relays of 6to4": Guard(
        "adapters/data/remote/addresses.py",
        '"192.88.99.0/24",',
        "",
        f"{ADDRESSES}::test_no_special_purpose_address_is_public",
    ),
    "the address that was checked": Guard(
        "adapters/data/remote/web.py",
        '"GET", url.copy_with(host=address), headers',
        '"GET", url, headers',
        f"{ADDRESSES}::test_a_name_that_changes_its_mind_leads_nowhere_else",
    ),
    "the check of each hop": Guard(
        "adapters/data/remote/web.py",
        "address = resolve_public(url.host, port, rules.allow_loopback)",
        "address = resolve_public(url.host, port, True)",
        f"{ADDRESSES}::test_each_hop_is_looked_up_and_checked_anew",
    ),
    "a download's time": Guard(
        "adapters/data/remote/fetching.py",
        "    if seconds > max_seconds + n_bytes / BYTES_PER_S:",
        "    if False:",
        f"{ADDRESSES}::test_a_download_has_so_many_seconds_whatever_drips",
    ),
    "a download without end": Guard(
        "adapters/data/remote/saving.py",
        "            if n_bytes > max_bytes:",
        "            if False:",
        f"{REMOTE}::test_what_cannot_be_fetched_is_one_sentence",
    ),
    "an address that the user did not type": Guard(
        "tools/load_dataset/__init__.py",
        "if is_remote(source) and not context.has_typed(source):",
        "if False:",
        f"{LOOP}::test_an_address_out_of_a_file_is_not_fetched",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
