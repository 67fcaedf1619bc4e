"""What predict finds, and what it warns of beside what the rows themselves make doubtful."""

from __future__ import annotations

from tools.ml.metadata import Scores
from tools.ml.prediction_summary import ClassesPredicted, NumbersPredicted
from tools.ml.spec import FeatureKind
from tools.results import Fields, Result
from tools.warned import Warns


class Scored(Fields):
    """How the predictions did on the `n` rows whose target is known, beside the scores on the training's test rows."""

    n: int
    metrics: Scores
    on_test_rows: Scores


class OddValues(Fields):
    """Of one feature, rows whose value training did not see, or that have none; `values` are some of unseen words."""

    feature: str
    missing: int
    unseen: int
    outside_range: int
    values: tuple[str, ...] = ()


class WrongType(Fields):
    """A feature whose column is of another type than in training.

    Of its `n` values `unreadable` cannot be read as what they were (`expected`), or of words were never seen; `example`
    is the first of them, else of all.
    """

    feature: str
    expected: FeatureKind
    found: str
    n: int
    unreadable: int
    example: str


class Threshold(Fields):
    """From which probability on a row was said to be the event; `kept` with the model, not asked for in the call."""

    event: str
    threshold: float
    kept: bool = False


class Predicted(Result):
    """The predictions in short, their first rows, and the file that holds all of them.

    `odd` are features with values that training did not see, `wrong_types` columns of another type that could be taken
    all the same; of fewer than 30 rows `drift_unknown` says that nobody can tell whether they come otherwise. `drift`
    is the population stability index of features (above 0.25 is much), the largest first; `unused` are columns of the
    table that the model takes no notice of. `job_id` is the job's that has made them, where one has.
    """

    n: int
    model: str
    target: str
    job_id: str | None = None
    summary: NumbersPredicted | ClassesPredicted
    scored: Scored | None = None
    threshold: Threshold | None = None
    odd: tuple[OddValues, ...] = ()
    wrong_types: tuple[WrongType, ...] = ()
    drift_unknown: bool = False
    drift: dict[str, float] | None = None
    unused: tuple[str, ...] = ()
    preview: tuple[dict[str, bool | int | float | str | None], ...]
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    artifact: str


class FileWarns(Warns):
    """Of cells that begin like a formula (= + - @, tab, line break), and of a known target."""

    TRUTHS_AS_NUMBERS = (
        "{name!r} held numbers in training and holds truth values here: its {n} [value is|values are] taken as 1 and 0"
    )
    OTHER_WORDS = (
        "{name!r} held {was} in training and holds {found} here: {n} of its values [is|are] none that training saw "
        "(the first is {example!r})"
    )
    TRAINED_ON = "the model was trained on most of these rows: its score on them says little"
    SCORED_PART = "the score is of the first {n} [row that has|rows that have] a value of {target!r}"
    NOT_SCORED = "the values of {target!r} in this table are not such as the model was trained on: no score of them"

    FORMULAS_QUOTED = (
        "{n} [cell or header begins|cells or headers begin] like a formula (= + - @, tab, line break): in the file "
        "a quote mark ' stands "
        "before [it|each], so that a spreadsheet shows it and runs nothing"
    )
    FORMULAS_AS_THEY_ARE = (
        "{n} [cell or header begins|cells or headers begin] like a formula (= + - @, tab, line break): raw_csv is "
        "on, so [it stands|they stand] in the "
        "file as [it is|they are]; do not open it in a spreadsheet"
    )
