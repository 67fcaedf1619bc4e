"""Columns of words and of data: no key and no password reaches the database, whoever writes the row."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from adapters.records import JsonValue
from adapters.secret_words import mask, mask_blocks, mask_json, mask_keys


class Words(TypeDecorator[str]):
    """Text that somebody said: no key and no password reaches the database, whoever writes the row."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """What may be kept."""
        return None if value is None else mask(value)


class WordsInJson(TypeDecorator[JsonValue]):
    """The same for words in JSON."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: sa.Dialect) -> Any:
        """What may be kept."""
        return mask_json(value)


class FoundInJson(TypeDecorator[JsonValue]):
    """What tools and jobs found: data, of which only keys by their shape are taken out."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: sa.Dialect) -> Any:
        """What may be kept."""
        return mask_json(value, mask_keys)


class Found(TypeDecorator[str]):
    """The same as text."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """What may be kept."""
        return None if value is None else mask_keys(value)


class Examples(TypeDecorator[Any]):
    """The columns of a dataset: their names stay as they are, for data is found by them; an example may be a key."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        """What may be kept."""
        return [{**column, "example": mask_json(column["example"], mask_keys)} for column in value]


class Blocks(TypeDecorator[list[dict[str, JsonValue]]]):
    """A message's content."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(
        self, value: list[dict[str, JsonValue]] | None, dialect: sa.Dialect
    ) -> list[dict[str, JsonValue]] | None:
        """What may be kept."""
        return None if value is None else mask_blocks(value)
