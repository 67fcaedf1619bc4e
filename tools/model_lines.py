"""What a trained model is worth, as results show it; a linear one with its equation."""

from __future__ import annotations

from typing import Any

from adapters.records import Model
from tools import ml
from tools.ml.metadata import Equation, Metadata

EQUATION = ("penalty", *Equation.model_fields)


def metadata_of(model: Model) -> Metadata:
    """What training wrote down of the model."""
    return ml.Metadata.model_validate(model.metadata)


def worth_of(metadata: Metadata) -> dict[str, Any]:
    """Scores on how many test rows, how the model stands against its baseline, and what a person must know of it.

    What was trained by an earlier version has no `against_baseline`.
    """
    codes = {"warning_codes": metadata.warning_codes} if metadata.warning_codes else {}
    return {
        "metrics": metadata.metrics,
        "baseline": metadata.baseline,
        "test_rows": metadata.rows.test,
        **({"scored_in_folds": True} if metadata.spec.test_size == 0 else {}),
        "against_baseline": metadata.against_baseline,
        "warnings": metadata.warnings,
        **codes,
    }


def equation_of(metadata: Metadata) -> dict[str, Any]:
    """A linear model's penalty and coefficients, in the units of the table."""
    return {name: getattr(metadata, name) for name in EQUATION if name in metadata.model_fields_set}
