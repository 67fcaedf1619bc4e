"""What may be wrong with a column, found by counting: each finding has a kind, a count and examples."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tools.stats.summary import Fetch

SENTINELS = (-1, -9, -99, -999, -9999, 99, 999, 9999, 99999, 999999)
PLACEHOLDER_DATES = ("1900-01-01", "1901-01-01", "1970-01-01", "1899-12-30", "9999-12-31")
NEVER_NEGATIVE = ("age", "price", "weight", "height", "length", "income", "salary", "count", "distance", "duration")
MOSTLY = 0.5
N_EXAMPLES = 3
IS_OUTLIER = "(x < low OR x > high)"
IS_FAR = "(x < far_low OR x > far_high)"
IS_NEGATIVE = "never_negative AND x < 0"
IS_NUMBER = "(TRY_CAST(x AS DOUBLE) IS NOT NULL)"
NEAR_DUPLICATES = f"""
alike AS (
    SELECT c, string_agg('"' || x || '"', ' ' ORDER BY '"' || x || '"') AS spellings, sum(k) AS k FROM different
    GROUP BY c, lower(regexp_replace(trim(x), '\\s+', ' ', 'g')) HAVING count(*) > 1),
near AS (SELECT c, sum(k), list(spellings ORDER BY k DESC, spellings)[:{N_EXAMPLES}] FROM alike GROUP BY c)
"""


class IssueKind(StrEnum):
    """What may be wrong with a column, or with the rows."""

    DUPLICATES = "duplicates"
    ALL_MISSING = "all_missing"
    PLACEHOLDER = "placeholder"
    NEGATIVE = "negative"
    NEAR_DUPLICATES = "near_duplicates"
    MIXED_TYPES = "mixed_types"
    MOSTLY_MISSING = "mostly_missing"
    CONSTANT = "constant"
    MISSING = "missing"
    OUTLIERS = "outliers"
    IDENTIFIER = "identifier"


GRADES = {
    **dict.fromkeys(IssueKind, 0),
    **dict.fromkeys((IssueKind.MOSTLY_MISSING, IssueKind.MISSING, IssueKind.OUTLIERS), 1),
    **dict.fromkeys((IssueKind.CONSTANT, IssueKind.IDENTIFIER), 2),
}
"""How much a kind of issue spoils: 0 makes results wrong, 1 leaves or shifts some, 2 wants a look."""


@dataclass(frozen=True)
class Issue:
    """One finding: how many rows it is about, and a few values as text."""

    kind: IssueKind
    count: int
    examples: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int]:
        """What sorts issues with the worst first: by grade, then by how many rows it is about."""
        return GRADES[self.kind], -self.count


@dataclass(frozen=True)
class Suspect:
    """A column to look at.

    `column` is its quoted SQL identifier; `type` is integer, number, boolean, date, datetime, time or text. Without
    `quartiles` (q1, q3; of a column of numbers) no outliers are looked for.
    """

    column: str
    name: str
    type: str
    quartiles: tuple[float, float] | None = None


@dataclass(frozen=True)
class Finding:
    """What a column holds, and its issues with the worst first."""

    n_missing: int
    n_distinct: int
    issues: list[Issue]


def find_issues(fetch: Fetch, suspects: Sequence[Suspect], n_rows: int) -> list[Finding]:
    """Look at columns for what spoils analyses, at all that are of one type in one statement.

    Outliers lie beyond 1.5 interquartile ranges from the quartiles (Tukey's fences). A placeholder is a number such as
    999 or -1, or a date such as 1900-01-01, that occurs twice or more; a number must also lie beyond 3 interquartile
    ranges. Near-duplicates are texts alike but for case and spaces ("NY", "ny ").

    References
    ----------
    Tukey (1977). Exploratory Data Analysis.
    """
    found: dict[str, Finding] = {}
    for kind in dict.fromkeys(map(_kind, suspects)):
        alike = [suspect for suspect in suspects if _kind(suspect) == kind]
        looks = {place: look for place, *look in fetch(_looks(kind, alike))}
        for place, suspect in enumerate(alike):
            found[suspect.column] = _finding(kind, suspect, n_rows, looks.get(place))
    return [found[suspect.column] for suspect in suspects]


def _kind(suspect: Suspect) -> str:
    """The type, or that it is not looked at closely."""
    is_number = suspect.type in ("integer", "number")
    return f"{suspect.type} without quartiles" if is_number and suspect.quartiles is None else suspect.type


def _looks(kind: str, suspects: Sequence[Suspect]) -> str:
    """SQL for a row for each column that holds values: its place, n, distinct, a value, and what its type asks for."""
    columns = [suspect.column for suspect in suspects]
    places, values = ("0", columns[0]) if len(columns) == 1 else (_unnested(range(len(columns))), _unnested(columns))
    cells = f"SELECT {places} AS c, {values} AS x FROM data"
    different = f"different AS (SELECT c, x, count(*) AS k FROM ({cells}) WHERE x IS NOT NULL GROUP BY c, x)"
    counts = "c, sum(k), count(*), any_value(x)"
    if kind in ("integer", "number"):
        conditions = (IS_OUTLIER, f"k > 1 AND x IN ({', '.join(map(str, SENTINELS))}) AND {IS_FAR}", IS_NEGATIVE)
        sought = ", ".join(map(_counted, conditions))
        return (
            f"WITH {different}, fences AS ({_fences(suspects)}) SELECT {counts}, {sought} FROM different "
            "JOIN fences USING (c) GROUP BY c"
        )
    if kind in ("date", "datetime"):
        return f"WITH {different} SELECT {counts}, {_counted(_is_placeholder_date('x'))} FROM different GROUP BY c"
    if kind == "text":
        sought = f"{_counted(IS_NUMBER)}, {_counted(f'NOT {IS_NUMBER}')}"
        looks = f"looks AS (SELECT {counts}, {sought} FROM different GROUP BY c)"
        return f"WITH {different}, {looks}, {NEAR_DUPLICATES} SELECT * FROM looks LEFT JOIN near USING (c)"
    return f"WITH {different} SELECT {counts} FROM different GROUP BY c"


def _unnested(parts: Iterable[object]) -> str:
    return f"unnest([{', '.join(map(str, parts))}])"


def _counted(condition: str) -> str:
    """How many rows hold such a value, and the first of these values."""
    return f"sum(k) FILTER (WHERE {condition}), min(x, {N_EXAMPLES}) FILTER (WHERE {condition})"


def _fences(suspects: Sequence[Suspect]) -> str:
    """SQL for each column's place, its fences near and far, and whether it should not be negative."""
    lines = []
    for suspect in suspects:
        assert suspect.quartiles is not None  # noqa: S101 - `_kind` has seen it
        q1, q3 = suspect.quartiles
        # Where half of the values are the same nothing is said to be far from them.
        reaches = [reach * (q3 - q1) if q3 > q1 else math.inf for reach in (1.5, 3)]
        lines.append([end for reach in reaches for end in (q1 - reach, q3 + reach)])
    low, high, far_low, far_high = (
        _unnested(f"'{end!r}'::DOUBLE" for end in ends) for ends in zip(*lines, strict=True)
    )
    never_negative = _unnested(_is_never_negative(suspect.name) for suspect in suspects)
    return (
        f"SELECT {_unnested(range(len(suspects)))} AS c, {low} AS low, {high} AS high, {far_low} AS far_low, "
        f"{far_high} AS far_high, {never_negative} AS never_negative"
    )


def _finding(kind: str, suspect: Suspect, n_rows: int, look: Sequence[Any] | None) -> Finding:
    n, distinct, value, *sought = look or (0, 0, None)
    issues = _missing(n_rows, n)
    if n and distinct == 1:
        issues.append(Issue(IssueKind.CONSTANT, n, _texts([value])))
    if n > 2 and distinct == n and suspect.type in ("text", "integer"):
        issues.append(Issue(IssueKind.IDENTIFIER, n, ()))
    if sought and kind in ("integer", "number") and distinct > 1:
        issues += _issues((IssueKind.OUTLIERS, IssueKind.PLACEHOLDER, IssueKind.NEGATIVE), sought)
    elif sought and kind in ("date", "datetime") and (sought[0] or 0) > 1:
        issues += _issues((IssueKind.PLACEHOLDER,), sought)
    elif sought and kind == "text":
        n_numbers, numbers, n_words, words, n_alike, alike = sought
        if n_numbers and n_words:
            rarer = (n_numbers, numbers) if n_numbers <= n / 2 else (n_words, words)
            issues += _issues((IssueKind.MIXED_TYPES,), rarer)
        issues += _issues((IssueKind.NEAR_DUPLICATES,), (n_alike, alike))
    return Finding(n_rows - n, distinct, sorted(issues, key=lambda issue: issue.rank))


def _issues(kinds: Sequence[IssueKind], sought: Sequence[Any]) -> list[Issue]:
    """An issue for each kind that was found, of counts and examples in turn."""
    pairs = zip(kinds, sought[::2], sought[1::2], strict=True)
    return [Issue(kind, int(count), _texts(examples)) for kind, count, examples in pairs if count]


def count_duplicate_rows(fetch: Fetch, columns: str) -> int:
    """Rows that repeat an earlier one in all of these columns (quoted and joined by commas).

    Only rows whose hash occurs again are held and compared.
    """
    ((n,),) = fetch(
        f"""
        WITH again AS (SELECT hash({columns}) AS h FROM data GROUP BY ALL HAVING count(*) > 1),
        alike AS (SELECT {columns} FROM data WHERE hash({columns}) IN (SELECT h FROM again))
        SELECT (SELECT count(*) FROM alike) - count(*) FROM (SELECT DISTINCT * FROM alike)
        """
    )
    return int(n)


def _missing(n_rows: int, n: int) -> list[Issue]:
    n_missing = n_rows - n
    if n_missing == 0:
        return []
    kind = IssueKind.MISSING
    if n == 0:
        kind = IssueKind.ALL_MISSING
    elif n_missing > MOSTLY * n_rows:
        kind = IssueKind.MOSTLY_MISSING
    return [Issue(kind, n_missing, ())]


def _is_never_negative(name: str) -> bool:
    return any(word in name.lower().replace("_", " ").split() for word in NEVER_NEGATIVE)


def _is_placeholder_date(column: str) -> str:
    dates = ", ".join(f"DATE '{date}'" for date in PLACEHOLDER_DATES)
    return f"CAST({column} AS DATE) IN ({dates})"


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(value)[:64] for value in values)
