"""Negative controls for files: the home, what is opened, signed and swept. Each is broken, a test must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

HOME = "tests/runtime/test_home.py"

GUARDS = {
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
