"""predict in an exported script: the model that the script has fitted, asked."""

from __future__ import annotations

from tools.ml.prediction_summary import ClassesPredicted
from tools.predict.by_quote import PredictionsBegun
from tools.predictions.result import Predicted
from tools.results import MadeCall
from tools.scripting import Script


def script(writer: Script, number: int, call: MadeCall[Predicted | PredictionsBegun]) -> None:
    """The lines that predict a dataset again."""
    dataset, result = call.arguments.get("dataset"), call.result
    if isinstance(result, PredictionsBegun) or (dataset is None and "quote_id" in call.arguments):
        writer.lines.append("# (predictions of a job, which the script does not make again)")
        return
    if dataset is None:
        writer.lines.append("# (rows that were written into the conversation are left out here)")
        return
    if not writer.fits(result.model):
        writer.lines.append("# (this model was not trained in this conversation)")
        return
    writer.imports.add("import numpy as np")
    model, rows = f"models[{result.model!r}]", f"data[{str(dataset)!r}]"
    if result.threshold is None:
        writer.lines.append(f"found = {model}.predict({rows})")
    else:
        event = result.threshold.event
        writer.lines.append(f"place = list(map(str, {model}.classes_)).index({event!r})")
        writer.lines.append(f"is_event = {model}.predict_proba({rows})[:, place] >= {result.threshold.threshold!r}")
        writer.lines.append(f"found = {model}.classes_.take(np.where(is_event, place, 1 - place))")
    if isinstance(result.summary, ClassesPredicted):
        writer.lines.append("counts = {str(name): int(n) for name, n in zip(*np.unique(found, return_counts=True))}")
        summary = "{'counts': counts}"
    else:
        writer.lines.append(
            "summary = {'mean': float(found.mean()), 'min': float(found.min()), 'max': float(found.max())}"
        )
        summary = "summary"
    writer.lines.append(f"show({number}, 'predict', {{'n': len(found), 'summary': {summary}}})")
