"""What a look counts: plain functions of arrays and tables, which an exported script copies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import brier_score_loss

from tools.ml.preprocessing import to_words
from tools.ml.spec import FeatureKind
from tools.ml.validation import Vector
from tools.stats.proportions import wilson

N_BINS = 10


def error_numbers(predicted: Vector, off: Vector) -> dict[str, Any]:
    """Mean and sd of errors, and Spearman's r of their size with the prediction, where there is one."""
    has_rank = len(off) > 2 and np.ptp(predicted) > 0 and np.ptp(np.abs(off)) > 0
    return {
        "n": len(off),
        "mean_residual": float(np.mean(off)),
        "sd_residual": float(np.std(off, ddof=1)) if len(off) > 1 else None,
        "rank_correlation": float(stats.spearmanr(predicted, np.abs(off)).statistic) if has_rank else None,
    }


def probability_bins(probability: Vector, is_event: Vector) -> dict[str, Any]:
    """Ten bins of as many rows of like probability, the expected calibration error and Brier's score."""
    order = np.argsort(probability, kind="stable")
    bins = []
    for part in np.array_split(order, N_BINS):
        if len(part):
            low, high = wilson(int(is_event[part].sum()), len(part))
            said, share = float(probability[part].mean()), float(is_event[part].mean())
            bins.append({"n": len(part), "said": said, "share": share, "ci_low": low, "ci_high": high})
    error = float(sum(one["n"] * abs(one["said"] - one["share"]) for one in bins) / len(order))
    brier = float(brier_score_loss(is_event, probability))
    return {"n": len(order), "bins": bins, "calibration_error": error, "brier": brier}


def at_threshold(threshold: float, probability: Vector, is_event: Vector) -> dict[str, Any]:
    """The rows, parted at a threshold."""
    is_said = probability >= threshold
    right, false, missed = (int(x.sum()) for x in (is_said & is_event, is_said & ~is_event, ~is_said & is_event))
    return {
        "threshold": threshold,
        "true_positives": right,
        "false_positives": false,
        "false_negatives": missed,
        "true_negatives": len(is_event) - right - false - missed,
        "precision": right / (right + false) if right + false else None,
        "recall": right / (right + missed) if right + missed else 0.0,
    }


def plain_values(frame: pd.DataFrame, kinds: Mapping[str, FeatureKind]) -> pd.DataFrame:
    """Numbers as float64 and categories as words, so that a value of one row fits among those of another table."""
    whole = frame.copy()
    for name, kind in kinds.items():
        if kind == "category":
            whole[name] = to_words(whole[name])
        elif kind == "date":
            whole[name] = pd.to_datetime(whole[name], errors="coerce")
        else:
            whole[name] = whole[name].astype("object").where(whole[name].notna(), np.nan).astype("float64")
    return whole
