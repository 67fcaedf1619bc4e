"""The public tables of `evals.bench.auto`: scikit-learn's, statsmodels', and R's of the shared data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import pandas as pd
import statsmodels.api as sm
from sklearn import datasets

from tools import ml

Kind = Literal["regression", "binary", "multiclass"]


@dataclass(frozen=True)
class Table:
    """A table with its target in the column `target`; features are numbers, and words."""

    name: str
    kind: Kind
    frame: pd.DataFrame

    @property
    def task(self) -> ml.Task:
        """What the target makes it."""
        return "regression" if self.kind == "regression" else "classification"

    @property
    def words(self) -> list[str]:
        """Features that are no numbers."""
        named = [name for name in self.frame.columns if name != "target"]
        return [name for name in named if not pd.api.types.is_numeric_dtype(self.frame[name])]

    @property
    def features(self) -> tuple[ml.Feature, ...]:
        """As a job has them."""
        named, words = [name for name in self.frame.columns if name != "target"], set(self.words)
        return tuple(ml.Feature(name=name, kind="category" if name in words else "number") for name in named)


def _of_sklearn(name: str) -> pd.DataFrame:
    frame: pd.DataFrame = getattr(datasets, f"load_{name}")(as_frame=True).frame
    return frame.rename(columns=str)


def _of_statsmodels(name: str, target: str) -> pd.DataFrame:
    frame: pd.DataFrame = getattr(sm.datasets, name).load_pandas().data
    return frame.rename(columns={target: "target"})


def _of_r(folder: Path, name: str, target: str) -> pd.DataFrame:
    frame = pd.read_csv(folder / f"{name}.csv", low_memory=False)
    return frame.drop(columns=["rownames"], errors="ignore").rename(columns={target: "target"})


SKLEARN: Mapping[str, Kind] = {
    "diabetes": "regression",
    "breast_cancer": "binary",
    "wine": "multiclass",
    "digits": "multiclass",
}
STATSMODELS: Mapping[str, tuple[str, Kind]] = {
    "fair": ("affairs", "regression"),
    "randhie": ("mdvis", "regression"),
    "anes96": ("vote", "binary"),
}
OF_R: Mapping[str, tuple[str, Kind]] = {
    "AER__HMDA": ("deny", "binary"),
    "DAAG__monica": ("outcome", "binary"),
    "mlmRev__Contraception": ("use", "binary"),
    "AER__BankWages": ("job", "multiclass"),
    "ISLR__College": ("Apps", "regression"),
    "agridat__nass.corn": ("yield", "regression"),
    "rpart__solder.balance": ("skips", "regression"),
    "openintro__acs12": ("income", "regression"),
}


def tables(folder: Path) -> dict[str, Callable[[], Table]]:
    """Each by its name, read when it is called; `folder` holds R's as CSV."""
    found: dict[str, Callable[[], Table]] = {}
    for name, kind in SKLEARN.items():
        found[name] = partial(_made, name, kind, partial(_of_sklearn, name))
    for name, (target, kind) in STATSMODELS.items():
        found[name] = partial(_made, name, kind, partial(_of_statsmodels, name, target))
    for name, (target, kind) in OF_R.items():
        found[name.split("__")[1]] = partial(_made, name.split("__")[1], kind, partial(_of_r, folder, name, target))
    return found


def _made(name: str, kind: Kind, read: Callable[[], pd.DataFrame]) -> Table:
    frame = read()
    frame = frame[frame["target"].notna()].reset_index(drop=True)
    if kind != "regression":
        frame["target"] = frame["target"].astype(str)
    return Table(name, kind, frame)
