"""list_models: what was trained."""

from __future__ import annotations

from pydantic import Field

from adapters.records import Model
from prompts.dollars import dollars
from tools import ml
from tools.asked import Sentences, without_data
from tools.context import ToolContext
from tools.errors import ToolError
from tools.ml.cross_validated import CrossValidated, Standing
from tools.ml.metadata import ChosenPenalty, Coefficient, Cost, Former, Intercept, RowCounts, Scores
from tools.ml.spec import ClassCurve, ClassScore, TrainingSpec
from tools.model_lines import equation_of, metadata_of, worth_of
from tools.model_room import size_bytes
from tools.predictions.result import Threshold
from tools.predictions.told import cut_told
from tools.results import Fields, MadeCall, Result, ToolOutput, if_any
from tools.search_lines import MOST as MOST_TRIALS
from tools.search_lines import SearchLine, search_line, search_told
from tools.spec import Arguments, tool
from tools.telling import as_table, number
from tools.warned import said

N_STEPS = 10
"""Of a curve that is listed; its picture has more."""


class ListModels(Arguments):
    """All models, or one in full."""

    model: str | None = Field(
        default=None, description="A model's name, id, type or target (`prices:2` is version 2), to see it in full."
    )
    deleted: bool = Field(default=False, description="List those that are deleted and can be brought back instead.")


SENTENCES = (
    Sentences(
        (
            "(list|show) [all|my|our] models",
            "which models (do i have|are there|do we have|have i trained)",
            "what models (are there|do i have|do we have)",
            "[my] models",
            "(list|show) [all|my|our] deleted models {deleted=true}",
            "(which models|what) (are|is|was|were) deleted {deleted=true}",
        ),
        (),
        without_data,
    ),
)


MOST_LINES = 20
IN_FULL = (
    "intervals",
    "cross_validated",
    "importance",
    "class_scores",
    "classes",
    "confusion",
    "small_classes",
    "rows",
    "spec",
    "versions",
    "parent",
    "cost",
)


class ListedCurve(Fields):
    """A class's ROC curve against all others: its numbers of all thresholds, and some `points` as [false, found]."""

    event: str
    n_events: int
    n: int
    area: float
    average_precision: float
    points: tuple[tuple[float, float], ...]


class ListedModel(Fields):
    """A trained model with its scores; one that is shown in full with all that training wrote down."""

    model: str
    type: str
    fitted: str | None = None
    target: str
    metrics: Scores
    baseline: Scores
    test_rows: int
    scored_in_folds: bool = False
    against_baseline: Standing | None
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    created_at: str
    version: int
    name: str | None = None
    threshold: Threshold | None = None
    parent: Former | None = None
    size_bytes: int | None = None
    cost: Cost | None = None
    intervals: dict[str, tuple[float, float]] | None = None
    cross_validated: CrossValidated | None = None
    searched: SearchLine | None = None
    importance: dict[str, float] | None = None
    class_scores: dict[str, ClassScore] | None = None
    classes: tuple[str, ...] | None = None
    confusion: tuple[tuple[int, ...], ...] | None = None
    small_classes: dict[str, int] | None = None
    rows: RowCounts | None = None
    spec: TrainingSpec | None = None
    versions: dict[str, str] | None = None
    penalty: ChosenPenalty | None = None
    n_nonzero: int | None = None
    n_coefficients: int | None = None
    event: str | None = None
    reference: dict[str, str] | None = None
    intercept: float | None = None
    intercepts: tuple[Intercept, ...] | None = None
    coefficients: tuple[Coefficient, ...] | None = None
    curve: tuple[ListedCurve, ...] = ()


class ListedModels(Result):
    """The models, newest first."""

    models: tuple[ListedModel, ...]


def _told(call: MadeCall[ListedModels]) -> str:
    models = call.result.models
    is_deleted = call.arguments.get("deleted", False)
    if not models:
        return "No model is deleted." if is_deleted else "There is no model yet."
    rows = [
        [
            _named(model),
            ", ".join(f"{name} {number(value)}" for name, value in model.metrics.items()),
            model.test_rows,
            model.created_at,
        ]
        for model in models
    ]
    cuts = [f"{_named(model)} says {cut_told(model.threshold)}." for model in models if model.threshold is not None]
    warned = [f"{model.model}: {text}." for model in models for text in model.warnings]
    place = [_version_told(model) for model in models if call.arguments.get("model") is not None]
    restores = ["`restore model …` brings one back."] if is_deleted else []
    searches = [part for model in models for part in search_told(model.searched)]
    table = as_table(["model", "scores", "on test rows", "trained"], rows)
    inside = [part for model in models for part in _inside(model)]
    return "\n\n".join([*place, table, *cuts, *inside, *searches, *warned, *restores])


