"""What may be wrong with a column, found by counting: each finding has a kind, a count and examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Fetch = Callable[[str], list[tuple[object, ...]]]
"""Runs one SELECT over the table `data`."""

SENTINELS = (-1, -9, -99, -999, -9999, 99, 999, 9999, 99999, 999999)
PLACEHOLDER_DATES = ("1900-01-01", "1901-01-01", "1970-01-01", "1899-12-30", "9999-12-31")
NEVER_NEGATIVE = ("age", "price", "weight", "height", "length", "income", "salary", "count", "distance", "duration")
MOSTLY = 0.5
N_EXAMPLES = 3

GRADES = {
    **dict.fromkeys(("all_missing", "placeholder", "negative", "near_duplicates", "mixed_types", "duplicates"), 0),
    **dict.fromkeys(("mostly_missing", "missing", "outliers"), 1),
    **dict.fromkeys(("constant", "identifier"), 2),
}
"""How much a kind of issue spoils: 0 makes results wrong, 1 leaves or shifts some, 2 wants a look."""


@dataclass(frozen=True)
class Issue:
    """One finding: how many rows it is about, and a few values as text."""

    kind: str
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


def find_issues(fetch: Fetch, suspects: Sequence[Suspect]) -> list[Finding]:
    """Look at columns for what spoils analyses: at all of them in one statement, closely at those that show a sign.

    Outliers lie beyond 1.5 interquartile ranges from the quartiles (Tukey's fences). A placeholder is a number such as
    999 or -1, or a date such as 1900-01-01, that occurs twice or more; a number must also lie beyond 3 interquartile
    ranges. Near-duplicates are texts alike but for case and spaces ("NY", "ny ").

    References
    ----------
    Tukey (1977). Exploratory Data Analysis.
    """
    looks = (
        f"count({s.column}), count(DISTINCT {s.column}), any_value({s.column}), {_sign(s, len(suspects) == 1)}"
        for s in suspects
    )
    n_rows, *found = fetch(f"SELECT count(*), {', '.join(looks)} FROM data")[0]
    return [
        _finding(fetch, suspect, int(str(n_rows)), found[4 * place : 4 * place + 4])
        for place, suspect in enumerate(suspects)
    ]


def _sign(suspect: Suspect, is_alone: bool) -> str:
    """SQL that is true where a close look may find something; a column that is alone gets it anyway."""
    column = suspect.column
    if is_alone:
        return "TRUE"
    if suspect.quartiles is not None:
        low, high = _fences(*suspect.quartiles, 1.5)
        is_negative = f" OR {column} < 0" if _is_never_negative(suspect.name) else ""
        return f"count(*) FILTER (WHERE {column} < {low} OR {column} > {high}{is_negative}) > 0"
    if suspect.type in ("date", "datetime"):
        return f"count(*) FILTER (WHERE {_is_placeholder_date(column)}) > 1"
    if suspect.type == "text":
        n_numbers = f"count(*) FILTER (WHERE {_is_number(column)})"
        is_mixed = f"({n_numbers} > 0 AND {n_numbers} < count({column}))"
        return f"({is_mixed} OR count(DISTINCT {_alike(column)}) < count(DISTINCT {column}))"
    return "FALSE"


def _finding(fetch: Fetch, suspect: Suspect, n_rows: int, look: Sequence[object]) -> Finding:
    n, distinct, value, shows_sign = int(str(look[0])), int(str(look[1])), look[2], bool(look[3])
    issues = _missing(n_rows, n)
    if n and distinct == 1:
        issues.append(Issue("constant", n, _texts([(value,)])))
    if n > 2 and distinct == n and suspect.type in ("text", "integer"):
        issues.append(Issue("identifier", n, ()))
    if shows_sign:
        issues += _closely(fetch, suspect, n, distinct)
    return Finding(n_rows - n, distinct, sorted(issues, key=lambda issue: issue.rank))


def _closely(fetch: Fetch, suspect: Suspect, n: int, distinct: int) -> list[Issue]:
    if suspect.quartiles is not None and distinct > 1:
        return _about_numbers(fetch, suspect.column, suspect.name, *suspect.quartiles)
    if suspect.type in ("date", "datetime"):
        return _placeholder_dates(fetch, suspect.column)
    if suspect.type == "text":
        return [*_mixed(fetch, suspect.column, n), *_near_duplicates(fetch, suspect.column)]
    return []


def count_duplicate_rows(fetch: Fetch, columns: str) -> int:
    """Rows that repeat an earlier one in all of these columns (quoted and joined by commas).

    Only rows whose hash occurs again are held and compared.
    """
    rows = fetch(
        f"""
        WITH again AS (SELECT hash({columns}) AS h FROM data GROUP BY ALL HAVING count(*) > 1),
        alike AS (SELECT {columns} FROM data WHERE hash({columns}) IN (SELECT h FROM again))
        SELECT (SELECT count(*) FROM alike) - count(*) FROM (SELECT DISTINCT * FROM alike)
        """
    )
    return int(str(rows[0][0]))


def _missing(n_rows: int, n: int) -> list[Issue]:
    n_missing = n_rows - n
    if n_missing == 0:
        return []
    kind = "all_missing" if n == 0 else "mostly_missing" if n_missing > MOSTLY * n_rows else "missing"
    return [Issue(kind, n_missing, ())]


def _about_numbers(fetch: Fetch, column: str, name: str, q1: float, q3: float) -> list[Issue]:
    issues = []
    if q3 - q1 > 0:
        low, high = _fences(q1, q3, 1.5)
        issues += _counted(fetch, column, "outliers", f"{column} < {low} OR {column} > {high}")
        low, high = _fences(q1, q3, 3)
        far = f"({column} < {low} OR {column} > {high})"
        sentinels = ", ".join(map(str, SENTINELS))
        repeated = f"SELECT {column} FROM data WHERE {column} IN ({sentinels}) AND {far} GROUP BY 1 HAVING count(*) > 1"
        issues += _counted(fetch, column, "placeholder", f"{column} IN ({repeated})")
    if _is_never_negative(name):
        issues += _counted(fetch, column, "negative", f"{column} < 0")
    return issues


def _fences(q1: float, q3: float, reach: float) -> tuple[float, float]:
    return q1 - reach * (q3 - q1), q3 + reach * (q3 - q1)


def _is_never_negative(name: str) -> bool:
    return any(word in name.lower().replace("_", " ").split() for word in NEVER_NEGATIVE)


def _is_placeholder_date(column: str) -> str:
    dates = ", ".join(f"DATE '{date}'" for date in PLACEHOLDER_DATES)
    return f"CAST({column} AS DATE) IN ({dates})"


def _is_number(column: str) -> str:
    return f"TRY_CAST({column} AS DOUBLE) IS NOT NULL"


def _alike(column: str) -> str:
    """The text without case and with single spaces."""
    return f"lower(regexp_replace(trim({column}), '\\s+', ' ', 'g'))"


def _placeholder_dates(fetch: Fetch, column: str) -> list[Issue]:
    issues = _counted(fetch, column, "placeholder", _is_placeholder_date(column))
    return [issue for issue in issues if issue.count > 1]


def _mixed(fetch: Fetch, column: str, n: int) -> list[Issue]:
    """Texts of which some are numbers and some are not, neither a rarity of one kind alone."""
    is_number = _is_number(column)
    n_numbers = int(str(fetch(f"SELECT count(*) FROM data WHERE {is_number}")[0][0]))
    if not 0 < n_numbers < n:
        return []
    rarer = is_number if n_numbers <= n / 2 else f"NOT ({is_number})"
    return _counted(fetch, column, "mixed_types", rarer)


def _near_duplicates(fetch: Fetch, column: str) -> list[Issue]:
    groups = fetch(
        f"""
        SELECT string_agg(DISTINCT '"' || {column} || '"', ' ' ORDER BY '"' || {column} || '"'), count(*) FROM data
        WHERE {column} IS NOT NULL GROUP BY {_alike(column)} HAVING count(DISTINCT {column}) > 1 ORDER BY 2 DESC, 1
        """
    )
    if not groups:
        return []
    return [Issue("near_duplicates", sum(int(str(count)) for _, count in groups), _texts(groups))]


def _counted(fetch: Fetch, column: str, kind: str, condition: str) -> list[Issue]:
    """The issue with its count and first values; nothing when no row is concerned."""
    count = int(str(fetch(f"SELECT count(*) FROM data WHERE {condition}")[0][0]))
    if count == 0:
        return []
    rows = fetch(f"SELECT DISTINCT {column} FROM data WHERE {condition} ORDER BY 1 LIMIT {N_EXAMPLES}")
    return [Issue(kind, count, _texts(rows))]


def _texts(rows: list[tuple[object, ...]]) -> tuple[str, ...]:
    return tuple(str(row[0])[:64] for row in rows[:N_EXAMPLES])
