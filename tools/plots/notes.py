"""What is noted below a picture: what was left out, binned or sampled, and what its marks mean."""

from __future__ import annotations

from tools.plots.fit import Fit
from tools.warned import Warned, Warns


class Notes(Warns):
    """All notes of all pictures."""

    MISSING_VALUES = "{n_left:,} [row|rows] with missing values left out"
    OTHER_GROUPS = "the {most} most frequent groups; {n_groups:,} others with {n_rows:,} rows left out"
    OTHER_CATEGORIES = "the {most} most frequent of {n_values:,}; {n_rows:,} rows left out"
    OTHER_CATEGORIES_OF = "{name}: the {most} most frequent of {n_values:,}; {n_rows:,} rows left out"
    OTHER_COLUMNS = "{n_left} more [column|columns] left out"
    GROUPS_TOO_ALIKE = "not drawn, fewer than two different values: {names} ({n_rows:,} of {n_all:,} rows)"
    GROUPS_TOO_SMALL = "not drawn, fewer than three values: {names} ({n_rows:,} of {n_all:,} rows)"
    BINS = "bins of {width}"
    BINS_OF_DAYS = "bins of {width} days"
    STEPS = "steps of {width}"
    STEPS_OF_DAYS = "steps of {width} days"
    GRID = "counted in a grid of {n_cells} by {n_cells}"
    SCORES_IN_STEPS = "{n_scores:,} scores in {n_steps:,} steps"
    CURVES_OF_A_SAMPLE = "curves of a sample of {n_drawn:,} of {n_all:,}"
    SAMPLE = "a sample of {n_drawn:,} of {n_all:,} points"
    POINTS_OF_A_SAMPLE = "points of a sample of {n_drawn:,}"
    POINTS_NOT_SHOWN = "{n_left:,} [point|points] beyond the whiskers not shown"
    TAILS_WHOLE = "the {n_tail} least and the {n_tail} greatest values whole, {n_drawn:,} of the {n_all:,} between"
    TAILS_OF_GROUPS_WHOLE = (
        "the {n_tail} least and the {n_tail} greatest values of each group whole, {n_drawn:,} of the {n_all:,} between"
    )
    WHISKERS = "whiskers within 1.5 IQR"
    MEDIAN_AND_QUARTILES = "dot: median, bar: quartiles"
    LINE_THROUGH_QUARTILES = "line through the quartiles"
    MEANS_AND_INTERVALS = "bars: mean, lines: 95 % interval"
    MEANS = "each point is the mean of {name} there"
    LINES_BY_GROUP = "least-squares lines by group"
    NO_LINE_OVER_DATES = "no line over dates"
    LINE = "{line} slope {slope:.4g}, r = {r:.3f}{n}"
    LINE_WITHOUT_R = "{line} slope {slope:.4g}, no r (y is constant){n}"
    NO_LINE_OF_ONE_ROW = "{line}: none (one row)"
    NO_LINE = "{line}: none (x does not vary, or the slope is beyond float64)"
    RESIDUALS_OF = "of {y} on {x}"
    R_OF_PRESENT = "Pearson's r, pairs of present values"
    R_ABOVE = "above: Pearson's r, of the rows where both columns are present"
    R_OF_ALL_ABOVE = "above: Pearson's r over all rows, groups together, of the rows where both columns are present"
    AREA = "area under the curve {area:.3f}"
    AVERAGE_PRECISION = "average precision {average:.3f}"
    ACCURACY = "accuracy {accuracy:.3f}"
    DASHED_IS_CHANCE = "dashed: chance"
    DASHED_IS_SHARE = "dashed: the share of all, {share:.3f}"
    IMPORTANCE = "permutation importance"
    TEST_ROWS = "of its test rows"
    LEARNING = "folds of the training rows; the band is one sd of the folds wide on each side"
    OUT_OF_FOLD = "on training rows, by models that were not fitted to the row"
    DEPENDENCE = "mean prediction, every row set to that value"
    MARKS = "marks: values there are"
    ERRORS = "true less predicted; dashed: none"
    CALIBRATION = "bins of as many rows each, with 95 % intervals (Wilson); dashed: as it should be"
    CALIBRATION_ERROR = "expected calibration error {error:.3f}, Brier score {brier:.3f}"
    CONTRIBUTIONS = "from {average:.4g} on average to {said:.4g} here"
    AGAINST_OTHERS = "against all others"


def note_of_line(fit: Fit, group: str | None, has_groups: bool) -> Warned:
    """A note about one line.

    Parameters
    ----------
    group : str or None
        What the group is called in the picture; None where the line is over all rows.
    """
    whole = "dashed: least-squares line over all groups together" if has_groups else "least-squares line"
    line = whole if group is None else group
    if fit.slope is None:
        return (Notes.NO_LINE_OF_ONE_ROW if fit.n == 1 else Notes.NO_LINE)(line=line)
    line, n = f"{line}{',' if group is None else ':'}", f", n = {fit.n:,}" if has_groups else ""
    if fit.r is None:
        return Notes.LINE_WITHOUT_R(line=line, slope=fit.slope, n=n)
    return Notes.LINE(line=line, slope=fit.slope, r=fit.r, n=n)
