"""Numbers that no model takes are named before a price is made, wherever in the table they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from evals.world.home import build_in, used_home
from runtime.confirmation import Confirmation
from runtime.session import Session
from tests.tools.conftest import told
from tools.errors import ToolError

N = 6000


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("range")
    session = build_in(used_home(folder / "home"))
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=N), "b": rng.normal(size=N)})
    frame["y"] = frame["a"] + rng.normal(size=N)
    tables = {"fine": frame.head(300), "largest": frame.assign(a=frame["a"].where(frame.index != N - 1, 9e29))}
    tables["huge"] = frame.assign(b=frame["b"].where(frame.index != N - 1, -1e300))
    tables["aim"] = frame.assign(y=frame["y"].where(frame.index != N - 1, 1e39))
    tables["minute"] = frame.assign(y=frame["y"] * 1e-300)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
        told(session, "load_dataset", {"source": str(folder / f"{name}.csv")})
    job = {"kind": "training", "dataset": "fine", "target": "y", "model": "decision_tree"}
    (quote,) = told(session, "estimate_cost", {"job": job})["quotes"]
    asked = json.dumps({"quote_id": quote["quote_id"]})
    begun = session.call_tool("launch_training", asked, Confirmation(quote["quote_id"], Decimal(0))).content
    assert told(session, "poll_job", {"job_id": begun["job_id"], "wait_s": 90})["state"] == "succeeded"
    yield session
    session.program.close()


@pytest.mark.parametrize(("dataset", "name", "value"), [("huge", "b", "1e\\+300"), ("aim", "y", "1e\\+39")])
@pytest.mark.parametrize("model", ["ridge", "random_forest", "xgboost"])
def test_a_training_is_refused_before_its_price(
    session: Session, dataset: str, name: str, value: str, model: str
) -> None:
    job = {"kind": "training", "dataset": dataset, "target": "y", "model": model}
    with pytest.raises(ToolError, match=rf"^'{name}' holds {value}: a model takes numbers up to 1e\+30"):
        told(session, "estimate_cost", {"job": job})
    assert told(session, "estimate_cost", {"job": {**job, "dataset": "largest"}})["quotes"]


def test_a_target_of_minute_numbers_is_refused_before_its_price(session: Session) -> None:
    job = {"kind": "training", "dataset": "minute", "target": "y", "model": "mlp_regressor"}
    with pytest.raises(
        ToolError, match=r"^'y' holds nothing larger than \d.*e-300: a model takes numbers down to 1e-100"
    ):
        told(session, "estimate_cost", {"job": job})


def test_predictions_are_refused_before_their_price_and_here(session: Session) -> None:
    job = {"kind": "prediction", "model": "decision_tree", "dataset": "huge"}
    for tool, arguments in (("estimate_cost", {"job": job}), ("predict", {"model": "y", "dataset": "huge"})):
        with pytest.raises(ToolError, match=r"^'b' holds 1e\+300: a model takes numbers"):
            told(session, tool, arguments)
    assert told(session, "predict", {"model": "y", "dataset": "largest"})["n"] == N


def test_a_row_in_words_is_held_to_the_same_and_says_a_value_once(session: Session) -> None:
    cells = [{"name": "a", "value": 1.0}, {"name": "b", "value": 2.0}]
    row = {"cells": [*cells, {"name": "a", "value": 3.0}]}
    with pytest.raises(ToolError, match="rows: row 2 gives 'a' twice"):
        told(session, "predict", {"model": "y", "rows": [{"cells": cells}, row]})
    with pytest.raises(ToolError, match=r"^'a' holds -?1e\+300: a model takes"):
        told(session, "predict", {"model": "y", "rows": [{"cells": [{"name": "a", "value": -1e300}, cells[1]]}]})
    assert told(session, "predict", {"model": "y", "rows": [{"cells": cells}]})["n"] == 1
