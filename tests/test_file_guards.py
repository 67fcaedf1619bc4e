"""Negative controls for files: the home, what is opened, signed and swept. Each is broken, a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

HOME = "tests/runtime/test_home.py"

OPENING = "tests/adapters/test_opening.py"
MODELS = "tests/tools/test_model_files.py"

ROOM = "tests/adapters/test_disk_room.py"
SWEEPING = "tests/runtime/test_sweeping.py"

GUARDS = {
    "the installation's key behind a link": Guard(
        "runtime/secret_key.py",
        "key = read_own(path, N_BYTES)",
        "key = path.open('rb').read(N_BYTES)",
        "tests/runtime/test_home.py::test_a_key_that_is_put_there_while_the_program_runs_is_not_read_through_a_link",
    ),
    "files of the home that are links": Guard(
        "runtime/home.py",
        "        _check_files(home)\n",
        "",
        "tests/runtime/test_home.py::test_what_stands_in_place_of_a_file_of_the_home_is_not_opened",
    ),
    "one owner's share of the disk": Guard(
        "adapters/data/disk_room.py",
        "    if used + coming_bytes > rules.max_owner_bytes:",
        "    if False:",
        f"{ROOM}::test_one_owner_takes_no_more_than_the_quota",
    ),
    "what of the disk stays free": Guard(
        "adapters/data/disk_room.py",
        "    if free - coming_bytes < rules.min_free_bytes:",
        "    if False:",
        f"{ROOM}::test_nothing_comes_in_where_there_is_no_room",
    ),
    "the lock of a run that lives": Guard(
        "adapters/data/workplace.py",
        "            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "            pass",
        f"{SWEEPING}::test_a_workplace_is_taken_for_dead_only_when_it_is",
    ),
    "files that a row names": Guard(
        "adapters/data/workplace.py",
        "        if file in named():",
        "        if False:",
        f"{SWEEPING}::test_what_a_dead_run_left_is_swept_and_what_a_row_names_is_not",
    ),
    "files of a database that was lost": Guard(
        "adapters/data/workplace.py",
        "        if EARLIER.fullmatch(path.name) and",
        "        if",
        f"{SWEEPING}::test_a_lost_database_takes_no_dataset_and_no_model_along",
    ),
    "a linked folder": Guard(
        "runtime/sweeping.py",
        "if path.is_dir() and not path.is_symlink()]",
        "if path.is_dir()]",
        f"{SWEEPING}::test_nothing_is_swept_through_a_link",
    ),
    "a finished file whose row could not be written": Guard(
        "adapters/data/duck.py",
        "            stored.unlink(missing_ok=True)\n            raise",
        "            raise",
        f"{SWEEPING}::test_a_full_disk_at_the_last_step_leaves_no_file_without_a_row",
    ),
    "a folder on the way that is a link": Guard(
        "adapters/opening.py",
        "os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC",
        "os.O_DIRECTORY | os.O_CLOEXEC",
        f"{OPENING}::test_no_part_of_the_way_may_be_a_link",
    ),
    "a file that is a link": Guard(
        "adapters/opening.py",
        "os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK",
        "os.O_RDONLY | os.O_NONBLOCK",
        f"{OPENING}::test_no_part_of_the_way_may_be_a_link",
    ),
    "a pipe": Guard(
        "adapters/opening.py",
        "if not stat.S_ISREG(found.st_mode) or found.st_dev",
        "if found.st_dev",
        f"{OPENING}::test_a_pipe_a_device_and_what_the_kernel_makes_up_are_no_files",
    ),
    "what the kernel makes up": Guard(
        "adapters/opening.py",
        " or found.st_dev in _kernel_devices():",
        ":",
        f"{OPENING}::test_a_pipe_a_device_and_what_the_kernel_makes_up_are_no_files",
    ),
    "a copy of what was opened": Guard(
        "adapters/data/sources.py",
        "SourceFile(_copy(file, folder / path.name, watch), str(path))",
        "SourceFile(path, str(path))",
        f"{OPENING}::test_what_is_put_in_its_place_while_it_is_read_is_not_read",
    ),
    "roots that are settled once": Guard(
        "adapters/data/sources.py",
        "path, file = _open(source, self._roots, self._private)",
        "path, file = open_source(source, self._roots, self._private)",
        f"{OPENING}::test_a_root_that_becomes_a_link_opens_nothing_else",
    ),
    "another name of a private file": Guard(
        "adapters/data/sources.py",
        "    if _is_other_name(os.fstat(file.fileno()), private):",
        "    if False:",
        f"{OPENING}::test_another_name_of_a_private_file_is_private",
    ),
    "a stored table that is a link": Guard(
        "adapters/opening.py",
        "return stat.S_ISREG(path.lstat().st_mode)",
        "return stat.S_ISREG(path.stat().st_mode)",
        f"{OPENING}::test_a_stored_table_that_became_a_link_is_gone",
    ),
    "whose a model is": Guard(
        "tools/ml/model_files.py",
        '{"form": FORM, **asdict(whose), "files": files}',
        '{"form": FORM, "files": files}',
        f"{MODELS}::test_a_model_answers_for_its_owner_its_id_and_its_job_alone",
    ),
    "the size of a model's file": Guard(
        "tools/ml/model_files.py",
        "        if found > size_bytes:",
        "        if False:",
        f"{MODELS}::test_a_huge_file_is_refused_by_its_size",
    ),
    "the content of a model's file": Guard(
        "tools/ml/model_files.py",
        '    if hashlib.sha256(content).hexdigest() != signed["sha256"]:',
        "    if False:",
        f"{MODELS}::test_a_file_of_the_same_size_that_differs_is_refused",
    ),
    "a pipe for a model": Guard(
        "tools/ml/model_files.py",
        "    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):",
        "    if False:",
        f"{MODELS}::test_a_pipe_and_a_link_are_no_model_file",
    ),
    "a link for a model": Guard(
        "tools/ml/model_files.py",
        " | os.O_NOFOLLOW",
        "",
        f"{MODELS}::test_a_pipe_and_a_link_are_no_model_file",
    ),
    "the types of a worker's model": Guard(
        "tools/ml/worker_output.py",
        "    if not set(unknown) <= set(TRUSTED_TYPES):",
        "    if False:",
        f"{MODELS}::test_a_model_of_types_that_are_not_ours_is_not_taken_over",
    ),
    "the size of what a worker left": Guard(
        "tools/ml/worker_output.py",
        "            if os.fstat(packed.fileno()).st_size > most:",
        "            if False:",
        f"{MODELS}::test_what_a_worker_left_is_plain_files_of_bounded_size[metadata.json]",
    ),
    "another job's model": Guard(
        "tools/ml/worker_output.py",
        "    if (told.asked, told.data_sha256) != (spec, data_sha256):",
        "    if False:",
        f"{MODELS}::test_a_model_of_another_job_is_not_taken_over",
    ),
    "files for the owner alone": Guard(
        "runtime/home.py",
        "    os.umask(OPEN_TO_OTHERS)",
        "    pass",
        f"{HOME}::test_a_program_closes_what_it_writes",
    ),
    "a home that is open": Guard(
        "runtime/home.py",
        "            if os.fstat(folder).st_mode & OPEN_TO_OTHERS:",
        "            if False:",
        f"{HOME}::test_an_open_home_is_closed_with_all_in_it_and_that_is_said",
    ),
    "a folder that others use": Guard(
        "runtime/home.py",
        "(names and OURS.isdisjoint(names))",
        "False",
        f"{HOME}::test_a_folder_that_others_use_is_refused_and_left_as_it_is",
    ),
    "another user's folder": Guard(
        "runtime/home.py",
        "    if found.st_uid != os.geteuid():",
        "    if False:",
        f"{HOME}::test_another_users_folder_is_no_home_not_even_by_a_link",
    ),
    "a link out of the home": Guard(
        "runtime/home.py",
        " and not stat.S_ISLNK(found.st_mode):",
        ":",
        f"{HOME}::test_what_a_link_in_the_home_leads_to_is_left_alone",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
