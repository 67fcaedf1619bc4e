"""What a person says about a file's form: taken where its format knows such a thing, else refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from adapters.data.base import DataError, LoadOptions, Watch
from adapters.data.excel import is_book, sheet_as_csv
from adapters.data.foreign_files import refuse_foreign
from adapters.data.json_table import is_json
from adapters.data.parquet import is_parquet
from adapters.records.warned import Warned

Format = Literal["CSV", "JSON", "Parquet", "Excel"]
KNOWN: dict[Format, frozenset[str]] = {
    "CSV": frozenset(["delimiter", "header", "day_first"]),
    "JSON": frozenset(["day_first"]),
    "Parquet": frozenset(),
    "Excel": frozenset(["header", "sheet", "day_first"]),
}
REASONS = {
    "delimiter": "has no character between fields",
    "header": "names its columns itself",
    "sheet": "has no sheets",
    "day_first": "keeps dates as dates; cast text in it with transform, which takes a format such as %d/%m/%Y",
}


@contextmanager
def readable(document: Path, options: LoadOptions, folder: Path, watch: Watch) -> Iterator[tuple[Path, list[Warned]]]:
    """The file itself, or of a book a CSV of its sheet, with warnings; all that is said of its form can be heeded.

    Raises
    ------
    DataError
        Naming the first option that the format does not know, or as `sheet_as_csv` does.
    """
    is_sheet = is_book(document)
    if is_sheet:
        _check(options, "Excel", document.name)
    with sheet_as_csv(document, options.sheet, folder, watch) as (file, notes):
        refuse_foreign(file)
        if not is_sheet:
            _check(options, "Parquet" if is_parquet(file) else "JSON" if is_json(file) else "CSV", document.name)
        yield file, notes


def _check(options: LoadOptions, form: Format, name: str) -> None:
    for option in (option for option, value in asdict(options).items() if value is not None):
        if option not in KNOWN[form]:
            article = "an" if form == "Excel" else "a"
            raise DataError(f"{option}: {name!r} is {article} {form} file and {REASONS[option]}; leave {option} out")
