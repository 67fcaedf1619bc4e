"""Missing numbers from the nearest rows that have them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from sklearn.impute import KNNImputer


def fill_from_neighbors(
    frame: pd.DataFrame, columns: Sequence[str], features: Sequence[str], n_neighbors: int
) -> pd.DataFrame:
    """The columns with each gap filled by the mean of the nearest rows that have the value.

    Near is Euclidean over the features and columns that both rows have, scaled up by the share that they lack. A row
    that has no feature at all, and a column that has no value at all, stay as they are.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_features)
        Numbers, missing as NaN; holds the columns and the features.

    References
    ----------
    Troyanskaya et al. (2001). Bioinformatics 17(6), 520-525; scikit-learn's KNNImputer.
    """
    imputer = KNNImputer(n_neighbors=n_neighbors, keep_empty_features=True)
    filled = pd.DataFrame(imputer.fit_transform(frame), columns=frame.columns)
    known = [name for name in features if name not in columns] or list(features)
    filled.loc[frame[known].isna().all(axis=1), :] = frame
    empty = [name for name in columns if frame[name].isna().all()]
    filled[empty] = float("nan")
    return filled[list(columns)]
