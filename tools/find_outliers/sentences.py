"""Sentences about outliers."""

from __future__ import annotations

from tools.asked import Sentences, of_one_group

SENTENCES = (
    Sentences(
        (
            "[show|list|detect|identify|report] [which are|are there] [any|all] (outliers|outlying values) (of|in|"
            "for|from|among) {columns:numbers}",
            "(has|have|does) {columns:numbers} [have] [any] outliers",
            "which (rows|values) (of|in) {columns:numbers} are (outliers|outlying)",
            "(are there|detect|identify|any) [any] outliers (of|in|for) {columns:numbers}",
            '(remove|drop|delete|exclude) [all] outliers (of|in|from|for) {columns:numbers} {action="remove"}',
            '(remove|drop|delete|exclude) [all] {columns:numbers} outliers {action="remove"}',
            "{columns:numbers} outliers",
            'find outliers (of|in) {columns:numbers} and (remove|drop) them {action="remove"}',
            "replace [all] outliers (of|in|from) {columns:numbers} (with|by) {replace_with:replacement} "
            '{action="replace"}',
            'winsorize {columns:numbers} {action="replace"}',
            '(high|upper|large) outliers (of|in) {columns:numbers} {side="high"}',
            '(low|lower|small) outliers (of|in) {columns:numbers} {side="low"}',
            "multivariate outliers (of|in|for) {columns:numbers2} (by|using|with) {method:outliermethod}",
        ),
        ("by", "where", "data", "outliers"),
        of_one_group,
    ),
)
