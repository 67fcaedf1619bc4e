"""What is said of predictions that were made, wherever they were."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.records import Dataset, Model
from tools import ml
from tools.ml.metadata import Metadata
from tools.ml.wrong_kinds import WrongKind
from tools.predictions.kinds import NUMERIC, taken_otherwise, wrong_types
from tools.predictions.result import FileWarns, OddValues, Predicted, Threshold
from tools.predictions.run import Done
from tools.results import if_any
from tools.warned import Warned, said

MOST_DRIFTED = 20
MOST_UNUSED = 50


def predicted(
    model: Model,
    metadata: Metadata,
    done: Done,
    dataset: Dataset | None,
    cut: tuple[str, float] | None,
    is_kept: bool = False,
) -> Predicted:
    """The predictions in short; without a dataset the rows were given in words. `is_kept`: the cut is the model's."""
    used = {*metadata.spec.kinds, metadata.spec.target}
    columns = () if dataset is None else dataset.columns
    unused = tuple(column.name for column in columns if column.name not in used)[:MOST_UNUSED]
    is_own = dataset is not None and dataset.sha256 == metadata.data_sha256
    seen = (FileWarns.TRAINED_ON(),) if is_own and done.scored is not None else ()
    other = () if dataset is None else taken_otherwise(metadata, dataset, done.odd)
    return Predicted(
        n=done.n,
        model=model.model_id,
        target=model.target,
        summary=done.summary,
        preview=done.preview,
        **if_any(
            scored=done.scored,
            threshold=threshold_of(cut, is_kept),
            odd=odd_values(done.odd),
            wrong_types=wrong_types(other)[:MOST_UNUSED],
            drift_unknown=done.is_few or None,
            drift=dict(list(done.drift.items())[:MOST_DRIFTED]) or None,
            unused=unused,
        ),
        **said((*ml.other_versions(metadata.versions), *seen, *map(_other, other), *done.warned)),
        artifact=done.path.name,
    )


def _other(one: WrongKind) -> Warned:
    """That a column is of another type, and what was made of it."""
    if one.expected == "number":
        return FileWarns.TRUTHS_AS_NUMBERS(name=one.feature, n=one.n)
    was = "words" if one.found in NUMERIC else "numbers"
    return FileWarns.OTHER_WORDS(name=one.feature, was=was, found=one.found, n=one.unreadable, example=one.example)


def threshold_of(cut: tuple[str, float] | None, is_kept: bool) -> Threshold | None:
    """The cut as a result tells it; `is_kept` with the model."""
    if cut is None:
        return None
    return Threshold(event=cut[0], threshold=cut[1], **if_any(kept=is_kept or None))


def odd_values(odd: Mapping[str, ml.Odd]) -> tuple[OddValues, ...]:
    """Features with values that training did not see, fifty at most."""
    return tuple(_odd(name, one) for name, one in list(odd.items())[:MOST_UNUSED])


def _odd(name: str, one: ml.Odd) -> OddValues:
    shown = if_any(values=tuple(word[:40] for word in one.shown))
    return OddValues(feature=name, missing=one.missing, unseen=one.unseen, outside_range=one.outside, **shown)
