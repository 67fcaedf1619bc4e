"""Predicts parts, one after another: a line of JSON in for each, a line out. It has no key, and may be killed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from adapters.compute.worker_files import REQUEST
from adapters.files import read_json
from adapters.records import Order, PredictionSpec
from runtime.way_out import say, say_traceback, show_all
from tools.predictions.part import PartPredictor


def main() -> None:
    """Answer every line until there are no more."""
    predictor = PartPredictor()
    for line in sys.stdin:
        say(json.dumps(_answer(predictor, json.loads(line))))


def _answer(predictor: PartPredictor, asked: dict[str, Any]) -> dict[str, Any]:
    folder, number = Path(asked["folder"]), int(asked["number"])
    try:
        asked_for = read_json(folder / REQUEST)
        if asked_for is None:
            raise ValueError(f"the attempt has no {REQUEST}")
        order = Order.model_validate(asked_for)
        if not isinstance(order.work, PredictionSpec):
            raise ValueError(f"this is a {order.work.kind}, and only predictions are made here")
        first = number * order.part_rows
        rows = min(order.part_rows, order.rows - first)
        return {"rows": rows, "sha256": predictor.predict(order.work, folder, number, first, rows)}
    except ValueError as error:
        # The data or the model are to blame: another try would end the same.
        return {"error": str(error), "is_final": True}
    except Exception as error:  # noqa: BLE001 - the one handler of this program
        say_traceback(error)
        return {"error": f"the prediction failed: {type(error).__name__}; the worker's log says more"}


if __name__ == "__main__":
    show_all()
    main()
