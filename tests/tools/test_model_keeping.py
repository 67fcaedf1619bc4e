"""Names, deletion and room of models: by tools, by sentences, and for each person alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.records import Model
from evals.world.home import build_in
from runtime.session import Session
from tests.tools.conftest import told
from tests.tools.test_model_names import BEGUN, add, keep, output, session
from tools.errors import ToolError
from tools.model_room import size_bytes

__all__ = ["output", "session"]

ROW = [{"cells": [{"name": "x", "value": 50.0}]}]


def names(session: Session) -> list[str | None]:
    return [model.name for model in session.models.all()]


def small(session: Session, most_bytes: int) -> Session:
    """The same home where models may take so much."""
    return build_in(session.settings.home, owner="ann", max_models_bytes=most_bytes)


def test_a_name_stands_for_the_newest_version(session: Session, output: Path) -> None:
    first = keep(session, 1, output)
    found = told(session, "rename_model", {"model": "y", "name": "prices"})
    assert (found["model"], found["former_name"], found["versions"]) == (first.model_id, None, 1)
    second = keep(session, 2, output)
    assert names(session) == ["prices", "prices"]
    assert session.models.get("prices").model_id == second.model_id
    assert session.models.get("prices:1").model_id == first.model_id
    assert told(session, "rename_model", {"model": "prices:1", "name": "New homes"})["versions"] == 2
    assert names(session) == ["New homes"] * 2
    predicted = told(session, "predict", {"model": "New homes:1", "rows": ROW})
    assert predicted["model"] == first.model_id


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("prices:2", "is no name"),
        (" prices", "is no name"),
        ("../prices", "is no name"),
        ("prices\u202e", "is no name"),
        ("prices v2", "means version 2 of 'prices'"),
        ("Ridge", "is a type of model"),
    ],
)
def test_a_name_that_is_none_is_refused(session: Session, output: Path, name: str, words: str) -> None:
    keep(session, 1, output)
    with pytest.raises(ToolError, match=words):
        told(session, "rename_model", {"model": "y", "name": name})
    assert names(session) == [None]


def other(session: Session, target: str = "z") -> Model:
    """A model of another target, without files."""
    model = Model(f"model_of_{target}", "ann", "ridge", target, 0, session.settings.home / target, {}, None, BEGUN)
    add(session.program.database, model)
    return model


def test_a_name_that_means_another_model_is_refused(session: Session, output: Path) -> None:
    keep(session, 1, output)
    far = other(session)
    session.models.rename(far, "prices")
    ours = session.models.get("y")
    for taken in ("prices", "PRICES", "z", "model_of_z"):
        with pytest.raises(ToolError, match="means model_of_z already"):
            session.models.rename(ours, taken)
    assert session.models.rename(ours, "y") == 1


def test_a_deleted_model_is_gone_and_comes_back(session: Session, output: Path) -> None:
    first, second = keep(session, 1, output), keep(session, 2, output)
    found = told(session, "delete_model", {"model": "y"})
    assert (found["model"], found["version"]) == (second.model_id, 2)
    assert [line["model"] for line in told(session, "list_models", {})["models"]] == [first.model_id]
    assert [line["model"] for line in told(session, "list_models", {"deleted": True})["models"]] == [second.model_id]
    with pytest.raises(ToolError, match="no model"):
        told(session, "predict", {"model": second.model_id, "rows": ROW})
    with pytest.raises(ToolError, match="deleted already"):
        session.models.delete(second)
    # Its number is not given again, nor is it a former version.
    third = keep(session, 3, output)
    assert (session.models.get("y").version, third.metadata["parent"]) == (
        3,
        {"model_id": first.model_id, "version": 1},
    )
    assert told(session, "restore_model", {})["model"] == second.model_id
    assert [model.version for model in session.models.all()] == [3, 2, 1]
    assert told(session, "predict", {"model": "y:2", "rows": ROW})["n"] == 1
    with pytest.raises(ToolError, match="no model is deleted"):
        told(session, "restore_model", {"model": second.model_id})


def test_two_people_with_models_of_one_name_never_see_each_others(session: Session, output: Path) -> None:
    bob = build_in(session.settings.home, owner="bob")
    hers, his = keep(session, 1, output), keep(bob, 2, output)
    for one in (session, bob):
        one.models.rename(one.models.get("y"), "prices")
    assert [session.models.get(name).model_id for name in ("prices", "y")] == [hers.model_id] * 2
    assert [bob.models.get(name).model_id for name in ("prices", "y")] == [his.model_id] * 2
    for call, arguments in (
        ("delete_model", {"model": hers.model_id}),
        ("rename_model", {"model": hers.model_id, "name": "mine"}),
        ("list_models", {"model": hers.model_id}),
        ("predict", {"model": hers.model_id, "rows": ROW}),
    ):
        with pytest.raises(ToolError, match="no model"):
            told(bob, call, arguments)
    told(bob, "delete_model", {"model": "prices"})
    assert [model.model_id for model in session.models.all()] == [hers.model_id]
    told(session, "delete_model", {"model": "prices"})
    with pytest.raises(ToolError, match="no deleted model"):
        told(bob, "restore_model", {"model": hers.model_id})
    assert told(bob, "restore_model", {})["model"] == his.model_id
    assert session.models.all() == ()


def test_beyond_the_room_nothing_is_quoted_and_the_largest_are_named(session: Session, output: Path) -> None:
    (session.settings.home.parent / "t.csv").write_text("x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(40)))
    job = {"job": {"kind": "training", "dataset": "t", "target": "y", "model": "ridge"}}
    first, second = keep(session, 1, output), keep(session, 2, output)
    full = small(session, size_bytes(first) + size_bytes(second))
    told(full, "load_dataset", {"source": str(session.settings.home.parent / "t.csv")})
    with pytest.raises(ToolError) as caught:
        told(full, "estimate_cost", job)
    assert "(max_models_bytes), so no other is trained: delete one first" in str(caught.value)
    assert all(one.model_id in str(caught.value) for one in (first, second))
    told(full, "delete_model", {"model": first.model_id})
    assert told(full, "estimate_cost", job)["quotes"]


def test_deleted_models_make_room_the_first_deleted_first(session: Session, output: Path) -> None:
    kept = [keep(session, number, output) for number in (1, 2, 3)]
    for model in (kept[1], kept[0]):
        session.models.delete(model)
    # Room for three of a size, and a little.
    tight = small(session, 3 * size_bytes(kept[2]) + size_bytes(kept[2]) // 2)
    keep(tight, 4, output)
    assert [model.path.is_dir() for model in kept] == [True, False, True]
    assert [model.model_id for model in tight.models.deleted()] == [kept[0].model_id]
    with pytest.raises(ToolError, match="no deleted model"):
        tight.models.restore(kept[1].model_id)
    # What is not deleted is never removed for room.
    keep(small(session, 1), 5, output)
    assert [model.version for model in session.models.all()] == [5, 4, 3]
    assert all(model.path.is_dir() for model in session.models.all())
    assert session.models.deleted() == ()


def test_what_became_of_a_job_is_told_when_its_model_is_deleted(session: Session, output: Path) -> None:
    model = keep(session, 1, output)
    session.models.delete(model)
    found = session.models.of_job(model.model_id)
    assert found is not None
    assert found.deleted_at is not None
    assert session.models.of_job("model_x") is None


def test_the_first_version_is_told_as_such(session: Session, output: Path) -> None:
    first, second = keep(session, 1, output), keep(session, 2, output)
    found = told(session, "list_models", {"model": "y:2"})["models"][0]
    assert (found["version"], found["parent"]) == (2, {"model_id": first.model_id, "version": 1})
    assert found["cost"] == {"usd": 0.0125, "seconds": 42.5}
    assert found["size_bytes"] == size_bytes(second)
    assert told(session, "list_models", {"model": "y:1"})["models"][0]["parent"] is None
