"""What keeps models apart, whole and within their room: each guard is taken out, and its test must notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.world.broken import Breaker, Guard

KEEPING = "tests/tools/test_model_keeping.py"
NAMES = "tests/tools/test_model_names.py"
EXPORT = "tests/tools/test_export_model.py"

GUARDS = {
    "a model that says something else than it did": Guard(
        "tools/ml/model_files.py",
        "    if not is_same:",
        "    if False:",
        "tests/tools/test_library_versions.py::test_a_model_of_an_older_library_that_says_something_else_is_refused",
    ),
    "what a worker says of a model's place": Guard(
        "tools/ml/worker_output.py",
        "told.model_copy(update={name: getattr(kept, name) for name in Kept.model_fields})",
        "told",
        f"{NAMES}::test_what_a_worker_says_of_its_place_counts_for_nothing",
    ),
    "an id that is taken": Guard(
        "tools/models.py",
        "            if ml.is_signed(place, _whose(model), self._key()):",
        "            if place.exists():",
        f"{NAMES}::test_models_of_one_second_have_ids_of_their_own",
    ),
    "the room of models": Guard(
        "tools/jobs/quoting.py",
        "        self._means.models.check_room()\n",
        "",
        f"{KEEPING}::test_beyond_the_room_nothing_is_quoted_and_the_largest_are_named",
    ),
    "a name that means another model": Guard(
        "tools/models.py",
        "        check_name(name, model, (*self.all(), *self.deleted()))\n",
        "",
        f"{KEEPING}::test_a_name_that_means_another_model_is_refused",
    ),
    "another owner's deleted model": Guard(
        "adapters/store/models.py",
        "models.c.owner_id == owner_id, models.c.deleted_at.is_not(None)",
        "models.c.deleted_at.is_not(None)",
        f"{KEEPING}::test_two_people_with_models_of_one_name_never_see_each_others",
    ),
    "an exported model that was changed": Guard(
        "tools/export_model/standalone.py",
        '    if hashlib.sha256(content).hexdigest() != manifest["sha256"]["model.skops"]:',
        "    if False:",
        f"{EXPORT}::test_the_script_says_in_a_sentence_what_it_cannot_do",
    ),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_broken_guard_is_noticed(name: str, breaker: Breaker, tmp_path: Path) -> None:
    breaker.check_noticed(GUARDS[name], tmp_path)
