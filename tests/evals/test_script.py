"""Ids of a transcript are renamed to those of the replay, wherever they stand."""

from __future__ import annotations

from evals.script import new_names, steady, with_paths


def test_a_files_name_that_holds_a_models_is_renamed_whole() -> None:
    recorded = {"model": "ridge_y_aaaaaa", "artifact": "predictions_ridge_y_aaaaaa_20261125_032506.csv"}
    found = {"model": "ridge_y_bbbbbb", "artifact": "predictions_ridge_y_bbbbbb_20261125_032507.csv"}
    renamed = dict(new_names(recorded, found))
    assert with_paths(recorded, renamed) == found
    assert steady(recorded, renamed) == steady(found, renamed)


def test_what_depends_on_the_hour_is_left_out_and_nothing_else() -> None:
    one = {"state": "succeeded", "seconds": 1.0, "log_tail": ["a"], "metrics": {"r2": 0.5}}
    assert steady(one, {}) == {"state": "succeeded", "metrics": {"r2": 0.5}}
    assert dict(new_names({"a": "quote_012345", "b": "words"}, {"a": "quote_543210", "b": "other"})) == {
        "quote_012345": "quote_543210"
    }
