"""What training warns of."""

from __future__ import annotations

from tools.warned import Warns


class TrainingWarns(Warns):
    """Why a model may not be what it seems."""

    NOT_BETTER = (
        "{measure} is no better than by always saying {always}: {model:.4g} against {baseline:.4g} on {n} test rows"
        "{more}"
    )
    WITHIN_CHANCE = (
        "{measure} is no better, beyond chance, than by always saying {always}: {model:.4g} against {baseline:.4g} "
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
    GPU_UNUSED = "the machine's GPU was not used: {model} was fitted on its processor"
    CLUSTER_UNUSED = (
        "the cluster had no part in it: {model} is fitted in one piece (a cluster does folds, a search's too, and the "
        "trees of a forest)"
    )
    WITHOUT_TARGET = "{n} [row|rows] without a value of {target!r} [is|are] left out"
    LEAK = (
        "{name!r} alone says nearly all of {target!r} ({measure} {score:.4f} on the test rows): is it a copy of it, or "
        "known only afterwards?"
    )
    DROPPED_ROWS = "{n} [row|rows] without a value of some feature [is|are] left out, as was asked"
    FEW_TRAINING_ROWS = (
        "{n} training rows are few: another draw of them may make quite another model (cv shows by how much)"
    )
    FEW_TEST_ROWS = (
        "{n} test [row is|rows are] few: [its|their] scores hang on chance, see the intervals (cv tests on every row)"
    )
    MORE_COLUMNS_THAN_ROWS = (
        "{columns} columns for {n} training rows: the fit can repeat them by heart; name fewer features, or take "
        "ridge, lasso or a forest"
    )
    WIDE = (
        "{columns} columns for {n} training rows, fewer than 10 a column: the fit follows their chance; ridge or lasso "
        "hold it back"
    )
    RARE_CLASS = (
        "{label!r} is {share:.1%} of the rows: accuracy says little about it, look at its recall and at balanced "
        "accuracy; {advice} it up"
    )
    WITHOUT_PLACE = "{n} [row|rows] without a value of {name!r}, by which the rows are parted, [is|are] left out"
    UNEVEN_PARTS = (
        "the test rows are {share:.0%} of all, not {asked:.0%}: rows of one group, or of one time, stay together"
    )
    NOT_STRATIFIED = "some classes are too rare to be in both parts: the test rows are drawn without strata"
    RARE_IN_FOLDS = (
        "{n} [class has|classes have] fewer rows than the {folds} folds: not every fold can be tested on [it|them]"
    )
    SEARCHED_BY_TIME = (
        "the search ended with its time, after {n} settings in {seconds:.0f} s: on another day it may find others"
    )
