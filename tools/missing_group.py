"""What missing values are called where they are a group, or a category, of their own."""

from __future__ import annotations

MISSING = "(missing)"
"""Saved models hold it among their categories: what it is may not change."""
