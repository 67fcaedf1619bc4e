"""Columns that hold a class or a choice: a row is read once, into what it is."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.types import TypeDecorator

from adapters.secret_words import mask_json, mask_keys


class OfClass(TypeDecorator[Any]):
    """One of our classes as JSON, with every field: a default that changes later changes no row."""

    impl = sa.JSON
    cache_ok = True

    def __init__(self, model: type[BaseModel]) -> None:
        super().__init__()
        self.model = model

    def process_bind_param(self, value: BaseModel | None, dialect: sa.Dialect) -> Any:
        """To JSON."""
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> BaseModel | None:
        """From JSON."""
        return None if value is None else self.model.model_validate(value)


class FoundOfClass(OfClass):
    """The same for what a job found: data, of which keys are taken out by their shape."""

    cache_ok = True

    def process_bind_param(self, value: BaseModel | None, dialect: sa.Dialect) -> Any:
        """What may be kept."""
        return mask_json(super().process_bind_param(value, dialect), mask_keys)


class OneOf(TypeDecorator[Any]):
    """A member of an enum, by its value."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, choices: type[StrEnum]) -> None:
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: StrEnum | None, dialect: sa.Dialect) -> str | None:
        """To its value."""
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> StrEnum | None:
        """From its value."""
        return None if value is None else self.choices(value)
