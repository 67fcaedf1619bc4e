"""Negative controls for files: the home, what is opened, signed and swept. Each is broken, a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

HOME = "tests/runtime/test_home.py"

MODELS = "tests/tools/test_model_files.py"

GUARDS = {
    "whose a model is": Guard(
        "tools/ml/model_files.py",
        '{"form": FORM, **asdict(whose), "files": files}',
        '{"form": FORM, "files": files}',
        f"{MODELS}::test_a_model_answers_for_its_owner_its_id_and_its_job_alone",
    ),
    "the size of a model's file": Guard(
        "tools/ml/model_files.py",
        "        if os.fstat(file.fileno()).st_size > size_bytes:",
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
        f"{MODELS}::test_what_a_worker_left_is_plain_files_of_bounded_size",
    ),
    "another job's model": Guard(
        "tools/ml/worker_output.py",
        " or any(metadata.get(name) != value for name, value in asked.items()):",
        ":",
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
