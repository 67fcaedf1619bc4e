"""Shared by the tests of the program: the command, as a file that can be started."""

from __future__ import annotations

import pytest

from evals.world.programs import Programs


@pytest.fixture
def statagent(programs: Programs) -> str:
    """What stands in for `statagent`: started as it is, but it need not import anything."""
    return programs.statagent
