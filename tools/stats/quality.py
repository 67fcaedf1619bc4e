"""What may be wrong with a column, found by counting: each finding has a kind, a count and examples."""

from __future__ import annotations

from collections.abc import Callable
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


def find_issues(
    fetch: Fetch, column: str, name: str, column_type: str, quartiles: tuple[float, float] | None = None
) -> tuple[int, int, int, list[Issue]]:
    """Look at one column for what spoils analyses.

    Outliers lie beyond 1.5 interquartile ranges from the quartiles (Tukey's fences). A placeholder is a number such as
    999 or -1, or a date such as 1900-01-01, that occurs twice or more; a number must also lie beyond 3 interquartile
    ranges. Near-duplicates are texts alike but for case and spaces ("NY", "ny ").

    Parameters
    ----------
    column : str
        Quoted SQL identifier.
    name, column_type : str
        The bare name; integer, number, boolean, date, datetime, time or text.
    quartiles : (q1, q3)
        Of a column of numbers; without them no outliers are looked for.

    Returns
    -------
    (n_rows, n_missing, n_distinct, issues)

    References
    ----------
    Tukey (1977). Exploratory Data Analysis.
    """
    n_rows, n, distinct = (
        int(str(value)) for value in fetch(f"SELECT count(*), count({column}), count(DISTINCT {column}) FROM data")[0]
    )
    issues = _missing(n_rows, n)
    if n and distinct == 1:
        issues.append(Issue("constant", n, _texts(fetch(f"SELECT any_value({column}) FROM data"))))
    if n > 2 and distinct == n and column_type in ("text", "integer"):
        issues.append(Issue("identifier", n, ()))
    if quartiles is not None and distinct > 1:
        issues += _about_numbers(fetch, column, name, *quartiles)
    elif column_type in ("date", "datetime"):
        issues += _placeholder_dates(fetch, column)
    elif column_type == "text":
        issues += [*_mixed(fetch, column, n), *_near_duplicates(fetch, column)]
    return n_rows, n_rows - n, distinct, sorted(issues, key=lambda issue: issue.rank)


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
    iqr = q3 - q1
    issues = []
    if iqr > 0:
        outside = f"{column} < {q1 - 1.5 * iqr} OR {column} > {q3 + 1.5 * iqr}"
        issues += _counted(fetch, column, "outliers", outside)
        far = f"({column} < {q1 - 3 * iqr} OR {column} > {q3 + 3 * iqr})"
        sentinels = ", ".join(map(str, SENTINELS))
        repeated = f"SELECT {column} FROM data WHERE {column} IN ({sentinels}) AND {far} GROUP BY 1 HAVING count(*) > 1"
        issues += _counted(fetch, column, "placeholder", f"{column} IN ({repeated})")
    if any(word in name.lower().replace("_", " ").split() for word in NEVER_NEGATIVE):
        issues += _counted(fetch, column, "negative", f"{column} < 0")
    return issues


def _placeholder_dates(fetch: Fetch, column: str) -> list[Issue]:
    dates = ", ".join(f"DATE '{date}'" for date in PLACEHOLDER_DATES)
    issues = _counted(fetch, column, "placeholder", f"CAST({column} AS DATE) IN ({dates})")
    return [issue for issue in issues if issue.count > 1]


def _mixed(fetch: Fetch, column: str, n: int) -> list[Issue]:
    """Texts of which some are numbers and some are not, neither a rarity of one kind alone."""
    is_number = f"TRY_CAST({column} AS DOUBLE) IS NOT NULL"
    n_numbers = int(str(fetch(f"SELECT count(*) FROM data WHERE {is_number}")[0][0]))
    if not 0 < n_numbers < n:
        return []
    rarer = is_number if n_numbers <= n / 2 else f"NOT ({is_number})"
    return _counted(fetch, column, "mixed_types", rarer)


def _near_duplicates(fetch: Fetch, column: str) -> list[Issue]:
    alike = f"lower(regexp_replace(trim({column}), '\\s+', ' ', 'g'))"
    groups = fetch(
        f"""
        SELECT string_agg(DISTINCT '"' || {column} || '"', ' ' ORDER BY '"' || {column} || '"'), count(*) FROM data
        WHERE {column} IS NOT NULL GROUP BY {alike} HAVING count(DISTINCT {column}) > 1 ORDER BY 2 DESC, 1
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
