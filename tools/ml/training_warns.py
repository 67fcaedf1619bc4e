"""What training warns of."""

from __future__ import annotations

from tools.warned import Warns


class TrainingWarns(Warns):
    """Why a model may not be what it seems."""

    NOT_BETTER = (
        "no better than always saying {always}: {measure} {model:.4g} against {baseline:.4g} on {n} test rows{more}"
    )
    WITHIN_CHANCE = (
        "no better, beyond chance, than always saying {always}: {measure} {model:.4g} against {baseline:.4g} "
        "on {n} test rows{more}"
    )
    SMALL_CLASSES = "classes of fewer than {few} rows can be neither learned nor judged: {named}{more}"
    NOT_SETTLED = "the fit had not settled after {n} steps: its coefficients are rough"
    NETWORK_NOT_SETTLED = "the network had not settled after {n} passes over the rows (max_iter)"
    SAMPLED_ROWS = "{model} takes {n} training rows at most: it was fitted to {n} of the {of}, drawn at random"
    ALL_ZERO = "no coefficient is other than 0: the model says the same of every row"
    ALL_ZERO_AS_GIVEN = (
        "no coefficient is other than 0: the model says the same of every row; the penalty was given: leave it out to "
        "have it chosen"
    )
    SHARED_COEFFICIENTS = (
        "{n} of the coefficients say what others say together (equal or constant columns, a category inside another, "
        "fewer rows than columns): they are shared out, and predictions do not depend on how"
    )
    NEARLY_COLLINEAR = (
        "columns are nearly collinear (condition number {condition:.0e}): single coefficients are unsteady"
    )
    POOLED_VALUES = "{name!r}: its {n} rarest values are not told apart"
    WITHOUT_TARGET = "{n} rows without a value of {target!r} are left out"
    LEAK = (
        "{name!r} alone says nearly all of {target!r} ({measure} {score:.4f} on the test rows): is it a copy of it, or "
        "known only afterwards?"
    )
    DROPPED_ROWS = "{n} rows without a value of some feature are left out, as was asked"
    NOT_STRATIFIED = "some classes are too rare to be in both parts: the test rows are drawn without strata"
