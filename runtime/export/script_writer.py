"""Collects the lines of an exported script, and what they need."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from adapters.data.sources import open_source
from adapters.records import Dataset, Job, JsonValue, Model
from runtime.export.record import DoneCall
from runtime.session import Session

WHERE = '''
def where(frame: pd.DataFrame, condition: str) -> pd.DataFrame:
    """The rows for which a SQL condition holds, in their order."""
    rows = frame.assign(_row=range(len(frame)))
    kept = duckdb.sql(f"SELECT _row FROM rows WHERE {condition} ORDER BY _row").df()["_row"]
    return frame.iloc[kept.to_numpy()]
'''

DERIVE = '''
def derive(frame: pd.DataFrame, column: str, expression: str) -> pd.DataFrame:
    """The frame with a column from a SQL expression over the row or a window of rows."""
    rows = frame.assign(_row=range(len(frame)))
    found = duckdb.sql(f"SELECT {expression} AS found FROM rows ORDER BY _row").df()["found"]
    return frame.assign(**{column: found.to_numpy()})
'''
COLUMN_ARGUMENTS = frozenset(
    "value value2 group group2 subject repeated x y columns column row target features categories numbers weights "
    "controls by ids".split()
)
"""The tools' arguments that name columns."""


def constants_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The constants of its module that a function reads, by name, those that its inner functions read among them."""
    function = inspect.unwrap(function)
    if not inspect.isfunction(function):
        return {}
    names: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names |= set(code.co_names)
        codes += [inner for inner in code.co_consts if inspect.iscode(inner)]
    constants = {name: function.__globals__.get(name) for name in sorted(names) if name.isupper()}
    return {name: value for name, value in constants.items() if isinstance(value, int | float | str | tuple | dict)}


class Writer:
    """Collects the script's lines, and what they need."""

    def __init__(self, session: Session, conversation_id: str, folder: Path) -> None:
        self.session = session
        self.data = session.data_of(conversation_id)
        self.folder = folder
        self.frames: dict[str, pd.DataFrame] = {}
        self.imports = {"from scipy import stats"}
        self.helpers: dict[str, str] = {}
        self.lines: list[str] = []

    def need(self, *functions: Callable[..., Any]) -> None:
        """Copy these functions into the script, with the constants that they read."""
        for function in functions:
            for name, value in constants_of(function).items():
                line = f"{name} = {value!r}"
                if self.helpers.setdefault(name, line) != line:
                    raise ValueError(f"{name} stands for two values in what the script copies")
            source = inspect.getsource(function)
            if self.helpers.setdefault(function.__name__, source) != source:
                raise ValueError(f"{function.__name__} stands for two functions in what the script copies")

    def is_stored(self, frame: pd.DataFrame, name: str) -> bool:
        """Whether the frame holds what is stored under the name, numbers to 1e-12; types of columns do not count."""
        with self.data.open(name) as table:
            stored = table.frame()
        if list(frame.columns) != list(stored.columns) or len(frame) != len(stored):
            return False
        return all(_is_same(frame[name], stored[name]) for name in stored.columns)

    def exact(self, call: DoneCall) -> DoneCall:
        """The call with the columns named as the dataset names them: tools forgive case, pandas does not."""
        dataset = call.arguments.get("dataset")
        if dataset is None or call.result.get("error") is not None:
            return call
        columns = [column.name for column in self.data.get(str(dataset)).columns]
        names = {name.casefold(): name for name in columns} | {name: name for name in columns}
        return replace(call, arguments=_exact(call.arguments, names, is_column=False))

    def trained(self, job_id: str) -> tuple[Job, Model] | None:
        """A job and the model that came of it; None where there is none, or not yet."""
        job = self.session.jobs.get(job_id).job
        model_id = None if job.result is None else job.result.model
        return None if model_id is None else (job, self.session.models.get(model_id))

    def fits(self, model_id: str) -> bool:
        """Whether the lines so far fit that model, which then is `models[model_id]`."""
        return any(line.startswith(f"models[{model_id!r}] = ") for line in self.lines)

    def model(self, model_id: str) -> tuple[Job, Model]:
        """A model that the lines fit, and its job."""
        model = self.session.models.get(model_id)
        return self.session.jobs.get(str(model.job_id)).job, model

    def frame(self, call: DoneCall) -> str:
        """The dataset of a call, filtered as it was."""
        return self.rows(call.arguments)

    def rows(self, arguments: Mapping[str, JsonValue]) -> str:
        """The same, by the arguments alone."""
        name = f"data[{arguments['dataset']!r}]"
        condition = arguments.get("where")
        if condition is None:
            return name
        return self.filtered(name, str(condition))

    def filtered(self, frame: str, condition: str) -> str:
        """The rows of a data frame for which a condition is true."""
        self.imports.add("import duckdb")
        self.helpers["where"] = WHERE.strip("\n")
        return f"where({frame}, {condition!r})"

    def derived(self, frame: str, column: str, expression: str) -> str:
        """A data frame with a column from an expression."""
        self.imports.add("import duckdb")
        self.helpers["derive"] = DERIVE.strip("\n")
        return f"derive({frame}, {column!r}, {expression!r})"

    def names(self) -> list[str]:
        """The datasets that the conversation knows."""
        return [dataset.name for dataset in self.data.all()]

    def dataset(self, name: str) -> Dataset:
        """The dataset that the conversation knows by this name."""
        return self.data.get(name)

    def lay_beside(self, name: str, why: str) -> None:
        """Give the dataset as a file beside the script."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        stored = self.folder / f"{name}.parquet"
        self.data.export(self.data.get(name), stored)
        self.frames[name] = pd.read_parquet(stored)
        self.lines.append(f"# {why}: the table lies beside this script.")
        self.lines.append(f"data[{name!r}] = pd.read_parquet(HERE / {self.folder.name!r} / {stored.name!r})")

    def open_source(self, source: str) -> tuple[Path, BinaryIO]:
        """A file of the person's own, opened."""
        return open_source(source, self.session.person.roots, self.session.settings.home)


def _is_same(found: pd.Series, stored: pd.Series) -> bool:
    """The same values, missing at the same places; pandas may hold whole numbers as floats."""
    is_missing = stored.isna().to_numpy()
    if not (found.isna().to_numpy() == is_missing).all():
        return False
    mine, theirs = found[~is_missing], stored[~is_missing]
    if pd.api.types.is_numeric_dtype(mine) and pd.api.types.is_numeric_dtype(theirs):
        x, y = mine.to_numpy(dtype="float64"), theirs.to_numpy(dtype="float64")
        return bool(np.allclose(x, y, rtol=1e-12, atol=0.0))
    return mine.tolist() == theirs.tolist()


def _exact(value: Any, names: Mapping[str, str], is_column: bool) -> Any:
    if isinstance(value, dict):
        return {key: _exact(part, names, key in COLUMN_ARGUMENTS) for key, part in value.items()}
    if isinstance(value, list):
        return [_exact(part, names, is_column) for part in value]
    return names.get(value, names.get(value.casefold(), value)) if is_column and isinstance(value, str) else value


def texts(value: Any) -> list[Any]:
    """A list, or nothing where there is none."""
    return value if isinstance(value, list) else []