def _inside(model: ListedModel) -> list[str]:
    """Of a model that is shown in full: its coefficients, what its columns are worth, and what it has cost."""
    parts = []
    if model.coefficients:
        rows = [[one.term, one.of_class or model.event, one.estimate] for one in model.coefficients[:MOST_LINES]]
        rows += [["intercept", model.event, model.intercept]] if model.intercept is not None else []
        parts.append(as_table(["coefficient", "" if rows[0][1] is None else "of", "estimate"], rows))
    if model.importance:
        drops = sorted(model.importance.items(), key=lambda one: -one[1])[:MOST_LINES]
        parts.append(as_table(["column", "drop of the score where it is shuffled"], [list(one) for one in drops]))
    if model.cost is not None:
        parts.append(f"It was trained in {number(model.cost.seconds)} s for {dollars(model.cost.usd)}.")
    return parts


def _named(model: ListedModel) -> str:
    named = model.model if model.name is None else f"{model.name}:{model.version} ({model.model})"
    return named if model.fitted is None else f"{named}, a {model.fitted}"


def _version_told(model: ListedModel) -> str:
    """Which version it is, and of what."""
    former = "the first one" if model.parent is None else f"the former one is {model.parent.model_id}"
    what = model.name or f"the {model.type} for {model.target}"
    return f"{model.model} is version {model.version} of {what}; {former}."


@tool(
    effect="read",
    gives="trained models with scores, importance, confusion and ROC curves",
    example={},
    sentences=SENTENCES,
    told=_told,
)
def list_models(arguments: ListModels, context: ToolContext) -> ToolOutput[ListedModels]:
    """List the user's trained models, newest first: type, target, metrics on `test_rows` rows beside a baseline, how
    accuracy or rmse stands `against_baseline` (better, within_chance, not_better), warnings (read them to the user),
    when, version (of all models of its type for its target), the name that the user gave it, the `threshold` that is
    kept with it.

    Of `auto`, `fitted` is the type that was found best.

    With `model` one is shown in full: 95 % intervals of its scores (bootstrap of the test rows), what
    cross-validation found, what was tried where type or parameters were searched for, features, permutation importance
    (drop in r2 or accuracy when a column is shuffled), a linear model's penalty and coefficients, precision,
    recall and f1 of each class, confusion matrix (a row for each true class), each class's ROC `curve` against all
    others with its area and average precision (plot draws it: roc, precision_recall), row counts, parameters, the
    version before it, what it cost. It only reads.
    """
    if arguments.deleted:
        if arguments.model is not None:
            raise ToolError(
                "give one of: model, deleted; a deleted model is shown in full once restore_model was called"
            )
        return ToolOutput(ListedModels(models=tuple(map(_line, context.models.deleted()))))
    if arguments.model is None:
        return ToolOutput(ListedModels(models=tuple(map(_line, context.models.all()))))
    model = context.models.get(arguments.model)
    metadata = metadata_of(model)
    details = {name: getattr(metadata, name) for name in IN_FULL if name in metadata.model_fields_set}
    details["size_bytes"] = size_bytes(model)
    details |= if_any(searched=search_line(metadata.searched, most=MOST_TRIALS))
    others = ml.other_versions(metadata.versions)
    if others:
        warned = said(others)
        details["warnings"] = (*metadata.warnings, *warned["warnings"])
        details["warning_codes"] = (*metadata.warning_codes, *warned["warning_codes"])
    shown = details | equation_of(metadata) | if_any(curve=tuple(map(_points, metadata.curves)))
    return ToolOutput(ListedModels(models=(_line(model).model_copy(update=shown),)))


def _points(curve: ClassCurve) -> ListedCurve:
    """The curve's numbers, and some of its points."""
    last = len(curve.false) - 1
    places = sorted({round(last * step / N_STEPS) for step in range(N_STEPS + 1)})
    return ListedCurve(
        **curve.model_dump(exclude={"false", "found"}),
        points=tuple((round(curve.false[place], 4), round(curve.found[place], 4)) for place in places),
    )


def _line(model: Model) -> ListedModel:
    metadata = metadata_of(model)
    fitted = metadata.spec.model
    return ListedModel(
        **if_any(
            fitted=fitted if fitted != model.type else None,
            threshold=None if model.cut is None else Threshold(event=model.cut[0], threshold=model.cut[1]),
        ),
        model=model.model_id,
        type=model.type,
        target=model.target,
        **worth_of(metadata),
        created_at=model.created_at.isoformat(timespec="seconds"),
        version=model.version,
        name=model.name,
    )
